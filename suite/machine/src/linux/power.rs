//! Where the power comes from, and how the system trades speed for it.

use super::cpu;
use crate::files;
use std::collections::BTreeSet;
use std::path::Path;

/// `ac` or `battery`; None on a machine that has no battery and tells of no supply.
pub(super) fn source(root: &Path) -> Option<&'static str> {
    let (mut plugged, mut unplugged, mut discharging, mut charging) = (false, false, false, false);
    for supply in files::entries(&root.join("sys/class/power_supply")) {
        let of = |file: &str| files::text(&supply.join(file)).unwrap_or_default();
        match of("type").as_str() {
            "Mains" | "USB" => match of("online").as_str() {
                "" | "0" => unplugged = true,
                _ => plugged = true,
            },
            // A mouse has a battery too.
            "Battery" if of("scope") != "Device" => match of("status").as_str() {
                "Discharging" => discharging = true,
                "Unknown" | "" => {}
                _ => charging = true,
            },
            _ => {}
        }
    }
    if plugged {
        Some("ac")
    } else if discharging || (unplugged && charging) {
        Some("battery")
    } else {
        charging.then_some("ac")
    }
}

/// Whether the firmware's profile is the one that saves power. None where it has no profiles.
pub(super) fn low_power_mode(root: &Path) -> Option<bool> {
    let profile = files::text(&root.join("sys/firmware/acpi/platform_profile"))?;
    Some(matches!(profile.as_str(), "low-power" | "quiet"))
}

/// The frequency governor; several, separated by commas, where the cores have different ones.
pub(super) fn governor(root: &Path) -> Option<String> {
    let governors: BTreeSet<String> = cpu::cpu_folders(root)
        .iter()
        .filter_map(|(_, folder)| files::text(&folder.join("cpufreq/scaling_governor")))
        .collect();
    (!governors.is_empty()).then(|| governors.into_iter().collect::<Vec<_>>().join(","))
}
