//! What `system_profiler` tells of the chip and the graphics. Of its answer only the fields named here are read: beside
//! them stand serial numbers and hardware ids.

use super::CoreKinds;
use crate::tool::Tools;
use chipmark_results::machine::Gpu;
use serde_json::Value;

/// What was found; what wasn't is absent.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Profile {
    pub(super) chip: Option<String>,
    pub(super) physical_cores: Option<u32>,
    pub(super) cores: CoreKinds,
    pub(super) memory_bytes: Option<u64>,
    pub(super) gpus: Vec<Gpu>,
}

pub(super) fn read(tools: &dyn Tools) -> Profile {
    let arguments = ["-json", "SPHardwareDataType", "SPDisplaysDataType"];
    tools.output("/usr/sbin/system_profiler", &arguments).map(|text| parse(&text)).unwrap_or_default()
}

fn parse(text: &str) -> Profile {
    let Ok(report) = serde_json::from_str::<Value>(text) else { return Profile::default() };
    let items = |kind: &str| report.get(kind).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut profile =
        Profile { gpus: items("SPDisplaysDataType").iter().filter_map(gpu).collect(), ..Profile::default() };
    if let Some(hardware) = items("SPHardwareDataType").first() {
        let text = |key: &str| hardware.get(key).and_then(Value::as_str);
        // Intel's are told by sysctl, in full.
        profile.chip = text("chip_type").map(str::to_owned);
        profile.memory_bytes = text("physical_memory").and_then(size_bytes);
        // A number in virtual machines, `proc 8:4:4` on chips.
        let processors = hardware.get("number_processors");
        match processors {
            Some(Value::String(list)) => (profile.physical_cores, profile.cores) = processor_list(list),
            Some(Value::Number(count)) => {
                profile.physical_cores = count.as_u64().and_then(|count| u32::try_from(count).ok());
            }
            _ => {}
        }
    }
    profile
}

fn gpu(item: &Value) -> Option<Gpu> {
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    Some(Gpu {
        name: text("sppci_model").or_else(|| text("_name"))?.to_owned(),
        cores: text("sppci_cores").and_then(|cores| cores.parse().ok()),
        // `spdisplays_vram_shared` is the host's.
        memory_bytes: text("spdisplays_vram").and_then(size_bytes),
        driver: None,
    })
}

/// All cores, then those of each kind. With two kinds they are performance and efficiency cores; with three numbers the
/// order has changed between systems (`18:6:0:12` on an M5 Max, `24:16:8:0` and `12:0:8:4` on older chips), so that they
/// tell nothing that is sure.
fn processor_list(list: &str) -> (Option<u32>, CoreKinds) {
    let numbers: Vec<u32> =
        list.trim_start_matches("proc ").split(':').map_while(|number| number.trim().parse().ok()).collect();
    let cores = match numbers.as_slice() {
        [_, performance, efficiency] => {
            CoreKinds { super_: None, performance: Some(*performance), efficiency: Some(*efficiency) }
        }
        _ => CoreKinds::default(),
    };
    (numbers.first().copied(), cores)
}

/// `16 GB`, `1536 MB` in bytes, both binary.
fn size_bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.trim().split_once(' ')?;
    let unit: u64 = match unit {
        "MB" => 1 << 20,
        "GB" => 1 << 30,
        "TB" => 1 << 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_processors_are_read_as_far_as_they_are_sure() {
        let two = CoreKinds { super_: None, performance: Some(12), efficiency: Some(4) };
        assert_eq!(processor_list("proc 16:12:4"), (Some(16), two));
        assert_eq!(processor_list("proc 18:6:0:12"), (Some(18), CoreKinds::default()));
        assert_eq!(processor_list("proc 12:0:8:4"), (Some(12), CoreKinds::default()));
        assert_eq!(processor_list("proc 8"), (Some(8), CoreKinds::default()));
        assert_eq!(processor_list("eight"), (None, CoreKinds::default()));
    }

    #[test]
    fn a_virtual_machine_counts_its_processors_with_a_number() {
        let profile = parse(r#"{"SPHardwareDataType":[{"chip_type":"Apple M2 Pro (Virtual)","number_processors":4}]}"#);
        assert_eq!(profile.physical_cores, Some(4));
        assert_eq!(profile.chip.as_deref(), Some("Apple M2 Pro (Virtual)"));
    }

    #[test]
    fn sizes() {
        assert_eq!(size_bytes("16 GB"), Some(17_179_869_184));
        assert_eq!(size_bytes("1536 MB"), Some(1_610_612_736));
        assert_eq!(size_bytes("16"), None);
        assert_eq!(size_bytes("99999999999999 TB"), None);
    }

    #[test]
    fn what_is_no_report_tells_nothing() {
        for text in ["", "null", "[]", "{", r#"{"SPDisplaysDataType":{}}"#, r#"{"SPHardwareDataType":[7]}"#] {
            assert_eq!(parse(text), Profile::default(), "from {text:?}");
        }
    }
}
