//! Means and deviations. Nothing from nothing, and nothing from what is no finite number.

/// The arithmetic mean.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    let sum: f64 = values.iter().sum();
    (!values.is_empty() && sum.is_finite()).then(|| sum / values.len() as f64)
}

/// The standard deviation of a sample: of n − 1 degrees of freedom, so that there is none of one value.
#[must_use]
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1 && squares.is_finite()).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// The geometric mean of values above zero. Nothing if one is not.
#[must_use]
pub fn geometric_mean(values: &[f64]) -> Option<f64> {
    let positive = values.iter().all(|value| *value > 0.0);
    let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    mean(&logarithms).filter(|_| positive).map(f64::exp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(mean(&[1.0, 2.0, 6.0]), Some(3.0));
        assert_eq!(standard_deviation(&[1.0, 3.0]), Some(2f64.sqrt()));
        assert!((geometric_mean(&[1.0, 4.0]).unwrap() - 2.0).abs() < 1e-15);
    }

    #[test]
    fn what_has_none_says_so() {
        assert_eq!((mean(&[]), mean(&[f64::NAN]), mean(&[f64::INFINITY])), (None, None, None));
        assert_eq!((standard_deviation(&[1.0]), standard_deviation(&[1.0, f64::NAN])), (None, None));
        assert_eq!(standard_deviation(&[1e200, -1e200]), None, "its square is beyond f64");
        assert_eq!(
            (geometric_mean(&[]), geometric_mean(&[1.0, 0.0]), geometric_mean(&[1.0, -1.0])),
            (None, None, None)
        );
    }
}
