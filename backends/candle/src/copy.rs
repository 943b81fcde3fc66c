//! Copies between host and device: one copy each way, no conversion of any element.

use crate::error::Named;
use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, Device, Storage, Tensor};
use chipmark_core::{DType, HostData, HostTensor, OpError, OpResult};
use std::ops::Range;

/// A host tensor on the device, in its own dtype. Indices stay i64: candle has kernels for them on every device.
pub(crate) fn upload(host: &HostTensor, device: &Device) -> OpResult<Tensor> {
    if device.is_metal() && host.dtype() == DType::F64 {
        return Err(OpError::unsupported("upload", "Metal has no f64"));
    }
    let shape: &[usize] = host.shape();
    match host.data() {
        HostData::F32(v) => Tensor::from_slice(v, shape, device),
        HostData::F16(v) => Tensor::from_slice(v, shape, device),
        HostData::BF16(v) => Tensor::from_slice(v, shape, device),
        HostData::F64(v) => Tensor::from_slice(v, shape, device),
        HostData::I64(v) => Tensor::from_slice(v, shape, device),
    }
    .named("upload")
}

/// A tensor in fresh host memory.
pub(crate) fn download(tensor: &Tensor) -> OpResult<HostTensor> {
    let tensor = tensor.contiguous().named("download")?;
    let (storage, layout) = tensor.storage_and_layout();
    let (start, end) = layout
        .contiguous_offsets()
        .ok_or_else(|| OpError::framework("download", "a contiguous tensor has no contiguous range"))?;
    // `Tensor::to_vec1` would copy a second time what has come from a GPU.
    let data = match &*storage {
        Storage::Cpu(storage) => copied(storage, start..end)?,
        Storage::Cuda(storage) => taken(storage.to_cpu_storage().named("download")?, start..end)?,
        Storage::Metal(storage) => taken(storage.to_cpu_storage().named("download")?, start..end)?,
    };
    HostTensor::new(tensor.dims(), data)
}

fn unknown_dtype(storage: &CpuStorage) -> OpError {
    OpError::unsupported("download", format!("{:?} has no host dtype", storage.dtype()))
}

/// A copy of the elements `range`. candle's argmax gives u32; indices are i64 on the host.
fn copied(storage: &CpuStorage, range: Range<usize>) -> OpResult<HostData> {
    fn of<T: Copy>(all: &[T], range: Range<usize>) -> OpResult<&[T]> {
        all.get(range).ok_or_else(|| OpError::framework("download", "the tensor lies outside its storage"))
    }
    Ok(match storage {
        CpuStorage::F32(v) => HostData::F32(of(v, range)?.to_vec()),
        CpuStorage::F16(v) => HostData::F16(of(v, range)?.to_vec()),
        CpuStorage::BF16(v) => HostData::BF16(of(v, range)?.to_vec()),
        CpuStorage::F64(v) => HostData::F64(of(v, range)?.to_vec()),
        CpuStorage::I64(v) => HostData::I64(of(v, range)?.to_vec()),
        CpuStorage::U32(v) => HostData::I64(of(v, range)?.iter().map(|&i| i64::from(i)).collect()),
        other => return Err(unknown_dtype(other)),
    })
}

/// The elements `range` of a storage that is ours already. Where they are all of it, without another copy.
fn taken(storage: CpuStorage, range: Range<usize>) -> OpResult<HostData> {
    fn cut<T>(mut all: Vec<T>, range: Range<usize>) -> Vec<T> {
        all.truncate(range.end);
        all.drain(..range.start.min(all.len()));
        all
    }
    Ok(match storage {
        CpuStorage::F32(v) => HostData::F32(cut(v, range)),
        CpuStorage::F16(v) => HostData::F16(cut(v, range)),
        CpuStorage::BF16(v) => HostData::BF16(cut(v, range)),
        CpuStorage::F64(v) => HostData::F64(cut(v, range)),
        CpuStorage::I64(v) => HostData::I64(cut(v, range)),
        CpuStorage::U32(v) => HostData::I64(cut(v, range).into_iter().map(i64::from).collect()),
        other => return Err(unknown_dtype(&other)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_a_gpu_is_cut_to_the_tensor() {
        let whole = CpuStorage::F32(vec![1.0, 2.0, 3.0, 4.0]);
        assert_eq!(taken(whole.clone(), 1..3).unwrap(), HostData::F32(vec![2.0, 3.0]));
        assert_eq!(copied(&whole, 1..3).unwrap(), HostData::F32(vec![2.0, 3.0]));
        assert_eq!(taken(CpuStorage::U32(vec![7, 8]), 0..2).unwrap(), HostData::I64(vec![7, 8]));
        assert!(copied(&whole, 2..5).is_err());
        assert!(matches!(taken(CpuStorage::U8(vec![1]), 0..1), Err(OpError::Unsupported { .. })));
    }
}
