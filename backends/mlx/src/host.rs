//! Tensors from the host's memory to MLX and back.

use crate::{error, shape};
use chipmark_core::{Device, HostData, HostTensor, OpError, OpResult};
use mlx_rs::error::AsSliceError;
use mlx_rs::{Array, ArrayElement, Dtype};
use std::ffi::c_void;

/// Copies the bytes of `host` into a new array of the same dtype. MLX allocates and copies at once, on every device:
/// the array lies in memory that host and device share.
pub(crate) fn upload(device: Device, host: &HostTensor) -> OpResult<Array> {
    let dims = shape::to_dims("upload", host.shape())?;
    let (data, dtype): (*const c_void, Dtype) = match host.data() {
        HostData::F32(v) => (v.as_ptr().cast(), Dtype::Float32),
        HostData::F16(v) => (v.as_ptr().cast(), Dtype::Float16),
        HostData::BF16(v) => (v.as_ptr().cast(), Dtype::Bfloat16),
        HostData::I64(v) => (v.as_ptr().cast(), Dtype::Int64),
        HostData::F64(v) if device == Device::Cpu => (v.as_ptr().cast(), Dtype::Float64),
        HostData::F64(_) => return Err(OpError::unsupported("upload", "MLX has f64 on the CPU alone")),
    };
    // SAFETY: `data` points at as many elements of `dtype` as `dims` has, which HostTensor guarantees, and MLX copies
    // them before the call returns.
    let array = unsafe { Array::from_raw_data(data, &dims, dtype) };
    // The one constructor of mlx-rs that takes any dtype reports failure by an empty handle alone.
    if array.as_ptr().ctx.is_null() {
        let message = format!("MLX could not allocate {} bytes", host.size_bytes());
        return Err(OpError::OutOfMemory { op: "upload", message });
    }
    Ok(array)
}

/// Evaluates `array` and copies all of it into fresh host memory, row-major. Unsigned indices, which argmax gives,
/// become i64.
pub(crate) fn download(array: &Array) -> OpResult<HostTensor> {
    let data = match array.dtype() {
        Dtype::Float32 => HostData::F32(elements(array)?),
        Dtype::Float16 => HostData::F16(elements(array)?),
        Dtype::Bfloat16 => HostData::BF16(elements(array)?),
        Dtype::Float64 => HostData::F64(elements(array)?),
        Dtype::Int64 => HostData::I64(elements(array)?),
        Dtype::Int32 => HostData::I64(elements::<i32>(array)?.into_iter().map(i64::from).collect()),
        Dtype::Uint32 => HostData::I64(elements::<u32>(array)?.into_iter().map(i64::from).collect()),
        other => return Err(OpError::unsupported("download", format!("no host tensor holds MLX's {other:?}"))),
    };
    HostTensor::new(shape::of(array), data)
}

fn elements<T: ArrayElement + Clone>(array: &Array) -> OpResult<Vec<T>> {
    match array.try_as_slice::<T>() {
        Ok(slice) => Ok(slice.to_vec()),
        // A view, such as a transpose: MLX rearranges it on the device first.
        Err(AsSliceError::NotContiguous) => {
            let rearranged = array.contiguous().map_err(error::from_mlx("download"))?;
            rearranged.try_as_slice::<T>().map(<[T]>::to_vec).map_err(slice_error)
        }
        Err(AsSliceError::Null) if array.size() == 0 => Ok(Vec::new()),
        Err(other) => Err(slice_error(other)),
    }
}

fn slice_error(error: AsSliceError) -> OpError {
    match error {
        AsSliceError::Exception(exception) => error::from_mlx("download")(exception),
        other => OpError::framework("download", other),
    }
}
