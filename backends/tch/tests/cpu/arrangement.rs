//! Ops that rearrange, order, reduce and place, against results worked out by hand.

use crate::common::{close, f32s, indices, open, read};
use chipmark_core::OpError;
use chipmark_core::ops::arrange::Arrange;
use chipmark_core::ops::conv::Conv;
use chipmark_core::ops::index::Index;
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::ops::sort::Sort;

#[test]
fn axes_are_joined_split_and_exchanged() {
    let b = open();
    let x = f32s(&b, [2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let y = f32s(&b, [2, 1], &[7.0, 8.0]);
    assert_eq!(read(&b, &b.concat(&x, &y, 1).unwrap()), (vec![2, 4], vec![1.0, 2.0, 3.0, 7.0, 4.0, 5.0, 6.0, 8.0]));
    let swapped = b.swap_axes(&x, 0, 1).unwrap();
    assert_eq!(read(&b, &swapped), (vec![3, 2], vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0]));
    // In row-major order whatever the strides are, which here takes a copy.
    assert_eq!(read(&b, &b.reshape(&swapped, &[2, 3]).unwrap()), (vec![2, 3], vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0]));
    assert_eq!(b.reshape(&x, &[6]).unwrap().data_ptr(), x.data_ptr(), "a view where there can be one");
    assert!(matches!(b.reshape(&x, &[usize::MAX, 6]), Err(OpError::Framework { op: "reshape", .. })));
}

#[test]
fn sort_and_sum_go_along_their_axis() {
    let b = open();
    let x = f32s(&b, [2, 3], &[3.0, 1.0, 2.0, -1.0, 5.0, 0.0]);
    assert_eq!(read(&b, &b.sort(&x, 1).unwrap()).1, [1.0, 2.0, 3.0, -1.0, 0.0, 5.0]);
    assert_eq!(read(&b, &b.sort(&x, 0).unwrap()).1, [-1.0, 1.0, 0.0, 3.0, 5.0, 2.0]);
    assert_eq!(read(&b, &b.sum(&x, 1).unwrap()), (vec![2], vec![6.0, 4.0]));
    assert_eq!(read(&b, &b.sum(&x, 0).unwrap()), (vec![3], vec![2.0, 6.0, 2.0]));
    assert_eq!(read(&b, &b.sum_all(&x).unwrap()), (vec![], vec![10.0]));
}

#[test]
fn layer_norm_leaves_the_mean_and_the_spread_of_each_row() {
    let b = open();
    let x = f32s(&b, [2, 2], &[1.0, 3.0, -6.0, 4.0]);
    close(&read(&b, &b.layer_norm(&x, None, 0.0).unwrap()).1, &[-1.0, 1.0, -1.0, 1.0]);
    let (weight, bias) = (f32s(&b, [2], &[2.0, 3.0]), f32s(&b, [2], &[10.0, 20.0]));
    close(&read(&b, &b.layer_norm(&x, Some([&weight, &bias]), 0.0).unwrap()).1, &[8.0, 23.0, 8.0, 23.0]);
    // The variance of the first row is 1: with 3 added, its root is 2.
    close(&read(&b, &b.layer_norm(&x, None, 3.0).unwrap()).1[..2], &[-0.5, 0.5]);
}

#[test]
fn conv1d_is_channels_first_and_does_not_flip() {
    let b = open();
    // Two channels of length 3, one filter that takes the left element of the first and twice the right one of the second.
    let x = f32s(&b, [1, 2, 3], &[1.0, 2.0, 3.0, 10.0, 20.0, 30.0]);
    let filters = f32s(&b, [1, 2, 2], &[1.0, 0.0, 0.0, 2.0]);
    assert_eq!(read(&b, &b.conv1d(&x, &filters).unwrap()), (vec![1, 1, 2], vec![41.0, 62.0]));
}

#[test]
fn rows_are_set_and_raised_and_the_tensor_itself_is_left_as_it_is() {
    let b = open();
    let into = f32s(&b, [3, 2], &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    let index = indices(&b, &[2, 0]);
    let source = f32s(&b, [2, 2], &[5.0, 0.0, 2.0, 3.0]);
    let set = b.scatter_set_rows(&into, &index, &source).unwrap();
    assert_eq!(read(&b, &set).1, [2.0, 3.0, 1.0, 1.0, 5.0, 0.0]);
    let raised = b.scatter_max_rows(&into, &index, &source).unwrap();
    assert_eq!(read(&b, &raised).1, [2.0, 3.0, 1.0, 1.0, 5.0, 1.0]);
    assert_eq!(read(&b, &into).1, [1.0; 6]);
}

#[test]
fn of_a_repeated_index_one_source_is_set_and_the_largest_is_raised_to() {
    let b = open();
    let into = f32s(&b, [2, 1], &[4.0, 4.0]);
    let index = indices(&b, &[1, 1, 1]);
    let source = f32s(&b, [3, 1], &[3.0, 7.0, 5.0]);
    let set = read(&b, &b.scatter_set_rows(&into, &index, &source).unwrap()).1;
    assert!(set[0] == 4.0 && [3.0, 7.0, 5.0].contains(&set[1]), "{set:?}");
    assert_eq!(read(&b, &b.scatter_max_rows(&into, &index, &source).unwrap()).1, [4.0, 7.0]);
}

#[test]
fn rows_that_are_not_there_are_refused() {
    let b = open();
    let (into, source) = (f32s(&b, [2, 1], &[4.0, 4.0]), f32s(&b, [1, 1], &[3.0]));
    for far in [2, -3] {
        let index = indices(&b, &[far]);
        assert!(matches!(b.scatter_set_rows(&into, &index, &source), Err(OpError::Framework { .. })), "{far}");
        assert!(matches!(b.scatter_max_rows(&into, &index, &source), Err(OpError::Framework { .. })), "{far}");
    }
}
