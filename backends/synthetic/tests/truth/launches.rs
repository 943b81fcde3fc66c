//! One launch after the other.

use crate::moments::{correlation, covariance, mean, variance_error};
use crate::{ERRORS, fixed, noisy, parse};
use chipmark_synthetic::sampler::Sampler;
use chipmark_synthetic::{Settings, VirtualDevice};
use chipmark_worker::Job;
use proptest::prelude::*;

const LAUNCHES: usize = 2000;

proptest! {
    #![proptest_config(fixed(16))]

    #[test]
    fn each_launch_has_an_offset_of_its_own(deviation in 0.001f64..0.2, seed: u64) {
        let settings = parse(&format!("latency_us=1,launch_noise={deviation}"));
        let offsets: Vec<f64> = (0..LAUNCHES as u32)
            .map(|launch| {
                let mut sampler = Sampler::new(settings.clone(), seed, launch);
                let [first, next] = [(); 2].map(|()| sampler.next_ns("copy", 0.0));
                assert_eq!(first, next, "the same within a launch");
                first / 1e3
            })
            .collect();
        let mean_error = deviation / (LAUNCHES as f64).sqrt();
        prop_assert!((mean(&offsets) - 1.0).abs() < ERRORS * mean_error, "{}", mean(&offsets));
        let variance = covariance(&offsets, 0) / deviation.powi(2);
        prop_assert!((variance - 1.0).abs() < ERRORS * variance_error(0.0, 1.0, LAUNCHES), "{variance}");
        let neighbours = correlation(&offsets, 1);
        prop_assert!(neighbours.abs() < ERRORS / (LAUNCHES as f64).sqrt(), "neighbours are strangers: {neighbours}");
    }

    #[test]
    fn each_launch_has_noise_of_its_own((settings, ..) in noisy(), seed: u64, launch in 0u32..1000) {
        const OPS: usize = 5000;
        // White noise: two series of it have nothing in common.
        let settings = Settings { autocorrelation: 0.0, ..settings };
        let draw = |launch| {
            let mut sampler = Sampler::new(settings.clone(), seed, launch);
            (0..OPS).map(|_| sampler.next_ns("copy", 0.0)).collect::<Vec<_>>()
        };
        let (these, others) = (draw(launch), draw(launch + 1));
        prop_assert_eq!(&these, &draw(launch));
        let [these_mean, others_mean] = [mean(&these), mean(&others)];
        let products = these.iter().zip(&others).map(|(a, b)| (a - these_mean) * (b - others_mean));
        let found = products.sum::<f64>() / OPS as f64 / (covariance(&these, 0) * covariance(&others, 0)).sqrt();
        prop_assert!(found.abs() < ERRORS / (OPS as f64).sqrt(), "{found}");
    }

    #[test]
    fn drift_goes_on_where_the_last_launch_ended(
        latency_us in 1.0f64..1000.0, drift in -0.05f64..0.5, start_s in 0.0f64..10.0, calls in 1u64..2000,
    ) {
        let settings = parse(&format!("latency_us={latency_us},drift={drift}"));
        let mut whole = VirtualDevice::new(settings.clone(), "copy", 1, 0, start_s);
        let mut now_s = start_s;
        for launch in 0..5 {
            let mut part = VirtualDevice::new(settings.clone(), "copy", 1, launch, now_s);
            let (part_ns, whole_ns) = (part.latency(calls).unwrap().block_ns, whole.latency(calls).unwrap().block_ns);
            // A launch draws its first call alone, so that the middles of stretches differ by half a call.
            let off = (part_ns as f64 / whole_ns as f64 - 1.0).abs();
            prop_assert!(off < 2e-5 + 1.0 / whole_ns as f64, "launch {launch}: {part_ns}, not {whole_ns}");
            now_s = part.now_s();
        }
        // Without noise, time t obeys t′ = t + latency · (1 + drift · t), call by call.
        let mut exact_s = start_s;
        for _ in 0..5 * calls {
            exact_s += 1e-6 * latency_us * (1.0 + drift * exact_s);
        }
        let (taken_s, exact_s) = (now_s - start_s, exact_s - start_s);
        prop_assert!((taken_s / exact_s - 1.0).abs() < 2e-5, "{taken_s}, not {exact_s}");
    }
}
