//! What `sw_vers`, `pmset`, `vm_stat` and `ps` print.

use crate::files;
use crate::processes::Process;

/// The system's name, version and build.
#[derive(Debug, Default, PartialEq)]
pub(super) struct SystemVersion {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) build: Option<String>,
}

/// `sw_vers`: a version such as `13.4.1 (c)` is that of a rapid security response.
pub(super) fn system_version(text: &str) -> SystemVersion {
    let of = |key| files::value(text, key, ':').map(str::to_owned);
    let version = match (of("ProductVersion"), of("ProductVersionExtra")) {
        (Some(version), Some(extra)) => Some(format!("{version} {extra}")),
        (version, _) => version,
    };
    SystemVersion { name: of("ProductName"), version, build: of("BuildVersion") }
}

/// `pmset -g batt`: `ac` or `battery`. A UPS is a battery: what it feeds may run out.
pub(super) fn power_source(text: &str) -> Option<String> {
    let (_, source) = text.split_once("Now drawing from '")?;
    let (source, _) = source.split_once('\'')?;
    let word = match source {
        "AC Power" => "ac",
        "Battery Power" | "UPS Power" => "battery",
        _ => return None,
    };
    Some(word.to_owned())
}

/// `pmset -g`: `lowpowermode 1`, or `powermode 1` on Macs that have a high-power mode (2) too.
pub(super) fn low_power_mode(text: &str) -> Option<bool> {
    let settings = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (key, value) = (words.next()?, words.next()?);
        matches!(key, "lowpowermode" | "powermode").then_some(value == "1")
    });
    settings.reduce(|a, b| a || b)
}

/// `pmset -g therm`: on Intel the share of the speed that is left, on Apple's chips mostly that there was no warning.
pub(super) fn thermal(text: &str) -> Option<String> {
    let limit = text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim().trim_start_matches("- ").trim() == "CPU_Speed_Limit").then(|| value.trim().parse::<u32>().ok())?
    });
    let word = match limit {
        Some(100..) => "nominal",
        Some(80..100) => "fair",
        Some(50..80) => "serious",
        Some(_) => "critical",
        None if text.contains("No thermal warning level has been recorded") => "nominal",
        None => return None,
    };
    Some(word.to_owned())
}

/// `vm_stat`: what is free or was not used for long, and can be had without swapping.
pub(super) fn free_memory_bytes(text: &str) -> Option<u64> {
    let (_, page) = text.split_once("page size of ")?;
    let page_bytes: u64 = page.split_whitespace().next()?.parse().ok()?;
    let pages = |key| files::value(text, key, ':')?.trim_end_matches('.').parse::<u64>().ok();
    // Free pages are told without the speculative ones, which read-ahead has filled.
    let free = pages("Pages free")?;
    let others = ["Pages speculative", "Pages inactive"].into_iter().filter_map(pages);
    others.fold(free, u64::saturating_add).checked_mul(page_bytes)
}

/// `ps` with the columns pid, parent, percent and name, without headings: a name may hold blanks.
pub(super) fn processes(text: &str) -> Vec<Process> {
    let line = |line: &str| {
        let (id, rest) = line.trim().split_once(' ')?;
        let (parent, rest) = rest.trim_start().split_once(' ')?;
        let (percent, name) = rest.trim_start().split_once(' ')?;
        // With a folder in front it could name a user.
        let name = name.trim().rsplit('/').next()?;
        let cpu_percent: f64 = percent.parse().ok()?;
        Some(Process { id: id.parse().ok()?, parent: parent.parse().ok()?, name: name.to_owned(), cpu_percent })
    };
    text.lines().filter_map(line).filter(|process| process.cpu_percent.is_finite()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let plain = system_version("ProductName:\t\tmacOS\nProductVersion:\t\t14.5\nBuildVersion:\t\t23F79\n");
        assert_eq!(plain.name.as_deref(), Some("macOS"));
        assert_eq!(plain.version.as_deref(), Some("14.5"));
        assert_eq!(plain.build.as_deref(), Some("23F79"));
        let rapid = "ProductName:\t\tmacOS\nProductVersion:\t\t13.4.1\nProductVersionExtra:\t(c)\nBuildVersion:\t\t22F770820d\n";
        assert_eq!(system_version(rapid).version.as_deref(), Some("13.4.1 (c)"));
        assert_eq!(system_version("garbage"), SystemVersion::default());
    }

    #[test]
    fn power_sources() {
        let of = |text| power_source(text);
        let charged =
            "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t100%; charged; 0:00 remaining present: true\n";
        let battery =
            "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t19%; discharging; 1:02 remaining\n";
        assert_eq!(of(charged).as_deref(), Some("ac"));
        assert_eq!(of(battery).as_deref(), Some("battery"));
        assert_eq!(of("Now drawing from 'AC Power'\n").as_deref(), Some("ac"));
        assert_eq!(of("Now drawing from 'UPS Power'\n").as_deref(), Some("battery"));
        assert_eq!(of("No batteries available.\n"), None);
    }

    #[test]
    fn low_power_modes() {
        let settings = |mode: &str| {
            format!(
                "System-wide power settings:\nCurrently in use:\n standby              1\n Sleep On Power Button 1\n{mode} womp                 0\n"
            )
        };
        assert_eq!(low_power_mode(&settings(" lowpowermode         0\n")), Some(false));
        assert_eq!(low_power_mode(&settings(" lowpowermode         1\n")), Some(true));
        assert_eq!(low_power_mode(&settings(" powermode            1\n")), Some(true));
        assert_eq!(low_power_mode(&settings(" powermode            2\n")), Some(false));
        assert_eq!(low_power_mode(&settings(" lowpowermode 0\n powermode 1\n")), Some(true));
        assert_eq!(low_power_mode(&settings("")), None);
    }

    #[test]
    fn thermal_states() {
        let notes =
            "Note: No thermal warning level has been recorded\nNote: No performance warning level has been recorded\n";
        assert_eq!(thermal(notes).as_deref(), Some("nominal"));
        let limited = |limit: u32| {
            let text = format!(
                "{notes}2026-08-20 05:08:37 -0700 CPU Power notify\n\tCPU_Scheduler_Limit \t= 100\n\tCPU_Available_CPUs \t= 12\n\tCPU_Speed_Limit \t= {limit}\n"
            );
            thermal(&text)
        };
        assert_eq!(limited(100).as_deref(), Some("nominal"));
        assert_eq!(limited(99).as_deref(), Some("fair"));
        assert_eq!(limited(80).as_deref(), Some("fair"));
        assert_eq!(limited(62).as_deref(), Some("serious"));
        assert_eq!(limited(30).as_deref(), Some("critical"));
        assert_eq!(thermal("- CPU_Speed_Limit               = 85\n").as_deref(), Some("fair"));
        assert_eq!(thermal(""), None);
    }

    #[test]
    fn free_memory() {
        let text = "Mach Virtual Memory Statistics: (page size of 16384 bytes)\n\
            Pages free:                                    17490.\n\
            Pages active:                                 468148.\n\
            Pages inactive:                               468488.\n\
            Pages speculative:                              4916.\n\
            Pages wired down:                             251554.\n\
            Pages purgeable:                                6528.\n\
            Pages occupied by compressor:                 320058.\n";
        assert_eq!(free_memory_bytes(text), Some((17_490 + 468_488 + 4_916) * 16_384));
        assert_eq!(free_memory_bytes("Mach Virtual Memory Statistics: (page size of 4096 bytes)\n"), None);
        assert_eq!(free_memory_bytes("Pages free: 1000.\n"), None);
    }

    #[test]
    fn lists_of_processes() {
        let text = "    1     0   0.1 launchd\n  391     1  35.6 WindowServer\n 4242     1 101.5 Google Chrome Helper (Renderer)\n\
                     7     1   x.y odd\n  550   391   2.0 /Users/somebody/bin/tool\n";
        let found = processes(text);
        let names: Vec<&str> = found.iter().map(|process| process.name.as_str()).collect();
        assert_eq!(names, ["launchd", "WindowServer", "Google Chrome Helper (Renderer)", "tool"]);
        assert_eq!(
            found.get(2).map(|process| (process.id, process.parent, process.cpu_percent)),
            Some((4242, 1, 101.5))
        );
    }
}
