//! The exact sign-flip test of paired differences: if neither side is slower, each difference could as well have had the other sign
//! (R. A. Fisher, The Design of Experiments, 1935, §21; E. J. G. Pitman, Supplement to the Journal of the Royal Statistical
//! Society 4, 1937).

/// The most pairs. Beyond them the test would take longer than the measurement is worth.
pub const MOST_PAIRS: usize = 40;

/// Sums closer than this share of the largest possible one are equal: they differ by the order of adding up alone.
const EQUAL: f64 = 1e-12;

/// The two-sided p-value: the share of all 2ⁿ choices of signs whose sum is at least as far from zero as the one found. Nothing for no
/// pairs, for more than [`MOST_PAIRS`], or for what is no finite number.
///
/// The choices are not gone through one by one: the sums of each half are sorted, and for every sum of the one half it is counted how
/// many of the other go with it. Forty pairs are two lists of 2²⁰.
#[must_use]
pub fn p_value(differences: &[f64]) -> Option<f64> {
    let n = differences.len();
    if n == 0 || n > MOST_PAIRS || differences.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let most: f64 = differences.iter().map(|value| value.abs()).sum();
    let bound = differences.iter().sum::<f64>().abs() - EQUAL * most;
    if bound <= 0.0 {
        return Some(1.0);
    }
    // By symmetry half of those that are far from zero are above it: the first difference keeps its sign, and both directions count.
    let (first, second) = differences.split_at(n.div_ceil(2));
    let (first, second) = (sums(first), sums(second));
    // With rising sums of the first half, those of the second that are enough begin earlier and earlier.
    let mut at = second.len();
    let mut count = 0u64;
    for sum in first {
        while at > 0 && second.get(at - 1).is_some_and(|other| sum + other >= bound) {
            at -= 1;
        }
        count += (second.len() - at) as u64;
    }
    Some((2.0 * count as f64 / 2f64.powi(n as i32)).min(1.0))
}

/// The sums of all choices of signs, rising.
fn sums(values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for value in values {
        sums = sums.iter().flat_map(|sum| [sum - value, sum + value]).collect();
    }
    sums.sort_unstable_by(f64::total_cmp);
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one_by_one(differences: &[f64]) -> f64 {
        let found = differences.iter().sum::<f64>().abs();
        let n = differences.len();
        let far = (0..1u32 << n).filter(|choice| {
            let signed = differences.iter().enumerate().map(|(i, d)| if choice >> i & 1 == 1 { -d } else { *d });
            signed.sum::<f64>().abs() >= found - 1e-9
        });
        far.count() as f64 / 2f64.powi(n as i32)
    }

    #[test]
    fn all_of_one_sign_is_the_rarest() {
        for n in 1..=MOST_PAIRS {
            let differences: Vec<f64> = (1..=n).map(|i| i as f64).collect();
            assert_eq!(p_value(&differences), Some(2.0 / 2f64.powi(n as i32)), "{n}");
        }
    }

    #[test]
    fn nothing_to_say() {
        assert_eq!(p_value(&[]), None);
        assert_eq!(p_value(&[1.0; MOST_PAIRS + 1]), None);
        assert_eq!(p_value(&[1.0, f64::NAN]), None);
        assert_eq!(p_value(&[0.0; 5]), Some(1.0));
        assert_eq!(p_value(&[1.0, -1.0]), Some(1.0));
    }

    proptest! {
        #[test]
        fn it_is_what_going_through_all_gives(differences in prop::collection::vec(-5i32..=5, 1..12), scale in 0.001f64..1000.0) {
            let differences: Vec<f64> = differences.into_iter().map(|d| f64::from(d) * scale).collect();
            let found = p_value(&differences).unwrap();
            prop_assert!((found - one_by_one(&differences)).abs() < 1e-12, "{found}");
        }

        #[test]
        fn neither_order_nor_direction_matters(mut differences in prop::collection::vec(-1.0f64..1.0, 1..16)) {
            let found = p_value(&differences);
            differences.reverse();
            differences.iter_mut().for_each(|d| *d = -*d);
            prop_assert_eq!(found, p_value(&differences));
        }
    }
}
