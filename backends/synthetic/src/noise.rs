//! The noise from op to op: its shape, and how an op's hangs on that of the op before. Pure and seeded.

use crate::Settings;
use crate::settings::Distribution;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use rand_distr::{Bernoulli, Distribution as _, Gamma, LogNormal, StandardNormal};

/// No noise brings a latency below this share of its mean. The settings see to it that less than one op in a hundred
/// thousand would go there, so that it changes neither mean nor deviation.
const LEAST: f64 = 0.01;
/// Less noise than this is none: no clock could tell.
const SMALLEST: f64 = 1e-9;
/// The share of ops in the slow mode of the bimodal distribution, and the part of its variance that lies between modes.
const SLOW_SHARE: f64 = 0.2;
const BETWEEN_MODES: f64 = 0.9;

/// What a stream of random numbers is for. Each purpose has a stream of its own, so that a setting which uses one leaves
/// the others as they were.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Launch,
    Noise,
    Spikes,
}

/// The stream for one purpose in one launch.
pub(crate) fn stream(seed: u64, launch: u32, purpose: Purpose) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..12].copy_from_slice(&launch.to_le_bytes());
    key[12] = purpose as u8;
    ChaCha8Rng::from_seed(key)
}

/// A distribution with mean one and the standard deviation that is set.
enum Shape {
    Lognormal(LogNormal<f64>),
    Normal(f64),
    Gamma(Gamma<f64>),
    /// A mode, and a log-normal factor around it.
    Bimodal(Bernoulli, [f64; 2], LogNormal<f64>),
}

impl Shape {
    /// None where there is no noise.
    fn new(distribution: Distribution, deviation: f64) -> Option<Self> {
        let variance = deviation * deviation;
        if deviation.is_nan() || deviation < SMALLEST {
            return None;
        }
        Some(match distribution {
            Distribution::Lognormal => Shape::Lognormal(LogNormal::from_mean_cv(1.0, deviation).ok()?),
            Distribution::Normal => Shape::Normal(deviation),
            Distribution::Gamma => Shape::Gamma(Gamma::new(1.0 / variance, variance).ok()?),
            Distribution::Bimodal => {
                // Of a product of independent factors with mean one, (1 + variance) is the product of theirs.
                let between = BETWEEN_MODES * variance;
                let within = LogNormal::from_mean_cv(1.0, ((variance - between) / (1.0 + between)).sqrt()).ok()?;
                let fast = 1.0 - (between * SLOW_SHARE / (1.0 - SLOW_SHARE)).sqrt();
                let slow = 1.0 + (between * (1.0 - SLOW_SHARE) / SLOW_SHARE).sqrt();
                Shape::Bimodal(Bernoulli::new(SLOW_SHARE).ok()?, [fast, slow], within)
            }
        })
    }

    fn draw(&self, rng: &mut ChaCha8Rng) -> f64 {
        match self {
            Shape::Lognormal(factor) => factor.sample(rng),
            Shape::Normal(deviation) => 1.0 + deviation * normal(rng),
            Shape::Gamma(factor) => factor.sample(rng),
            Shape::Bimodal(is_slow, [fast, slow], within) => {
                let mode = if is_slow.sample(rng) { slow } else { fast };
                mode * within.sample(rng)
            }
        }
    }
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// The factor by which each op takes longer or shorter, one op after the other.
///
/// Its deviation from one is an autoregressive process of the first order, x = ρ·x′ + √(1 − ρ²)·ε, where x′ is that of
/// the op before and ε is drawn afresh, with the shape and the standard deviation that are set. So the mean is one, the
/// deviation the one set and the correlation of ops n apart ρⁿ, whatever the shape; x itself has the shape of ε where ρ
/// is zero, and is closer to normal elsewhere.
pub(crate) struct Noise {
    shape: Option<Shape>,
    deviation: f64,
    correlation: f64,
    rng: ChaCha8Rng,
    /// The last op's deviation from one.
    last: Option<f64>,
}

impl Noise {
    pub(crate) fn new(settings: &Settings, seed: u64, launch: u32) -> Self {
        Noise {
            shape: Shape::new(settings.distribution, settings.noise),
            deviation: settings.noise,
            correlation: settings.autocorrelation,
            rng: stream(seed, launch, Purpose::Noise),
            last: None,
        }
    }

    /// The next op's factor.
    pub(crate) fn next(&mut self) -> f64 {
        let Some(shape) = &self.shape else { return 1.0 };
        let fresh = shape.draw(&mut self.rng) - 1.0;
        let next = match self.last {
            Some(last) => self.correlation * last + (1.0 - self.correlation.powi(2)).sqrt() * fresh,
            None => fresh,
        };
        self.last = Some(next);
        (1.0 + next).max(LEAST)
    }

    /// The sum of the next ops' factors, at the cost of drawing a few. Normal, as sums tend to be; its mean, its
    /// variance, and its correlation with the ops before and after are those of the ops one by one.
    pub(crate) fn sum(&mut self, ops: u64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a launch makes far fewer than 2^53 calls")]
        let n = ops as f64;
        if self.shape.is_none() {
            return n;
        }
        let before = self.last.unwrap_or_else(|| self.deviation * normal(&mut self.rng));
        // With x the deviation before and ε the n fresh ones, the last deviation is ρⁿ·x + Σ ρᵐ·ε, and the sum of all
        // x·ρ·(1 − ρⁿ)/(1 − ρ) + Σ (1 − ρᵐ⁺¹)/(1 − ρ)·ε, where m counts from 0 to n − 1. Both are normal, and correlated.
        let rho = self.correlation;
        let fresh_variance = self.deviation.powi(2) * (1.0 - rho * rho);
        let powers = (1.0 - rho.powf(n)) / (1.0 - rho);
        let squares = (1.0 - rho.powf(2.0 * n)) / (1.0 - rho * rho);
        let last_deviation = (fresh_variance * squares).sqrt();
        let sum_variance = fresh_variance / (1.0 - rho).powi(2) * (n - 2.0 * rho * powers + rho * rho * squares);
        let covariance = fresh_variance / (1.0 - rho) * (powers - rho * squares);

        let (common, own) = (normal(&mut self.rng), normal(&mut self.rng));
        self.last = Some(rho.powf(n) * before + last_deviation * common);
        let along = covariance / last_deviation;
        let sum = rho * powers * before + along * common + (sum_variance - along * along).max(0.0).sqrt() * own;
        (n + sum).max(n * LEAST)
    }

    /// How many words of its stream it has used.
    #[cfg(test)]
    pub(crate) fn words(&self) -> u128 {
        self.rng.get_word_pos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The covariance of two columns.
    fn covariance(rows: &[[f64; 3]], one: usize, other: usize) -> f64 {
        let n = rows.len() as f64;
        let mean = |column: usize| rows.iter().map(|row| row[column]).sum::<f64>() / n;
        let (one_mean, other_mean) = (mean(one), mean(other));
        rows.iter().map(|row| (row[one] - one_mean) * (row[other] - other_mean)).sum::<f64>() / n
    }

    #[test]
    fn every_stream_is_another() {
        use rand_core::RngCore;
        let mut first = std::collections::BTreeSet::new();
        for (seed, launch) in [(0, 0), (0, 1), (1, 0), (1, 1), (u64::MAX, u32::MAX)] {
            for purpose in [Purpose::Launch, Purpose::Noise, Purpose::Spikes] {
                assert!(first.insert(stream(seed, launch, purpose).next_u64()), "seed {seed}, launch {launch}");
            }
        }
    }

    #[test]
    fn a_sum_hangs_on_its_neighbours_as_its_ops_would() {
        const LAUNCHES: u32 = 20_000;
        const OPS: i32 = 64;
        for rho in [-0.95f64, -0.5, 0.0, 0.5, 0.95] {
            let settings = Settings { noise: 0.1, autocorrelation: rho, ..Settings::default() };
            // An op, a sum and another op, in units of the deviation.
            let rows: Vec<[f64; 3]> = (0..LAUNCHES)
                .map(|launch| {
                    let mut noise = Noise::new(&settings, 1, launch);
                    [noise.next(), noise.sum(OPS as u64), noise.next()].map(|factor| factor / settings.noise)
                })
                .collect();
            // Correlations by the definition: ρ to the power of the distance, summed over all pairs.
            let within: f64 = (0..OPS).flat_map(|i| (0..OPS).map(move |j| rho.powi((i - j).abs()))).sum();
            let beside: f64 = (1..=OPS).map(|distance| rho.powi(distance)).sum();
            // The error of a covariance of normal variables from independent launches.
            let wanted =
                [(1, 1, within, within), (0, 1, beside, 1.0), (1, 2, beside, 1.0), (0, 2, rho.powi(OPS + 1), 1.0)];
            for (one, other, wanted, alone) in wanted {
                let found = covariance(&rows, one, other);
                let scale = if (one, other) == (0, 2) { 1.0 } else { within };
                let error = ((alone * scale + wanted * wanted) / f64::from(LAUNCHES)).sqrt();
                assert!(
                    (found - wanted).abs() < 5.0 * error,
                    "ρ {rho}: {one} and {other}: {found}, not {wanted} ± {error}"
                );
            }
        }
    }
}
