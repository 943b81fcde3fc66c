//! Devices: which there are, and making one of them the process's default.

use chipmark_core::{Device, DeviceStatus, OpError, OpResult};
use mlx_rs::DeviceType;
use std::sync::{Mutex, OnceLock, PoisonError};

/// The environment variable by which MLX decides, once, whether f32 products may be done in TF32. Its default is yes.
const TF32: &str = "MLX_ENABLE_TF32";

/// Allows or forbids TF32, for the whole process: MLX reads the variable at the first product that could use it, and
/// keeps what it read.
pub(crate) fn set_tf32(allowed: bool) -> OpResult<()> {
    static DECIDED: OnceLock<bool> = OnceLock::new();
    let decided = *DECIDED.get_or_init(|| {
        // SAFETY: nothing else reads or writes the environment meanwhile: the one thread that makes all framework
        // calls does this before the first of them, when MLX has started no thread of its own.
        unsafe { std::env::set_var(TF32, if allowed { "1" } else { "0" }) };
        allowed
    });
    if decided == allowed {
        return Ok(());
    }
    let done = if decided { "allowed" } else { "forbidden" };
    Err(OpError::framework("open", format!("TF32 is {done} in this process already, and MLX decides that once")))
}

/// Whether TF32 is allowed, by the variable that MLX reads once. MLX has no call that tells what it read; a product that is
/// exact to the last bit does, and a test asks for one.
pub(crate) fn tf32_is_allowed() -> bool {
    std::env::var(TF32).map_or(true, |value| value != "0")
}

/// The CPU, and the GPU that MLX was built for.
pub(crate) fn list() -> Vec<DeviceStatus> {
    let why_not = if is_available(Device::Gpu) {
        None
    } else if cfg!(target_os = "macos") {
        Some("MLX finds no Metal device".to_owned())
    } else {
        Some(
            "this libmlx was built without CUDA, or finds no CUDA device: with an NVIDIA GPU, start with LD_LIBRARY_PATH set to \
             the library folder of the package mlx-cuda-13"
                .to_owned(),
        )
    };
    vec![DeviceStatus { device: Device::Cpu, why_not: None }, DeviceStatus { device: Device::Gpu, why_not }]
}

/// Whether MLX can compute on `device`.
fn is_available(device: Device) -> bool {
    let Some(device) = handle(device) else { return false };
    let mut available = false;
    // SAFETY: both are valid for the call, which writes a bool to the first.
    let status = unsafe { mlx_sys::mlx_device_is_available(&raw mut available, device.raw) };
    status == 0 && available
}

/// An owned handle of mlx-c on a device, for the calls that mlx-rs does not wrap.
pub(crate) struct Handle {
    pub(crate) raw: mlx_sys::mlx_device,
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: `raw` came from mlx_device_new_type and is freed once. The call cannot fail on such a handle.
        unsafe { mlx_sys::mlx_device_free(self.raw) };
    }
}

/// The handle of a device; `None` for devices that are not MLX's.
pub(crate) fn handle(device: Device) -> Option<Handle> {
    let kind = match device {
        Device::Cpu => DeviceType::Cpu,
        Device::Gpu => DeviceType::Gpu,
        Device::Metal | Device::Mps | Device::Cuda(_) => return None,
    };
    // SAFETY: takes two plain numbers.
    let raw = unsafe { mlx_sys::mlx_device_new_type(kind.into(), 0) };
    Some(Handle { raw })
}

/// The device that open backends use, and how many they are.
static IN_USE: Mutex<Option<(Device, usize)>> = Mutex::new(None);

/// The right to use a device as the process's default. MLX puts every op on the default device, so two backends on
/// different devices in one process would compute on the same one, and one of them would lie about it.
pub(crate) struct Lease {
    device: Device,
}

impl Lease {
    /// Makes `device` the default.
    pub(crate) fn take(device: Device) -> OpResult<Self> {
        let status = list().into_iter().find(|status| status.device == device);
        match status {
            None => return Err(OpError::unsupported("open", format!("MLX has no device '{device}': cpu or gpu"))),
            Some(DeviceStatus { why_not: Some(why), .. }) => return Err(OpError::unsupported("open", why)),
            Some(DeviceStatus { why_not: None, .. }) => {}
        }
        let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *in_use {
            Some((other, count)) if *other == device => *count += 1,
            Some((other, _)) => {
                let message = format!("'{other}' is still open, and MLX has one default device per process");
                return Err(OpError::framework("open", message));
            }
            None => *in_use = Some((device, 1)),
        }
        drop(in_use);
        let lease = Lease { device };
        mlx_rs::Device::set_default(&mlx_rs::Device::new(
            if device == Device::Gpu { DeviceType::Gpu } else { DeviceType::Cpu },
            0,
        ));
        Ok(lease)
    }

    pub(crate) fn device(&self) -> Device {
        self.device
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        *in_use = match *in_use {
            Some((device, count)) if count > 1 => Some((device, count - 1)),
            _ => None,
        };
    }
}
