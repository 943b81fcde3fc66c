//! Which devices this build of libtorch knows, and which of them it can use here.

use crate::cuda;
use crate::shim::{self, Kind};
use chipmark_core::{Device, DeviceStatus, OpError, OpResult};

/// The variable that has libtorch run on the CPU, without a word, whatever MPS cannot do.
const FALLBACK: &str = "PYTORCH_ENABLE_MPS_FALLBACK";

/// The devices, the best last.
pub(crate) fn all() -> Vec<DeviceStatus> {
    let mut all = vec![DeviceStatus { device: Device::Cpu, why_not: None }];
    if cfg!(target_os = "macos") {
        all.push(DeviceStatus { device: Device::Mps, why_not: why_not_mps() });
    }
    all.extend(cuda_devices());
    all
}

/// Every CUDA device, the first last, since it is the one meant by `cuda`. Where there is none but a driver, that is said.
fn cuda_devices() -> Vec<DeviceStatus> {
    match cuda_count() {
        Ok(0) | Err(_) if !cuda::driver_is_visible() => Vec::new(),
        Ok(0) => {
            vec![DeviceStatus { device: Device::Cuda(0), why_not: Some("libtorch finds no CUDA device".to_owned()) }]
        }
        Ok(count) => {
            (0..count).rev().map(|ordinal| DeviceStatus { device: Device::Cuda(ordinal), why_not: None }).collect()
        }
        Err(why) => vec![DeviceStatus { device: Device::Cuda(0), why_not: Some(why) }],
    }
}

/// How many CUDA devices libtorch can use, or why it cannot be asked.
fn cuda_count() -> Result<usize, String> {
    cuda::register().map_err(|why| format!("libtorch's CUDA part does not load: {why}"))?;
    shim::device_count(Kind::Cuda)
}

fn why_not_mps() -> Option<String> {
    if std::env::var_os(FALLBACK).is_some_and(|value| !value.is_empty() && value != "0") {
        return Some(format!("{FALLBACK} is set: ops that MPS lacks would run on the CPU unseen; unset it"));
    }
    match shim::device_count(Kind::Mps) {
        Ok(0) => Some("libtorch has no MPS here".to_owned()),
        Ok(_) => None,
        Err(message) => Some(message),
    }
}

/// libtorch's name for a device that can be used here.
pub(crate) fn usable(device: Device) -> OpResult<tch::Device> {
    // Whatever the device: libtorch asks for its CUDA part once, and an op on the CPU may be what makes it ask.
    let cuda = cuda_count();
    match device {
        Device::Cpu => Ok(tch::Device::Cpu),
        Device::Mps => why_not_mps().map_or(Ok(tch::Device::Mps), |why| Err(OpError::framework("open", why))),
        Device::Cuda(ordinal) => match cuda {
            Ok(count) if ordinal < count => Ok(tch::Device::Cuda(ordinal)),
            Ok(count) => {
                Err(OpError::framework("open", format!("there is no {device}: libtorch finds {count} CUDA devices")))
            }
            Err(why) => Err(OpError::framework("open", why)),
        },
        Device::Gpu | Device::Metal => {
            Err(OpError::unsupported("open", format!("PyTorch has no device '{device}': one of cpu, mps, cuda:N")))
        }
    }
}
