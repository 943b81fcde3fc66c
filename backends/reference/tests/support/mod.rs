//! Small tensors written down, and their values read back.

use chipmark_core::{Backend, Device, HostData, HostTensor, OpResult, OpenOptions};
use chipmark_reference::{Reference, Tensor};

pub(crate) fn reference() -> Reference {
    Reference::open(Device::Cpu, &OpenOptions::default()).unwrap()
}

pub(crate) fn floats(backend: &Reference, dims: &[usize], values: &[f64]) -> Tensor {
    backend.upload(&HostTensor::new(dims, HostData::F64(values.to_vec())).unwrap()).unwrap()
}

pub(crate) fn indices(backend: &Reference, dims: &[usize], values: &[i64]) -> Tensor {
    backend.upload(&HostTensor::new(dims, HostData::I64(values.to_vec())).unwrap()).unwrap()
}

/// The dimensions and the elements.
pub(crate) fn read(backend: &Reference, tensor: OpResult<Tensor>) -> (Vec<usize>, Vec<f64>) {
    let host = backend.download(&tensor.unwrap()).unwrap();
    (host.shape().to_vec(), host.to_f64())
}

#[track_caller]
pub(crate) fn assert_near(got: &[f64], want: &[f64], bound: f64) {
    assert_eq!(got.len(), want.len());
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert!((g - w).abs() <= bound * w.abs().max(1.0), "element {i}: {g:e} instead of {w:e}");
    }
}
