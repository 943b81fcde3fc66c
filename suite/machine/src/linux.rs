//! Linux: all of it read from `/proc`, `/sys` and `/etc` under a root that the caller names, so that machines other than
//! this one can be laid out in a folder.

mod arm;
mod clocks;
mod cpu;
mod hypervisor;
mod memory;
mod pci;
mod power;
mod processes;
mod rapl;

use crate::energy::Meter;
use crate::{chip_name, files};
use chipmark_results::machine::{Machine, MachineState};
use std::path::Path;
use std::time::Duration;

/// What the machine is whose file systems lie under `root` (`/` for this one). `arch` is what this program was built for,
/// which on a translated program is not the chip's. NVIDIA's graphics processors are named as the list of PCI devices names
/// them; [`crate::nvidia`] knows more.
#[must_use]
pub fn machine(root: &Path, arch: &str) -> Machine {
    let cpuinfo = files::text(&root.join("proc/cpuinfo")).unwrap_or_default();
    let cores = cpu::cores(root, &cpuinfo);
    let release = ["etc/os-release", "usr/lib/os-release"]
        .iter()
        .find_map(|file| files::text(&root.join(file)))
        .unwrap_or_default();
    Machine {
        chip: chip_name::normalise(&cpu::name(root, &cpuinfo).unwrap_or_default()),
        arch: arch.to_owned(),
        physical_cores: cores.physical,
        logical_cores: cores.logical,
        performance_cores: cores.performance,
        efficiency_cores: cores.efficiency,
        gpus: pci::gpus(root),
        memory_bytes: memory::total_bytes(root),
        last_level_cache_bytes: cpu::last_level_cache_bytes(root),
        os: files::value(&release, "NAME", '=').unwrap_or("Linux").to_owned(),
        os_version: files::value(&release, "VERSION_ID", '=').map(str::to_owned),
        kernel: files::text(&root.join("proc/sys/kernel/osrelease")),
        hypervisor: hypervisor::name(root, &cpuinfo),
        translated: cpu::is_translated(&cpuinfo, arch),
        ..Machine::default()
    }
}

/// The state of the machine under `root`. Counts for `window` what processes take, `own` and its descendants left out.
#[must_use]
pub fn state(root: &Path, own: u32, window: Duration) -> MachineState {
    let clocks = clocks::read(root);
    let (heavy_processes, power) = meter(root).during(|| processes::heavy(root, own, window));
    MachineState {
        power_source: power::source(root).map(str::to_owned),
        low_power_mode: power::low_power_mode(root),
        governor: power::governor(root),
        load_1m: files::text(&root.join("proc/loadavg"))
            .and_then(|text| text.split_whitespace().next()?.parse().ok())
            .filter(|load: &f64| load.is_finite()),
        free_memory_bytes: memory::free_bytes(root),
        heavy_processes,
        cpu_clock_mhz: clocks.now_mhz,
        cpu_clock_limit_mhz: clocks.limit_mhz,
        cpu_clock_max_mhz: clocks.max_mhz,
        power,
        ..MachineState::default()
    }
}

/// The energy counters of the machine under `root`: RAPL's, where they may be read.
#[must_use]
pub fn meter(root: &Path) -> Meter {
    Meter::of(rapl::open(root))
}

/// See [`crate::free_memory_bytes`].
#[must_use]
pub fn free_memory_bytes(root: &Path) -> Option<u64> {
    memory::free_bytes(root)
}
