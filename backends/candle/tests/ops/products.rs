//! Products, linear layers and convolutions.

use super::common::{assert_is, cpu, tensor, with_gaps};
use chipmark_core::ops::conv::Conv as _;
use chipmark_core::ops::linalg::Linalg as _;
use chipmark_core::{ConvLayout, OpError};

#[test]
fn products() {
    let b = cpu();
    let x = tensor(&b, [2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let w = tensor(&b, [2, 3], &[1.0, 0.0, -1.0, 2.0, 1.0, 0.0]);
    let bias = tensor(&b, [2], &[10.0, 20.0]);
    assert_is(&b, b.matmul(&x, &w.t().unwrap()), [2, 2], &[-2.0, 4.0, -2.0, 13.0]);
    assert_is(&b, b.matmul(&with_gaps(&x), &with_gaps(&w).t().unwrap()), [2, 2], &[-2.0, 4.0, -2.0, 13.0]);
    let batch = tensor(&b, [2, 1, 2], &[1.0, 2.0, 3.0, 4.0]);
    let other = tensor(&b, [2, 2, 1], &[5.0, 6.0, 7.0, 8.0]);
    assert_is(&b, b.matmul(&batch, &other), [2, 1, 1], &[17.0, 53.0]);
    let mirror = tensor(&b, [2, 2], &[0.0, 1.0, 1.0, 0.0]);
    assert_is(&b, b.matmul(&batch, &mirror), [2, 1, 2], &[2.0, 1.0, 4.0, 3.0]);
    assert_is(&b, b.matmul(&with_gaps(&batch), &mirror), [2, 1, 2], &[2.0, 1.0, 4.0, 3.0]);
    let swapped = other.transpose(0, 1).unwrap().contiguous().unwrap().transpose(0, 1).unwrap();
    assert_is(&b, b.matmul(&batch, &swapped), [2, 1, 1], &[17.0, 53.0]);

    let linear = [8.0, 24.0, 8.0, 33.0];
    assert_is(&b, b.linear(&x, &w, &bias), [2, 2], &linear);
    assert_is(&b, b.linear(&with_gaps(&x), &with_gaps(&w), &bias), [2, 2], &linear);
    let deep = |dims: &[usize]| x.reshape(dims).unwrap();
    assert_is(&b, b.linear(&deep(&[2, 1, 3]), &w, &bias), [2, 1, 2], &linear);
    assert_is(&b, b.linear(&with_gaps(&deep(&[1, 2, 3])), &w, &bias), [1, 2, 2], &linear);
    assert_is(&b, b.linear(&deep(&[1, 1, 2, 1, 3]), &w, &bias), [1, 1, 2, 1, 2], &linear);
    assert_is(&b, b.linear(&x.get(0).unwrap(), &w, &bias), [2], &linear[..2]);
}

#[test]
fn matrices_of_unlike_batches_are_not_mixed() {
    let b = cpu();
    let x = tensor(&b, [2, 3, 1, 1], &[1.0; 6]);
    let y = tensor(&b, [3, 2, 1, 1], &[1.0; 6]);
    assert!(matches!(b.matmul(&x, &y), Err(OpError::Framework { op: "matmul", .. })));
    assert!(b.matmul(&x, &tensor(&b, [1], &[1.0])).is_err());
    assert!(b.linear(&tensor(&b, [], &[1.0]), &x, &y).is_err());
    let (w, one) = (tensor(&b, [2, 3], &[1.0; 6]), tensor(&b, [1], &[1.0]));
    assert!(matches!(b.linear(&w, &w, &one), Err(OpError::Framework { op: "linear", .. })));
}

#[test]
fn convolution_is_cross_correlation_in_channels_first() {
    let b = cpu();
    assert_eq!(b.conv_layout(), ConvLayout::ChannelsFirst);
    // Channel 1 is ten times channel 0.
    let plane = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
    let images: Vec<f64> = plane.into_iter().chain(plane.map(|v| 10.0 * v)).collect();
    let images = tensor(&b, [1, 2, 3, 3], &images);
    let filters = tensor(&b, [2, 2, 2, 2], &[1., 0., 0., 0., 0., 0., 0., 1., 0., 1., 0., 0., 0., 0., 0., 0.]);
    let want = [51.0, 62.0, 84.0, 95.0, 2.0, 3.0, 5.0, 6.0];
    assert_is(&b, b.conv2d(&images, &filters), [1, 2, 2, 2], &want);
    assert_is(&b, b.conv2d(&with_gaps(&images), &with_gaps(&filters)), [1, 2, 2, 2], &want);
    let one = tensor(&b, [1, 2, 1, 1], &[1.0, 0.5]);
    assert_is(&b, b.conv2d(&images, &one), [1, 1, 3, 3], &plane.map(|v| 6.0 * v));
    let large = tensor(&b, [1, 2, 4, 1], &[1.0; 8]);
    assert!(matches!(b.conv2d(&images, &large), Err(OpError::Framework { op: "conv2d", .. })));
    assert!(b.conv2d(&images, &tensor(&b, [1, 3, 1, 1], &[1.0; 3])).is_err());
}

#[test]
fn convolution_of_sequences() {
    let b = cpu();
    // Channel 1 is ten times channel 0; the second sequence is the first backwards.
    let line = [1.0, 2.0, 3.0, 4.0];
    let x: Vec<f64> = [line, line.map(|v| 10.0 * v), [4.0, 3.0, 2.0, 1.0], [40.0, 30.0, 20.0, 10.0]].concat();
    let x = tensor(&b, [2, 2, 4], &x);
    let filters = tensor(&b, [2, 2, 2], &[1.0, 0.0, 0.0, 1.0, 0.0, 2.0, 0.0, 0.0]);
    let want = [21.0, 32.0, 43.0, 4.0, 6.0, 8.0, 34.0, 23.0, 12.0, 6.0, 4.0, 2.0];
    assert_is(&b, b.conv1d(&x, &filters), [2, 2, 3], &want);
    assert_is(&b, b.conv1d(&with_gaps(&x), &with_gaps(&filters)), [2, 2, 3], &want);
    for bad in [tensor(&b, [1, 2, 5], &[1.0; 10]), tensor(&b, [1, 1, 2], &[1.0; 2]), tensor(&b, [1, 2, 0], &[])] {
        assert!(matches!(b.conv1d(&x, &bad), Err(OpError::Framework { op: "conv1d", .. })));
    }
}
