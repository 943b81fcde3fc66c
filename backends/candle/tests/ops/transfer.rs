//! What goes to the device and back, and what does not.

use super::common::cpu;
use chipmark_core::ops::linalg::Linalg as _;
use chipmark_core::ops::norm::Norm as _;
use chipmark_core::{Backend, DType, HostData, HostTensor, OpError};

#[test]
fn every_dtype_goes_there_and_back_bit_for_bit() {
    let b = cpu();
    let values = [0.1, -2.5, 1e-3, 7.0, 0.0, 3.3];
    for dtype in DType::ALL {
        let host = HostTensor::new([2, 3], HostData::from_f64(&values, dtype)).unwrap();
        let device = b.upload(&host).unwrap();
        assert_eq!(b.download(&device).unwrap(), host);
        assert_eq!(b.download(&device.t().unwrap()).unwrap(), host.permute(&[1, 0]).unwrap());
        let last = b.download(&device.get(1).unwrap()).unwrap();
        assert_eq!(last.to_f64(), &host.to_f64()[3..]);
    }
    b.finish(&[]).unwrap();
}

#[test]
fn a_dtype_without_a_kernel_is_unsupported() {
    let b = cpu();
    let ints = |shape: [usize; 2]| {
        b.upload(&HostTensor::new(shape, HostData::from_f64(&[1.0; 4], DType::I64)).unwrap()).unwrap()
    };
    let x = ints([2, 2]);
    assert!(matches!(b.matmul(&x, &x), Err(OpError::Unsupported { op: "matmul", .. })));
    assert!(matches!(b.softmax(&x, 1), Err(OpError::Unsupported { op: "softmax", .. })));
}

#[test]
fn the_hosts_memory_is_never_candles() {
    let host = HostTensor::new([1], HostData::F32(vec![1.0])).unwrap();
    assert!(matches!(cpu().adopt(&host), Err(OpError::Unsupported { op: "adopt", .. })));
}
