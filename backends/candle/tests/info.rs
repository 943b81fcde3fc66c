//! What candle says of itself and of the devices here.

use chipmark_candle::Candle;
use chipmark_core::{Backend, Device, OpError, OpenOptions};
use std::fs;

#[test]
fn the_version_is_the_one_that_is_locked() {
    let info = Candle::open(Device::Cpu, &OpenOptions::default()).unwrap().info();
    let lock = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).unwrap();
    assert!(lock.contains(&format!("name = \"candle-core\"\nversion = \"{}\"\n", info.version)), "{}", info.version);
    assert!(info.version.starts_with("0.11."));
}

#[test]
fn what_is_in_force_is_told() {
    let info = Candle::open(Device::Cpu, &OpenOptions::default()).unwrap().info();
    assert_eq!(info.framework, "candle");
    assert!(info.threads.unwrap() >= 1);
    let blas = if cfg!(target_os = "macos") { "Accelerate" } else { "gemm crate (pure Rust)" };
    assert_eq!(info.blas.as_deref(), Some(blas));
    assert!(info.precision.starts_with("f32 exact"));
    let features = &info.build["features"];
    assert_eq!(features.contains("metal"), cfg!(target_os = "macos"));
    assert_eq!(features.contains("cuda"), cfg!(feature = "cuda"));
    assert_eq!(info.build["target-arch"], std::env::consts::ARCH);
}

#[test]
fn the_cpu_is_always_there_and_nothing_else_without_a_reason() {
    let devices = Candle::devices();
    assert_eq!(devices[0].device, Device::Cpu);
    assert_eq!(devices[0].why_not, None);
    for status in &devices {
        let opened = Candle::open(status.device, &OpenOptions::default());
        assert_eq!(opened.is_ok(), status.why_not.is_none(), "{status:?}");
    }
}

#[test]
fn a_device_of_another_framework_is_refused() {
    for device in [Device::Gpu, Device::Mps] {
        let refused = Candle::open(device, &OpenOptions::default()).err();
        assert!(matches!(refused, Some(OpError::Unsupported { op: "open", .. })), "{refused:?}");
    }
}
