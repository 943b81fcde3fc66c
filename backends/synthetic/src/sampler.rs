//! How long each op takes on the device: pure, seeded, and without a clock.

use crate::Settings;
use crate::noise::{Noise, Purpose, stream};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Bernoulli, Binomial, Distribution, LogNormal};

/// No drift brings a latency below this share of what it was at the epoch.
const LEAST: f64 = 0.01;
/// Fewer ops than this are drawn one by one when their sum is asked for.
const FEW: u64 = 64;
/// The drift may change the latency by at most this share in a stretch that is drawn as a sum.
const MOST_DRIFT: f64 = 1e-3;

/// Draws the latency of one op after the other.
///
/// An op that starts t seconds after the epoch takes `latency · slowdown · launch · noise · (1 + drift · t)`, plus
/// `first_call` if it is the first and `spike` if it is interrupted. `launch` is drawn once, log-normal, and `noise` for
/// each op, of the shape that is set; both have mean one and the relative standard deviation that is set.
pub struct Sampler {
    settings: Settings,
    launch: f64,
    first: bool,
    noise: Noise,
    spikes: ChaCha8Rng,
}

impl Sampler {
    /// The latencies of one launch: the same for the same settings, seed and number.
    #[must_use]
    pub fn new(settings: Settings, seed: u64, launch: u32) -> Self {
        let factor = LogNormal::from_mean_cv(1.0, settings.launch_noise)
            .map_or(1.0, |factor| factor.sample(&mut stream(seed, launch, Purpose::Launch)));
        Sampler {
            launch: factor,
            first: true,
            noise: Noise::new(&settings, seed, launch),
            spikes: stream(seed, launch, Purpose::Spikes),
            settings,
        }
    }

    /// The latency in nanoseconds of the next op, named as in the records, which starts on the device `since_epoch_s`
    /// after the epoch.
    pub fn next_ns(&mut self, op: &str, since_epoch_s: f64) -> f64 {
        let rate = self.settings.spike_rate;
        let interrupted = rate > 0.0 && Bernoulli::new(rate).is_ok_and(|spike| spike.sample(&mut self.spikes));
        let first_us = if std::mem::take(&mut self.first) { self.settings.first_call_us } else { 0.0 };
        let spike_us = if interrupted { self.settings.spike_us } else { 0.0 };
        self.mean_ns(op) * self.drifted(since_epoch_s) * self.noise.next() + 1e3 * (first_us + spike_us)
    }

    /// How long the next `ops` calls of `op` take together, in nanoseconds, each starting when the one before is done.
    ///
    /// It draws them one by one, as [`Sampler::next_ns`] does, where they are fewer than 64, and always so the first of a
    /// launch. More it draws in stretches in which the drift changes the latency by no more than a thousandth: the noise
    /// of a stretch as one normal variable with the mean and the variance of the sum, autocorrelation included, its
    /// spikes as one binomial number, its drift as that of its middle. What is lost is the noise's skew in such a sum,
    /// which is that of one op divided by the root of the ops.
    pub fn sum_ns(&mut self, op: &str, since_epoch_s: f64, ops: u64) -> f64 {
        let (mut sum_ns, mut left) = (0.0, ops);
        while left > 0 {
            let start_s = since_epoch_s + sum_ns / 1e9;
            let stretch = if self.first { 1 } else { left.min(self.longest_stretch(op, start_s)) };
            if stretch < FEW {
                sum_ns += self.next_ns(op, start_s);
                left -= 1;
            } else {
                sum_ns += self.stretch_ns(op, start_s, stretch);
                left -= stretch;
            }
        }
        sum_ns
    }

    /// The mean latency of an op at the epoch, in this launch.
    fn mean_ns(&self, op: &str) -> f64 {
        let Settings { latency_us, slowdown, ref slow_op, .. } = self.settings;
        let slowdown = if slow_op.as_ref().is_none_or(|slow| slow == op) { slowdown } else { 1.0 };
        1e3 * latency_us * slowdown * self.launch
    }

    fn drifted(&self, since_epoch_s: f64) -> f64 {
        (1.0 + self.settings.drift * since_epoch_s).max(LEAST)
    }

    /// The mean time of an op that starts then, spikes included.
    fn expected_s(&self, op: &str, since_epoch_s: f64) -> f64 {
        let Settings { spike_rate, spike_us, .. } = self.settings;
        1e-9 * self.mean_ns(op) * self.drifted(since_epoch_s) + 1e-6 * spike_rate * spike_us
    }

    /// In how many ops the drift changes the latency by [`MOST_DRIFT`].
    fn longest_stretch(&self, op: &str, start_s: f64) -> u64 {
        let change = self.settings.drift.abs() * self.expected_s(op, start_s) / self.drifted(start_s);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive; without drift, u64::MAX"
        )]
        let ops = (MOST_DRIFT / change) as u64;
        ops
    }

    fn stretch_ns(&mut self, op: &str, start_s: f64, ops: u64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a launch makes far fewer than 2^53 calls")]
        let middle_s = start_s + self.expected_s(op, start_s) * ops as f64 / 2.0;
        let spikes = Binomial::new(ops, self.settings.spike_rate).map_or(0, |count| count.sample(&mut self.spikes));
        #[expect(clippy::cast_precision_loss, reason = "as above")]
        let spikes_us = spikes as f64 * self.settings.spike_us;
        self.mean_ns(op) * self.drifted(middle_s) * self.noise.sum(ops) + 1e3 * spikes_us
    }

    /// How many words of its streams it has used.
    #[cfg(test)]
    pub(crate) fn words(&self) -> u128 {
        self.noise.words() + self.spikes.get_word_pos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampler(settings: &str) -> Sampler {
        Sampler::new(Settings::parse(settings).unwrap(), 1, 0)
    }

    fn draw(settings: &str) -> [f64; 3] {
        let mut sampler = sampler(settings);
        [(); 3].map(|()| sampler.next_ns("copy", 0.0))
    }

    #[test]
    fn without_noise_every_latency_is_the_setting() {
        assert_eq!(draw("latency_us=200"), [200_000.0; 3]);
        assert_eq!(draw("latency_us=200,slowdown=1.5"), [300_000.0; 3]);
    }

    #[test]
    fn the_first_call_costs_its_extra_once() {
        assert_eq!(draw("latency_us=10,first_call_us=5000"), [5_010_000.0, 10_000.0, 10_000.0]);
        let mut sampler = sampler("latency_us=10,first_call_us=5000");
        assert_eq!([(); 2].map(|()| sampler.sum_ns("copy", 0.0, 1000)), [15_000_000.0, 10_000_000.0]);
    }

    #[test]
    fn drift_grows_with_the_time_since_the_epoch() {
        let mut sampler = sampler("latency_us=100,drift=0.05");
        let latencies = [0.0, 1.0, 4.0].map(|since_epoch_s| sampler.next_ns("copy", since_epoch_s));
        for (got, want) in latencies.iter().zip([100_000.0, 105_000.0, 120_000.0]) {
            assert!((got - want).abs() < 1e-6, "{got} instead of {want}");
        }
    }

    #[test]
    fn a_sum_drifts_as_its_ops_do() {
        for settings in ["latency_us=100,drift=0.05", "latency_us=100,drift=-0.05", "latency_us=20000,drift=5"] {
            let (mut ops, ops_at_once) = (sampler(settings), sampler(settings).sum_ns("copy", 3.0, 5000));
            let one_by_one = (0..5000).fold(0.0, |sum_ns, _| sum_ns + ops.next_ns("copy", 3.0 + sum_ns / 1e9));
            assert!((ops_at_once / one_by_one - 1.0).abs() < 1e-4, "{settings}: {ops_at_once}, not {one_by_one}");
        }
    }

    #[test]
    fn no_drift_makes_time_run_backwards() {
        let mut sampler = sampler("latency_us=100,drift=-0.1");
        assert_eq!(sampler.next_ns("copy", 1e6), 1_000.0);
        assert!((sampler.sum_ns("copy", 1e6, 10_000) - 1e7).abs() < 1.0);
    }
}
