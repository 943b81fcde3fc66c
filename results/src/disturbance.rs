//! What of a machine and its state disturbs a measurement, and what to do about it. One enum, so that whoever shows,
//! stores or refuses on it has the same list.

use crate::canary;
use crate::machine::{GpuState, HeavyProcess, Machine, MachineState};
use crate::record::{Canary, Round, Run};
use std::collections::HashSet;
use std::fmt;
use std::mem::{Discriminant, discriminant};

/// A load above this share of the cores is work that is not ours. An idle desktop has one or two of eight or more.
const LOAD_PER_CORE: f64 = 0.5;

/// Below this share of the memory the system begins to compress and to swap.
const FREE_SHARE: f64 = 0.1;

/// Below this there is too little for a framework, however small the machine is.
const FREE_BYTES: u64 = 1 << 30;

/// A limit below this share of what could be is one that somebody set: less is how drivers round.
const LIMIT_SHARE: f64 = 0.95;

/// A graphics processor that is at work for more than a tenth of the time has work that is not ours: a desktop takes less.
const BUSY_PERCENT: u32 = 10;

/// In the middle of a run other processes must take more than half a core together to disturb it: a tenth is what a desktop draws its
/// windows with, and of many that share a busy machine none takes much.
const SLOWING_PERCENT: f64 = 50.0;

/// Something that makes times longer, or different from run to run. [`Disturbance::what`] and [`Disturbance::remedy`] are
/// for people; `Display` is both in one line.
#[derive(Debug, Clone, PartialEq)]
pub enum Disturbance {
    /// The power comes from a battery.
    OnBattery,
    /// A mode that saves power is on.
    LowPowerMode,
    /// The system says that it is warmer than nominal: `fair`, `serious` or `critical`.
    Hot {
        /// The system's word.
        thermal: String,
    },
    /// A graphics processor is held below its clocks.
    GpuThrottled {
        /// Its name.
        name: String,
        /// Why, such as `thermal`.
        reasons: Vec<String>,
    },
    /// A graphics processor may draw less than its default, and cannot hold its clocks under load.
    GpuPowerLimited {
        /// Its name.
        name: String,
        /// What it may draw, in watts.
        limit_w: f64,
        /// What it may draw by default, in watts.
        default_w: f64,
    },
    /// A graphics processor is at work for somebody else.
    GpuBusy {
        /// Its name.
        name: String,
        /// How much of the time, in percent.
        percent: u32,
    },
    /// The system keeps the processor's clock below what it could be.
    ClockLimited {
        /// The limit in MHz, the mean of the cores.
        limit_mhz: u32,
        /// The highest clock in MHz, the mean of the cores.
        max_mhz: u32,
    },
    /// The governor is the one that keeps frequencies low.
    Powersave {
        /// The governor, or several with commas between.
        governor: String,
    },
    /// Other work fills more than half of the cores.
    Load {
        /// The load average over one minute.
        load_1m: f64,
        /// The logical cores that it is spread over.
        cores: u32,
    },
    /// A process takes more than a tenth of a core.
    HeavyProcess(HeavyProcess),
    /// Little memory is free.
    LittleMemory {
        /// What a new process could take, in bytes.
        free_bytes: u64,
    },
    /// The machine is virtual, and its neighbours are not seen.
    VirtualMachine {
        /// What runs it.
        hypervisor: String,
    },
    /// The program's instructions are translated.
    Translated,
    /// The program was built without optimisation. No record tells: whoever measures knows it of itself.
    DebugBuild,
}

/// All that disturbs, what weighs most first. Meant for a state that was read before measuring: afterwards the load and
/// the heat are the measurement's own.
#[must_use]
pub fn disturbances(machine: &Machine, state: &MachineState) -> Vec<Disturbance> {
    let mut found = of_state(machine, state);
    if let Some(hypervisor) = &machine.hypervisor {
        found.push(Disturbance::VirtualMachine { hypervisor: hypervisor.clone() });
    }
    if machine.translated {
        found.insert(0, Disturbance::Translated);
    }
    found
}

/// What slows the machine down by its state in the middle of a run: what of [`disturbances`] is not the measurement's own load. That
/// it is warm may be the measurement's own heat, and slows it all the same. A governor or a limit that was set before the run, as by
/// `start`, its state then, is how the machine is, and was told then.
#[must_use]
pub fn slowed_by(machine: &Machine, start: &MachineState, state: &MachineState) -> Vec<Disturbance> {
    let set_before: HashSet<(Discriminant<Disturbance>, String)> =
        of_state(machine, start).iter().map(Disturbance::key).collect();
    let others: f64 = state.heavy_processes.iter().map(|process| process.cpu_percent).sum();
    let mut found = of_state(machine, state);
    found.retain(|disturbance| match disturbance {
        Disturbance::Hot { thermal } => thermal != "fair",
        Disturbance::OnBattery
        | Disturbance::LowPowerMode
        | Disturbance::GpuThrottled { .. }
        | Disturbance::ClockLimited { .. } => true,
        Disturbance::HeavyProcess(_) => others > SLOWING_PERCENT,
        Disturbance::GpuPowerLimited { .. } | Disturbance::Powersave { .. } => !set_before.contains(&disturbance.key()),
        _ => false,
    });
    found
}

/// What slowed the machine down after rounds of a run, with after how many of them. Processes of one name are one, with what they took
/// together where that was most.
#[must_use]
pub fn slowed_rounds<'a>(run: &Run, rounds: impl IntoIterator<Item = &'a Round>) -> Vec<(Disturbance, usize)> {
    let mut all: Vec<(Disturbance, usize)> = Vec::new();
    for round in rounds {
        let mut of_round: Vec<Disturbance> = Vec::new();
        for found in slowed_by(&run.machine, &run.state, &round.state) {
            match of_round.iter_mut().find(|known| known.key() == found.key()) {
                Some(known) => known.join(&found, |a, b| a + b),
                None => of_round.push(found),
            }
        }
        for found in of_round {
            match all.iter_mut().find(|(known, _)| known.key() == found.key()) {
                Some((known, times)) => {
                    known.join(&found, f64::max);
                    *times += 1;
                }
                None => all.push((found, 1)),
            }
        }
    }
    all
}

/// The rounds that count although the machine was disturbed in them, for want of better ones: the canaries found it so, or its state
/// says that it computed slower than it can.
#[must_use]
pub fn disturbed_rounds(run: &Run, rounds: &[Round]) -> HashSet<u32> {
    disturbed_rounds_by(run, rounds, |_| true)
}

/// Those of [`disturbed_rounds`] that the canaries found so, or that were slowed by a disturbance of a kind that `counts`.
#[must_use]
pub fn disturbed_rounds_by(run: &Run, rounds: &[Round], counts: impl Fn(&Disturbance) -> bool) -> HashSet<u32> {
    let void: HashSet<u32> = rounds.iter().filter(|round| round.void.is_some()).map(|round| round.round).collect();
    let mut earlier: Vec<&[Canary]> = Vec::new();
    let mut disturbed = HashSet::new();
    for round in rounds.iter().filter(|round| !void.contains(&round.round)) {
        let found = canary::disturbance(&round.canaries, &earlier).is_some();
        if found || slowed_by(&run.machine, &run.state, &round.state).iter().any(&counts) {
            disturbed.insert(round.round);
        }
        earlier.push(&round.canaries);
    }
    disturbed
}

fn of_state(machine: &Machine, state: &MachineState) -> Vec<Disturbance> {
    let mut found = Vec::new();
    if state.power_source.as_deref() == Some("battery") {
        found.push(Disturbance::OnBattery);
    }
    if state.low_power_mode == Some(true) {
        found.push(Disturbance::LowPowerMode);
    }
    if let Some(thermal) = state.thermal.as_ref().filter(|thermal| thermal.as_str() != "nominal") {
        found.push(Disturbance::Hot { thermal: thermal.clone() });
    }
    found.extend(state.gpus.iter().flat_map(of_gpu));
    if let Some((limit_mhz, max_mhz)) = state.cpu_clock_limit_mhz.zip(state.cpu_clock_max_mhz)
        && is_limited(f64::from(limit_mhz), f64::from(max_mhz))
    {
        found.push(Disturbance::ClockLimited { limit_mhz, max_mhz });
    }
    if let Some(governor) = state.governor.as_ref().filter(|list| list.split(',').any(|one| one == "powersave")) {
        found.push(Disturbance::Powersave { governor: governor.clone() });
    }
    let cores = machine.logical_cores.unwrap_or(1).max(1);
    if let Some(load_1m) = state.load_1m.filter(|load| *load > LOAD_PER_CORE * f64::from(cores)) {
        found.push(Disturbance::Load { load_1m, cores });
    }
    found.extend(state.heavy_processes.iter().cloned().map(Disturbance::HeavyProcess));
    if let Some(free_bytes) = state.free_memory_bytes.filter(|&free| is_little(free, machine.memory_bytes)) {
        found.push(Disturbance::LittleMemory { free_bytes });
    }
    found
}

fn of_gpu(gpu: &GpuState) -> Vec<Disturbance> {
    let mut found = Vec::new();
    let name = || gpu.name.clone();
    if !gpu.throttle.is_empty() {
        found.push(Disturbance::GpuThrottled { name: name(), reasons: gpu.throttle.clone() });
    }
    if let Some((limit_w, default_w)) = gpu.power_limit_w.zip(gpu.default_power_limit_w)
        && is_limited(limit_w, default_w)
    {
        found.push(Disturbance::GpuPowerLimited { name: name(), limit_w, default_w });
    }
    if let Some(percent) = gpu.utilisation_percent.filter(|percent| *percent > BUSY_PERCENT) {
        found.push(Disturbance::GpuBusy { name: name(), percent });
    }
    found
}

fn is_limited(limit: f64, could_be: f64) -> bool {
    limit < LIMIT_SHARE * could_be
}

#[expect(clippy::cast_precision_loss, reason = "a tenth of the memory need not be exact")]
fn is_little(free_bytes: u64, memory_bytes: Option<u64>) -> bool {
    free_bytes < FREE_BYTES || memory_bytes.is_some_and(|all| (free_bytes as f64) < FREE_SHARE * all as f64)
}

impl Disturbance {
    /// What it is of what, without how much.
    fn key(&self) -> (Discriminant<Self>, String) {
        let name = match self {
            Disturbance::GpuThrottled { name, .. }
            | Disturbance::GpuPowerLimited { name, .. }
            | Disturbance::GpuBusy { name, .. }
            | Disturbance::HeavyProcess(HeavyProcess { name, .. }) => name.clone(),
            _ => String::new(),
        };
        (discriminant(self), name)
    }

    /// Makes one of two of the same [`key`](Self::key).
    fn join(&mut self, other: &Self, percent: impl Fn(f64, f64) -> f64) {
        if let (Disturbance::HeavyProcess(own), Disturbance::HeavyProcess(other)) = (self, other) {
            own.cpu_percent = percent(own.cpu_percent, other.cpu_percent);
        }
    }

    /// What was found, without a full stop.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Disturbance::OnBattery => "the machine runs on battery".to_owned(),
            Disturbance::LowPowerMode => "a low-power mode is on".to_owned(),
            Disturbance::Hot { thermal } => format!("the machine is warm (thermal state: {thermal})"),
            Disturbance::GpuThrottled { name, reasons } => {
                format!("the clocks of {name} are held down ({})", reasons.join(", "))
            }
            Disturbance::GpuPowerLimited { name, limit_w, default_w } => {
                format!("{name} may draw {limit_w:.0} W of its default of {default_w:.0} W")
            }
            Disturbance::GpuBusy { name, percent } => format!("{name} is at work {percent}% of the time"),
            Disturbance::ClockLimited { limit_mhz, max_mhz } => {
                format!("the processor's clock is limited to {limit_mhz} MHz of {max_mhz} MHz")
            }
            Disturbance::Powersave { governor } => format!("the frequency governor is {governor}"),
            Disturbance::Load { load_1m, cores: 1 } => format!("the load average is {load_1m:.1} on 1 core"),
            Disturbance::Load { load_1m, cores } => format!("the load average is {load_1m:.1} on {cores} cores"),
            Disturbance::HeavyProcess(process) => {
                format!("{} takes {:.0}% of a core", process.name, process.cpu_percent)
            }
            Disturbance::LittleMemory { free_bytes } => format!("only {} MiB of memory are free", free_bytes >> 20),
            Disturbance::VirtualMachine { hypervisor } if hypervisor == "unknown" => {
                "this is a virtual machine".to_owned()
            }
            Disturbance::VirtualMachine { hypervisor } => format!("this is a virtual machine ({hypervisor})"),
            Disturbance::Translated => "this program is translated, as by Rosetta or QEMU".to_owned(),
            Disturbance::DebugBuild => "this program was built without optimisation".to_owned(),
        }
    }

    /// Whether nothing to publish is measured where this is so. That the machine is virtual is told to the reader instead: nobody
    /// could change it.
    #[must_use]
    pub fn forbids_publishing(&self) -> bool {
        !matches!(self, Disturbance::VirtualMachine { .. })
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Disturbance::OnBattery => "connect it to its charger",
            Disturbance::LowPowerMode => "turn it off in the system's power settings",
            Disturbance::Hot { .. } => "let it cool down, and give its fans air",
            Disturbance::GpuThrottled { .. } => {
                "let it cool down, and look at its power limit with `nvidia-smi -q -d PERFORMANCE`"
            }
            Disturbance::GpuPowerLimited { .. } => {
                "set the default again with `sudo nvidia-smi -pl WATTS`, if its cooling is made for it"
            }
            Disturbance::GpuBusy { .. } => "see with `nvidia-smi` whose work that is, and wait until it is done",
            Disturbance::ClockLimited { .. } => {
                "lift the limit for the time of the run, with `sudo cpupower frequency-set -u MAX`; a laptop may need its charger"
            }
            Disturbance::Powersave { .. } => {
                "set another for the time of the run, with `sudo cpupower frequency-set -g performance`"
            }
            Disturbance::Load { .. } => "wait until other work is done; a build that just ended counts for a minute",
            Disturbance::HeavyProcess(_) => "quit it, or wait until it is done",
            Disturbance::LittleMemory { .. } => "close other programs: what swaps is not measured right",
            Disturbance::VirtualMachine { .. } => {
                "its neighbours may take time from it unseen; measure on a machine of its own for results to publish"
            }
            Disturbance::Translated => {
                "build and run it for the chip's own instruction set (on a Mac aarch64-apple-darwin)"
            }
            Disturbance::DebugBuild => "run it with `cargo run --release`",
        }
    }
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what(), self.remedy())
    }
}

#[cfg(test)]
mod tests;
