//! The thermal state as the system's library tells it, which on Apple's chips is the only source that is right.

use objc2_foundation::{NSProcessInfo, NSProcessInfoThermalState};

/// `nominal`, `fair`, `serious` or `critical`.
#[must_use]
pub fn thermal_state() -> Option<String> {
    let word = match NSProcessInfo::processInfo().thermalState() {
        NSProcessInfoThermalState::Nominal => "nominal",
        NSProcessInfoThermalState::Fair => "fair",
        NSProcessInfoThermalState::Serious => "serious",
        NSProcessInfoThermalState::Critical => "critical",
        _ => return None,
    };
    Some(word.to_owned())
}
