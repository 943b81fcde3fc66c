//! Every op against results worked out by hand, and the path that it notes.

use crate::common::{f32s, indices, open, read};
use chipmark_core::ops::conv::Conv;
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::index::Index;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::ops::loss::Loss;
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::optim::{Adam, AdamState, Optim};
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{Backend, ConvLayout, OpError};

#[test]
fn arithmetic_broadcasts() {
    let b = open();
    let x = f32s(&b, [2, 2], &[1.0, -2.0, 3.0, 4.0]);
    let row = f32s(&b, [2], &[2.0, 4.0]);
    assert_eq!(read(&b, &b.add(&x, &row).unwrap()), (vec![2, 2], vec![3.0, 2.0, 5.0, 8.0]));
    assert_eq!(read(&b, &b.sub(&x, &row).unwrap()).1, [-1.0, -6.0, 1.0, 0.0]);
    assert_eq!(read(&b, &b.mul(&x, &row).unwrap()).1, [2.0, -8.0, 6.0, 16.0]);
    assert_eq!(read(&b, &b.div(&x, &row).unwrap()).1, [0.5, -0.5, 1.5, 1.0]);
    assert_eq!(read(&b, &b.relu(&x).unwrap()).1, [1.0, 0.0, 3.0, 4.0]);
    assert_eq!(read(&b, &b.sqrt(&f32s(&b, [2], &[4.0, 2.25])).unwrap()).1, [2.0, 1.5]);
}

#[test]
fn affine_does_no_more_than_it_must_and_says_so() {
    let b = open();
    let x = f32s(&b, [2], &[1.0, -2.0]);
    for (factor, offset, wanted, path) in [
        (2.0, 1.0, [3.0, -3.0], "affine: composed, at::mul, at::add"),
        (2.0, 0.0, [2.0, -4.0], "affine: native, at::mul"),
        (1.0, 0.5, [1.5, -1.5], "affine: native, at::add"),
        (1.0, 0.0, [1.0, -2.0], "affine: native, the tensor itself"),
    ] {
        b.log().open();
        assert_eq!(read(&b, &b.affine(&x, factor, offset).unwrap()).1, wanted);
        assert_eq!(b.log().close().iter().map(ToString::to_string).collect::<Vec<_>>(), [path]);
    }
}

#[test]
fn equal_compares_an_argmax_with_indices() {
    let b = open();
    let x = f32s(&b, [2, 3], &[1.0, 5.0, 2.0, 9.0, 0.0, 3.0]);
    let found = b.argmax(&x, 1).unwrap();
    assert_eq!(read(&b, &found), (vec![2], vec![1.0, 0.0]));
    assert_eq!(read(&b, &b.argmax(&x, 0).unwrap()), (vec![3], vec![1.0, 0.0, 1.0]));
    assert_eq!(read(&b, &b.equal(&found, &indices(&b, &[1, 2])).unwrap()), (vec![2], vec![1.0, 0.0]));
}

#[test]
fn mean_is_a_scalar() {
    let b = open();
    assert_eq!(read(&b, &b.mean_all(&f32s(&b, [2, 2], &[1.0, 2.0, 3.0, 6.0])).unwrap()), (vec![], vec![3.0]));
}

#[test]
fn products_of_matrices() {
    let b = open();
    let x = f32s(&b, [1, 2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let y = f32s(&b, [1, 3, 2], &[1.0, 0.0, 0.0, 1.0, 2.0, 2.0]);
    assert_eq!(read(&b, &b.matmul(&x, &y).unwrap()), (vec![1, 2, 2], vec![7.0, 8.0, 16.0, 17.0]));
    let w = f32s(&b, [2, 3], &[1.0, 0.0, 2.0, 0.0, 1.0, 2.0]);
    let bias = f32s(&b, [2], &[10.0, 20.0]);
    assert_eq!(read(&b, &b.linear(&x, &w, &bias).unwrap()), (vec![1, 2, 2], vec![17.0, 28.0, 26.0, 37.0]));
}

#[test]
fn convolution_is_channels_first_and_does_not_flip() {
    let b = open();
    assert_eq!(b.conv_layout(), ConvLayout::ChannelsFirst);
    // Two channels of 2×3, one filter that takes the left pixel of the first and twice the right one of the second.
    let x = f32s(&b, [1, 2, 2, 3], &[1., 2., 3., 4., 5., 6., 10., 20., 30., 40., 50., 60.]);
    let filters = f32s(&b, [1, 2, 1, 2], &[1.0, 0.0, 0.0, 2.0]);
    let made = b.conv2d(&x, &filters).unwrap();
    assert_eq!(read(&b, &made), (vec![1, 1, 2, 2], vec![41.0, 62.0, 104.0, 125.0]));
}

#[test]
fn softmax_goes_along_its_axis() {
    let b = open();
    let (ln2, ln3) = (2f64.ln(), 3f64.ln());
    let x = f32s(&b, [2, 2], &[0.0, ln2, ln3, 0.0]);
    let close = |got: Vec<f64>, wanted: [f64; 4]| {
        got.iter().zip(wanted).for_each(|(g, w)| assert!((g - w).abs() < 1e-6, "{g} instead of {w}"));
    };
    close(read(&b, &b.softmax(&x, 1).unwrap()).1, [1.0 / 3.0, 2.0 / 3.0, 0.75, 0.25]);
    close(read(&b, &b.softmax(&x, 0).unwrap()).1, [0.25, 2.0 / 3.0, 0.75, 1.0 / 3.0]);
}

#[test]
fn rows_are_taken_and_placed() {
    let b = open();
    let x = f32s(&b, [3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let index = indices(&b, &[2, 0, 2]);
    let taken = b.gather_rows(&x, &index).unwrap();
    assert_eq!(read(&b, &taken), (vec![3, 2], vec![5.0, 6.0, 1.0, 2.0, 5.0, 6.0]));
    let placed = b.scatter_add_rows(&x, &index, &taken).unwrap();
    assert_eq!(read(&b, &placed).1, [2.0, 4.0, 3.0, 4.0, 15.0, 18.0]);
    assert_eq!(read(&b, &x).1, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "the tensor added to is left as it is");
    assert_eq!(read(&b, &b.slice_rows(&x, 1, 2).unwrap()), (vec![2, 2], vec![3.0, 4.0, 5.0, 6.0]));
}

#[test]
fn cross_entropy_is_the_mean_over_rows() {
    let b = open();
    let logits = f32s(&b, [2, 2], &[0.0, 0.0, 3f64.ln(), 0.0]);
    let (dims, values) = read(&b, &b.cross_entropy(&logits, &indices(&b, &[1, 0])).unwrap());
    let wanted = (2f64.ln() + (4.0f64 / 3.0).ln()) / 2.0;
    assert!(dims.is_empty() && (values[0] - wanted).abs() < 1e-6, "{values:?} instead of {wanted}");
    let far = b.cross_entropy(&logits, &indices(&b, &[2, 0]));
    assert!(matches!(far, Err(OpError::Framework { op: "cross_entropy", .. })), "a class that is not there");
}

#[test]
fn adam_s_first_step_is_the_rate_times_the_sign() {
    let b = open();
    let adam = Adam { rate: 0.1, decay: 0.0, beta1: 0.9, beta2: 0.999, epsilon: 0.0 };
    let (param, zero) = (f32s(&b, [2], &[1.0, 1.0]), f32s(&b, [2], &[0.0, 0.0]));
    let grad = f32s(&b, [2], &[4.0, -0.5]);
    let corrections = [&f32s(&b, [1], &[0.1]), &f32s(&b, [1], &[0.001])];
    let next = b.adam(&adam, &AdamState { param: &param, m: &zero, v: &zero }, &grad, corrections).unwrap();
    let (_, param) = read(&b, &next.param);
    assert!((param[0] - 0.9).abs() < 1e-5 && (param[1] - 1.1).abs() < 1e-5, "{param:?}");
}

#[test]
fn native_ops_name_libtorch_s_call() {
    let b = open();
    let x = f32s(&b, [2, 2], &[1.0, 2.0, 3.0, 4.0]);
    b.log().open();
    let _ = (b.softmax(&x, 1).unwrap(), b.matmul(&x, &x).unwrap());
    let notes: Vec<String> = b.log().close().iter().map(ToString::to_string).collect();
    assert_eq!(notes, ["softmax: native, at::softmax", "matmul: native, at::matmul"]);
}

#[test]
fn errors_are_one_line_and_name_the_op() {
    let b = open();
    let (x, y) = (f32s(&b, [2], &[1.0, 2.0]), f32s(&b, [3], &[1.0, 2.0, 3.0]));
    let error = b.add(&x, &y).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.starts_with("add failed: The size of tensor a (2) must match"), "{error}");
    assert_eq!(error.lines().count(), 1);
    assert!(matches!(b.softmax(&x, 1), Err(OpError::Framework { op: "softmax", .. })));
    assert!(matches!(b.slice_rows(&x, usize::MAX, 1), Err(OpError::Framework { op: "slice_rows", .. })));
    let scalar = b.mean_all(&x).unwrap();
    assert!(b.argmax(&scalar, 0).is_err(), "a scalar has no axis, though libtorch takes 0 for one");
}
