//! Estimates against values worked out by hand, and properties that hold whatever the samples are.

use super::*;
use crate::fixture;
use proptest::prelude::*;

#[test]
fn a_median_of_odd_and_even_numbers() {
    assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
    assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    assert_eq!(median(&[7.0]), Some(7.0));
    assert_eq!(median(&[]), None);
    assert_eq!(median(&[1.0, f64::NAN]), None);
}

#[test]
fn quantiles_interpolate_between_order_statistics() {
    let values = [10.0, 20.0, 30.0, 40.0, 50.0];
    assert_eq!(quantile(&values, 0.0), Some(10.0));
    assert_eq!(quantile(&values, 0.25), Some(20.0));
    assert_eq!(quantile(&values, 0.1), Some(14.0));
    assert_eq!(quantile(&values, 1.0), Some(50.0));
}

#[test]
fn latency_is_a_block_over_its_calls() {
    let samples = Samples { calls: 4, block_ns: vec![400, 800], ..Samples::default() };
    assert_eq!(per_call_ns(Mode::Latency, &samples), [100.0, 200.0]);
}

#[test]
fn in_throughput_the_fixed_cost_cancels() {
    // A wait of 700 ns and 50 ns a call: Tk = 700 + 10·50, T4k = 700 + 40·50.
    let samples = Samples { calls: 10, block_ns: vec![1200], block4_ns: vec![2700], ..Samples::default() };
    assert_eq!(per_call_ns(Mode::Throughput, &samples), [50.0]);
}

#[test]
fn a_disturbed_pair_stays_and_a_launch_of_nothing_but_them_is_left_out() {
    let disturbed = Samples { calls: 1, block_ns: vec![9, 9], block4_ns: vec![3, 9], ..Samples::default() };
    assert_eq!(per_call_ns(Mode::Throughput, &disturbed), [-2.0, 0.0]);
    assert_eq!(estimate(Mode::Throughput, &[&disturbed]), None);

    let good = fixture::samples(Mode::Throughput, &[100]);
    let both = estimate(Mode::Throughput, &[&disturbed, &good]).unwrap();
    assert_eq!((both.launches, both.median_ns), (1, 100.0));
}

#[test]
fn a_cell_is_the_median_of_its_launches_and_their_range() {
    // Pooled, the many samples of the second launch would decide; by launches they do not.
    let first = fixture::samples(Mode::Latency, &[100]);
    let second = fixture::samples(Mode::Latency, &[300; 50]);
    let third = fixture::samples(Mode::Latency, &[110]);
    let estimate = estimate(Mode::Latency, &[&first, &second, &third]).unwrap();
    assert_eq!(estimate.median_ns, 110.0);
    assert_eq!((estimate.low_ns, estimate.high_ns), (100.0, 300.0));
    assert_eq!((estimate.launches, estimate.samples), (3, 52));
    assert_eq!(estimate.launch_medians_ns, [100.0, 300.0, 110.0]);
    assert_eq!(estimate.half_range(), Some(200.0 / 2.0 / 110.0));
    assert_eq!(estimate.stages, None);
}

#[test]
fn one_launch_shows_no_doubt() {
    let only = fixture::samples(Mode::Latency, &[100, 200]);
    assert_eq!(estimate(Mode::Latency, &[&only]).unwrap().half_range(), None);
    assert_eq!(estimate(Mode::Latency, &[]), None);
}

#[test]
fn the_interval_lies_between_launches_and_takes_six_of_them() {
    let of = |launches_ns: &[u64]| {
        let launches: Vec<Samples> =
            launches_ns.iter().map(|ns| fixture::samples(Mode::Latency, &[*ns, *ns, *ns])).collect();
        estimate(Mode::Latency, &launches.iter().collect::<Vec<_>>()).unwrap().interval_ns
    };
    assert_eq!(of(&[100, 110, 120, 130, 140]), None);
    assert_eq!(of(&[120, 100, 140, 110, 150, 130]), Some(Interval { low: 100.0, high: 150.0 }));
    // Of ten launches the second to the ninth: one that is far off moves it no more.
    assert_eq!(of(&[9000, 1, 3, 4, 5, 6, 7, 8, 2, 9]), Some(Interval { low: 2.0, high: 9.0 }));
}

#[test]
fn a_transfer_has_its_stages() {
    let first = fixture::samples(Mode::Transfer, &[1000]);
    let mut second = fixture::samples(Mode::Transfer, &[2000]);
    second.download_ns = Vec::new();
    let stages = estimate(Mode::Transfer, &[&first, &second]).unwrap().stages.unwrap();
    assert_eq!(stages, Stages { upload_ns: Some(300.0), step_ns: Some(900.0), download_ns: Some(100.0) });
}

fn launches() -> impl Strategy<Value = Vec<Samples>> {
    let blocks = prop::collection::vec((1u64..1_000_000_000, 1u64..4_000_000_000), 1..12);
    let launch = (1u64..1000, blocks).prop_map(|(calls, blocks)| {
        let (block_ns, block4_ns) = blocks.into_iter().unzip();
        Samples { calls, block_ns, block4_ns, ..Samples::default() }
    });
    prop::collection::vec(launch, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_launches_and_samples_does_not_matter(launches in launches(), throughput in any::<bool>()) {
        let mode = if throughput { Mode::Throughput } else { Mode::Latency };
        let mut turned = launches.clone();
        turned.reverse();
        for samples in &mut turned {
            samples.block_ns.reverse();
            samples.block4_ns.reverse();
        }
        let a = estimate(mode, &launches.iter().collect::<Vec<_>>());
        let b = estimate(mode, &turned.iter().collect::<Vec<_>>());
        let b = b.map(|mut b| { b.launch_medians_ns.reverse(); b });
        prop_assert_eq!(a, b);
    }

    #[test]
    fn an_estimate_lies_within_its_range_and_its_samples(launches in launches(), throughput in any::<bool>()) {
        let mode = if throughput { Mode::Throughput } else { Mode::Latency };
        let all: Vec<f64> = launches.iter().flat_map(|samples| per_call_ns(mode, samples)).collect();
        match estimate(mode, &launches.iter().collect::<Vec<_>>()) {
            Some(e) => {
                prop_assert!(0.0 < e.low_ns && e.low_ns <= e.median_ns && e.median_ns <= e.high_ns);
                prop_assert_eq!(e.interval_ns.is_some(), e.launches >= 6);
                let interval = e.interval_ns.unwrap_or(Interval { low: e.low_ns, high: e.high_ns });
                prop_assert!(e.low_ns <= interval.low && interval.low <= e.median_ns);
                prop_assert!(e.median_ns <= interval.high && interval.high <= e.high_ns);
                prop_assert!(e.p05_ns <= e.p95_ns);
                let (least, most) = all.iter().fold((f64::MAX, f64::MIN), |(a, b), &x| (a.min(x), b.max(x)));
                prop_assert!(least <= e.low_ns && e.high_ns <= most && least <= e.p05_ns && e.p95_ns <= most);
                prop_assert!(e.launches <= launches.len() && e.samples <= all.len());
            }
            None => prop_assert!(all.iter().any(|&ns| ns <= 0.0), "only a lost difference gives no estimate"),
        }
    }

    #[test]
    fn quantiles_rise_and_stay_between_the_extremes(
        mut values in prop::collection::vec(-1e12f64..1e12, 1..40), q in 0.0f64..1.0, r in 0.0f64..1.0
    ) {
        let (low, high) = (q.min(r), q.max(r));
        let (a, b) = (quantile(&values, low).unwrap(), quantile(&values, high).unwrap());
        values.sort_by(f64::total_cmp);
        prop_assert!(values[0] <= a && a <= b && b <= values[values.len() - 1]);
    }

    #[test]
    fn times_scaled_are_estimates_scaled(launches in launches()) {
        let doubled: Vec<Samples> = launches.iter().map(|samples| {
            Samples { block_ns: samples.block_ns.iter().map(|ns| ns * 2).collect(), ..samples.clone() }
        }).collect();
        let a = estimate(Mode::Latency, &launches.iter().collect::<Vec<_>>()).unwrap();
        let b = estimate(Mode::Latency, &doubled.iter().collect::<Vec<_>>()).unwrap();
        prop_assert_eq!(a.median_ns * 2.0, b.median_ns);
        prop_assert_eq!(a.half_range(), b.half_range());
    }
}
