//! Under what conditions a run was measured. Where they differ, two times of a cell are not about the same thing: `compare` says
//! so, and `history` and `rank` keep them apart.

use crate::machine;
use crate::record::{Run, Stage, TargetInfo};
use crate::store::ResultsFile;
use chipmark_core::Inputs;
use serde::Serialize;
use std::fmt;

/// A machine, as far as times depend on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Machine {
    /// The chip, as it was detected where that is known: another name for it makes no other machine of it.
    pub chip: String,
    /// The instruction set.
    pub arch: String,
    /// Cores as the system counts them.
    pub cores: Option<u32>,
    /// Whole GiB of memory. To the byte, a kernel's update changes it.
    pub memory_gib: Option<u64>,
    /// The graphics processors, with their cores where those are known.
    pub gpus: Vec<String>,
}

/// What must be the same for times of two runs to be put beside each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Conditions {
    /// The machine.
    #[serde(flatten)]
    pub machine: Machine,
    /// The operating system's name, without its version: an update is what a shift may come from.
    pub os: String,
    /// Where calls found their inputs.
    pub inputs: Inputs,
    /// Threads given to the frameworks; none left their defaults.
    pub threads: Option<usize>,
    /// Whether TF32 was allowed.
    pub tf32: bool,
}

/// What was in force in a target's framework, beyond the run's conditions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct InForce {
    /// Its threads, as it tells.
    pub threads: Option<usize>,
    /// Its precision.
    pub precision: String,
}

impl Machine {
    /// The key of a record's machine.
    #[must_use]
    pub fn of(machine: &machine::Machine) -> Self {
        let detected = machine.chip_detected.as_ref().filter(|chip| !chip.is_empty());
        let gpu = |gpu: &machine::Gpu| match gpu.cores {
            Some(cores) => format!("{} ({cores} cores)", gpu.name),
            None => gpu.name.clone(),
        };
        Machine {
            chip: detected.unwrap_or(&machine.chip).clone(),
            arch: machine.arch.clone(),
            cores: machine.logical_cores,
            memory_gib: machine.memory_bytes.map(machine::nearest_gib),
            gpus: machine.gpus.iter().map(gpu).collect(),
        }
    }

    /// Each thing that makes it the same, by name.
    #[must_use]
    pub fn named(&self) -> [(&'static str, String); 5] {
        let known = |text: Option<String>| text.unwrap_or_else(|| "unknown".to_owned());
        let gpus = if self.gpus.is_empty() { "none".to_owned() } else { self.gpus.join(", ") };
        [
            ("chip", self.chip.clone()),
            ("instruction set", self.arch.clone()),
            ("cores", known(self.cores.map(|cores| cores.to_string()))),
            ("memory", known(self.memory_gib.map(|gib| format!("{gib} GiB")))),
            ("graphics", gpus),
        ]
    }
}

impl Conditions {
    /// Those of a run.
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let settings = &run.settings;
        Conditions {
            machine: Machine::of(&run.machine),
            os: run.machine.os.clone(),
            inputs: settings.inputs,
            threads: settings.threads,
            tf32: settings.tf32,
        }
    }
}

impl InForce {
    /// What a target's framework told.
    #[must_use]
    pub fn of(info: &TargetInfo) -> Self {
        InForce { threads: info.info.threads, precision: info.info.precision.clone() }
    }
}

impl fmt::Display for Conditions {
    /// On one line, what is as usual left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine { chip, arch, cores, memory_gib, gpus } = &self.machine;
        write!(f, "{chip} · {arch}")?;
        if let Some(cores) = cores {
            write!(f, " · {cores} cores")?;
        }
        if let Some(gib) = memory_gib {
            write!(f, " · {gib} GiB")?;
        }
        for gpu in gpus {
            write!(f, " · {gpu}")?;
        }
        write!(f, " · {}", self.os)?;
        if let Some(threads) = self.threads {
            write!(f, " · {threads} thread{}", if threads == 1 { "" } else { "s" })?;
        }
        if !self.inputs.is_warm() {
            write!(f, " · {} inputs", self.inputs)?;
        }
        if self.tf32 { f.write_str(" · TF32 allowed") } else { Ok(()) }
    }
}

/// Refuses the file of a decision's fresh rounds: its cells are those that stood out in the rounds before, so that they stand for
/// no whole, and would count what is in the pilot's file a second time.
///
/// # Errors
/// One line that says so.
pub fn refuse_decision(file: &ResultsFile) -> Result<(), String> {
    match file.run.stage {
        Some(Stage::Decision) => {
            Err(format!("{}: the fresh rounds of a decision, of cells that stood out alone", file.path.display()))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_name_for_the_chip_makes_no_other_machine() {
        let mut run = fixture::run();
        let given = Conditions::of(&run);
        (run.machine.chip, run.machine.chip_detected) = ("Apple M3".to_owned(), None);
        assert_eq!(Conditions::of(&run), given);
        assert_eq!(
            given.to_string(),
            "Apple M3 · aarch64 · 16 cores · 64 GiB · Apple M3 Max GPU (40 cores) · macOS · 8 threads"
        );
        // Where nothing was detected, the name is all there is.
        (run.machine.chip, run.machine.chip_detected) = ("Board".to_owned(), Some(String::new()));
        assert_eq!(Conditions::of(&run).machine.chip, "Board");
    }

    #[test]
    fn what_times_depend_on_makes_other_conditions() {
        let of = |change: fn(&mut Run)| {
            let mut run = fixture::run();
            change(&mut run);
            Conditions::of(&run)
        };
        let all = [
            of(|_| ()),
            of(|run| run.machine.chip_detected = Some("Apple M4".to_owned())),
            of(|run| run.machine.arch = "x86_64".to_owned()),
            of(|run| run.machine.logical_cores = Some(14)),
            of(|run| run.machine.memory_bytes = Some(36 << 30)),
            of(|run| run.machine.gpus[0].cores = Some(30)),
            of(|run| run.machine.os = "Linux".to_owned()),
            of(|run| run.settings.inputs = Inputs::Cold),
            of(|run| run.settings.threads = Some(1)),
            of(|run| run.settings.tf32 = true),
        ];
        let names: std::collections::BTreeSet<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), all.len(), "{names:#?}");
        assert_eq!(of(|run| run.machine.os_version = Some("16".to_owned())), all[0], "an update is the same machine");
        assert_eq!(of(|run| run.machine.memory_bytes = Some((64 << 30) + 4096)), all[0]);
    }
}
