//! The devices: which there are, how one is opened, its precision policy, its name and its memory.

use crate::error::Named;
use candle_core::cuda::{
    set_gemm_reduced_precision_bf16, set_gemm_reduced_precision_f16, set_gemm_reduced_precision_f32,
};
use chipmark_core::{Device, DeviceStatus, Memory, OpError, OpResult, OpenOptions};

/// What is said of CUDA by a build that has none.
#[cfg(not(feature = "cuda"))]
const NO_CUDA: &str = "built without CUDA: rebuild with --features cuda";

/// Every device that this build knows, the best last.
pub(crate) fn list() -> Vec<DeviceStatus> {
    let mut devices = vec![DeviceStatus { device: Device::Cpu, why_not: None }];
    devices.extend(metal());
    devices.extend(cuda());
    devices
}

#[cfg(target_os = "macos")]
fn metal() -> Option<DeviceStatus> {
    let why_not = open(Device::Metal).err().map(|error| error.to_string());
    Some(DeviceStatus { device: Device::Metal, why_not })
}

#[cfg(not(target_os = "macos"))]
fn metal() -> Option<DeviceStatus> {
    None
}

/// Counted only: opening them all would take memory on GPUs that are not measured.
#[cfg(feature = "cuda")]
fn cuda() -> Vec<DeviceStatus> {
    let count = candle_core::cuda::cudarc::driver::CudaContext::device_count();
    let missing = |why: String| vec![DeviceStatus { device: Device::Cuda(0), why_not: Some(why) }];
    match count.map(usize::try_from) {
        Err(error) => missing(error.to_string()),
        Ok(Err(_) | Ok(0)) => missing("no CUDA device is visible".to_owned()),
        Ok(Ok(count)) => (0..count).map(|i| DeviceStatus { device: Device::Cuda(i), why_not: None }).collect(),
    }
}

/// Mentioned only where a driver says that there is a GPU to miss.
#[cfg(not(feature = "cuda"))]
fn cuda() -> Option<DeviceStatus> {
    let driver = std::path::Path::new("/proc/driver/nvidia/version").exists();
    driver.then(|| DeviceStatus { device: Device::Cuda(0), why_not: Some(NO_CUDA.to_owned()) })
}

/// Opens a device.
pub(crate) fn open(device: Device) -> OpResult<candle_core::Device> {
    match device {
        Device::Cpu => Ok(candle_core::Device::Cpu),
        Device::Metal => open_metal(),
        Device::Cuda(ordinal) => open_cuda(ordinal),
        Device::Gpu | Device::Mps => {
            Err(OpError::unsupported("open", format!("candle has no device '{device}': one of cpu, metal, cuda:N")))
        }
    }
}

fn open_metal() -> OpResult<candle_core::Device> {
    // Where Metal lists no device, candle panics instead of returning an error.
    if cfg!(target_os = "macos") && metal_name().is_none() {
        return Err(OpError::unsupported("open", "Metal lists no device"));
    }
    candle_core::Device::new_metal(0).named("open")
}

#[cfg(feature = "cuda")]
fn open_cuda(ordinal: usize) -> OpResult<candle_core::Device> {
    candle_core::Device::new_cuda(ordinal).named("open")
}

#[cfg(not(feature = "cuda"))]
fn open_cuda(_: usize) -> OpResult<candle_core::Device> {
    Err(OpError::unsupported("open", NO_CUDA))
}

/// The precision of matrix products: f32 without TF32 unless it is asked for, f16 and bf16 with f32 accumulators. CUDA
/// alone has the choice. All of it is set, so that a change of candle's defaults changes no number.
pub(crate) fn set_precision(options: &OpenOptions) {
    set_gemm_reduced_precision_f32(options.tf32);
    set_gemm_reduced_precision_f16(false);
    set_gemm_reduced_precision_bf16(false);
}

/// The name of the device that candle takes, the first in Metal's list.
#[cfg(target_os = "macos")]
fn metal_name() -> Option<String> {
    use objc2_metal::MTLDevice as _;
    objc2_metal::MTLCopyAllDevices().firstObject().map(|device| device.name().to_string())
}

#[cfg(not(target_os = "macos"))]
fn metal_name() -> Option<String> {
    None
}

#[cfg(feature = "cuda")]
fn cuda_name(cuda: &candle_core::CudaDevice) -> Option<String> {
    cuda.cuda_stream().context().name().ok()
}

#[cfg(not(feature = "cuda"))]
fn cuda_name(_: &candle_core::CudaDevice) -> Option<String> {
    None
}

/// The device's name, where candle or its libraries tell.
pub(crate) fn name(device: &candle_core::Device) -> Option<String> {
    match device {
        candle_core::Device::Cpu => None,
        candle_core::Device::Metal(_) => metal_name(),
        candle_core::Device::Cuda(cuda) => cuda_name(cuda),
    }
}

/// On Metal what the process holds of the device, candle's idle buffers included: it frees those in `synchronize`. On
/// the CPU and CUDA candle keeps no account.
pub(crate) fn memory(device: &candle_core::Device) -> Memory {
    match device {
        #[cfg(target_os = "macos")]
        candle_core::Device::Metal(metal) => {
            Memory { now_bytes: Some(metal.current_allocated_size() as u64), peak_bytes: None }
        }
        _ => Memory::default(),
    }
}
