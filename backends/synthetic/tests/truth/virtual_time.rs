//! Blocks drawn at once against ops drawn one by one.

use crate::moments::{Process, correlation, correlation_error, covariance, mean, variance_error};
use crate::{ERRORS, fixed, noisy};
use chipmark_synthetic::sampler::Sampler;
use chipmark_synthetic::{Settings, VirtualDevice};
use chipmark_worker::Job;
use proptest::prelude::*;

const BLOCKS: usize = 3000;

/// Blocks of so many calls in virtual time, as factors of the latency. The first, whose first call is drawn alone, is
/// left out.
fn blocks(settings: &Settings, seed: u64, calls: usize) -> Vec<f64> {
    let mut device = VirtualDevice::new(settings.clone(), "copy", seed, 0, 0.0);
    device.latency(calls as u64).unwrap();
    let factor = |ns: u64| ns as f64 / (1e3 * settings.latency_us);
    (0..BLOCKS).map(|_| factor(device.latency(calls as u64).unwrap().block_ns)).collect()
}

proptest! {
    #![proptest_config(fixed(48))]

    #[test]
    fn blocks_have_the_moments_of_sums(
        (settings, noise, rho) in noisy(), calls in 1usize..1000, rate in prop_oneof![Just(0.0), 0.0..0.1], seed: u64,
    ) {
        // Half a latency a spike. Nanoseconds must not show.
        let latency_us = settings.latency_us.max(100.0 / noise);
        let settings = Settings { latency_us, spike_rate: rate, spike_us: latency_us / 2.0, ..settings };
        let blocks = blocks(&settings, seed, calls);
        let process = Process { deviation: noise, correlation: rho };
        let spikes_variance = calls as f64 * rate * (1.0 - rate) / 4.0;
        let variance = process.sum_deviation(calls).powi(2) + spikes_variance;
        let wanted = calls as f64 * (1.0 + rate / 2.0);
        let all = process.sum_deviation(calls * BLOCKS).powi(2) + spikes_variance * BLOCKS as f64;
        let error = all.sqrt() / BLOCKS as f64;
        prop_assert!((mean(&blocks) - wanted).abs() < ERRORS * error, "mean {}, not {wanted} ± {error}", mean(&blocks));

        // A block's correlation with the next, and both estimates' errors, are at most those of single ops.
        let ratio = covariance(&blocks, 0) / variance;
        let kurtosis = if rate > 0.0 { 1.0 / (calls as f64 * rate) } else { 0.0 } + 1.0;
        let error = variance_error(rho, kurtosis, BLOCKS);
        prop_assert!((ratio - 1.0).abs() < ERRORS * error, "variance {ratio} ± {error} of what it should be");
        let wanted = process.sum_correlation(calls) * process.sum_deviation(calls).powi(2) / variance;
        let (found, error) = (correlation(&blocks, 1), correlation_error(rho, BLOCKS));
        prop_assert!((found - wanted).abs() < ERRORS * error, "correlation {found}, not {wanted} ± {error}");
    }

    #[test]
    fn virtual_time_agrees_with_the_backends_own(
        (settings, noise, rho) in noisy(), calls in 1u64..500, drift in 0.0f64..0.1, rate in 0.0f64..0.01, seed: u64,
    ) {
        const BLOCKS: u64 = 40;
        let latency_us = settings.latency_us.max(100.0);
        let settings = Settings {
            latency_us, drift, spike_rate: rate, spike_us: latency_us, launch_noise: 0.05, ..settings
        };
        let mut device = VirtualDevice::new(settings.clone(), "copy", seed, 3, 20.0);
        for _ in 0..BLOCKS {
            device.latency(calls).unwrap();
        }
        let virtual_s = device.now_s() - 20.0;

        // The same launch's factor, and draws of another kind.
        let mut sampler = Sampler::new(settings, seed, 3);
        let ops = BLOCKS * calls;
        let real_s = (0..ops).fold(0.0, |sum_s, _| sum_s + sampler.next_ns("copy", 20.0 + sum_s) / 1e9);

        let process = Process { deviation: noise, correlation: rho };
        let variance = process.sum_deviation(ops as usize).powi(2) + ops as f64 * rate;
        // Of two independent sums. What is early or late is so again by the drift that follows.
        let error = (2.0 * variance).sqrt() / ops as f64 * (1.0 + drift * virtual_s);
        let off = virtual_s / real_s - 1.0;
        prop_assert!(off.abs() < ERRORS * error + 1e-5, "{virtual_s} and {real_s}: {off} ± {error}");
    }
}
