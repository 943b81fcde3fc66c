//! Every op of the reference against values worked out by hand.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod support;

use chipmark_core::ops::conv::{Conv, ConvLayout};
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::index::Index;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::ops::loss::Loss;
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::optim::{Adam, AdamState, Optim};
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{Backend, Device, HostData, HostTensor, OpError, OpenOptions};
use chipmark_reference::{Reference, Tensor};
use support::{assert_near, floats, indices, read, reference};

#[test]
fn arithmetic_broadcasts_as_numpy_does() {
    let b = reference();
    let column = floats(&b, &[2, 1], &[6.0, -8.0]);
    let row = floats(&b, &[3], &[1.0, 2.0, -4.0]);
    let shape = vec![2, 3];
    assert_eq!(read(&b, b.add(&column, &row)), (shape.clone(), vec![7.0, 8.0, 2.0, -7.0, -6.0, -12.0]));
    assert_eq!(read(&b, b.sub(&column, &row)), (shape.clone(), vec![5.0, 4.0, 10.0, -9.0, -10.0, -4.0]));
    assert_eq!(read(&b, b.sub(&row, &column)), (shape.clone(), vec![-5.0, -4.0, -10.0, 9.0, 10.0, 4.0]));
    assert_eq!(read(&b, b.mul(&column, &row)), (shape.clone(), vec![6.0, 12.0, -24.0, -8.0, -16.0, 32.0]));
    assert_eq!(read(&b, b.div(&column, &row)), (shape, vec![6.0, 3.0, -1.5, -8.0, -4.0, 2.0]));
    let scalar = floats(&b, &[], &[2.0]);
    assert_eq!(read(&b, b.mul(&scalar, &scalar)), (vec![], vec![4.0]));
    assert_eq!(read(&b, b.mul(&scalar, &row)), (vec![3], vec![2.0, 4.0, -8.0]));
}

#[test]
fn one_operand_arithmetic() {
    let b = reference();
    let x = floats(&b, &[4], &[-2.0, 0.0, 2.25, f64::NAN]);
    let affine = read(&b, b.affine(&x, -3.0, 0.5)).1;
    assert_eq!(affine[..3], [6.5, 0.5, -6.25]);
    let relu = read(&b, b.relu(&x)).1;
    assert_eq!(relu[..3], [0.0, 0.0, 2.25]);
    assert!(relu[3].is_nan(), "relu must not hide a NaN");
    assert_eq!(read(&b, b.sqrt(&x)).1[1..3], [0.0, 1.5]);
    assert!(read(&b, b.sqrt(&x)).1[0].is_nan());
}

#[test]
fn equal_compares_indices() {
    let b = reference();
    let equal = b.equal(&indices(&b, &[4], &[1, 2, 0, 5]), &indices(&b, &[4], &[1, 3, 0, 4]));
    assert_eq!(read(&b, equal), (vec![4], vec![1.0, 0.0, 1.0, 0.0]));
    let floating = floats(&b, &[4], &[0.0; 4]);
    assert!(b.equal(&floating, &floating).is_err(), "equal is for indices");
}

#[test]
fn reductions() {
    let b = reference();
    let x = floats(&b, &[2, 3], &[1.0, 5.0, 3.0, 4.0, 2.0, 9.0]);
    assert_eq!(read(&b, b.mean_all(&x)), (vec![], vec![4.0]));
    assert_eq!(read(&b, b.argmax(&x, 0)), (vec![3], vec![1.0, 0.0, 1.0]));
    assert_eq!(read(&b, b.argmax(&x, 1)), (vec![2], vec![1.0, 2.0]));
    let below = floats(&b, &[3], &[-3.0, -1.0, -2.0]);
    assert_eq!(read(&b, b.argmax(&below, 0)), (vec![], vec![1.0]));
}

#[test]
fn matmul_plain_batched_and_shared() {
    let b = reference();
    let x = floats(&b, &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let y = floats(&b, &[3, 2], &[1.0, 0.0, 0.0, 1.0, 2.0, -1.0]);
    assert_eq!(read(&b, b.matmul(&x, &y)), (vec![2, 2], vec![7.0, -1.0, 16.0, -1.0]));
    // Batches of a 1x2 and a 2x1 matrix: one dot product each.
    let left = floats(&b, &[2, 1, 2], &[1.0, 2.0, 3.0, 4.0]);
    let right = floats(&b, &[2, 2, 1], &[5.0, 6.0, 7.0, 8.0]);
    assert_eq!(read(&b, b.matmul(&left, &right)), (vec![2, 1, 1], vec![17.0, 53.0]));
    let shared = floats(&b, &[2, 1], &[10.0, 1.0]);
    assert_eq!(read(&b, b.matmul(&left, &shared)), (vec![2, 1, 1], vec![12.0, 34.0]));
}

#[test]
fn linear_takes_weights_by_output() {
    let b = reference();
    let x = floats(&b, &[2, 1, 2], &[1.0, 2.0, 3.0, 4.0]);
    let w = floats(&b, &[3, 2], &[1.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
    let bias = floats(&b, &[3], &[10.0, 20.0, 30.0]);
    let want = vec![11.0, 22.0, 33.0, 13.0, 24.0, 37.0];
    assert_eq!(read(&b, b.linear(&x, &w, &bias)), (vec![2, 1, 3], want));
}

#[test]
fn conv2d_correlates_channels_last() {
    let b = reference();
    assert_eq!(b.conv_layout(), ConvLayout::ChannelsLast);
    // One image of 3x3 with the two channels k and 10k, one filter of 2x2 that is not symmetric.
    let x: Vec<f64> = (1..=9).flat_map(|k| [f64::from(k), 10.0 * f64::from(k)]).collect();
    let x = floats(&b, &[1, 3, 3, 2], &x);
    let filter = floats(&b, &[1, 2, 2, 2], &[1.0, 0.0, 2.0, 0.0, 0.0, 0.1, 0.0, 0.0]);
    // Top left · 1 + top right · 2 in the first channel, bottom left · 0.1 in the second.
    let want = [1.0 + 4.0 + 4.0, 2.0 + 6.0 + 5.0, 4.0 + 10.0 + 7.0, 5.0 + 12.0 + 8.0];
    let (shape, got) = read(&b, b.conv2d(&x, &filter));
    assert_eq!(shape, [1, 2, 2, 1]);
    assert_near(&got, &want, 1e-15);
}

#[test]
fn conv2d_keeps_images_and_filters_apart() {
    let b = reference();
    let x = floats(&b, &[2, 1, 2, 1], &[1.0, 2.0, 3.0, 4.0]);
    let filters = floats(&b, &[3, 1, 1, 1], &[1.0, 10.0, 100.0]);
    let want = vec![1.0, 10.0, 100.0, 2.0, 20.0, 200.0, 3.0, 30.0, 300.0, 4.0, 40.0, 400.0];
    assert_eq!(read(&b, b.conv2d(&x, &filters)), (vec![2, 1, 2, 3], want));
}

#[test]
fn softmax_goes_along_its_axis() {
    let b = reference();
    let (ln2, ln3) = (2f64.ln(), 3f64.ln());
    let x = floats(&b, &[2, 2], &[0.0, ln2, ln3, 1000.0]);
    let (shape, rows) = read(&b, b.softmax(&x, 1));
    assert_eq!(shape, [2, 2]);
    assert_near(&rows, &[1.0 / 3.0, 2.0 / 3.0, 0.0, 1.0], 1e-15);
    let columns = read(&b, b.softmax(&x, 0)).1;
    assert_near(&columns, &[0.25, 0.0, 0.75, 1.0], 1e-15);
}

#[test]
fn rows_by_index() {
    let b = reference();
    let x = floats(&b, &[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let index = indices(&b, &[4], &[2, 0, 2, 1]);
    let gathered = b.gather_rows(&x, &index).unwrap();
    let want = vec![5.0, 6.0, 1.0, 2.0, 5.0, 6.0, 3.0, 4.0];
    assert_eq!(read(&b, Ok(gathered.clone())), (vec![4, 2], want));
    let to = indices(&b, &[4], &[0, 0, 1, 0]);
    let scattered = read(&b, b.scatter_add_rows(&x, &to, &gathered));
    assert_eq!(scattered, (vec![3, 2], vec![10.0, 14.0, 8.0, 10.0, 5.0, 6.0]));
    assert_eq!(read(&b, Ok(x.clone())).1, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "scatter_add_rows leaves `into` as it is");
    assert_eq!(read(&b, b.slice_rows(&x, 1, 2)), (vec![2, 2], vec![3.0, 4.0, 5.0, 6.0]));
    for wrong in [3, -1] {
        let error = b.gather_rows(&x, &indices(&b, &[1], &[wrong])).unwrap_err().to_string();
        assert!(error.contains(&format!("index {wrong} is not in 0..3")), "{error}");
    }
}

#[test]
fn cross_entropy_takes_logits() {
    let b = reference();
    // Class probabilities 1/4 and 3/4; then certainty far beyond what exp can hold.
    let logits = floats(&b, &[2, 2], &[0.0, 3f64.ln(), 2000.0, 0.0]);
    let loss = read(&b, b.cross_entropy(&logits, &indices(&b, &[2], &[0, 0])));
    assert_eq!(loss.0, [0; 0]);
    assert_near(&loss.1, &[4f64.ln() / 2.0], 1e-15);
    assert!(b.cross_entropy(&logits, &indices(&b, &[2], &[0, 2])).is_err(), "there is no class 2");
}

#[test]
fn adam_takes_the_published_step() {
    let b = reference();
    let one = |value| floats(&b, &[1], &[value]);
    let (param, zero, gradient) = (one(2.0), one(0.0), one(3.0));
    let adam = Adam { rate: 0.1, decay: 0.5, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };
    let state = AdamState { param: &param, m: &zero, v: &zero };
    let next = b.adam(&adam, &state, &gradient, [&one(0.9), &one(0.99)]).unwrap();
    // The decayed gradient is 4. In the first step the corrections undo the decay rates: the step is rate · 4/(4+ε).
    assert_near(&read(&b, Ok(next.m)).1, &[0.4], 1e-15);
    assert_near(&read(&b, Ok(next.v)).1, &[0.16], 1e-15);
    assert_near(&read(&b, Ok(next.param)).1, &[2.0 - 0.1 * 4.0 / (4.0 + 1e-8)], 1e-14);
}

#[test]
fn uploads_widen_exactly_and_indices_stay() {
    let b = reference();
    for dtype in chipmark_core::DType::TIMED {
        let host = HostTensor::new([3], HostData::from_f64(&[0.1, -65000.0, 1e-7], dtype)).unwrap();
        let back = b.download(&b.upload(&host).unwrap()).unwrap();
        assert_eq!(back.data(), &HostData::F64(host.to_f64()));
    }
    let host = HostTensor::new([2], HostData::I64(vec![i64::MAX, -1])).unwrap();
    assert_eq!(b.download(&b.upload(&host).unwrap()).unwrap(), host);
}

#[test]
fn errors_name_op_dtype_and_shapes() {
    let b = reference();
    let (x, y) = (floats(&b, &[2, 3], &[0.0; 6]), floats(&b, &[2, 4], &[0.0; 8]));
    let error = b.matmul(&x, &y).unwrap_err().to_string();
    assert_eq!(error, "matmul failed: f64 2x3 and 2x4: the inner lengths differ");
    let error = b.mean_all(&indices(&b, &[2], &[0, 1])).unwrap_err().to_string();
    assert_eq!(error, "mean_all failed: i64 2: expected floats, not indices");
}

#[test]
fn a_result_too_large_for_memory_is_an_error() {
    let b = reference();
    let long = 1 << 22;
    let column = floats(&b, &[long, 1], &vec![1.0; long]);
    let row = floats(&b, &[1, long], &vec![1.0; long]);
    for error in [b.add(&column, &row).unwrap_err(), b.matmul(&column, &row).unwrap_err()] {
        assert!(matches!(error, OpError::OutOfMemory { .. }), "{error}");
    }
}

#[test]
fn lengths_of_zero_are_no_panic() {
    let b = reference();
    let empty = |dims: &[usize]| floats(&b, dims, &[]);
    assert_eq!(read(&b, b.matmul(&empty(&[2, 0]), &empty(&[0, 3]))), (vec![2, 3], vec![0.0; 6]));
    assert_eq!(read(&b, b.softmax(&empty(&[2, 0]), 1)), (vec![2, 0], vec![]));
    assert_eq!(read(&b, b.softmax(&empty(&[0, 2]), 1)), (vec![0, 2], vec![]));
    assert_eq!(read(&b, b.conv2d(&empty(&[0, 3, 3, 2]), &floats(&b, &[1, 2, 2, 2], &[1.0; 8]))).0, [0, 2, 2, 1]);
    assert_eq!(read(&b, b.conv2d(&empty(&[1, 3, 3, 0]), &empty(&[2, 2, 2, 0]))), (vec![1, 2, 2, 2], vec![0.0; 8]));
    assert!(read(&b, b.mean_all(&empty(&[0]))).1[0].is_nan());
    assert!(b.argmax(&empty(&[2, 0]), 1).is_err());
    assert_eq!(read(&b, b.argmax(&empty(&[2, 0]), 0)).0, [0]);
    let none = indices(&b, &[0], &[]);
    assert_eq!(read(&b, b.gather_rows(&floats(&b, &[2, 1], &[1.0, 2.0]), &none)).0, [0, 1]);
    assert!(read(&b, b.cross_entropy(&empty(&[0, 3]), &none)).1[0].is_nan());
}

#[test]
fn only_the_cpu_opens() {
    let opened = |device| Reference::open(device, &OpenOptions::default());
    assert!(opened(Device::Cpu).is_ok());
    assert!(matches!(opened(Device::Cuda(0)), Err(OpError::Unsupported { .. })));
}

#[test]
fn a_tensor_can_be_shared() {
    let b = reference();
    let x: Tensor = floats(&b, &[2], &[1.0, 2.0]);
    let second = b.share(&x);
    drop(x);
    assert_eq!(read(&b, Ok(second)).1, [1.0, 2.0]);
}
