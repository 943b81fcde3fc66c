//! Tests of the bootstrap: how often its intervals hold the truth, from seeded noise.

use super::*;
use proptest::prelude::*;

struct Noise(Fill);

impl Noise {
    fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.0.unit(), self.0.unit());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }
}

/// Of how many hundred simulated series the interval holds the truth. Each seed of the bootstrap has draws of its own, so
/// several are tried.
fn coverage(truth: f64, mut interval: impl FnMut(&mut Noise, &mut Bootstrap) -> Interval) -> f64 {
    let mut noise = Noise(Fill::new(3, "coverage"));
    let (seeds, series) = (4, 2000);
    let mut held = 0;
    for seed in 0..seeds {
        let mut bootstrap = Bootstrap::new(seed);
        for _ in 0..series {
            let interval = interval(&mut noise, &mut bootstrap);
            held += u32::from((interval.low..=interval.high).contains(&truth));
        }
    }
    f64::from(held) * 100.0 / (seeds * series) as f64
}

#[test]
fn the_interval_holds_the_truth_as_often_as_it_says() {
    for n in [6, 8, 20, 40] {
        let normal = coverage(1.0, |noise, bootstrap| {
            let values: Vec<f64> = (0..n).map(|_| 1.0 + noise.normal()).collect();
            bootstrap.mean_interval(&values).unwrap()
        });
        // Exponentials of normal noise, as spikes skew it; its mean is e^(σ²/2).
        let skewed = |deviation: f64| {
            coverage((deviation.powi(2) / 2.0).exp(), |noise, bootstrap| {
                let values: Vec<f64> = (0..n).map(|_| (deviation * noise.normal()).exp()).collect();
                bootstrap.mean_interval(&values).unwrap()
            })
        };
        for (what, found) in [("normal", normal), ("skewed by 2 %", skewed(0.02)), ("skewed by 20 %", skewed(0.2))] {
            println!("{n} values, {what}: {found:.1}");
            assert!((93.0..=97.0).contains(&found), "{n} values, {what}: {found} %");
        }
    }
}

#[test]
fn the_difference_holds_the_truth_as_often_as_it_says() {
    for (a, b) in [(6, 6), (6, 20), (20, 8), (10, 40), (20, 20)] {
        for ratio in [1.0, 2.0] {
            let found = coverage(0.5, |noise, bootstrap| {
                let a: Vec<f64> = (0..a).map(|_| noise.normal()).collect();
                let b: Vec<f64> = (0..b).map(|_| 0.5 + ratio * noise.normal()).collect();
                bootstrap.difference_interval(&a, &b).unwrap()
            });
            println!("{a} and {b} values, deviations 1 and {ratio}: {found:.1}");
            assert!((93.0..=97.0).contains(&found), "{a} and {b} values, deviations 1 and {ratio}: {found} %");
        }
        let skewed = coverage(0.0, |noise, bootstrap| {
            let mut group = |n: usize| (0..n).map(|_| (0.02 * noise.normal()).exp()).collect::<Vec<f64>>();
            let (a, b) = (group(a), group(b));
            bootstrap.difference_interval(&a, &b).unwrap()
        });
        println!("{a} and {b} values, skewed: {skewed:.1}");
        assert!((93.0..=97.0).contains(&skewed), "{a} and {b} values, skewed: {skewed} %");
    }
}

#[test]
fn few_values_have_none_and_equal_ones_no_width() {
    assert_eq!(mean_interval(&[], 1), None);
    assert_eq!(mean_interval(&[1.0; FEWEST - 1], 1), None);
    assert_eq!(mean_interval(&[1.0; MOST + 1], 1), None);
    assert_eq!(difference_interval(&[1.0; 9], &[1.0; 4], 1), None);
    assert_eq!(mean_interval(&[2.5; 9], 1), Some(Interval { low: 2.5, high: 2.5 }));
    assert_eq!(difference_interval(&[1.0; 9], &[3.0; 7], 1), Some(Interval { low: 2.0, high: 2.0 }));
}

#[test]
fn what_is_no_finite_number_has_none() {
    let huge = [f64::MAX, f64::MAX, -f64::MAX, -f64::MAX, 1.0, 2.0, 3.0];
    for values in [[f64::NAN; 7], [f64::INFINITY; 7], huge] {
        assert_eq!(mean_interval(&values, 1), None, "{values:?}");
        assert_eq!(difference_interval(&[1.0; 7], &values, 1), None, "{values:?}");
    }
}

#[test]
fn what_is_kept_is_bounded_and_comes_back_the_same() {
    let mut bootstrap = Bootstrap::new(1);
    let first = bootstrap.draws(6, Group::First);
    for size in MOST - 4..=MOST {
        bootstrap.draws(size, Group::First);
        let kept: usize = bootstrap.draws.values().map(|draws| draws.len()).sum();
        assert!(kept == bootstrap.kept && kept <= MOST_KEPT, "{size}: {kept}");
    }
    assert!(!bootstrap.draws.contains_key(&(6, Group::First)), "none was dropped");
    assert_eq!(first, bootstrap.draws(6, Group::First));
    assert_ne!(first, bootstrap.draws(6, Group::Second));
}

proptest! {
    #[test]
    fn it_is_the_same_under_the_same_seed_and_moves_with_the_values(
        values in prop::collection::vec(-1.0f64..1.0, FEWEST..30),
        shift in -10.0f64..10.0,
    ) {
        let found = mean_interval(&values, 7).unwrap();
        prop_assert_eq!(Some(found), mean_interval(&values, 7));
        let moved: Vec<f64> = values.iter().map(|value| value + shift).collect();
        let moved = mean_interval(&moved, 7).unwrap();
        prop_assert!((moved.low - found.low - shift).abs() < 1e-9 && (moved.high - found.high - shift).abs() < 1e-9);
        prop_assert!(found.low <= found.high);
    }
}
