//! What libtorch says of itself: version, libraries, threads, build flags, and the variables that change its ways.

use crate::precision::Policy;
use crate::shim::{self, About, Kind};
use crate::{compile, cuda};
use chipmark_core::{BackendInfo, Device};
use std::collections::BTreeMap;

/// Settings of libtorch's build that bear on speed, as its configuration spells them.
const SETTINGS: &[&str] = &[
    "BLAS_INFO",
    "BUILD_TYPE",
    "CUDA_VERSION",
    "CUDNN_VERSION",
    "LAPACK_INFO",
    "PERF_WITH_AVX2",
    "TORCH_VERSION",
    "USE_CUDA",
    "USE_CUDNN",
    "USE_MKL",
    "USE_MKLDNN",
    "USE_OPENMP",
];

/// Variables by which libtorch and the libraries below it are told to work another way. Noted where they are set.
const VARIABLES: &[&str] = &[
    "ATEN_CPU_CAPABILITY",
    "CUDA_LAUNCH_BLOCKING",
    "DNNL_DEFAULT_FPMATH_MODE",
    "DNNL_MAX_CPU_ISA",
    "GOMP_CPU_AFFINITY",
    "KMP_AFFINITY",
    "MKL_CBWR",
    "MKL_DYNAMIC",
    "MKL_ENABLE_INSTRUCTIONS",
    "MKL_NUM_THREADS",
    "NVIDIA_TF32_OVERRIDE",
    "OMP_NUM_THREADS",
    "OMP_PLACES",
    "OMP_PROC_BIND",
    "OMP_WAIT_POLICY",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "ONEDNN_MAX_CPU_ISA",
    "PYTORCH_CUDA_ALLOC_CONF",
    "PYTORCH_MPS_FAST_MATH",
    "PYTORCH_MPS_PREFER_METAL",
    "PYTORCH_NO_CUDA_MEMORY_CACHING",
    "TORCH_BLAS_PREFER_CUBLASLT",
];

/// What is in force on an open device.
pub(crate) fn of(device: Device, policy: Policy) -> BackendInfo {
    let config = shim::describe(About::Config).unwrap_or_default();
    let settings = build_settings(&config);
    let (precision, precisions) = policy.in_force();
    let threads = shim::threads().ok();

    let mut build: BTreeMap<String, String> = BTreeMap::new();
    build.extend(precisions.into_iter().map(|(name, value)| (format!("precision.{name}"), value)));
    build.extend(compile::in_force().into_iter().map(|(name, value)| (format!("jit.{name}"), value)));
    for name in SETTINGS {
        if let Some(value) = settings.get(*name) {
            build.insert((*name).to_owned(), value.clone());
        }
    }
    for (name, about) in [
        ("cpu_capability", About::CpuCapability),
        ("headers", About::HeaderVersion),
        ("mkl", About::Mkl),
        ("onednn", About::OneDnn),
        ("openmp", About::OpenMp),
        ("threads", About::Threads),
    ] {
        if let Ok(text) = shim::describe(about)
            && !text.is_empty()
        {
            build.insert(name.to_owned(), one_line(&text));
        }
    }
    if let Some((_, between)) = threads {
        build.insert("interop_threads".to_owned(), between.to_string());
    }
    build.insert("config".to_owned(), one_line(&config));
    for name in VARIABLES {
        if let Ok(value) = std::env::var(name) {
            build.insert(format!("env.{name}"), value);
        }
    }

    BackendInfo {
        framework: "PyTorch".to_owned(),
        // From the library that is loaded; the headers' version is only what it should be.
        version: settings.get("TORCH_VERSION").cloned().unwrap_or_else(|| "unknown".to_owned()),
        binding: "tch 0.24.0".to_owned(),
        device_name: match device {
            Device::Cuda(ordinal) => cuda::device_name(ordinal),
            _ => None,
        },
        blas: blas(device, &settings),
        threads: threads.map(|(within, _)| within),
        precision,
        build,
    }
}

/// The library that multiplies matrices on a device.
fn blas(device: Device, settings: &BTreeMap<String, String>) -> Option<String> {
    match device {
        Device::Cuda(_) => Some(
            settings.get("CUDA_VERSION").map_or("cuBLAS".to_owned(), |version| format!("cuBLAS of CUDA {version}")),
        ),
        Device::Mps => Some("Metal Performance Shaders".to_owned()),
        _ => match shim::describe(About::Mkl) {
            Ok(mkl) if !mkl.is_empty() => Some(mkl_in_short(&mkl)),
            _ => settings.get("BLAS_INFO").cloned(),
        },
    }
}

/// MKL and its version, without its maker's name and its build.
fn mkl_in_short(full: &str) -> String {
    let version = full.split_once("Version ").and_then(|(_, rest)| rest.split([' ', '-']).next());
    version.map_or_else(|| one_line(full), |version| format!("MKL {version}"))
}

/// The settings `NAME=VALUE` in libtorch's configuration. Values hold commas only inside the compiler's flags, which are
/// not wanted here.
fn build_settings(config: &str) -> BTreeMap<String, String> {
    let line = config.lines().find_map(|line| line.trim().trim_start_matches("- ").strip_prefix("Build settings:"));
    let pairs =
        line.unwrap_or_default().split(", ").filter_map(|pair| pair.trim().trim_end_matches(',').split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The settings of an account with a line `name=value` each.
pub(crate) fn pairs(lines: &str) -> BTreeMap<String, String> {
    let pairs = lines.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn one_line(text: &str) -> String {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

/// The kind and index by which the shim knows a device.
pub(crate) fn place(device: tch::Device) -> (Kind, i32) {
    match device {
        tch::Device::Cuda(ordinal) => (Kind::Cuda, i32::try_from(ordinal).unwrap_or(i32::MAX)),
        tch::Device::Mps => (Kind::Mps, 0),
        tch::Device::Cpu | tch::Device::Vulkan => (Kind::Cpu, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_settings_are_found_among_the_other_lines() {
        let config = "PyTorch built with:\n  - GCC 13.3\n  - Build settings: BLAS_INFO=mkl, CXX_FLAGS= -O2 -Dx=1 -Wall, \
                      TORCH_VERSION=2.11.0, USE_CUDA=ON, \n";
        let settings = build_settings(config);
        assert_eq!(settings.get("BLAS_INFO").map(String::as_str), Some("mkl"));
        assert_eq!(settings.get("TORCH_VERSION").map(String::as_str), Some("2.11.0"));
        assert_eq!(settings.get("USE_CUDA").map(String::as_str), Some("ON"));
        assert_eq!(build_settings("nothing of the kind").len(), 0);
    }

    #[test]
    fn mkl_is_named_shortly() {
        let full = "Intel(R) oneAPI Math Kernel Library Version 2024.2-Product Build 20240605 for Intel(R) 64";
        assert_eq!(mkl_in_short(full), "MKL 2024.2");
        assert_eq!(mkl_in_short("MKL not found"), "MKL not found");
    }

    #[test]
    fn lines_are_joined() {
        assert_eq!(one_line("a  b\n\n\tc\n"), "a b; c");
    }
}
