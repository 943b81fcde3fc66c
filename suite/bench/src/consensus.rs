//! What several targets agree on, at shapes that the reference is not asked for, and how far each may be off from that.

use chipmark_core::{Digest, Tolerance};

/// Of three targets and more most are right, and so their median is within the tolerance of the truth: whoever is within it too is no
/// further than two from the median. Of two each is half of their distance from the middle: that is within one.
pub(crate) const FROM_MEDIAN: f64 = 2.0;

/// The tolerances of answers that are held against [`consensus`].
pub(crate) fn between(answers: &[(usize, Vec<Digest>)], tolerances: &[Tolerance]) -> Vec<Tolerance> {
    let factor = if answers.len() > 2 { FROM_MEDIAN } else { 1.0 };
    tolerances.iter().map(|tolerance| Tolerance { bound: tolerance.bound * factor, ..*tolerance }).collect()
}

/// The elementwise median of several targets' digests: what most of them say. None of fewer than two.
pub(crate) fn consensus(answers: &[(usize, Vec<Digest>)]) -> Option<Vec<Digest>> {
    let [(_, first), _, ..] = answers else { return None };
    let mut agreed = first.clone();
    for (output, digest) in agreed.iter_mut().enumerate() {
        let others: Vec<&Digest> = answers.iter().filter_map(|(_, digests)| digests.get(output)).collect();
        for (i, value) in digest.values.iter_mut().enumerate() {
            *value = median(others.iter().filter_map(|other| other.values.get(i).copied()).collect());
        }
        digest.sum = median(others.iter().map(|other| other.sum).collect());
        digest.abs_sum = median(others.iter().map(|other| other.abs_sum).collect());
        let mut non_finite: Vec<u64> = others.iter().map(|other| other.non_finite).collect();
        non_finite.sort_unstable();
        // Of two, the fewer: each element that is not finite in one alone is wrong there.
        digest.non_finite = non_finite.get((non_finite.len().max(1) - 1) / 2).copied().unwrap_or_default();
    }
    Some(agreed)
}

/// The median; of an even number the mean of the two in the middle, so that two who disagree are both off, and where one of these alone
/// is finite, that one.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => match (values[n / 2 - 1], values[n / 2]) {
            (low, high) if low.is_finite() == high.is_finite() => f64::midpoint(low, high),
            (low, high) => {
                if low.is_finite() {
                    low
                } else {
                    high
                }
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipmark_core::check::Scale;
    use chipmark_core::{Shape, compare};

    fn digest(values: &[f64]) -> Digest {
        Digest {
            shape: Shape::from([values.len()]),
            values: values.to_vec(),
            sum: values.iter().sum(),
            abs_sum: values.iter().map(|value| value.abs()).sum(),
            non_finite: values.iter().filter(|value| !value.is_finite()).count() as u64,
        }
    }

    /// Whether each of several answers passes beside the others, with a tolerance of a hundredth.
    fn pass(answers: &[&[f64]]) -> Vec<bool> {
        let answers: Vec<(usize, Vec<Digest>)> =
            answers.iter().enumerate().map(|(at, values)| (at, vec![digest(values)])).collect();
        let Some(agreed) = consensus(&answers) else { return Vec::new() };
        let tolerances = between(&answers, &[Tolerance::new(0.01, Scale::One)]);
        answers.iter().map(|(_, digests)| compare(&agreed, None, digests, &tolerances).passes()).collect()
    }

    #[test]
    fn two_may_be_two_tolerances_apart_and_no_further() {
        assert_eq!(pass(&[&[1.0], &[1.019]]), [true, true]);
        assert_eq!(pass(&[&[1.0], &[1.021]]), [false, false], "one is wrong, and nobody knows which");
    }

    #[test]
    fn of_three_the_one_that_stands_alone_is_wrong() {
        assert_eq!(pass(&[&[1.0], &[1.001], &[1.03]]), [true, true, false]);
        assert_eq!(pass(&[&[0.991], &[1.0], &[1.01]]), [true, true, true], "all are within a hundredth of one");
        assert_eq!(pass(&[&[0.991], &[1.009], &[1.009]]), [true, true, true], "the median may be off by its own");
    }

    #[test]
    fn one_alone_is_held_against_nothing() {
        assert_eq!(pass(&[&[1.0]]), Vec::<bool>::new());
    }

    #[test]
    fn what_is_not_finite_in_one_alone_is_wrong_there() {
        for strange in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(pass(&[&[1.0, strange], &[1.0, 2.0]]), [false, true], "{strange}");
            assert_eq!(pass(&[&[1.0, 2.0], &[1.0, strange]]), [true, false], "{strange}");
            assert_eq!(pass(&[&[1.0, 2.0], &[1.0, strange], &[1.0, 2.0]]), [true, false, true], "{strange}");
        }
    }
}
