//! Host tensors that are made of drawn numbers by more than rounding.

use chipmark_core::{DType, HostData, HostTensor, OpResult, Shape};

/// Values rounded to `dtype`. Those of f32 are taken as they are: classic inputs have many millions.
///
/// # Errors
/// When the shape has another number of elements.
pub(crate) fn floats(shape: impl Into<Shape>, values: Vec<f32>, dtype: DType) -> OpResult<HostTensor> {
    let data = match dtype {
        DType::F32 => HostData::F32(values),
        _ => HostData::from_f64(&values.into_iter().map(f64::from).collect::<Vec<_>>(), dtype),
    };
    HostTensor::new(shape, data)
}

/// The rows `index` of x, which has two axes.
///
/// # Errors
/// When the result has too many elements.
pub(crate) fn rows(x: &HostTensor, index: &[usize]) -> OpResult<HostTensor> {
    let width = x.shape()[1];
    let data = match x.data() {
        HostData::F32(x) => HostData::F32(picked(x, width, index)),
        HostData::F16(x) => HostData::F16(picked(x, width, index)),
        HostData::BF16(x) => HostData::BF16(picked(x, width, index)),
        HostData::F64(x) => HostData::F64(picked(x, width, index)),
        HostData::I64(x) => HostData::I64(picked(x, width, index)),
    };
    HostTensor::new([index.len(), width], data)
}

fn picked<T: Copy>(x: &[T], width: usize, index: &[usize]) -> Vec<T> {
    let mut values = Vec::with_capacity(index.len() * width);
    for &row in index {
        values.extend_from_slice(&x[row * width..][..width]);
    }
    values
}

/// An index tensor.
///
/// # Errors
/// None, for as long as a list has as many elements as it has.
pub(crate) fn indices(index: &[usize]) -> OpResult<HostTensor> {
    #[expect(clippy::cast_possible_wrap, reason = "sizes are under 2^40")]
    let data = index.iter().map(|&row| row as i64).collect();
    HostTensor::new([index.len()], HostData::I64(data))
}
