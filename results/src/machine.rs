//! The machine as a record holds it: what it is, and what state it was in. Detecting them is `bench`'s work.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the machine is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Machine {
    /// The chip's name, such as `Apple M3 Max`.
    pub chip: String,
    /// Whether `--chip` named it, against what was detected.
    #[serde(default)]
    pub chip_given: bool,
    /// What was detected, where `chip` was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chip_detected: Option<String>,
    /// The instruction set: `aarch64`, `x86_64`.
    pub arch: String,
    /// Physical cores.
    pub physical_cores: Option<u32>,
    /// Cores as the system counts them.
    pub logical_cores: Option<u32>,
    /// Super cores, where there are kinds of cores and the system names one so (Apple, since the M5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub super_cores: Option<u32>,
    /// Performance cores, where there are kinds of cores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performance_cores: Option<u32>,
    /// Efficiency cores, where there are kinds of cores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub efficiency_cores: Option<u32>,
    /// The graphics processors.
    #[serde(default)]
    pub gpus: Vec<Gpu>,
    /// Memory of the host in bytes.
    pub memory_bytes: Option<u64>,
    /// The last-level cache in bytes, all its slices together. Apple's system-level cache is not told by the system and
    /// not in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_level_cache_bytes: Option<u64>,
    /// The operating system's name, such as `macOS` or `Debian GNU/Linux`.
    pub os: String,
    /// Its version.
    pub os_version: Option<String>,
    /// Its build, such as `23F79` (macOS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_build: Option<String>,
    /// The kernel's version.
    pub kernel: Option<String>,
    /// The hypervisor, where the machine is virtual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hypervisor: Option<String>,
    /// Whether this program's instructions are translated (Rosetta), so that it is not the chip that is measured.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub translated: bool,
}

/// A graphics processor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gpu {
    /// Its name.
    pub name: String,
    /// Its cores, as its maker counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cores: Option<u32>,
    /// Its own memory in bytes; none where it shares the host's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The driver's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
}

impl Machine {
    /// Its NVIDIA cards.
    pub fn nvidia_cards(&self) -> impl Iterator<Item = &Gpu> {
        self.gpus.iter().filter(|gpu| gpu.is_nvidia())
    }
}

impl Gpu {
    /// Whether it is one of NVIDIA's: their names begin so, as the driver and the list of PCI devices tell them.
    #[must_use]
    pub fn is_nvidia(&self) -> bool {
        self.name.starts_with("NVIDIA")
    }
}

/// The nearest number of GiB: systems and drivers keep a little of a memory for themselves.
#[must_use]
pub fn nearest_gib(bytes: u64) -> u64 {
    bytes.saturating_add(1 << 29) >> 30
}

/// What state the machine was in at one moment. What cannot be read is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MachineState {
    /// `ac` or `battery`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_source: Option<String>,
    /// Whether a low-power mode is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low_power_mode: Option<bool>,
    /// The system's thermal state: `nominal`, `fair`, `serious`, `critical`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thermal: Option<String>,
    /// The processor's frequency governor (Linux).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub governor: Option<String>,
    /// The clock of the processor's cores in MHz, their mean: on Linux at this moment, low where they idle; on macOS while they
    /// were at work since the state before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_clock_mhz: Option<u32>,
    /// How far the system lets it rise, in MHz, the mean of the cores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_clock_limit_mhz: Option<u32>,
    /// How far the cores could rise, in MHz, their mean; on macOS of those that were at work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_clock_max_mhz: Option<u32>,
    /// The power that the host drew while its state was read, of each part that is metered. Parts may contain each other,
    /// so they are not to be added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub power: Vec<Power>,
    /// The load average over one minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_1m: Option<f64>,
    /// Memory that a new process could take, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_memory_bytes: Option<u64>,
    /// Processes that take more than a tenth of a core, heaviest first, at most five.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heavy_processes: Vec<HeavyProcess>,
    /// The NVIDIA graphics processors' clocks, power and throttle reasons, in the order of the machine's list; of Apple's the
    /// clock while it was at work since the state before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<GpuState>,
}

/// A process that takes time from a measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeavyProcess {
    /// Its name, without arguments.
    pub name: String,
    /// Percent of one core.
    pub cpu_percent: f64,
}

/// What a part of the machine draws.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Power {
    /// The part, by its counter's name, such as `package-0` or `gpu`.
    pub counter: String,
    /// Watts.
    pub watts: f64,
}

/// The state of a graphics processor at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GpuState {
    /// Its name.
    pub name: String,
    /// The clock of its cores in MHz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_mhz: Option<u32>,
    /// The highest clock of its cores in MHz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_clock_mhz: Option<u32>,
    /// The clock of its memory in MHz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_clock_mhz: Option<u32>,
    /// How much of the last second, at most, it was at work, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utilisation_percent: Option<u32>,
    /// What it draws, in watts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_w: Option<f64>,
    /// What it may draw, in watts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_limit_w: Option<f64>,
    /// What it may draw unless somebody sets another limit, in watts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_power_limit_w: Option<f64>,
    /// What it has drawn since its driver was loaded, in joules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy_j: Option<f64>,
    /// Its temperature in degrees Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature_c: Option<u32>,
    /// What holds its clocks down, such as `power-cap` or `thermal`; being idle is not among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub throttle: Vec<String>,
}
