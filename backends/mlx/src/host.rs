//! Tensors from the host's memory to MLX and back.

use crate::{error, shape};
use chipmark_core::{Device, HostData, HostTensor, OpError, OpResult};
use mlx_rs::error::AsSliceError;
use mlx_rs::{Array, ArrayElement, Dtype};
use std::ffi::c_void;
use std::sync::Arc;

/// Where the elements of `host` lie, and their dtype in MLX's words.
fn elements_of(op: &'static str, device: Device, host: &HostData) -> OpResult<(*const c_void, Dtype)> {
    Ok(match host {
        HostData::F32(v) => (v.as_ptr().cast(), Dtype::Float32),
        HostData::F16(v) => (v.as_ptr().cast(), Dtype::Float16),
        HostData::BF16(v) => (v.as_ptr().cast(), Dtype::Bfloat16),
        HostData::I64(v) => (v.as_ptr().cast(), Dtype::Int64),
        HostData::F64(v) if device == Device::Cpu => (v.as_ptr().cast(), Dtype::Float64),
        HostData::F64(_) => return Err(OpError::unsupported(op, "MLX has f64 on the CPU alone")),
    })
}

/// Copies the bytes of `host` into a new array of the same dtype. MLX allocates and copies at once, on every device:
/// the array lies in memory that host and device share.
pub(crate) fn upload(device: Device, host: &HostTensor) -> OpResult<Array> {
    let dims = shape::to_dims("upload", host.shape())?;
    let (data, dtype) = elements_of("upload", device, host.data())?;
    // SAFETY: `data` points at as many elements of `dtype` as `dims` has, which HostTensor guarantees, and MLX copies
    // them before the call returns.
    let array = unsafe { Array::from_raw_data(data, &dims, dtype) };
    made("upload", array, host)
}

/// The one constructor of any dtype reports failure by an empty handle alone.
fn made(op: &'static str, array: Array, host: &HostTensor) -> OpResult<Array> {
    if array.as_ptr().ctx.is_null() {
        return Err(OpError::OutOfMemory {
            op,
            message: format!("MLX could not allocate {} bytes", host.size_bytes()),
        });
    }
    Ok(array)
}

/// Offers the memory of `host` to MLX, which either wraps it, and lets go of it when no array needs it any more, or
/// makes a copy in silence. That it has copied shows in where the array lies, and is refused.
///
/// MLX's allocator wraps memory on Metal alone, and Metal that which begins and ends where a page does.
pub(crate) fn adopt(device: Device, host: &HostTensor) -> OpResult<Array> {
    let dims = shape::to_dims("adopt", host.shape())?;
    let rank = shape::to_i32("adopt", dims.len())?;
    let (data, dtype) = elements_of("adopt", device, host.data())?;
    let payload = Arc::into_raw(host.shared_data()).cast_mut().cast();
    // SAFETY: `data` points at as many elements of `dtype` as `dims` has, which HostTensor guarantees. They stay there until
    // MLX calls `let_go`, which it does once. That MLX never writes there is up to the callers, as `Mlx::adopt` tells them.
    let array = unsafe {
        Array::from_ptr(mlx_sys::mlx_array_new_data_managed_payload(
            data.cast_mut(),
            dims.as_ptr(),
            rank,
            dtype.into(),
            payload,
            Some(let_go),
        ))
    };
    let array = made("adopt", array, host)?;
    // SAFETY: the array is evaluated, being made of data. What it points at is only compared.
    let lies_at = unsafe { mlx_sys::mlx_array_data_uint8(array.as_ptr()) };
    if lies_at.cast() == data {
        return Ok(array);
    }
    let why = match device {
        Device::Cpu => "MLX copies: its allocator for the CPU wraps no memory but its own",
        _ => "MLX copies: its allocator wraps memory on Metal alone, and there what begins and ends at a page",
    };
    Err(OpError::unsupported("adopt", why))
}

/// Called by MLX when it has no more use for the memory of a host tensor.
extern "C" fn let_go(payload: *mut c_void) {
    // SAFETY: the payload came from `Arc::into_raw` of this type, and comes back once.
    drop(unsafe { Arc::from_raw(payload.cast_const().cast::<HostData>()) });
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
