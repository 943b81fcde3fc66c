//! Between the host's memory and the device: one copy each way, or none where the device is the CPU.
//!
//! The host's bytes are lent to libtorch as they lie, in their dtype, and libtorch copies them: `tch`'s own constructors
//! clear the memory first and would make every transfer look slower than it is.

use crate::error::sorted;
use crate::shim::tensors;
use bytemuck::Pod;
use chipmark_core::{DType, HostData, HostTensor, OpError, OpResult};
use half::{bf16, f16};
use tch::{Device, Kind, TchError, Tensor};

/// libtorch's name for a dtype.
pub(crate) fn kind(dtype: DType) -> Kind {
    match dtype {
        DType::F32 => Kind::Float,
        DType::F16 => Kind::Half,
        DType::BF16 => Kind::BFloat16,
        DType::F64 => Kind::Double,
        DType::I64 => Kind::Int64,
    }
}

/// The dtype that libtorch calls this, if it is one of ours.
pub(crate) fn dtype(wanted: Kind) -> Option<DType> {
    DType::ALL.into_iter().find(|&dtype| kind(dtype) == wanted)
}

/// A host tensor's shape as libtorch wants it.
pub(crate) fn dims_of(host: &HostTensor) -> Result<Vec<i64>, TchError> {
    let size = host.shape().iter().map(|&length| i64::try_from(length)).collect::<Result<Vec<i64>, _>>();
    size.map_err(|error| TchError::Shape(error.to_string()))
}

/// A tensor on the host's own memory, which only the CPU reaches as it is.
pub(crate) fn adopt(host: &HostTensor, device: Device) -> OpResult<Tensor> {
    if device != Device::Cpu {
        return Err(OpError::unsupported("adopt", "libtorch takes the host's memory for a tensor of the CPU alone"));
    }
    tensors::adopt(host).map_err(|error| sorted("adopt", error))
}

/// A copy of a host tensor on `device`.
pub(crate) fn upload(host: &HostTensor, device: Device) -> OpResult<Tensor> {
    let bytes: &[u8] = match host.data() {
        HostData::F32(values) => bytemuck::cast_slice(values),
        HostData::F16(values) => bytemuck::cast_slice(values),
        HostData::BF16(values) => bytemuck::cast_slice(values),
        HostData::F64(values) => bytemuck::cast_slice(values),
        HostData::I64(values) => bytemuck::cast_slice(values),
    };
    let size = dims_of(host).map_err(|error| sorted("upload", error))?;
    let kind = kind(host.dtype());
    // SAFETY: a host tensor holds as many elements as its shape says, and `lent` is gone before `host` is.
    let lent = unsafe { Tensor::f_from_blob(bytes.as_ptr(), &size, &[], kind, Device::Cpu) };
    let lent = lent.map_err(|error| sorted("upload", error))?;
    // Blocking, because `host` may be gone when this returns; a copy in any case, because on the CPU there would be none.
    lent.f_to_device_(device, kind, false, true).map_err(|error| sorted("upload", error))
}

/// A copy of a tensor in fresh host memory, row-major.
pub(crate) fn download(tensor: &Tensor) -> OpResult<HostTensor> {
    let data = match tensor.f_kind().map_err(|error| sorted("download", error))? {
        Kind::Float => HostData::F32(elements::<f32>(tensor)?),
        Kind::Half => HostData::F16(elements::<f16>(tensor)?),
        Kind::BFloat16 => HostData::BF16(elements::<bf16>(tensor)?),
        Kind::Double => HostData::F64(elements::<f64>(tensor)?),
        Kind::Int64 => HostData::I64(elements::<i64>(tensor)?),
        other => {
            return Err(OpError::unsupported("download", format!("elements of kind {other:?} have no dtype here")));
        }
    };
    let dims = tensor.size().into_iter().map(usize::try_from).collect::<Result<Vec<usize>, _>>();
    HostTensor::new(dims.map_err(|error| OpError::framework("download", error))?.as_slice(), data)
}

/// The tensor's elements, whose kind must be that of `T`.
fn elements<T: Pod>(tensor: &Tensor) -> OpResult<Vec<T>> {
    let failed = |error| sorted("download", error);
    let mut values: Vec<T> = bytemuck::zeroed_vec(tensor.numel());
    let kind = tensor.f_kind().map_err(failed)?;
    if kind.elt_size_in_bytes() != size_of::<T>() {
        return Err(OpError::framework("download", format!("elements of kind {kind:?} have another size")));
    }
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut values);
    // SAFETY: `values` holds as many elements of this size as the tensor has, and outlives `lent`.
    let lent = unsafe { Tensor::f_from_blob(bytes.as_mut_ptr(), &tensor.size(), &[], kind, Device::Cpu) };
    // Waits for the tensor, and lays its elements in row-major order whatever its strides are.
    lent.map_err(failed)?.f_copy_(tensor).map_err(failed)?;
    Ok(values)
}
