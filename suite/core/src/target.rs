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

/// How a framework executes a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Execution {
    /// Op by op, as the step calls them.
    #[default]
    Eager,
    /// Compiled as a whole by MLX's `compile`.
    Compile,
    /// Traced to `TorchScript` and run by its executor.
    Jit,
}

impl Execution {
    /// Every execution.
    pub const ALL: [Execution; 3] = [Execution::Eager, Execution::Compile, Execution::Jit];

    /// The name as it stands in targets, where eager goes without saying.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Execution::Eager => "eager",
            Execution::Compile => "compile",
            Execution::Jit => "jit",
        }
    }
}

impl fmt::Display for Execution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Execution {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || Execution::ALL.map(Execution::name).join(", ");
        let found = Execution::ALL.into_iter().find(|execution| execution.name() == text);
        found.ok_or_else(|| format!("unknown execution '{text}': one of {}", names()))
    }
}

/// A framework on a device, with its execution and, where a suite sets up its environment, the name of that setting:
/// `FRAMEWORK:DEVICE[+EXECUTION][+VARIANT]`, such as `mlx:cpu`, `mlx:gpu+compile`, `mlx:cpu+openblas`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    /// The framework's short name, which is also its worker's: `candle`, `tch`, `mlx`.
    pub framework: String,
    /// Where it computes.
    pub device: Device,
    /// How it executes.
    pub execution: Execution,
    /// The name of the environment that a suite gives it; none for the machine's own.
    pub variant: Option<String>,
}

impl Target {
    /// A framework on a device, op by op, in the machine's own environment.
    pub fn new(framework: impl Into<String>, device: Device) -> Self {
        Target { framework: framework.into(), device, execution: Execution::Eager, variant: None }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = format!("{}:{}", self.framework, self.device);
        if self.execution != Execution::Eager {
            text += &format!("+{}", self.execution);
        }
        if let Some(variant) = &self.variant {
            text += &format!("+{variant}");
        }
        f.pad(&text)
    }
}

/// Whether a framework or a variant may be called this.
fn is_name(text: &str) -> bool {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.len() <= 32 && text.chars().all(letters)
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (framework, rest) = text
            .split_once(':')
            .ok_or_else(|| format!("'{text}' is not a target: write FRAMEWORK:DEVICE, such as candle:cpu"))?;
        if !is_name(framework) {
            return Err(format!("'{framework}' is not a framework's name"));
        }
        let mut parts = rest.split('+');
        let mut target = Target::new(framework, parts.next().unwrap_or_default().parse()?);
        for tag in parts {
            match tag.parse::<Execution>() {
                Ok(execution) if target.execution == Execution::Eager && target.variant.is_none() => {
                    target.execution = execution;
                }
                Err(_) if is_name(tag) && target.variant.is_none() => target.variant = Some(tag.to_owned()),
                _ => return Err(format!("'{text}': after the device come one execution and one variant at most")),
            }
        }
        Ok(target)
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
serde_as_text!(Device, Execution, Target);
