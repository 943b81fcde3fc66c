//! How long each op takes on the device: pure, seeded, and without a clock.

use crate::Settings;
use chipmark_core::Fill;

/// Draws the latency of one op after the other.
///
/// An op started t seconds after opening takes
/// `latency · slowdown · launch · noise · (1 + drift · t)`, plus `first_call` if it is the first. `launch` is drawn once
/// and `noise` for each op, both log-normal with mean one and the set relative standard deviation: never negative, and skewed to the
/// long side as measured times are.
pub struct Sampler {
    settings: Settings,
    launch: f64,
    first: bool,
    fill: Fill,
}

impl Sampler {
    /// The latencies of one launch: the same for the same settings and seed.
    #[must_use]
    pub fn new(settings: Settings, seed: u64) -> Self {
        let launch = factor(&mut Fill::new(seed, "synthetic launch"), settings.launch_noise);
        Sampler { settings, launch, first: true, fill: Fill::new(seed, "synthetic noise") }
    }

    /// The latency in nanoseconds of the next op, which starts on the device `start_ns` after opening.
    pub fn next_ns(&mut self, start_ns: f64) -> f64 {
        let Settings { latency_us, noise, drift, slowdown, first_call_us, .. } = self.settings;
        let drifted = 1.0 + drift * start_ns / 1e9;
        let extra_us = if std::mem::take(&mut self.first) { first_call_us } else { 0.0 };
        1e3 * (latency_us * slowdown * self.launch * factor(&mut self.fill, noise) * drifted + extra_us)
    }
}

/// A log-normal factor with mean one and standard deviation `deviation`: exp(σz − σ²/2) with σ² = ln(1 + deviation²).
fn factor(fill: &mut Fill, deviation: f64) -> f64 {
    let variance = deviation.mul_add(deviation, 1.0).ln();
    // Box and Muller's transform. One minus a number in [0, 1) is never zero.
    let (u, v) = (1.0 - fill.unit(), fill.unit());
    let z = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
    (variance.sqrt() * z - variance / 2.0).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len() as f64
    }

    fn relative_deviation(values: &[f64]) -> f64 {
        let mean = mean(values);
        (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt() / mean
    }

    fn draw(settings: &str, seed: u64, count: usize) -> Vec<f64> {
        let mut sampler = Sampler::new(Settings::parse(settings).unwrap(), seed);
        (0..count).map(|_| sampler.next_ns(0.0)).collect()
    }

    #[test]
    fn without_noise_every_latency_is_the_setting() {
        assert_eq!(draw("latency_us=200", 1, 3), [200_000.0; 3]);
        assert_eq!(draw("latency_us=200,slowdown=1.5", 1, 3), [300_000.0; 3]);
    }

    #[test]
    fn the_first_call_costs_its_extra_once() {
        assert_eq!(draw("latency_us=10,first_call_us=5000", 1, 3), [5_010_000.0, 10_000.0, 10_000.0]);
    }

    #[test]
    fn noise_has_the_mean_and_the_deviation_that_were_set() {
        // The mean of 40000 draws has a standard error of a 200th of the deviation; the deviation itself one of 0.4%, and
        // of about 1% where the distribution is skewed.
        for deviation in [0.01, 0.1, 0.5] {
            let latencies = draw(&format!("latency_us=200,noise={deviation}"), 7, 40_000);
            assert!((mean(&latencies) / 200_000.0 - 1.0).abs() < 0.01, "{deviation}: mean {}", mean(&latencies));
            let spread = relative_deviation(&latencies);
            assert!((spread / deviation - 1.0).abs() < 0.05, "{deviation}: spread {spread}");
            assert!(latencies.iter().all(|&x| x > 0.0));
        }
    }

    #[test]
    fn launch_noise_is_one_factor_a_launch() {
        let launches: Vec<f64> = (0..4000)
            .map(|seed| {
                let latencies = draw("latency_us=200,launch_noise=0.02", seed, 2);
                assert_eq!(latencies[0], latencies[1], "the same within a launch");
                latencies[0]
            })
            .collect();
        assert!((mean(&launches) / 200_000.0 - 1.0).abs() < 0.002, "mean {}", mean(&launches));
        let spread = relative_deviation(&launches);
        assert!((spread / 0.02 - 1.0).abs() < 0.05, "spread {spread}");
    }

    #[test]
    fn drift_grows_with_the_time_since_opening() {
        let mut sampler = Sampler::new(Settings::parse("latency_us=100,drift=0.05").unwrap(), 1);
        let latencies = [0.0, 1e9, 4e9].map(|at_ns| sampler.next_ns(at_ns));
        for (got, want) in latencies.iter().zip([100_000.0, 105_000.0, 120_000.0]) {
            assert!((got - want).abs() < 1e-6, "{got} instead of {want}");
        }
    }

    #[test]
    fn the_seed_decides() {
        assert_eq!(draw("noise=0.1", 5, 10), draw("noise=0.1", 5, 10));
        assert_ne!(draw("noise=0.1", 5, 10), draw("noise=0.1", 6, 10));
    }
}
