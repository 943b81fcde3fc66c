//! Every op of the reference against values worked out by hand, and what holds for all of them.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod along_axes;
mod elementwise;
mod products;
mod rows;
#[path = "../support/mod.rs"]
mod support;
mod training;

use chipmark_core::ops::arrange::Arrange;
use chipmark_core::ops::attention::Attention;
use chipmark_core::ops::conv::Conv;
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::index::Index;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::ops::loss::Loss;
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::ops::sort::Sort;
use chipmark_core::{Backend, Device, HostData, HostTensor, Mask, OpError, OpenOptions};
use chipmark_reference::{Reference, Tensor};
use support::{floats, indices, read, reference};

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
    assert_eq!(read(&b, b.conv1d(&empty(&[0, 3, 2]), &floats(&b, &[1, 2, 2], &[1.0; 4]))).0, [0, 2, 1]);
    assert_eq!(read(&b, b.sum(&empty(&[2, 0]), 1)), (vec![2], vec![0.0; 2]));
    assert_eq!(read(&b, b.sum_all(&empty(&[0]))).1, [0.0]);
    assert_eq!(read(&b, b.sort(&empty(&[2, 0]), 1)).0, [2, 0]);
    assert_eq!(read(&b, b.layer_norm(&empty(&[2, 0]), None, 1e-5)).0, [2, 0]);
    assert_eq!(read(&b, b.concat(&empty(&[2, 0]), &floats(&b, &[2, 1], &[1.0, 2.0]), 1)).1, [1.0, 2.0]);
    assert_eq!(read(&b, b.reshape(&empty(&[2, 0]), &[0, 7])).0, [0, 7]);
    assert!(read(&b, b.bce(&empty(&[0]), &empty(&[0]))).1[0].is_nan());
    let no_keys =
        b.sdpa(&floats(&b, &[1, 1, 1, 1], &[1.0]), &empty(&[1, 1, 0, 1]), &empty(&[1, 1, 0, 1]), Mask::None, 1.0);
    assert_eq!(read(&b, no_keys).1, [0.0]);
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
