//! The exact sign-flip test of paired differences: if neither side is slower, each difference could as well have had the
//! other sign (R. A. Fisher, The Design of Experiments, 1935, §21; E. J. G. Pitman, Supplement to the Journal of the Royal
//! Statistical Society 4, 1937).

/// The most pairs. Beyond them the test would take longer than the measurement is worth.
pub const MOST_PAIRS: usize = 40;

/// Sums closer than this share of the largest possible one are equal: they differ by the order of adding up alone.
const EQUAL: f64 = 1e-12;

/// The two-sided p-value: the share of all 2ⁿ choices of signs whose sum is at least as far from zero as the one found.
/// Nothing for no pairs, for more than [`MOST_PAIRS`], or for what is no finite number.
///
/// The choices are not gone through one by one: the sums of each half are in order, and for every sum of the one half it is
/// counted how many of the other go with it. Forty pairs are two lists of 2²⁰ (E. Horowitz and S. Sahni, Journal of the ACM
/// 21, 1974).
#[must_use]
pub fn p_value(differences: &[f64]) -> Option<f64> {
    let n = differences.len();
    if n == 0 || n > MOST_PAIRS || differences.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let largest = differences.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    if largest == 0.0 {
        return Some(1.0);
    }
    // As shares of the largest, so that no sum overflows.
    let differences: Vec<f64> = differences.iter().map(|value| value / largest).collect();
    let most: f64 = differences.iter().map(|value| value.abs()).sum();
    let bound = differences.iter().sum::<f64>().abs() - EQUAL * most;
    if bound <= 0.0 {
        return Some(1.0);
    }
    // By symmetry as many are far below zero as are far above it: those above are counted, twice.
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

/// The sums of all choices of signs, rising. With each value two rising lists, of the sums less it and with it, become one.
fn sums(values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for value in values.iter().map(|value| value.abs()) {
        let mut merged = Vec::with_capacity(2 * sums.len());
        let mut above = sums.iter().map(|sum| sum + value).peekable();
        for below in sums.iter().map(|sum| sum - value) {
            while let Some(above) = above.next_if(|above| *above < below) {
                merged.push(above);
            }
            merged.push(below);
        }
        merged.extend(above);
        sums = merged;
    }
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
    fn worked_by_hand() {
        // Of the eight sums of ±1 ±2 ±4 (all odd numbers from −7 to 7), four are at least 5 from zero.
        assert_eq!(p_value(&[-1.0, 2.0, 4.0]), Some(0.5));
        // Of ±1 twenty times, one differing: two choices of all alike and forty of one unlike.
        let mut one_unlike = [0.3; 20];
        one_unlike[7] = -0.3;
        assert_eq!(
            p_value(&one_unlike),
            Some(42.0 / 2f64.powi(20)),
            "equal sums, added up in another order, are equal"
        );
    }

    #[test]
    fn nothing_to_say() {
        assert_eq!(p_value(&[]), None);
        assert_eq!(p_value(&[1.0; MOST_PAIRS + 1]), None);
        assert_eq!(p_value(&[1.0, f64::NAN]), None);
        assert_eq!(p_value(&[1.0, f64::INFINITY]), None);
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
        fn neither_order_nor_direction_nor_scale_matters(
            (differences, shuffled) in prop::collection::vec(-1.0f64..1.0, 1..16)
                .prop_flat_map(|differences| (Just(differences.clone()), Just(differences).prop_shuffle())),
            scale in prop::sample::select(vec![1e-300, 0.001, 3.0, 1e300, f64::MAX]),
        ) {
            let other: Vec<f64> = shuffled.iter().map(|d| -d * scale).collect();
            prop_assert_eq!(p_value(&differences), p_value(&other));
        }
    }
}
