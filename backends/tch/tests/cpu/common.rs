//! What the tests share: an open backend on the CPU, and tensors to and from it.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use chipmark_core::{Backend, DType, Device, HostData, HostTensor, OpenOptions};
use chipmark_tch::Tch;
use tch::Tensor;

/// The backend on the CPU.
pub(crate) fn open() -> Tch {
    Tch::open(Device::Cpu, &OpenOptions { threads: Some(1), seed: 1, ..OpenOptions::default() }).unwrap()
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

/// Asserts that results are the wanted ones within a few roundings of an f32.
pub(crate) fn close(got: &[f64], wanted: &[f64]) {
    assert_eq!(got.len(), wanted.len());
    for (got, wanted) in got.iter().zip(wanted) {
        assert!((got - wanted).abs() <= 1e-6 * wanted.abs().max(1.0), "{got} instead of {wanted}");
    }
}
