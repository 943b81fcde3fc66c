//! Names of ARM processors, which tell the kernel numbers and no name: the few that people run models on. Numbers as in
//! the makers' manuals, the kernel and `lscpu`.

use crate::files;
use std::collections::BTreeSet;
use std::path::Path;

/// What is known of an Apple chip where a virtual machine or Rosetta hides which.
pub(super) const APPLE_SILICON: &str = "Apple silicon";

/// Apple as an implementer.
const APPLE_CORE: u32 = 0x61;

/// Implementer, part, name.
const PARTS: &[(u32, u32, &str)] = &[
    (0x41, 0xd03, "ARM Cortex-A53"),
    (0x41, 0xd05, "ARM Cortex-A55"),
    (0x41, 0xd07, "ARM Cortex-A57"),
    (0x41, 0xd08, "ARM Cortex-A72"),
    (0x41, 0xd09, "ARM Cortex-A73"),
    (0x41, 0xd0a, "ARM Cortex-A75"),
    (0x41, 0xd0b, "ARM Cortex-A76"),
    (0x41, 0xd0c, "ARM Neoverse-N1"),
    (0x41, 0xd0d, "ARM Cortex-A77"),
    (0x41, 0xd40, "ARM Neoverse-V1"),
    (0x41, 0xd41, "ARM Cortex-A78"),
    (0x41, 0xd42, "ARM Cortex-A78AE"),
    (0x41, 0xd44, "ARM Cortex-X1"),
    (0x41, 0xd46, "ARM Cortex-A510"),
    (0x41, 0xd47, "ARM Cortex-A710"),
    (0x41, 0xd48, "ARM Cortex-X2"),
    (0x41, 0xd49, "ARM Neoverse-N2"),
    (0x41, 0xd4a, "ARM Neoverse-E1"),
    (0x41, 0xd4b, "ARM Cortex-A78C"),
    (0x41, 0xd4c, "ARM Cortex-X1C"),
    (0x41, 0xd4d, "ARM Cortex-A715"),
    (0x41, 0xd4e, "ARM Cortex-X3"),
    (0x41, 0xd4f, "ARM Neoverse-V2"),
    (0x41, 0xd80, "ARM Cortex-A520"),
    (0x41, 0xd81, "ARM Cortex-A720"),
    (0x41, 0xd82, "ARM Cortex-X4"),
    (0x41, 0xd83, "ARM Neoverse-V3AE"),
    (0x41, 0xd84, "ARM Neoverse-V3"),
    (0x41, 0xd85, "ARM Cortex-X925"),
    (0x41, 0xd87, "ARM Cortex-A725"),
    (0x41, 0xd8e, "ARM Neoverse-N3"),
    (0x46, 0x001, "Fujitsu A64FX"),
    (0x48, 0xd01, "HiSilicon Kunpeng-920"),
    (0x4e, 0x004, "NVIDIA Carmel"),
    (0x51, 0x001, "Qualcomm Oryon"),
    (0x6d, 0xd49, "Microsoft Azure Cobalt 100"),
    (0xc0, 0xac3, "Ampere-1"),
    (0xc0, 0xac4, "Ampere-1a"),
];

/// What the device tree of an Apple chip says it is compatible with, and the chip's name.
const APPLE: &[(&str, &str)] = &[
    ("apple,t8103", "Apple M1"),
    ("apple,t6000", "Apple M1 Pro"),
    ("apple,t6001", "Apple M1 Max"),
    ("apple,t6002", "Apple M1 Ultra"),
    ("apple,t8112", "Apple M2"),
    ("apple,t6020", "Apple M2 Pro"),
    ("apple,t6021", "Apple M2 Max"),
    ("apple,t6022", "Apple M2 Ultra"),
    ("apple,t8122", "Apple M3"),
    ("apple,t6030", "Apple M3 Pro"),
    ("apple,t6031", "Apple M3 Max"),
    ("apple,t6034", "Apple M3 Max"),
];

/// Chips that tell the kernel an id of their own: several makers build theirs of the same cores.
const SOCS: &[(&str, &str)] = &[("jep106:036b:0241", "NVIDIA Grace"), ("jep106:0a16:0001", "Ampere Altra")];

/// Amazon's own, by the cores that they are built of.
const GRAVITONS: &[(&str, &str)] =
    &[("ARM Neoverse-N1", "AWS Graviton2"), ("ARM Neoverse-V1", "AWS Graviton3"), ("ARM Neoverse-V2", "AWS Graviton4")];

/// The chip's name, or that of its kinds of cores, such as `ARM Cortex-A55 + ARM Cortex-A76`.
pub(super) fn name(root: &Path, cpuinfo: &str) -> Option<String> {
    let cores = cores(cpuinfo);
    let parts = parts(&cores);
    let soc = || files::text(&root.join("sys/devices/soc0/soc_id"));
    let rented = || parts.as_deref().filter(|_| is_rented_graviton(root));
    let chip = apple_chip(&files::text(&root.join("proc/device-tree/compatible")).unwrap_or_default())
        .or_else(|| listed(SOCS, &soc()?))
        .or_else(|| listed(GRAVITONS, rented()?));
    chip.map(str::to_owned).or(parts).or_else(|| is_apple(&cores).then(|| APPLE_SILICON.to_owned()))
}

/// The Apple chip that runs Linux, by the NUL-separated list of what its device tree is compatible with.
fn apple_chip(compatible: &str) -> Option<&'static str> {
    compatible.split('\0').find_map(|entry| listed(APPLE, entry))
}

fn listed(names: &[(&str, &'static str)], id: &str) -> Option<&'static str> {
    names.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}

/// Implementer and part of every kind of core in `/proc/cpuinfo`.
fn cores(cpuinfo: &str) -> BTreeSet<(u32, u32)> {
    let core = |processor: &str| {
        let of = |key| files::value(processor, key, ':').and_then(hexadecimal);
        Some((of("CPU implementer")?, of("CPU part")?))
    };
    cpuinfo.split("\n\n").filter_map(core).collect()
}

/// The names of these kinds. None where one of them is unknown, as half a name would be taken for the whole.
fn parts(cores: &BTreeSet<(u32, u32)>) -> Option<String> {
    let name = |core: &(u32, u32)| Some(PARTS.iter().find(|known| (known.0, known.1) == *core)?.2);
    let names: BTreeSet<&str> = cores.iter().map(name).collect::<Option<_>>()?;
    (!names.is_empty()).then(|| names.into_iter().collect::<Vec<_>>().join(" + "))
}

/// Whether all cores are Apple's, whatever their parts.
fn is_apple(cores: &BTreeSet<(u32, u32)>) -> bool {
    !cores.is_empty() && cores.iter().all(|(implementer, _)| *implementer == APPLE_CORE)
}

/// Whether this is one of Amazon's machines with a chip of Amazon's: of those the size begins with letters, a generation and
/// a `g`, as `c7g.4xlarge` does. It rents out other makers' chips of the same cores under other sizes.
fn is_rented_graviton(root: &Path) -> bool {
    let firmware = |file: &str| files::text(&root.join("sys/class/dmi/id").join(file)).unwrap_or_default();
    let size = firmware("product_name");
    let generation = size.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let rest = generation.trim_start_matches(|c: char| c.is_ascii_digit());
    let begins_so = generation.len() < size.len() && rest.len() < generation.len() && rest.starts_with('g');
    begins_so && firmware("sys_vendor") == "Amazon EC2"
}

fn hexadecimal(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn processors(cores: &[(&str, &str)]) -> String {
        let one = |(implementer, part): &(&str, &str)| {
            format!("CPU implementer\t: {implementer}\nCPU architecture: 8\nCPU part\t: {part}\n")
        };
        cores.iter().map(one).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn parts_have_names() {
        let named = |parts_of: &[&str]| {
            let of_arm: Vec<(&str, &str)> = parts_of.iter().map(|part| ("0x41", *part)).collect();
            parts(&cores(&processors(&of_arm)))
        };
        assert_eq!(named(&["0xd40"]).as_deref(), Some("ARM Neoverse-V1"));
        assert_eq!(named(&["0xd05", "0xd05", "0xd0b"]).as_deref(), Some("ARM Cortex-A55 + ARM Cortex-A76"));
        assert_eq!(named(&["0xd05", "0xfff"]), None);
        assert_eq!(parts(&cores("model name : x")), None);
    }

    #[test]
    fn apple_chips_are_known_by_their_device_tree() {
        assert_eq!(apple_chip("apple,j274\0apple,t8103\0apple,arm-platform"), Some("Apple M1"));
        assert_eq!(apple_chip("raspberrypi,5-model-b\0brcm,bcm2712"), None);
    }

    #[test]
    fn no_part_stands_in_the_table_twice() {
        let ids: BTreeSet<(u32, u32)> = PARTS.iter().map(|part| (part.0, part.1)).collect();
        assert_eq!(ids.len(), PARTS.len());
        let graviton_cores = GRAVITONS.iter().map(|(core, _)| *core);
        assert!(graviton_cores.into_iter().all(|core| PARTS.iter().any(|part| part.2 == core)));
    }

    #[test]
    fn a_graviton_is_known_by_who_rents_it_out_and_its_size() {
        let is_graviton = |vendor: &str, size: &str| {
            let root = tempfile::tempdir().unwrap();
            let folder = root.path().join("sys/class/dmi/id");
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("sys_vendor"), vendor).unwrap();
            std::fs::write(folder.join("product_name"), size).unwrap();
            is_rented_graviton(root.path())
        };
        for size in ["c7g.4xlarge", "m6gd.metal", "t4g.nano", "is4gen.large", "hpc7g.16xlarge", "g5g.xlarge"] {
            assert!(is_graviton("Amazon EC2", size), "{size}");
        }
        for size in ["p6e-gb200.36xlarge", "g4dn.xlarge", "a1.metal", "c7i.large", "", "g", "7g"] {
            assert!(!is_graviton("Amazon EC2", size), "{size}");
        }
        assert!(!is_graviton("Somebody", "c7g.4xlarge"));
    }
}
