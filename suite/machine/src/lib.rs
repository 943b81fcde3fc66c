//! What machine this is, what state it is in, and what of that disturbs a measurement. Reads and never changes a
//! setting; takes no host name, user name, serial number or hardware id but in [`private`], whose answer goes into no record.
//! What to do about a disturbance, such as refusing to publish, is left to the caller.

pub mod chip_name;
pub mod energy;
mod files;
pub mod linux;
pub mod macos;
pub mod nvidia;
pub mod private;
mod processes;
mod summary;
pub mod tool;

pub use chipmark_results::disturbance::Disturbance;
pub use summary::summary;

use chipmark_results::machine::{Machine, MachineState};

/// Finds out what machine this is. Takes up to some seconds on macOS (`system_profiler`), milliseconds on Linux.
///
/// A `chip` other than `auto` names the chip in place of what was detected, which is kept beside it.
#[must_use]
pub fn detect(chip: Option<&str>) -> Machine {
    let mut machine = this_machine();
    if machine.logical_cores.is_none() {
        machine.logical_cores = std::thread::available_parallelism().ok().and_then(|n| u32::try_from(n.get()).ok());
    }
    if machine.chip.is_empty() {
        machine.chip = format!("unknown {} processor", machine.arch);
    }
    with_chip(machine, chip)
}

/// Reads the state of this machine: about a quarter of a second, most of it a pause in which the time that other
/// processes take is counted. This process and those it started are not among them.
#[must_use]
pub fn state() -> MachineState {
    // First: a card that was at work a moment ago lets go of its clocks, and of the reasons that held them down.
    let gpus = nvidia::states();
    MachineState { gpus, ..this_state() }
}

/// All that disturbs a measurement by this program, what weighs most first.
#[must_use]
pub fn disturbances(machine: &Machine, state: &MachineState) -> Vec<Disturbance> {
    let mut found = chipmark_results::disturbance::disturbances(machine, state);
    if cfg!(debug_assertions) {
        found.insert(0, Disturbance::DebugBuild);
    }
    found
}

/// The memory in bytes that a new process could take without pushing others out. On Linux never more than the control
/// groups of this process allow.
#[must_use]
pub fn free_memory_bytes() -> Option<u64> {
    this_free_memory_bytes()
}

/// Puts the name that the user gave in place of the detected one. None, nothing and `auto` leave the machine as it is.
fn with_chip(mut machine: Machine, chip: Option<&str>) -> Machine {
    let name = chip.map_or("", str::trim);
    if !name.is_empty() && !name.eq_ignore_ascii_case("auto") {
        machine.chip_detected = Some(std::mem::replace(&mut machine.chip, name.to_owned()));
        machine.chip_given = true;
    }
    machine
}

#[cfg(target_os = "linux")]
fn this_machine() -> Machine {
    let mut machine = linux::machine(std::path::Path::new("/"), std::env::consts::ARCH);
    machine.gpus = nvidia::merge(nvidia::gpus(), machine.gpus);
    machine
}

#[cfg(target_os = "linux")]
fn this_state() -> MachineState {
    linux::state(std::path::Path::new("/"), std::process::id(), std::time::Duration::from_millis(200))
}

#[cfg(target_os = "linux")]
fn this_free_memory_bytes() -> Option<u64> {
    linux::free_memory_bytes(std::path::Path::new("/"))
}

#[cfg(target_os = "macos")]
fn this_machine() -> Machine {
    macos::machine(&tool::SystemTools, std::env::consts::ARCH)
}

#[cfg(target_os = "macos")]
fn this_state() -> MachineState {
    let (mut state, power) = energy::Meter::of_host().during(|| {
        let start = std::time::Instant::now();
        let state = macos::state(&tool::SystemTools, std::process::id(), macos::thermal_state());
        // The system reckons its energy a few times a second: less time would tell nothing.
        std::thread::sleep(std::time::Duration::from_millis(200).saturating_sub(start.elapsed()));
        state
    });
    state.power = power;
    #[cfg(target_arch = "aarch64")]
    {
        state.power.extend(macos::ioreport::system_power());
        macos::ioreport::add_clocks(&mut state);
    }
    state
}

#[cfg(target_os = "macos")]
fn this_free_memory_bytes() -> Option<u64> {
    macos::free_memory_bytes(&tool::SystemTools)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn this_machine() -> Machine {
    Machine {
        arch: std::env::consts::ARCH.to_owned(),
        os: std::env::consts::OS.to_owned(),
        gpus: nvidia::gpus(),
        ..Machine::default()
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn this_state() -> MachineState {
    MachineState::default()
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn this_free_memory_bytes() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected() -> Machine {
        Machine { chip: "Apple M3".to_owned(), ..Machine::default() }
    }

    #[test]
    fn a_given_chip_is_kept_beside_the_detected_one() {
        let machine = with_chip(detected(), Some(" Apple M3 Max "));
        assert_eq!(machine.chip, "Apple M3 Max");
        assert!(machine.chip_given);
        assert_eq!(machine.chip_detected.as_deref(), Some("Apple M3"));
    }

    #[test]
    fn none_and_auto_leave_what_was_detected() {
        for chip in [None, Some("auto"), Some("AUTO"), Some("  ")] {
            assert_eq!(with_chip(detected(), chip), detected());
        }
    }
}
