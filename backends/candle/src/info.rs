//! What is in force, read back from candle and the build.

use crate::device;
use crate::threads::Threads;
use candle_core::cuda::{gemm_reduced_precision_bf16, gemm_reduced_precision_f16, gemm_reduced_precision_f32};
use candle_core::{Device, utils};
use chipmark_core::BackendInfo;
use std::collections::BTreeMap;
use std::env;

/// candle's version, from Cargo.lock (build.rs).
const VERSION: &str = env!("CANDLE_VERSION");

/// Reads everything back.
pub(crate) fn read(device: &Device) -> BackendInfo {
    let mut build = build();
    let threads = device.is_cpu().then(Threads::read);
    if let Some(threads) = threads {
        build.insert("threads-rayon".to_owned(), threads.rayon.to_string());
        build.insert("threads-elementwise".to_owned(), threads.barrier.to_string());
    }
    BackendInfo {
        framework: "candle".to_owned(),
        version: VERSION.to_owned(),
        binding: format!("candle-core {VERSION}, called directly"),
        device_name: device::name(device),
        blas: Some(blas(device).to_owned()),
        threads: threads.map(|threads| threads.gemm),
        precision: precision(device),
        build,
    }
}

fn blas(device: &Device) -> &'static str {
    match device {
        Device::Cuda(_) => "cuBLAS",
        Device::Metal(_) => "candle-metal-kernels (MLX's gemm)",
        Device::Cpu if utils::has_accelerate() => "Accelerate",
        Device::Cpu if utils::has_mkl() => "MKL",
        Device::Cpu => "gemm crate (pure Rust)",
    }
}

fn precision(device: &Device) -> String {
    let on_off = |on: bool| if on { "on" } else { "off" };
    match device {
        Device::Cpu => "f32 exact, without TF32: the CPU has none; bf16 products are computed in f32".to_owned(),
        // candle's own default, read where its kernels read it.
        Device::Metal(_) => match env::var("CANDLE_METAL_ENABLE_FAST_MATH") {
            Ok(value) => format!("no TF32; CANDLE_METAL_ENABLE_FAST_MATH={value}"),
            Err(_) => "no TF32; kernels compiled with fast math".to_owned(),
        },
        Device::Cuda(_) => format!(
            "TF32 {}; reduced-precision f16 products {}, bf16 products {}",
            on_off(gemm_reduced_precision_f32()),
            on_off(gemm_reduced_precision_f16()),
            on_off(gemm_reduced_precision_bf16()),
        ),
    }
}

/// What candle was built with, and what its CPU kernels found at run time.
fn build() -> BTreeMap<String, String> {
    let flags = |all: &[(&str, bool)]| {
        let set: Vec<&str> = all.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
        if set.is_empty() { "none".to_owned() } else { set.join(",") }
    };
    let features = flags(&[
        ("accelerate", utils::has_accelerate()),
        ("cuda", utils::cuda_is_available()),
        ("metal", utils::metal_is_available()),
        ("mkl", utils::has_mkl()),
    ]);
    let compiled = flags(&[
        ("avx", cfg!(target_feature = "avx")),
        ("avx2", cfg!(target_feature = "avx2")),
        ("avx512f", cfg!(target_feature = "avx512f")),
        ("f16c", cfg!(target_feature = "f16c")),
        ("fma", cfg!(target_feature = "fma")),
        ("fp16", cfg!(target_feature = "fp16")),
        ("neon", cfg!(target_feature = "neon")),
    ]);
    let detected = flags(&[("avx2", utils::with_avx()), ("f16c", utils::with_f16c()), ("neon", utils::with_neon())]);
    [
        ("features", features),
        ("target-arch", env::consts::ARCH.to_owned()),
        ("target-features", compiled),
        ("cpu-features-detected", detected),
        ("optimised", (!cfg!(debug_assertions)).to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
