//! Whether a machine can be, has the devices of its targets, and what a reviewer should know of it.

use super::Rule;
use super::finding::Findings;
use crate::chips;
use crate::disturbance::disturbances;
use crate::machine::Machine;
use crate::plain::quoted;
use crate::record::Run;
use chipmark_core::{Device, Target};

/// The most cores and the most bytes of memory that are believed of a machine.
const MAX_CORES: u32 = 4096;
const MAX_MEMORY_BYTES: u64 = 1 << 46;

pub(super) fn check(run: &Run, findings: &mut Findings) {
    let devices = || run.targets.iter().find_map(|info| lacks(&run.machine, &info.target));
    if let Some(why) = implausible(&run.machine).or_else(devices) {
        findings.error(Rule::Identity, Some(1), &why);
    }
    let machine = &run.machine;
    if is_unknown_chip(run) {
        let what = "its chip is not in results/chips.toml, so that no time can be held against what its vendor says";
        findings.label(Rule::UnknownChip, what);
    }
    if let Some(detected) = machine.chip_detected.as_ref().filter(|detected| **detected != machine.chip) {
        let what = format!("the chip was named by hand: {}, detected was {}", quoted(&machine.chip), quoted(detected));
        findings.label(Rule::Identity, &what);
    }
    disturbed(run, findings);
}

/// Whether a chip is not in the table that could be there. Of a host's processor alone no figure is, but that of the memory which it
/// shares with its graphics.
pub(in crate::contribution) fn is_unknown_chip(run: &Run) -> bool {
    let has_figures = is_apple(&run.machine) || run.targets.iter().any(|info| info.target.device != Device::Cpu);
    has_figures && chips::find(&run.machine).is_none()
}

fn is_apple(machine: &Machine) -> bool {
    machine.chip.starts_with("Apple ")
}

/// Why no machine is like this.
fn implausible(machine: &Machine) -> Option<String> {
    let Machine { chip, arch, os, gpus, .. } = machine;
    if machine.translated {
        return Some("its instructions were translated, so that it is not the chip that was measured".to_owned());
    }
    let is_mac = os == "macOS";
    if is_apple(machine) && arch != "aarch64" {
        return Some(format!("{} with the instruction set {}; Apple's chips are aarch64", quoted(chip), quoted(arch)));
    }
    if is_mac && arch == "aarch64" && !is_apple(machine) {
        return Some(format!("{} with macOS on aarch64, where there are Apple's chips alone", quoted(chip)));
    }
    if is_mac && machine.nvidia_cards().next().is_some() {
        return Some("an NVIDIA card with macOS, which has no driver for it".to_owned());
    }
    let listed = chips::gpu_cores_of(chip);
    if let Some(cores) = gpus.iter().find_map(|gpu| gpu.cores)
        && !listed.is_empty()
        && !listed.contains(&cores)
    {
        let listed: Vec<String> = listed.iter().map(u32::to_string).collect();
        return Some(format!("{} with {cores} GPU cores; it is sold with {}", quoted(chip), listed.join(" or ")));
    }
    let cores = [machine.physical_cores, machine.logical_cores, gpus.iter().find_map(|gpu| gpu.cores)];
    if cores.into_iter().flatten().any(|cores| cores == 0 || cores > MAX_CORES) {
        return Some("no machine has so many cores".to_owned());
    }
    let memory = gpus.iter().map(|gpu| gpu.memory_bytes).chain([machine.memory_bytes]);
    if memory.flatten().any(|bytes| bytes == 0 || bytes > MAX_MEMORY_BYTES) {
        return Some("no machine has so much memory".to_owned());
    }
    None
}

/// What a machine lacks for a target.
fn lacks(machine: &Machine, target: &Target) -> Option<String> {
    let has_apple = machine.os == "macOS" && machine.gpus.iter().any(|gpu| gpu.name.starts_with("Apple"));
    let cards = machine.nvidia_cards().count();
    let what = match target.device {
        Device::Cpu => return None,
        Device::Metal | Device::Mps if has_apple => return None,
        Device::Metal | Device::Mps => "Apple's graphics processor with macOS",
        Device::Gpu if has_apple || cards > 0 => return None,
        Device::Gpu => "Apple's graphics processor with macOS, or an NVIDIA card",
        Device::Cuda(number) if number < cards => return None,
        Device::Cuda(_) => "so many NVIDIA cards",
    };
    Some(format!("{target} was measured, and the machine has not what it needs: {what}"))
}

/// What disturbed the machine when the run started, but that it is virtual, which nobody can change.
fn disturbed(run: &Run, findings: &mut Findings) {
    let found = disturbances(&run.machine, &run.state);
    let mut found = found.iter().filter(|disturbance| disturbance.forbids_publishing());
    if let Some(first) = found.next() {
        let more = found.count();
        let more = if more == 0 { String::new() } else { format!("; and {more} more") };
        findings.label(Rule::Disturbed, &format!("when the run started: {}{more}", first.what()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Gpu;

    fn mac() -> Machine {
        Machine {
            chip: "Apple M2 Max".to_owned(),
            arch: "aarch64".to_owned(),
            os: "macOS".to_owned(),
            gpus: vec![Gpu { name: "Apple M2 Max".to_owned(), cores: Some(38), ..Gpu::default() }],
            physical_cores: Some(12),
            logical_cores: Some(12),
            memory_bytes: Some(64 << 30),
            ..Machine::default()
        }
    }

    fn linux(card: Option<&str>) -> Machine {
        let gpus = card.map(|name| Gpu { name: name.to_owned(), memory_bytes: Some(80 << 30), ..Gpu::default() });
        let [chip, arch, os] = ["AMD EPYC", "x86_64", "Debian GNU/Linux"].map(str::to_owned);
        Machine { chip, arch, os, gpus: gpus.into_iter().collect(), ..Machine::default() }
    }

    #[test]
    fn machines_that_can_be_pass() {
        for machine in [mac(), linux(None), linux(Some("NVIDIA H100 80GB HBM3"))] {
            assert_eq!(implausible(&machine), None, "{machine:?}");
        }
        let asahi = Machine { os: "Fedora Linux Asahi Remix".to_owned(), gpus: Vec::new(), ..mac() };
        assert_eq!(implausible(&asahi), None);
        let unknown = Machine { chip: "Apple M9 Max".to_owned(), ..mac() };
        assert_eq!(implausible(&unknown), None, "that nothing is known of it is told elsewhere");
    }

    #[test]
    fn machines_that_cannot_be_are_told() {
        let changed = |change: &dyn Fn(&mut Machine)| {
            let mut machine = mac();
            change(&mut machine);
            implausible(&machine).unwrap()
        };
        for (change, says) in [
            (&(|m: &mut Machine| m.arch = "x86_64".to_owned()) as &dyn Fn(&mut Machine), "aarch64"),
            (&|m| m.chip = "AMD EPYC".to_owned(), "Apple's chips alone"),
            (&|m| m.gpus[0].cores = Some(40), "sold with 30 or 38"),
            (&|m| m.gpus[0].name = "NVIDIA H100".to_owned(), "no driver"),
            (&|m| m.translated = true, "translated"),
            (&|m| m.physical_cores = Some(0), "so many cores"),
            (&|m| m.memory_bytes = Some(1 << 60), "so much memory"),
        ] {
            let why = changed(change);
            assert!(why.contains(says), "{why}");
        }
    }

    #[test]
    fn targets_need_their_devices() {
        let lacks = |machine: &Machine, target: &str| super::lacks(machine, &target.parse().unwrap()).is_some();
        let card = linux(Some("NVIDIA H100 80GB HBM3"));
        for (machine, has, lacking) in [
            (&mac(), &["candle:metal", "tch:mps", "mlx:gpu+compile", "tch:cpu"][..], &["tch:cuda:0"][..]),
            (&card, &["tch:cuda:0", "mlx:gpu"], &["tch:mps", "candle:metal", "tch:cuda:1"]),
            (&linux(None), &["mlx:cpu"], &["mlx:gpu", "candle:cuda:0"]),
        ] {
            assert!(has.iter().all(|target| !lacks(machine, target)), "{machine:?}");
            assert!(lacking.iter().all(|target| lacks(machine, target)), "{machine:?}");
        }
    }
}
