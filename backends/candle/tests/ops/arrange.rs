//! Joining, rearranging and ordering.

use super::common::{assert_is, cpu, path, tensor, with_gaps};
use chipmark_core::OpError;
use chipmark_core::ops::arrange::Arrange as _;
use chipmark_core::ops::sort::Sort as _;

#[test]
fn tensors_are_joined_along_any_axis() {
    let b = cpu();
    let (x, y) = (tensor(&b, [2, 2], &[1.0, 2.0, 3.0, 4.0]), tensor(&b, [2, 2], &[5.0, 6.0, 7.0, 8.0]));
    for (x, y) in [(&x, &y), (&with_gaps(&x), &y), (&x, &with_gaps(&y)), (&with_gaps(&x), &with_gaps(&y))] {
        assert_is(&b, b.concat(x, y, 0), [4, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        assert_is(&b, b.concat(x, y, 1), [2, 4], &[1.0, 2.0, 5.0, 6.0, 3.0, 4.0, 7.0, 8.0]);
        assert_is(&b, b.concat(x, &y.t().unwrap(), 1), [2, 4], &[1.0, 2.0, 5.0, 7.0, 3.0, 4.0, 6.0, 8.0]);
    }
    let wide = tensor(&b, [2, 3], &[0.0; 6]);
    assert_is(&b, b.concat(&x, &wide, 1), [2, 5], &[1.0, 2.0, 0.0, 0.0, 0.0, 3.0, 4.0, 0.0, 0.0, 0.0]);
    assert!(matches!(b.concat(&x, &wide, 0), Err(OpError::Framework { op: "concat", .. })));
    assert!(b.concat(&x, &y, 2).is_err());
}

#[test]
fn elements_keep_their_order_in_another_shape() {
    let b = cpu();
    let x = tensor(&b, [2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let turned = b.swap_axes(&x, 0, 1).unwrap();
    assert_is(&b, b.reshape(&x, &[3, 1, 2]), [3, 1, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_is(&b, b.reshape(&turned, &[6]), [6], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    assert_is(&b, b.swap_axes(&turned, 1, 0), [2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert!(b.reshape(&x, &[4]).is_err());
    assert!(b.swap_axes(&x, 0, 2).is_err());
}

#[test]
fn rows_are_sorted_along_any_axis() {
    let b = cpu();
    let x = tensor(&b, [2, 2, 2], &[8.0, 1.0, 2.0, 7.0, 3.0, 6.0, 5.0, 4.0]);
    for x in [&x, &with_gaps(&x)] {
        assert_is(&b, b.sort(x, 0), [2, 2, 2], &[3.0, 1.0, 2.0, 4.0, 8.0, 6.0, 5.0, 7.0]);
        assert_is(&b, b.sort(x, 1), [2, 2, 2], &[2.0, 1.0, 8.0, 7.0, 3.0, 4.0, 5.0, 6.0]);
        assert_is(&b, b.sort(x, 2), [2, 2, 2], &[1.0, 8.0, 2.0, 7.0, 3.0, 6.0, 4.0, 5.0]);
    }
    assert_is(&b, b.sort(&tensor(&b, [4], &[-1.0, 2.0, -1.0, -3.0]), 0), [4], &[-3.0, -1.0, -1.0, 2.0]);
    assert_is(&b, b.sort(&tensor(&b, [2, 0], &[]), 1), [2, 0], &[]);
    assert!(matches!(b.sort(&x, 3), Err(OpError::Framework { op: "sort", .. })));
    let paths = [1, 2].map(|axis| path(&b, "sort", |b| drop(b.sort(&x, axis).unwrap())));
    assert_ne!(paths[0], paths[1], "transposing is a part of the path");
}
