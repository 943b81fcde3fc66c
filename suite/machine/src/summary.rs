//! A machine in one line.

use chipmark_results::machine::{Gpu, Machine};

const GIB: u64 = 1 << 30;

/// Such as `Apple M3 Max, 16 cores (12P+4E), 40-core GPU, 64 GiB, macOS 14.5`.
#[must_use]
pub fn summary(machine: &Machine) -> String {
    let mut parts = vec![match &machine.chip_detected {
        Some(detected) if *detected != machine.chip => format!("{} (given; detected: {detected})", machine.chip),
        _ => machine.chip.clone(),
    }];
    parts.extend(cores(machine));
    parts.extend(gpus(machine));
    parts.extend(machine.memory_bytes.map(gibibytes));
    parts.push(match &machine.os_version {
        Some(version) => format!("{} {version}", machine.os),
        None => machine.os.clone(),
    });
    parts.extend(machine.hypervisor.as_ref().map(|name| match name.as_str() {
        "unknown" => "virtual machine".to_owned(),
        name => format!("virtual machine ({name})"),
    }));
    if machine.translated {
        // On Linux it may be QEMU.
        parts.push(if machine.os == "macOS" { "translated by Rosetta" } else { "translated" }.to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

/// Such as `24 cores (8P+16E, 32 threads)`.
fn cores(machine: &Machine) -> Option<String> {
    let Some(physical) = machine.physical_cores else {
        return machine.logical_cores.map(|count| plural(count, "thread"));
    };
    let kinds = [(machine.super_cores, 'S'), (machine.performance_cores, 'P'), (machine.efficiency_cores, 'E')];
    let kinds: Vec<String> =
        kinds.iter().filter_map(|(count, letter)| count.map(|count| format!("{count}{letter}"))).collect();
    let mut details = if kinds.is_empty() { Vec::new() } else { vec![kinds.join("+")] };
    if let Some(logical) = machine.logical_cores.filter(|&logical| logical != physical) {
        details.push(plural(logical, "thread"));
    }
    let cores = plural(physical, "core");
    Some(if details.is_empty() { cores } else { format!("{cores} ({})", details.join(", ")) })
}

/// One part per kind of graphics processor, in the order in which they were found.
fn gpus(machine: &Machine) -> Vec<String> {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for name in machine.gpus.iter().map(|gpu| gpu_name(gpu, machine)) {
        match counted.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counted.push((name, 1)),
        }
    }
    counted.into_iter().map(|(name, count)| if count == 1 { name } else { format!("{count} × {name}") }).collect()
}

/// The chip's own is told by its cores alone; a card by its name and memory, unless the name tells that.
fn gpu_name(gpu: &Gpu, machine: &Machine) -> String {
    let chip = machine.chip_detected.as_ref().unwrap_or(&machine.chip);
    match (gpu.cores, gpu.memory_bytes) {
        (Some(cores), None) if gpu.name == *chip => format!("{cores}-core GPU"),
        (_, Some(bytes)) if !gpu.name.contains("GB") => format!("{} {}", gpu.name, gibibytes(bytes)),
        _ => gpu.name.clone(),
    }
}

/// In GiB, to the nearest; what the firmware keeps for itself is missing from the number.
fn gibibytes(bytes: u64) -> String {
    match (bytes + GIB / 2) / GIB {
        0 => format!("{} MiB", bytes >> 20),
        gibibytes => format!("{gibibytes} GiB"),
    }
}

fn plural(count: u32, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn m3_max() -> Machine {
        Machine {
            chip: "Apple M3 Max".to_owned(),
            physical_cores: Some(16),
            logical_cores: Some(16),
            performance_cores: Some(12),
            efficiency_cores: Some(4),
            gpus: vec![Gpu { name: "Apple M3 Max".to_owned(), cores: Some(40), ..Gpu::default() }],
            memory_bytes: Some(64 * GIB),
            os: "macOS".to_owned(),
            os_version: Some("14.5".to_owned()),
            ..Machine::default()
        }
    }

    #[test]
    fn a_mac() {
        assert_eq!(summary(&m3_max()), "Apple M3 Max, 16 cores (12P+4E), 40-core GPU, 64 GiB, macOS 14.5");
    }

    #[test]
    fn a_given_chip_says_what_was_detected() {
        let mut machine = m3_max();
        machine.chip_detected = Some(std::mem::replace(&mut machine.chip, "Apple M9".to_owned()));
        let expected = "Apple M9 (given; detected: Apple M3 Max), 16 cores (12P+4E), 40-core GPU, 64 GiB, macOS 14.5";
        assert_eq!(summary(&machine), expected);
    }

    #[test]
    fn a_server_with_cards() {
        let card = Gpu {
            name: "NVIDIA GeForce RTX 4090".to_owned(),
            cores: Some(16_384),
            memory_bytes: Some(24_564 << 20),
            driver: Some("555.42".to_owned()),
        };
        let h100 = Gpu { name: "NVIDIA H100 80GB HBM3".to_owned(), memory_bytes: Some(81_559 << 20), ..Gpu::default() };
        let machine = Machine {
            chip: "Intel Core i9-13900K".to_owned(),
            physical_cores: Some(24),
            logical_cores: Some(32),
            performance_cores: Some(8),
            efficiency_cores: Some(16),
            gpus: vec![card.clone(), h100, card],
            memory_bytes: Some(65_640_000_000),
            os: "Ubuntu".to_owned(),
            os_version: Some("24.04".to_owned()),
            ..Machine::default()
        };
        let expected = "Intel Core i9-13900K, 24 cores (8P+16E, 32 threads), 2 × NVIDIA GeForce RTX 4090 24 GiB, \
            NVIDIA H100 80GB HBM3, 61 GiB, Ubuntu 24.04";
        assert_eq!(summary(&machine), expected);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let machine = Machine {
            chip: "unknown riscv64 processor".to_owned(),
            logical_cores: Some(1),
            memory_bytes: Some(256 << 20),
            os: "Linux".to_owned(),
            hypervisor: Some("unknown".to_owned()),
            ..Machine::default()
        };
        assert_eq!(summary(&machine), "unknown riscv64 processor, 1 thread, 256 MiB, Linux, virtual machine");
        let translated = Machine { translated: true, hypervisor: Some("QEMU".to_owned()), ..machine };
        assert!(summary(&translated).ends_with("virtual machine (QEMU), translated"));
    }
}
