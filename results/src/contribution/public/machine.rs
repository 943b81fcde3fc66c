//! The machine and its state as they become public. Every field is named, so that a new one is left out until somebody decides.

use super::super::PROCESS;
use super::super::scrub::Scrub;
use crate::chips;
use crate::machine::{Gpu, GpuState, HeavyProcess, Machine, MachineState, Power};

pub(super) fn machine(scrub: &Scrub<'_>, machine: &Machine) -> Machine {
    let Machine {
        chip,
        chip_given,
        chip_detected,
        arch,
        physical_cores,
        logical_cores,
        super_cores,
        performance_cores,
        efficiency_cores,
        gpus,
        memory_bytes,
        last_level_cache_bytes,
        os,
        os_version,
        os_build,
        kernel,
        hypervisor,
        translated,
    } = machine;
    // What somebody calls a chip may be what they call their computer.
    let is_fact =
        !chip_given || chip_detected.as_ref() == Some(chip) || chips::all().iter().any(|known| known.is_called(chip));
    Machine {
        chip: if is_fact { scrub.fact(chip) } else { scrub.text(chip) },
        chip_given: *chip_given,
        chip_detected: scrub.facts(chip_detected.as_deref()),
        arch: scrub.fact(arch),
        physical_cores: *physical_cores,
        logical_cores: *logical_cores,
        super_cores: *super_cores,
        performance_cores: *performance_cores,
        efficiency_cores: *efficiency_cores,
        gpus: gpus.iter().map(|one| gpu(scrub, one)).collect(),
        memory_bytes: *memory_bytes,
        last_level_cache_bytes: *last_level_cache_bytes,
        os: scrub.fact(os),
        os_version: scrub.facts(os_version.as_deref()),
        os_build: scrub.facts(os_build.as_deref()),
        kernel: kernel.as_deref().and_then(version),
        hypervisor: scrub.facts(hypervisor.as_deref()),
        translated: *translated,
    }
}

/// The numbers of a kernel's version. Behind them stands who built it, or what for.
fn version(kernel: &str) -> Option<String> {
    const MAX_CHARS: usize = 20;
    let from = kernel.find(|c: char| c.is_ascii_digit())?;
    let numbers = kernel.get(from..)?.chars().take_while(|c| c.is_ascii_digit() || *c == '.').take(MAX_CHARS);
    Some(numbers.collect::<String>().trim_end_matches('.').to_owned())
}

fn gpu(scrub: &Scrub<'_>, gpu: &Gpu) -> Gpu {
    let Gpu { name, cores, memory_bytes, driver } = gpu;
    Gpu { name: scrub.fact(name), cores: *cores, memory_bytes: *memory_bytes, driver: scrub.facts(driver.as_deref()) }
}

pub(super) fn state(scrub: &Scrub<'_>, state: &MachineState) -> MachineState {
    let MachineState {
        power_source,
        low_power_mode,
        thermal,
        governor,
        cpu_clock_mhz,
        cpu_clock_limit_mhz,
        cpu_clock_max_mhz,
        power,
        load_1m,
        free_memory_bytes,
        heavy_processes,
        gpus,
    } = state;
    let heavy = |process: &HeavyProcess| {
        let HeavyProcess { name: _, cpu_percent } = process;
        HeavyProcess { name: PROCESS.to_owned(), cpu_percent: *cpu_percent }
    };
    let drawn = |power: &Power| {
        let Power { counter, watts } = power;
        Power { counter: scrub.text(counter), watts: *watts }
    };
    MachineState {
        power_source: scrub.texts(power_source.as_deref()),
        low_power_mode: *low_power_mode,
        thermal: scrub.texts(thermal.as_deref()),
        governor: scrub.texts(governor.as_deref()),
        cpu_clock_mhz: *cpu_clock_mhz,
        cpu_clock_limit_mhz: *cpu_clock_limit_mhz,
        cpu_clock_max_mhz: *cpu_clock_max_mhz,
        power: power.iter().map(drawn).collect(),
        load_1m: *load_1m,
        free_memory_bytes: *free_memory_bytes,
        heavy_processes: heavy_processes.iter().map(heavy).collect(),
        gpus: gpus.iter().map(|gpu| gpu_state(scrub, gpu)).collect(),
    }
}

fn gpu_state(scrub: &Scrub<'_>, gpu: &GpuState) -> GpuState {
    let GpuState {
        name,
        clock_mhz,
        max_clock_mhz,
        memory_clock_mhz,
        utilisation_percent,
        power_w,
        power_limit_w,
        default_power_limit_w,
        energy_j,
        temperature_c,
        throttle,
    } = gpu;
    GpuState {
        name: scrub.fact(name),
        clock_mhz: *clock_mhz,
        max_clock_mhz: *max_clock_mhz,
        memory_clock_mhz: *memory_clock_mhz,
        utilisation_percent: *utilisation_percent,
        power_w: *power_w,
        power_limit_w: *power_limit_w,
        default_power_limit_w: *default_power_limit_w,
        energy_j: *energy_j,
        temperature_c: *temperature_c,
        throttle: throttle.iter().map(|reason| scrub.text(reason)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn of_a_kernel_the_numbers_stay() {
        for (kernel, numbers) in [
            ("6.8.0-45-generic", Some("6.8.0")),
            ("Darwin 24.3.0", Some("24.3.0")),
            ("5.15.153.1-microsoft-standard-WSL2", Some("5.15.153.1")),
            ("6.12.-jane", Some("6.12")),
            ("none", None),
        ] {
            assert_eq!(version(kernel).as_deref(), numbers);
        }
    }
}
