//! What the tests share: an open backend on the CPU, and tensors to and from it.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use chipmark_core::{Backend, DType, Device, HostData, HostTensor, OpenOptions};
use chipmark_tch::Tch;
use tch::Tensor;

/// The backend on the CPU.
pub(crate) fn open() -> Tch {
    Tch::open(Device::Cpu, &OpenOptions { threads: Some(1), seed: 1 }).unwrap()
}

/// A tensor of these elements, rounded to `dtype`, on the device.
pub(crate) fn tensor<const N: usize>(backend: &Tch, dims: [usize; N], values: &[f64], dtype: DType) -> Tensor {
    backend.upload(&HostTensor::new(dims, HostData::from_f64(values, dtype)).unwrap()).unwrap()
}

/// A tensor of f32 elements.
pub(crate) fn f32s<const N: usize>(backend: &Tch, dims: [usize; N], values: &[f64]) -> Tensor {
    tensor(backend, dims, values, DType::F32)
}

/// A list of indices.
pub(crate) fn indices(backend: &Tch, values: &[i64]) -> Tensor {
    let host = HostTensor::new([values.len()], HostData::I64(values.to_vec())).unwrap();
    backend.upload(&host).unwrap()
}

/// A tensor's dimensions and elements.
pub(crate) fn read(backend: &Tch, tensor: &Tensor) -> (Vec<usize>, Vec<f64>) {
    let host = backend.download(tensor).unwrap();
    (host.shape().to_vec(), host.to_f64())
}
