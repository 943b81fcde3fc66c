//! Names of ARM processors, which tell the kernel numbers and no name: the few that people run models on. Numbers as in
//! the makers' manuals and in `lscpu`.

use crate::files;
use std::collections::BTreeSet;

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
    (0x41, 0xd4d, "ARM Cortex-A715"),
    (0x41, 0xd4e, "ARM Cortex-X3"),
    (0x41, 0xd4f, "ARM Neoverse-V2"),
    (0x41, 0xd80, "ARM Cortex-A520"),
    (0x41, 0xd81, "ARM Cortex-A720"),
    (0x41, 0xd82, "ARM Cortex-X4"),
    (0x41, 0xd84, "ARM Neoverse-V3"),
    (0x46, 0x001, "Fujitsu A64FX"),
    (0x48, 0xd01, "HiSilicon Kunpeng-920"),
    (0x4e, 0x004, "NVIDIA Carmel"),
    (0x51, 0x001, "Qualcomm Oryon"),
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

/// The kinds of cores in `/proc/cpuinfo`, such as `ARM Cortex-A55 + ARM Cortex-A76`. None where one of them is unknown,
/// as half a name would be taken for the whole.
pub(super) fn parts(cpuinfo: &str) -> Option<String> {
    let mut names = BTreeSet::new();
    for processor in cpuinfo.split("\n\n") {
        let of = |key| files::value(processor, key, ':').and_then(hexadecimal);
        if let (Some(implementer), Some(part)) = (of("CPU implementer"), of("CPU part")) {
            names.insert(PARTS.iter().find(|known| (known.0, known.1) == (implementer, part))?.2);
        }
    }
    (!names.is_empty()).then(|| names.into_iter().collect::<Vec<_>>().join(" + "))
}

/// The Apple chip that runs Linux, by the NUL-separated list of what its device tree is compatible with.
pub(super) fn apple_chip(compatible: &str) -> Option<String> {
    compatible.split('\0').find_map(|entry| {
        let known = APPLE.iter().find(|(id, _)| *id == entry)?;
        Some(known.1.to_owned())
    })
}

fn hexadecimal(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_names() {
        let core = |part: &str| format!("CPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: {part}\n\n");
        assert_eq!(parts(&core("0xd40")).as_deref(), Some("ARM Neoverse-V1"));
        assert_eq!(
            parts(&(core("0xd05") + &core("0xd05") + &core("0xd0b"))).as_deref(),
            Some("ARM Cortex-A55 + ARM Cortex-A76")
        );
        assert_eq!(parts(&(core("0xd05") + &core("0xfff"))), None);
        assert_eq!(parts("model name : x"), None);
    }

    #[test]
    fn apple_chips_are_known_by_their_device_tree() {
        assert_eq!(apple_chip("apple,j274\0apple,t8103\0apple,arm-platform").as_deref(), Some("Apple M1"));
        assert_eq!(apple_chip("raspberrypi,5-model-b\0brcm,bcm2712"), None);
    }
}
