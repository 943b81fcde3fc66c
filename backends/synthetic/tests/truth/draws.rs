//! One op after the other.

use crate::moments::{Process, correlation, correlation_error, covariance, mean, variance_error};
use crate::{ERRORS, fixed, noisy, parse};
use chipmark_synthetic::Settings;
use chipmark_synthetic::sampler::Sampler;
use proptest::prelude::*;

const OPS: usize = 20_000;

fn draw(settings: &Settings, seed: u64) -> Vec<f64> {
    let mut sampler = Sampler::new(settings.clone(), seed, 0);
    (0..OPS).map(|_| sampler.next_ns("copy", 0.0)).collect()
}

proptest! {
    #![proptest_config(fixed(64))]

    #[test]
    fn mean_deviation_and_correlation_are_those_that_were_set((settings, noise, rho) in noisy(), seed: u64) {
        let factors: Vec<f64> = draw(&settings, seed).iter().map(|ns| ns / (1e3 * settings.latency_us)).collect();
        prop_assert!(factors.iter().all(|&factor| factor > 0.01), "the lowest latency was reached");
        let process = Process { deviation: noise, correlation: rho };
        let mean_error = process.sum_deviation(OPS) / OPS as f64;
        prop_assert!((mean(&factors) - 1.0).abs() < ERRORS * mean_error, "mean {} ± {mean_error}", mean(&factors));
        let (variance, variance_error) = (covariance(&factors, 0) / noise.powi(2), variance_error(rho, 1.0, OPS));
        prop_assert!((variance - 1.0).abs() < ERRORS * variance_error, "variance {variance} ± {variance_error}");
        for lag in 1..4 {
            let (found, error) = (correlation(&factors, lag), correlation_error(rho, OPS));
            prop_assert!((found - rho.powf(lag as f64)).abs() < ERRORS * error, "lag {lag}: {found} ± {error}");
        }
    }

    #[test]
    fn spikes_come_as_often_and_last_as_long_as_was_set(
        (settings, ..) in noisy(), rate in 0.0005f64..1.0, spike_us in 1.0f64..1e6, seed: u64,
    ) {
        let calm = draw(&settings, seed);
        let spiky = draw(&Settings { spike_rate: rate, spike_us, ..settings }, seed);
        let extra: Vec<f64> = spiky.iter().zip(&calm).map(|(with, without)| with - without).collect();
        prop_assert!(extra.iter().all(|&ns| ns == 0.0 || (ns / (1e3 * spike_us) - 1.0).abs() < 1e-6));
        let found = extra.iter().filter(|&&ns| ns > 0.0).count() as f64 / OPS as f64;
        let error = (rate * (1.0 - rate) / OPS as f64).sqrt();
        prop_assert!((found - rate).abs() < ERRORS * error, "{found} ± {error}");
    }

    #[test]
    fn a_slowdown_is_an_exact_ratio((settings, ..) in noisy(), slowdown in 0.01f64..100.0, seed: u64) {
        let slowed = Settings { slowdown, ..settings.clone() };
        for (slow, right) in draw(&slowed, seed).iter().zip(draw(&settings, seed)) {
            prop_assert!((slow / right / slowdown - 1.0).abs() < 1e-12, "{}", slow / right);
        }
        let one_op = Settings { slow_op: Some("matmul".to_owned()), ..slowed };
        let (mut one_op, mut none) = (Sampler::new(one_op, seed, 0), Sampler::new(settings, seed, 0));
        for op in ["matmul", "softmax", "matmul"] {
            let ratio = one_op.next_ns(op, 0.0) / none.next_ns(op, 0.0);
            let wanted = if op == "matmul" { slowdown } else { 1.0 };
            prop_assert!((ratio / wanted - 1.0).abs() < 1e-12, "{op}: {ratio}");
        }
    }

    #[test]
    fn the_same_seed_draws_the_same((settings, ..) in noisy(), seed: u64, other: u64) {
        prop_assume!(seed != other);
        let first = draw(&settings, seed);
        prop_assert!(first == draw(&settings, seed) && first != draw(&settings, other));
    }
}

/// The excess kurtosis and the skewness.
fn shape(distribution: &str, noise: f64) -> [f64; 2] {
    let settings = parse(&format!("latency_us=1,noise={noise},distribution={distribution}"));
    // 400,000 in all: of runs that are independent.
    let factors: Vec<f64> = (0..20).flat_map(|seed| draw(&settings, seed)).map(|ns| ns / 1e3).collect();
    let (centre, deviation) = (mean(&factors), covariance(&factors, 0).sqrt());
    let moment =
        |power| factors.iter().map(|x| ((x - centre) / deviation).powi(power)).sum::<f64>() / factors.len() as f64;
    [moment(3), moment(4) - 3.0]
}

#[test]
fn each_distribution_has_its_shape() {
    // Skewness and excess kurtosis at a deviation of 0.3 are known in closed form; their standard errors are 0.004 and
    // 0.008 for a normal variable, and ten times that for the log-normal one's fourth moment.
    let noise: f64 = 0.3;
    let variance = noise * noise;
    let a = 1.0 + variance;
    let lognormal = [noise * (a + 2.0), a.powi(4) + 2.0 * a.powi(3) + 3.0 * a * a - 6.0];
    let gamma = [2.0 * noise, 6.0 * variance];
    for (distribution, deviation, [skewness, kurtosis]) in
        [("lognormal", noise, lognormal), ("gamma", noise, gamma), ("normal", 0.2, [0.0, 0.0])]
    {
        let [found_skewness, found_kurtosis] = shape(distribution, deviation);
        assert!((found_skewness - skewness).abs() < 0.03, "{distribution}: {found_skewness}, not {skewness}");
        assert!((found_kurtosis - kurtosis).abs() < 0.15, "{distribution}: {found_kurtosis}, not {kurtosis}");
    }
}

#[test]
fn a_bimodal_op_is_fast_or_slow() {
    let (fast, slow): (Vec<f64>, Vec<f64>) = draw(&parse("latency_us=1,noise=0.1,distribution=bimodal"), 3)
        .iter()
        .map(|ns| ns / 1e3)
        .partition(|&factor| factor < 1.05);
    let share = slow.len() as f64 / OPS as f64;
    assert!((share - 0.2).abs() < ERRORS * (0.16 / OPS as f64).sqrt(), "a fifth: {share}");
    // Nine tenths of the variance lie between the modes: one stands half of that deviation below the mean, one twice it
    // above.
    let between = 0.9f64.sqrt() * 0.1;
    assert!((mean(&fast) - (1.0 - between / 2.0)).abs() < 0.003, "{}", mean(&fast));
    assert!((mean(&slow) - (1.0 + between * 2.0)).abs() < 0.003, "{}", mean(&slow));
    let empty = fast.iter().chain(&slow).filter(|factor| (1.05..1.08).contains(*factor)).count();
    assert!(empty < OPS / 500, "almost nothing lies between the modes: {empty}");
}
