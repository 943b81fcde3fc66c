//! CUDA on Linux: loading libtorch's CUDA part, and what the driver says. Elsewhere PyTorch has no CUDA.

/// Whether libtorch's CUDA part is there, and if not, the loader's reason.
#[cfg(target_os = "linux")]
pub(crate) fn register() -> Result<(), &'static str> {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
    use std::sync::OnceLock;

    static LOADED: OnceLock<Result<(), String>> = OnceLock::new();
    // It registers itself with libtorch as it is loaded. Nothing in a program refers to it, so the linker leaves it out;
    // and libtorch asks for it once, so it has to be there before the first tensor.
    let loaded = LOADED.get_or_init(|| {
        // SAFETY: libtorch_cuda.so is made to be loaded so; its initialisers register kernels and nothing else.
        match unsafe { Library::open(Some("libtorch_cuda.so"), RTLD_NOW | RTLD_GLOBAL) } {
            Ok(library) => {
                // Never unloaded: libtorch keeps pointers into it.
                let _handle = library.into_raw();
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    });
    loaded.as_ref().copied().map_err(String::as_str)
}

/// Whether libtorch's CUDA part is there, and if not, the reason.
#[cfg(not(target_os = "linux"))]
pub(crate) fn register() -> Result<(), &'static str> {
    Err("PyTorch has CUDA on Linux alone here")
}

/// Whether this machine has NVIDIA's driver, and so presumably a device.
pub(crate) fn driver_is_visible() -> bool {
    ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg"].iter().any(|path| std::path::Path::new(path).exists())
}

/// The name of a CUDA device, from the driver.
#[cfg(target_os = "linux")]
pub(crate) fn device_name(ordinal: usize) -> Option<String> {
    use libloading::Library;
    use std::ffi::{CStr, c_char, c_int};

    /// The driver's code for success.
    const SUCCESS: c_int = 0;

    let ordinal = c_int::try_from(ordinal).ok()?;
    // SAFETY: NVIDIA's driver library, which libtorch has loaded already where it has a device. The three signatures are
    // those of CUDA's driver API, unchanged since CUDA 2.0; the driver writes at most `len` bytes with the closing NUL.
    unsafe {
        let driver = Library::new("libcuda.so.1").ok()?;
        let init = driver.get::<unsafe extern "C" fn(flags: u32) -> c_int>(b"cuInit\0").ok()?;
        let get =
            driver.get::<unsafe extern "C" fn(device: *mut c_int, ordinal: c_int) -> c_int>(b"cuDeviceGet\0").ok()?;
        let name = driver
            .get::<unsafe extern "C" fn(name: *mut c_char, len: c_int, device: c_int) -> c_int>(b"cuDeviceGetName\0")
            .ok()?;
        let mut device = 0;
        let mut text = [0 as c_char; 256];
        if init(0) != SUCCESS || get(&mut device, ordinal) != SUCCESS || name(text.as_mut_ptr(), 256, device) != SUCCESS
        {
            return None;
        }
        Some(CStr::from_ptr(text.as_ptr()).to_string_lossy().into_owned())
    }
}

/// The name of a CUDA device: there is none here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn device_name(_ordinal: usize) -> Option<String> {
    None
}
