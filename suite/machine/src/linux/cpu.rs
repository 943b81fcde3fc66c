//! The processor: its name, its cores and their kinds, its last-level cache.

use super::arm;
use crate::files;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const CPUS: &str = "sys/devices/system/cpu";

/// A core whose capacity is at most this share of the largest one's is an efficiency core: less is how much equal cores
/// of one chip differ.
const EFFICIENCY_SHARE: f64 = 0.75;

/// How many cores there are, as far as the system tells.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Cores {
    pub(super) physical: Option<u32>,
    pub(super) logical: Option<u32>,
    pub(super) performance: Option<u32>,
    pub(super) efficiency: Option<u32>,
}

/// What Rosetta calls the processor of a Linux in a virtual machine on a Mac.
const ROSETTA: &str = "VirtualApple";

/// The chip's name: as the kernel tells it on x86, else from the tables of ARM chips, else the board's.
pub(super) fn name(root: &Path, cpuinfo: &str) -> Option<String> {
    match files::value(cpuinfo, "model name", ':') {
        Some(model) if model.starts_with(ROSETTA) => Some(arm::APPLE_SILICON.to_owned()),
        // ARM kernels print the architecture there: `ARMv7 Processor rev 4 (v7l)`.
        Some(model) if !model.starts_with("ARMv") => Some(model.to_owned()),
        _ => arm::name(root, cpuinfo).or_else(|| files::text(&root.join("proc/device-tree/model"))),
    }
}

/// Whether the processor is of another kind than the one that a program for `arch` was built for: Rosetta makes up a name,
/// QEMU's user mode shows what the host's kernel tells.
pub(super) fn is_translated(cpuinfo: &str, arch: &str) -> bool {
    let value = |key| files::value(cpuinfo, key, ':');
    match arch {
        "x86_64" => {
            value("CPU implementer").is_some() || value("model name").is_some_and(|name| name.starts_with(ROSETTA))
        }
        "aarch64" => value("vendor_id").is_some(),
        _ => false,
    }
}

/// Counts cores by the sets of logical cores that share one, which every architecture tells alike.
pub(super) fn cores(root: &Path, cpuinfo: &str) -> Cores {
    let mut capacities: BTreeMap<String, u64> = BTreeMap::new();
    let mut siblings_of: BTreeMap<u32, String> = BTreeMap::new();
    for (cpu, folder) in cpu_folders(root) {
        let topology = folder.join("topology");
        let Some(siblings) = files::text(&topology.join("core_cpus_list"))
            .or_else(|| files::text(&topology.join("thread_siblings_list")))
        else {
            continue;
        };
        capacities.insert(siblings.clone(), files::number(&folder.join("cpu_capacity")).unwrap_or(0));
        siblings_of.insert(cpu, siblings);
    }
    let physical = if siblings_of.is_empty() { cores_of_cpuinfo(cpuinfo) } else { count(capacities.len()) };
    let listed = |line: &&str| line.split_once(':').is_some_and(|(key, _)| key.trim() == "processor");
    let logical = count(cpuinfo.lines().filter(listed).count());
    let (performance, efficiency) = intel_kinds(root, &siblings_of).or_else(|| capacity_kinds(&capacities)).unzip();
    Cores { physical, logical, performance, efficiency }
}

/// The bytes of the last level of cache: of every cache of the highest level, each counted once.
pub(super) fn last_level_cache_bytes(root: &Path) -> Option<u64> {
    let mut caches: BTreeMap<(u64, String), u64> = BTreeMap::new();
    for (cpu, folder) in cpu_folders(root) {
        for cache in files::entries(&folder.join("cache")) {
            let is_data = files::text(&cache.join("type")).is_some_and(|kind| kind != "Instruction");
            let level = files::number(&cache.join("level"));
            let bytes = files::text(&cache.join("size")).and_then(|size| size_bytes(&size));
            if let (true, Some(level), Some(bytes)) = (is_data, level, bytes) {
                let shared = files::text(&cache.join("shared_cpu_list")).unwrap_or_else(|| cpu.to_string());
                caches.insert((level, shared), bytes);
            }
        }
    }
    let (last, _) = caches.keys().next_back()?;
    let sizes = caches.iter().filter(|((level, _), _)| level == last).map(|(_, bytes)| *bytes);
    sizes.reduce(u64::saturating_add).filter(|&bytes| bytes > 0)
}

/// The folders `cpu0`, `cpu1`, … of the logical cores.
pub(super) fn cpu_folders(root: &Path) -> Vec<(u32, PathBuf)> {
    let number = |path: &PathBuf| path.file_name()?.to_str()?.strip_prefix("cpu")?.parse().ok();
    files::entries(&root.join(CPUS)).into_iter().filter_map(|path| Some((number(&path)?, path))).collect()
}

/// Where the folders tell nothing: the pairs of package and core in `/proc/cpuinfo`.
fn cores_of_cpuinfo(cpuinfo: &str) -> Option<u32> {
    let mut cores = BTreeSet::new();
    for processor in cpuinfo.split("\n\n") {
        let of = |key| files::value(processor, key, ':');
        if let Some(core) = of("core id") {
            cores.insert((of("physical id").unwrap_or(""), core));
        }
    }
    count(cores.len())
}

/// Intel's hybrid chips list the logical cores of each kind.
fn intel_kinds(root: &Path, siblings_of: &BTreeMap<u32, String>) -> Option<(u32, u32)> {
    let cores = |kind: &str| {
        let cpus = cpu_list(&files::text(&root.join("sys/devices").join(kind).join("cpus"))?);
        let cores: BTreeSet<&String> = cpus.iter().filter_map(|cpu| siblings_of.get(cpu)).collect();
        count(cores.len())
    };
    Some((cores("cpu_core")?, cores("cpu_atom")?))
}

/// Elsewhere the kinds differ in what the scheduler says a core can do.
fn capacity_kinds(capacities: &BTreeMap<String, u64>) -> Option<(u32, u32)> {
    let largest = *capacities.values().max()?;
    let smallest = *capacities.values().min()?;
    #[expect(clippy::cast_precision_loss, reason = "capacities are at most 1024")]
    let differ = smallest > 0 && smallest as f64 <= largest as f64 * EFFICIENCY_SHARE;
    if !differ {
        return None;
    }
    let efficiency = capacities.values().filter(|&&capacity| capacity == smallest).count();
    Some((count(capacities.len() - efficiency)?, count(efficiency)?))
}

/// `0-3,8` as numbers. What is no list of cores gives fewer of them.
fn cpu_list(text: &str) -> BTreeSet<u32> {
    /// More logical cores than any kernel is built for.
    const LIMIT: u32 = 1 << 16;
    let mut cpus = BTreeSet::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        if let (Ok(first), Ok(last)) = (first.trim().parse::<u32>(), last.trim().parse::<u32>()) {
            cpus.extend(first..=last.min(LIMIT));
        }
    }
    cpus
}

/// `48K`, `32M` in bytes.
fn size_bytes(text: &str) -> Option<u64> {
    let (digits, unit) = match text.strip_suffix(['K', 'k']) {
        Some(digits) => (digits, 1 << 10),
        None => text.strip_suffix(['M', 'm']).map_or((text, 1), |digits| (digits, 1 << 20)),
    };
    digits.trim().parse::<u64>().ok()?.checked_mul(unit)
}

/// A count that was found; none is not zero cores but not known.
fn count(number: usize) -> Option<u32> {
    u32::try_from(number).ok().filter(|&number| number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_lists_of_the_kernel() {
        assert_eq!(size_bytes("48K"), Some(49_152));
        assert_eq!(size_bytes("266240K"), Some(272_629_760));
        assert_eq!(size_bytes("32M"), Some(33_554_432));
        assert_eq!(size_bytes("512"), Some(512));
        assert_eq!(size_bytes("K"), None);
        assert_eq!(size_bytes("99999999999999999999K"), None);
        assert_eq!(cpu_list("0-3,8"), BTreeSet::from([0, 1, 2, 3, 8]));
        assert_eq!(cpu_list("7"), BTreeSet::from([7]));
        assert_eq!(cpu_list("none"), BTreeSet::new());
        assert!(cpu_list("0-4294967295").len() <= 65_537);
    }

    #[test]
    fn capacities_that_differ_little_are_one_kind() {
        let chip = |capacities: &[u64]| {
            capacity_kinds(&capacities.iter().enumerate().map(|(i, &c)| (i.to_string(), c)).collect())
        };
        assert_eq!(chip(&[1024, 1024]), None);
        assert_eq!(chip(&[1024, 981]), None);
        assert_eq!(chip(&[0, 0]), None);
        assert_eq!(chip(&[]), None);
        // RK3588: four small and four large cores.
        assert_eq!(chip(&[381, 381, 381, 381, 1024, 1024, 1024, 1024]), Some((4, 4)));
        // A phone's three sizes: the middle ones are no efficiency cores.
        assert_eq!(chip(&[325, 325, 325, 325, 870, 870, 870, 1024]), Some((4, 4)));
    }
}
