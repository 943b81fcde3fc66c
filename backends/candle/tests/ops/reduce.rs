//! Reductions and losses.

use super::common::{assert_is, assert_near, cpu, index, tensor, with_gaps};
use chipmark_core::OpError;
use chipmark_core::ops::loss::Loss as _;
use chipmark_core::ops::reduce::Reduce as _;

#[test]
fn sums_over_one_axis_or_all() {
    let b = cpu();
    let x = tensor(&b, [2, 3, 1], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    for x in [&x, &with_gaps(&x)] {
        assert_is(&b, b.sum(x, 0), [3, 1], &[5.0, 7.0, 9.0]);
        assert_is(&b, b.sum(x, 1), [2, 1], &[6.0, 15.0]);
        assert_is(&b, b.sum(x, 2), [2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_is(&b, b.sum_all(x), [], &[21.0]);
        assert_is(&b, b.mean_all(x), [], &[3.5]);
    }
    assert!(b.sum(&x, 3).is_err());
    assert!(b.sum(&tensor(&b, [], &[1.0]), 0).is_err());
}

#[test]
fn cross_entropy_of_logits() {
    let b = cpu();
    let logits = tensor(&b, [2, 2], &[0.0, 3f64.ln(), 0.0, 0.0]);
    let classes = index(&b, &[1, 0]);
    assert_near(&b, b.cross_entropy(&logits, &classes), [], &[f64::midpoint((4.0f64 / 3.0).ln(), 2f64.ln())]);
    assert_near(&b, b.cross_entropy(&tensor(&b, [1, 2], &[0.0, 1e4]), &index(&b, &[0])), [], &[1e4]);
}

#[test]
fn binary_cross_entropy_of_probabilities() {
    let b = cpu();
    let (p, t) = (tensor(&b, [3], &[0.25, 0.5, 0.75]), tensor(&b, [3], &[1.0, 0.0, 0.5]));
    let want = (4f64.ln() + 2f64.ln() + f64::midpoint(-0.75f64.ln(), 4f64.ln())) / 3.0;
    assert_near(&b, b.bce(&p, &t), [], &[want]);
    assert_near(&b, b.bce(&with_gaps(&p), &with_gaps(&t)), [], &[want]);
    assert!(matches!(b.bce(&p, &tensor(&b, [1], &[1.0])), Err(OpError::Framework { op: "bce", .. })));
}
