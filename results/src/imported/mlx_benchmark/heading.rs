//! A table's heading: the chip, in brackets what is told of the machine, then the versions, in the ways in which people wrote it.

use crate::chips;
use crate::imported::PublishedMachine;
use crate::imported::slug::slug;
use crate::machine::{Gpu, Machine};
use crate::plain::{check, quoted};
use std::collections::BTreeMap;

/// What a heading tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heading {
    /// It itself, without the asterisks.
    pub(super) text: String,
    pub(super) machine: PublishedMachine,
    pub(super) versions: BTreeMap<String, String>,
    /// A name for files.
    pub(super) slug: String,
}

/// Reads `**M1 Pro (2E+8P+16GPU+16GB) - mlx: 0.5.0**` and its kin.
pub(super) fn parse(line: &str) -> Result<Heading, String> {
    let text = line.replace("**", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    check("heading", &text)?;
    let Some((chip, rest)) = text.split_once('(') else {
        return Err(format!("{} is no heading of a table: write CHIP (MACHINE), then the versions", quoted(&text)));
    };
    let (inside, after) = brackets(rest).ok_or_else(|| format!("{} has a bracket too many", quoted(&text)))?;
    let chip = chip_words(chip)?;
    let mut machine = machine(inside)?;
    machine.chip = spelled(&chip, machine.card_memory_bytes);
    let gib = |bytes: Option<u64>| bytes.map(|bytes| format!("{}gb", bytes >> 30));
    // The memory of a card's host tells no machine from another, its own does.
    let memory = if machine.host.is_some() { gib(machine.card_memory_bytes) } else { gib(machine.memory_bytes) };
    let parts = [Some(chip), machine.kind.clone(), machine.cores.clone(), memory];
    let slug = slug(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))?;
    Ok(Heading { versions: versions(after)?, machine, slug, text })
}

/// What stands before the bracket that closes one opened before, and what behind it.
fn brackets(rest: &str) -> Option<(&str, &str)> {
    let mut open = 1usize;
    for (at, c) in rest.char_indices() {
        match c {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return rest.get(..at).zip(rest.get(at + 1..));
        }
    }
    None
}

/// The chip's name in the heading, with single spaces and no word twice in a row.
fn chip_words(chip: &str) -> Result<String, String> {
    let mut words: Vec<&str> = chip.split_whitespace().collect();
    words.dedup();
    let is_word = |word: &&str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if words.is_empty() || words.len() > 8 || !words.iter().all(is_word) {
        return Err(format!("{} is no chip's name", quoted(chip.trim())));
    }
    Ok(words.join(" "))
}

/// The name by which machines report the chip, as far as it is known here; else the name as printed.
fn spelled(chip: &str, card_memory_bytes: Option<u64>) -> String {
    let is_apple = chip.strip_prefix('M').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if is_apple {
        return format!("Apple {chip}");
    }
    if let (Some(kind), Some(bytes)) = (chip.strip_prefix("Tesla V100 "), card_memory_bytes) {
        let kind = if kind == "NVLink" { "SXM2".to_owned() } else { kind.to_ascii_uppercase() };
        return format!("NVIDIA Tesla V100-{kind}-{}GB", bytes >> 30);
    }
    let apart = chip.replace("RTX", "RTX ").replace("GTX", "GTX ").split_whitespace().collect::<Vec<_>>().join(" ");
    let gpu = Gpu { memory_bytes: card_memory_bytes, ..Gpu::default() };
    let is_known = |chip: &String| {
        chips::find(&Machine { chip: chip.clone(), gpus: vec![gpu.clone()], ..Machine::default() }).is_some()
    };
    let names = ["NVIDIA", "NVIDIA GeForce", "NVIDIA Tesla"].map(|maker| format!("{maker} {apart}"));
    names.into_iter().find(is_known).unwrap_or_else(|| chip.to_owned())
}

/// What stands in the brackets: a card and its host, or cores and memory, or nothing.
fn machine(inside: &str) -> Result<PublishedMachine, String> {
    let inside = inside.trim();
    match inside.split_once('/') {
        Some((card, host)) => with_host(card.trim(), host.trim()),
        None => with_cores(inside),
    }
}

/// Reads `32Go / Intel Xeon Gold 6148 20 cores, 40 threads @ 2.4 GHz (Skylake), 60Go`, or `(Desktop) / …`.
fn with_host(card: &str, host: &str) -> Result<PublishedMachine, String> {
    let mut machine = PublishedMachine::default();
    match card.strip_prefix('(').and_then(|kind| kind.strip_suffix(')')) {
        Some(kind) if !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            machine.kind = Some(kind.to_owned());
        }
        _ => machine.card_memory_bytes = Some(memory(card).ok_or_else(|| format!("{} is no memory", quoted(card)))?),
    }
    let (name, size) = match host.rsplit_once(' ') {
        Some((name, size)) if memory(size).is_some() => (name.trim_end_matches([',', ' ']), memory(size)),
        _ => (host, None),
    };
    check("host", name)?;
    machine.host = Some(name.to_owned());
    machine.memory_bytes = size;
    Ok(machine)
}

/// Reads `cores: 4E+4P+8GPU`, `2E+8P+16GPU+16GB`, `RAM: 16GB`, or nothing.
fn with_cores(inside: &str) -> Result<PublishedMachine, String> {
    let mut machine = PublishedMachine::default();
    let list = ["cores:", "RAM:"].into_iter().find_map(|label| inside.strip_prefix(label)).unwrap_or(inside).trim();
    if list.is_empty() {
        return Ok(machine);
    }
    let mut cores: Vec<&str> = Vec::new();
    for part in list.split('+').map(str::trim) {
        let bad = || format!("{} is neither cores nor memory", quoted(part));
        if let Some(bytes) = memory(part) {
            if machine.memory_bytes.replace(bytes).is_some() {
                return Err("a machine with two memories".to_owned());
            }
            continue;
        }
        let unit = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let count = part.strip_suffix(unit).and_then(|count| count.parse::<u32>().ok());
        let count = count.filter(|count| (1..=4096).contains(count)).ok_or_else(bad)?;
        match unit {
            "E" | "P" | "S" => {}
            "GPU" if machine.gpu_cores.is_none() => machine.gpu_cores = Some(count),
            _ => return Err(bad()),
        }
        cores.push(part);
    }
    machine.cores = (!cores.is_empty()).then(|| cores.join("+"));
    Ok(machine)
}

/// Reads `16GB` or, as the French write it, `32Go`; in powers of two, as memory is sold.
fn memory(text: &str) -> Option<u64> {
    let count = text.strip_suffix("GB").or_else(|| text.strip_suffix("Go"))?;
    let is_count = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    let gib = count.parse::<u64>().ok().filter(|gib| is_count && (1..=1 << 16).contains(gib))?;
    Some(gib << 30)
}

/// Reads `- mlx: 0.5.0`, `mlx 0.12.2 torch 2.1.2`, or nothing.
fn versions(after: &str) -> Result<BTreeMap<String, String>, String> {
    let mut versions = BTreeMap::new();
    let mut words = after.split_whitespace().filter(|word| *word != "-");
    while let Some(word) = words.next() {
        let framework = match word.trim_end_matches(':') {
            "mlx" => "mlx",
            // By the name that it has in targets.
            "torch" => "tch",
            _ => return Err(format!("{} is no framework of this suite", quoted(word))),
        };
        let is_version = |version: &&str| {
            let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-');
            version.len() <= 32 && version.starts_with(|c: char| c.is_ascii_digit()) && version.bytes().all(letters)
        };
        let version = words.next().filter(is_version).ok_or_else(|| format!("{} without a version", quoted(word)))?;
        if versions.insert(framework.to_owned(), version.to_owned()).is_some() {
            return Err(format!("two versions of {framework}"));
        }
    }
    Ok(versions)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    fn versions_of(heading: &Heading) -> Vec<(&str, &str)> {
        heading.versions.iter().map(|(name, version)| (name.as_str(), version.as_str())).collect()
    }

    #[test]
    fn macs_in_every_way_of_writing() {
        for (line, slug, chip, cores, gpu_cores, gib, versions) in [
            ("**M7 (cores: 4E+4P+8GPU)**", "m7-4e-4p-8gpu", "Apple M7", Some("4E+4P+8GPU"), Some(8), None, vec![]),
            (
                "**M7 Pro (2E+8P+16GPU+16GB) - mlx: 0.5.0**",
                "m7-pro-2e-8p-16gpu-16gb",
                "Apple M7 Pro",
                Some("2E+8P+16GPU"),
                Some(16),
                Some(16),
                vec![("mlx", "0.5.0")],
            ),
            (
                "**M7 Max (64GB)** mlx 0.2.0",
                "m7-max-64gb",
                "Apple M7 Max",
                None,
                None,
                Some(64),
                vec![("mlx", "0.2.0")],
            ),
            (
                "**M7 Ultra (4E+16P+48GPU+64GB)** mlx: 0.29.3 torch: 2.8.0",
                "m7-ultra-4e-16p-48gpu-64gb",
                "Apple M7 Ultra",
                Some("4E+16P+48GPU"),
                Some(48),
                Some(64),
                vec![("mlx", "0.29.3"), ("tch", "2.8.0")],
            ),
            ("**M7 () - mlx 0.2.0**", "m7", "Apple M7", None, None, None, vec![("mlx", "0.2.0")]),
            ("**M7 (RAM: 16GB)**  - mlx 0.2.0", "m7-16gb", "Apple M7", None, None, Some(16), vec![("mlx", "0.2.0")]),
            (
                "M7 Pro (cores: 4E+6P+16GPU) mlx 0.12.2 torch 2.1.2",
                "m7-pro-4e-6p-16gpu",
                "Apple M7 Pro",
                Some("4E+6P+16GPU"),
                Some(16),
                None,
                vec![("mlx", "0.12.2"), ("tch", "2.1.2")],
            ),
        ] {
            let heading = parse(line).unwrap();
            assert_eq!((heading.slug.as_str(), heading.machine.chip.as_str()), (slug, chip), "{line}");
            assert_eq!((heading.machine.cores.as_deref(), heading.machine.gpu_cores), (cores, gpu_cores), "{line}");
            assert_eq!(heading.machine.memory_bytes, gib.map(|gib| gib * GIB), "{line}");
            assert_eq!(versions_of(&heading), versions, "{line}");
            assert_eq!((heading.machine.host, heading.machine.card_memory_bytes), (None, None), "{line}");
        }
    }

    #[test]
    fn cards_and_their_hosts() {
        for (line, slug, chip, card_gib, kind, host, gib) in [
            (
                "**Tesla V100 PCIe (32Go / Intel Xeon Gold 1234 14 cores, 28 threads @ 2.2GHz (Skylake), 60Go)**",
                "tesla-v100-pcie-32gb",
                "NVIDIA Tesla V100-PCIE-32GB",
                Some(32),
                None,
                "Intel Xeon Gold 1234 14 cores, 28 threads @ 2.2GHz (Skylake)",
                Some(60),
            ),
            (
                "**Tesla V100 NVLink (16Go / Intel Xeon Gold 1234 14 cores / 28 threads @ 2.2GHz (Skylake), 60Go)**",
                "tesla-v100-nvlink-16gb",
                "NVIDIA Tesla V100-SXM2-16GB",
                Some(16),
                None,
                "Intel Xeon Gold 1234 14 cores / 28 threads @ 2.2GHz (Skylake)",
                Some(60),
            ),
            (
                "**RTX4090 ((Desktop) / 10th Gen Intel Core i9 @ 3.30GHz 128GB)**",
                "rtx4090-desktop",
                "NVIDIA GeForce RTX 4090",
                None,
                Some("Desktop"),
                "10th Gen Intel Core i9 @ 3.30GHz",
                Some(128),
            ),
            (
                "A100 80GB 80GB PCIe ((Server) / Intel(R) Xeon(R) Gold 1234 CPU @ 3.10GHz, 754GB)",
                "a100-80gb-pcie-server",
                "NVIDIA A100 80GB PCIe",
                None,
                Some("Server"),
                "Intel(R) Xeon(R) Gold 1234 CPU @ 3.10GHz",
                Some(754),
            ),
            ("**B900 (9GB / some host)**", "b900-9gb", "B900", Some(9), None, "some host", None),
        ] {
            let heading = parse(line).unwrap();
            let machine = &heading.machine;
            assert_eq!((heading.slug.as_str(), machine.chip.as_str()), (slug, chip), "{line}");
            assert_eq!(
                (machine.card_memory_bytes, machine.kind.as_deref()),
                (card_gib.map(|gib| gib * GIB), kind),
                "{line}"
            );
            assert_eq!(
                (machine.host.as_deref(), machine.memory_bytes),
                (Some(host), gib.map(|gib| gib * GIB)),
                "{line}"
            );
            assert_eq!(machine.known_chip().is_some(), chip.starts_with("NVIDIA"), "{line}");
        }
    }

    #[test]
    fn hostile_headings_are_one_line_each() {
        for bad in [
            "**<script>alert(1)</script> (1E)**",
            "**../../etc/passwd (1E)**",
            "**M1 (../../etc)**",
            "**M1 (<script> / <img src=x>)**",
            "**M1\u{202e} (1E)**",
            "**שלום (1E)**",
            "****",
            "** **",
            "**()**",
            "**M1**",
            "**M1 (1E**",
            "**M1 (0E)**",
            "**M1 (1E+99999GPU)**",
            "**M1 (16GB+16GB)**",
            "**M1 (99999999999999999999GB)**",
            "**M1 (1E) mlx**",
            "**M1 (1E) mlx latest**",
            "**M1 (1E) jax 1.0**",
            "**M1 (1E) mlx 1.0 mlx 2.0**",
            "**M1 ( / )**",
            "**M1 (1Go / )**",
            &format!("**M1 ({})**", "x".repeat(10_000)),
            &format!("**{} (1E)**", "M1 ".repeat(3_000)),
        ] {
            let why = parse(bad).unwrap_err();
            assert!(!why.is_empty() && why.len() < 300 && !why.contains(['\n', '\u{202e}']), "{bad:.80}: {why}");
        }
        // What the name of the file is made of is letters, digits and single dashes whatever the heading.
        let heading = parse("**M1 (1E / ../../etc <b>)**");
        assert!(heading.is_err(), "1E is no memory: {heading:?}");
        let heading = parse("**M1 (1Go / ../../etc <b>)**").unwrap();
        assert_eq!(heading.slug, "m1-1gb");
    }
}
