//! Targets: a framework on a device with its execution, written as in `tch:cuda:0` or `mlx:gpu+compile`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where a framework computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Device {
    /// The host's processor.
    Cpu,
    /// MLX's graphics device: Metal on macOS, CUDA on Linux.
    Gpu,
    /// Metal, as candle calls it.
    Metal,
    /// Metal Performance Shaders, as PyTorch calls it.
    Mps,
    /// A CUDA device by its ordinal.
    Cuda(usize),
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Device::Cpu => f.pad("cpu"),
            Device::Gpu => f.pad("gpu"),
            Device::Metal => f.pad("metal"),
            Device::Mps => f.pad("mps"),
            Device::Cuda(ordinal) => f.pad(&format!("cuda:{ordinal}")),
        }
    }
}

impl FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "cpu" => Ok(Device::Cpu),
            "gpu" => Ok(Device::Gpu),
            "metal" => Ok(Device::Metal),
            "mps" => Ok(Device::Mps),
            "cuda" => Ok(Device::Cuda(0)),
            _ => text
                .strip_prefix("cuda:")
                .and_then(|n| n.parse().ok())
                .map(Device::Cuda)
                .ok_or_else(|| format!("unknown device '{text}': one of cpu, gpu, metal, mps, cuda:N")),
        }
    }
}

/// A framework on a device.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    /// The framework's short name, which is also its worker's: `candle`, `tch`, `mlx`.
    pub framework: String,
    /// Where it computes.
    pub device: Device,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}:{}", self.framework, self.device))
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (framework, device) = text
            .split_once(':')
            .ok_or_else(|| format!("'{text}' is not a target: write FRAMEWORK:DEVICE, such as candle:cpu"))?;
        let named = !framework.is_empty()
            && framework.len() <= 32
            && framework.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !named {
            return Err(format!("'{framework}' is not a framework's name"));
        }
        Ok(Target { framework: framework.to_owned(), device: device.parse()? })
    }
}

macro_rules! serde_as_text {
    ($($t:ty),*) => {$(
        impl Serialize for $t {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $t {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
serde_as_text!(Device, Target);
