//! Shapes that libtorch would take for something else than the op means.

use crate::common::{f32s, indices, open};
use chipmark_core::ops::arrange::Arrange;
use chipmark_core::ops::conv::Conv;
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::index::Index;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::ops::sort::Sort;
use chipmark_core::{OpError, OpResult};
use tch::Tensor;

/// The text of an error of this op, which must be one.
fn refusal(op: &str, made: OpResult<Tensor>) -> String {
    let error = made.map(|tensor| tensor.size()).expect_err(op);
    assert!(matches!(error, OpError::Framework { .. }) && error.to_string().starts_with(op), "{op} gives {error:?}");
    error.to_string()
}

#[test]
fn several_slopes_are_not_those_of_channels() {
    let b = open();
    let x = f32s(&b, [2, 3], &[-1.0; 6]);
    let text = refusal("prelu", b.prelu(&x, &f32s(&b, [3], &[0.1, 0.2, 0.3])));
    assert_eq!(text, "prelu failed: f32 2x3 and 3: the slope must be [1]");
    refusal("prelu", b.prelu(&x, &b.sum_all(&x).unwrap()));
}

#[test]
fn an_image_without_a_batch_is_refused() {
    let b = open();
    let zeros = |rank: usize| Tensor::zeros(vec![2; rank], (tch::Kind::Float, tch::Device::Cpu));
    assert_eq!(
        refusal("conv1d", b.conv1d(&zeros(2), &zeros(3))),
        "conv1d failed: f32 2x2 and 2x2x2: each must have 3 axes"
    );
    refusal("conv2d", b.conv2d(&zeros(3), &zeros(4)));
    refusal("conv2d", b.conv2d(&zeros(4), &zeros(3)));
}

#[test]
fn products_neither_broadcast_batches_nor_take_vectors() {
    let b = open();
    let zeros = |size: &[i64]| Tensor::zeros(size, (tch::Kind::Float, tch::Device::Cpu));
    for [x, y] in [[[2, 3, 4].as_slice(), &[1, 4, 5]], [&[3, 4], &[2, 4, 5]], [&[4], &[4, 5]], [&[3, 4], &[4]]] {
        refusal("matmul", b.matmul(&zeros(x), &zeros(y)));
    }
    assert_eq!(b.matmul(&zeros(&[2, 3, 4]), &zeros(&[4, 5])).unwrap().size(), [2, 3, 5]);
    let text = refusal("linear", b.linear(&zeros(&[2, 3]), &zeros(&[5, 3]), &zeros(&[1])));
    assert_eq!(text, "linear failed: f32 2x3 and 5x3 and 1: expected [.., k], [n, k] and [n]");
    refusal("linear", b.linear(&zeros(&[2, 3]), &zeros(&[3]), &zeros(&[1])));
}

#[test]
fn an_empty_list_is_not_joined_to_a_matrix() {
    let b = open();
    let (x, none) = (f32s(&b, [1, 2], &[1.0, 2.0]), f32s(&b, [0], &[]));
    refusal("concat", b.concat(&x, &none, 0));
    refusal("concat", b.concat(&none, &x, 0));
    refusal("concat", b.concat(&x, &f32s(&b, [2, 1], &[1.0, 2.0]), 0));
}

#[test]
fn axes_that_are_not_there_are_refused() {
    let b = open();
    let x = f32s(&b, [2], &[1.0, 2.0]);
    let scalar = b.sum_all(&x).unwrap();
    for axis in [1, usize::MAX] {
        refusal("sum", b.sum(&x, axis));
        refusal("sort", b.sort(&x, axis));
        refusal("concat", b.concat(&x, &x, axis));
        refusal("swap_axes", b.swap_axes(&x, 0, axis));
    }
    assert_eq!(refusal("sum", b.sum(&scalar, 0)), "sum failed: f32 scalar: there is no axis 0");
    refusal("sort", b.sort(&scalar, 0));
    refusal("layer_norm", b.layer_norm(&scalar, None, 1e-5));
}

#[test]
fn rows_of_other_lengths_are_neither_set_nor_raised() {
    let b = open();
    let into = f32s(&b, [3, 2], &[0.0; 6]);
    let index = indices(&b, &[0, 1]);
    for source in [f32s(&b, [2, 1], &[1.0; 2]), f32s(&b, [3, 2], &[1.0; 6]), f32s(&b, [2], &[1.0; 2])] {
        refusal("scatter_set_rows", b.scatter_set_rows(&into, &index, &source));
        refusal("scatter_max_rows", b.scatter_max_rows(&into, &index, &source));
    }
}

#[test]
fn weights_of_another_length_are_refused() {
    let b = open();
    let x = f32s(&b, [2, 3], &[1.0; 6]);
    let (one, three) = (f32s(&b, [1], &[1.0]), f32s(&b, [3], &[1.0; 3]));
    refusal("layer_norm", b.layer_norm(&x, Some([&one, &three]), 1e-5));
    refusal("layer_norm", b.layer_norm(&x, Some([&three, &one]), 1e-5));
}
