//! Moments of series, and how well they can be known.

/// Their mean.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Their covariance with those `lag` later, over all; their variance where the lag is zero.
pub(crate) fn covariance(values: &[f64], lag: usize) -> f64 {
    let centre = mean(values);
    let pairs = values.iter().zip(&values[lag..]);
    pairs.map(|(a, b)| (a - centre) * (b - centre)).sum::<f64>() / values.len() as f64
}

/// Their correlation with those `lag` later.
pub(crate) fn correlation(values: &[f64], lag: usize) -> f64 {
    covariance(values, lag) / covariance(values, 0)
}

/// An autoregressive process of the first order: its standard deviation and its coefficient.
#[derive(Clone, Copy)]
pub(crate) struct Process {
    pub(crate) deviation: f64,
    pub(crate) correlation: f64,
}

impl Process {
    /// The standard deviation of the sum of n neighbours: from Σ ρ^|i − j| over all pairs of them.
    pub(crate) fn sum_deviation(self, n: usize) -> f64 {
        let (rho, n) = (self.correlation, n as f64);
        let pairs = n * (1.0 + rho) / (1.0 - rho) - 2.0 * rho * (1.0 - rho.powf(n)) / (1.0 - rho).powi(2);
        self.deviation * pairs.sqrt()
    }

    /// The correlation of a sum of n neighbours with the sum of the next n.
    pub(crate) fn sum_correlation(self, n: usize) -> f64 {
        let rho = self.correlation;
        let pairs = rho * ((1.0 - rho.powf(n as f64)) / (1.0 - rho)).powi(2);
        pairs * (self.deviation / self.sum_deviation(n)).powi(2)
    }
}

/// The relative standard error of a variance found from n values of a process with this coefficient and an excess
/// kurtosis of at most `kurtosis`. Bartlett (Journal of the Royal Statistical Society, Supplement 8, 1946).
pub(crate) fn variance_error(correlation: f64, kurtosis: f64, n: usize) -> f64 {
    let squared = correlation * correlation;
    ((2.0 + kurtosis) / n as f64 * (1.0 + squared) / (1.0 - squared)).sqrt()
}

/// The standard error of an autocorrelation found from n values of such a process, at any lag: Bartlett's limit.
pub(crate) fn correlation_error(correlation: f64, n: usize) -> f64 {
    let squared = correlation * correlation;
    ((1.0 + squared) / (1.0 - squared) / n as f64).sqrt()
}
