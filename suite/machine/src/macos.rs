//! macOS: what the system's own tools tell. They are asked through [`Tools`], so that what was recorded on other Macs is
//! read by the same code on every system.

pub mod clocks;
pub mod energy;
#[cfg(all(target_os = "macos", target_arch = "aarch64"))]
pub(crate) mod ioreport;
mod parse;
mod profiler;
mod sysctl;
#[cfg(target_os = "macos")]
mod thermal;

use crate::chip_name;
use crate::processes::heaviest;
use crate::tool::Tools;
use chipmark_results::machine::{Gpu, Machine, MachineState};

#[cfg(target_os = "macos")]
pub use thermal::thermal_state;

/// What the machine is. `arch` is what this program was built for, which on a translated program is not the chip's.
#[must_use]
pub fn machine(tools: &dyn Tools, arch: &str) -> Machine {
    let sysctl = sysctl::read(tools);
    let profile = profiler::read(tools);
    let version = tools.output("/usr/bin/sw_vers", &[]).map(|text| parse::system_version(&text)).unwrap_or_default();
    let cores = sysctl.cores().or(profile.cores);
    let translated = arch == "x86_64" && sysctl.is_apple_silicon();
    let brand = sysctl.text("machdep.cpu.brand_string").filter(|brand| !is_placeholder(brand));
    let chip =
        brand.map(str::to_owned).or(profile.chip).or_else(|| chip_of_graphics(&profile.gpus)).unwrap_or_default();
    Machine {
        chip: chip_name::normalise(&chip),
        arch: arch.to_owned(),
        physical_cores: sysctl.count("hw.physicalcpu").or(profile.physical_cores),
        logical_cores: sysctl.count("hw.logicalcpu").or_else(|| sysctl.count("hw.ncpu")),
        super_cores: cores.super_,
        performance_cores: cores.performance,
        efficiency_cores: cores.efficiency,
        gpus: profile.gpus,
        memory_bytes: sysctl.number("hw.memsize").or(profile.memory_bytes),
        last_level_cache_bytes: sysctl.last_level_cache_bytes(),
        os: version.name.unwrap_or_else(|| "macOS".to_owned()),
        os_version: version.version.or_else(|| sysctl.text("kern.osproductversion").map(str::to_owned)),
        os_build: version.build.or_else(|| sysctl.text("kern.osversion").map(str::to_owned)),
        kernel: sysctl.text("kern.osrelease").map(|release| format!("Darwin {release}")),
        hypervisor: sysctl.hypervisor(),
        translated,
        ..Machine::default()
    }
}

/// The state of the machine; `own` and its descendants are left out of the processes. `thermal` is what the system's
/// library tells; where it is None, `pmset` is asked.
///
/// The times of processes are `ps`'s averages over the last seconds: it alone may see those of other users, such as the
/// window server and the indexer.
#[must_use]
pub fn state(tools: &dyn Tools, own: u32, thermal: Option<String>) -> MachineState {
    let pmset = |what: &[&str]| tools.output("/usr/bin/pmset", what);
    // One option per column: what follows a `=` may be taken as that column's heading, up to the end.
    let columns = ["-A", "-c", "-o", "pid=", "-o", "ppid=", "-o", "pcpu=", "-o", "comm="];
    let processes = tools.output("/bin/ps", &columns);
    MachineState {
        power_source: pmset(&["-g", "batt"]).and_then(|text| parse::power_source(&text)),
        low_power_mode: pmset(&["-g"]).and_then(|text| parse::low_power_mode(&text)),
        thermal: thermal.or_else(|| parse::thermal(&pmset(&["-g", "therm"])?)),
        load_1m: sysctl::load_1m(tools),
        free_memory_bytes: free_memory_bytes(tools),
        heavy_processes: processes.map(|text| heaviest(&parse::processes(&text), own)).unwrap_or_default(),
        ..MachineState::default()
    }
}

/// See [`crate::free_memory_bytes`].
#[must_use]
pub fn free_memory_bytes(tools: &dyn Tools) -> Option<u64> {
    parse::free_memory_bytes(&tools.output("/usr/bin/vm_stat", &[])?)
}

/// What early systems, and translated programs, are told in place of the chip's name.
fn is_placeholder(brand: &str) -> bool {
    brand == "Apple processor" || brand.starts_with("VirtualApple")
}

/// The chip whose name its graphics bear. A translated program's tools are translated too, and call the processor unknown.
fn chip_of_graphics(gpus: &[Gpu]) -> Option<String> {
    let is_chip = |name: &str| {
        let model = name.strip_prefix("Apple ").and_then(|model| model.strip_prefix(['A', 'M']));
        model.is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
    };
    gpus.iter().map(|gpu| &gpu.name).find(|name| is_chip(name)).cloned()
}

/// The cores of each kind, where there are kinds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct CoreKinds {
    super_: Option<u32>,
    performance: Option<u32>,
    efficiency: Option<u32>,
}

impl CoreKinds {
    fn or(self, other: CoreKinds) -> CoreKinds {
        if self == CoreKinds::default() { other } else { self }
    }
}
