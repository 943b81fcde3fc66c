//! What is in force, asked of MLX and of the process, not assumed.

use crate::{blas, compile, device};
use chipmark_core::{BackendInfo, Device};
use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char};

/// The crates that bind MLX, at the version that Cargo.toml pins.
const BINDING: &str = "mlx-rs 0.33.0";

/// What MLX may tell about a device, by its own names.
const DEVICE_KEYS: [&str; 5] =
    ["device_name", "architecture", "memory_size", "total_memory", "max_recommended_working_set_size"];

/// All of it for an open device.
pub(crate) fn read(on: Device) -> BackendInfo {
    let mut about = about_device(on);
    let device_name = about.remove("device_name");
    let mut build: BTreeMap<String, String> =
        about.into_iter().map(|(key, value)| (format!("device_{key}"), value)).collect();
    build.insert("metal".to_owned(), is_available(mlx_sys::mlx_metal_is_available).to_string());
    build.insert("cuda".to_owned(), is_available(mlx_sys::mlx_cuda_is_available).to_string());
    build.insert("mlx_sys".to_owned(), "0.7.0".to_owned());
    if on == Device::Cpu {
        let compiler = compile::cpu_compiler().unwrap_or_else(|| "none: there is no g++".to_owned());
        build.insert("compiles_at_run_time_with".to_owned(), compiler);
    }
    // On a GPU MLX calls kernels of its own or of the vendor, and no BLAS of the host's.
    let blas = if on == Device::Cpu { blas::in_force() } else { None };
    if let Some(file) = blas.as_ref().and_then(|blas| blas.file.clone()) {
        build.insert("blas_file".to_owned(), file);
    }
    let threads = blas.as_ref().and_then(|blas| blas.threads);
    BackendInfo {
        framework: "MLX".to_owned(),
        version: version().unwrap_or_else(|| "unknown".to_owned()),
        binding: BINDING.to_owned(),
        device_name,
        blas: blas.map(|blas| blas.name),
        threads,
        precision: precision(on).to_owned(),
        build,
    }
}

/// What MLX may do to f32 products, and what the ops of this backend do about sums of half dtypes.
fn precision(on: Device) -> &'static str {
    match (on, device::tf32_is_allowed()) {
        (Device::Cpu, _) => "f32 exact: the CPU has no TF32; sums of half dtypes in f32",
        (_, false) => "f32 exact: TF32 off (MLX_ENABLE_TF32=0); sums of half dtypes in f32",
        (_, true) => "f32 products in TF32 where the GPU has it (MLX_ENABLE_TF32=1); sums of half dtypes in f32",
    }
}

/// The version of the library that is loaded, which need not be the one linked against.
fn version() -> Option<String> {
    // SAFETY: makes an empty text, freed below.
    let mut text = unsafe { mlx_sys::mlx_string_new() };
    // SAFETY: `text` is valid, and is replaced by the version.
    let status = unsafe { mlx_sys::mlx_version(&raw mut text) };
    // SAFETY: `text` is valid; what is returned lives as long as it.
    let data = unsafe { mlx_sys::mlx_string_data(text) };
    let version = if status == 0 { owned(data) } else { None };
    // SAFETY: freed once, and `data` is not used after.
    unsafe { mlx_sys::mlx_string_free(text) };
    version
}

fn is_available(ask: unsafe extern "C" fn(*mut bool) -> std::ffi::c_int) -> bool {
    let mut available = false;
    // SAFETY: both functions handed in here write one bool.
    let status = unsafe { ask(&raw mut available) };
    status == 0 && available
}

/// What MLX tells about the device, under those of its names that we know.
fn about_device(on: Device) -> BTreeMap<String, String> {
    let mut about = BTreeMap::new();
    let Some(device) = device::handle(on) else { return about };
    // SAFETY: makes an empty table, freed below.
    let mut info = unsafe { mlx_sys::mlx_device_info_new() };
    // SAFETY: both are valid; the table is filled.
    if unsafe { mlx_sys::mlx_device_info_get(&raw mut info, device.raw) } == 0 {
        for key in DEVICE_KEYS {
            if let Some(value) = CString::new(key).ok().and_then(|key| device_value(info, &key)) {
                about.insert(key.to_owned(), value);
            }
        }
    }
    // SAFETY: freed once; the values were copied.
    unsafe { mlx_sys::mlx_device_info_free(info) };
    about
}

/// One value of the table, as text.
fn device_value(info: mlx_sys::mlx_device_info, key: &CStr) -> Option<String> {
    let (mut exists, mut is_string) = (false, false);
    // SAFETY: the table and the key are valid; each call writes one bool.
    let known = unsafe {
        mlx_sys::mlx_device_info_has_key(&raw mut exists, info, key.as_ptr()) == 0
            && exists
            && mlx_sys::mlx_device_info_is_string(&raw mut is_string, info, key.as_ptr()) == 0
    };
    if !known {
        return None;
    }
    if is_string {
        let mut text: *const c_char = std::ptr::null();
        // SAFETY: as above; the text lives as long as the table.
        let status = unsafe { mlx_sys::mlx_device_info_get_string(&raw mut text, info, key.as_ptr()) };
        if status == 0 { owned(text) } else { None }
    } else {
        let mut size = 0usize;
        // SAFETY: as above; the call writes one size.
        let status = unsafe { mlx_sys::mlx_device_info_get_size(&raw mut size, info, key.as_ptr()) };
        (status == 0).then(|| size.to_string())
    }
}

/// A copy of a zero-terminated text of MLX's.
fn owned(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not null, and MLX's texts are zero-terminated.
    Some(unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}
