//! Graphics processors on the PCI bus of AMD, Intel and NVIDIA; the display chips of servers and virtual machines are
//! left out. Names come from the system's list of PCI ids, where it has one.

use crate::files;
use chipmark_results::machine::Gpu;
use std::path::Path;

const VENDORS: &[(&str, &str)] = &[("1002", "AMD"), ("8086", "Intel"), ("10de", "NVIDIA")];

/// Where distributions keep the list of PCI ids.
const NAME_LISTS: &[&str] = &["usr/share/misc/pci.ids", "usr/share/hwdata/pci.ids"];

/// The graphics processors, in the order of the bus.
pub(super) fn gpus(root: &Path) -> Vec<Gpu> {
    let mut names: Option<String> = None;
    let mut gpus = Vec::new();
    for folder in files::entries(&root.join("sys/bus/pci/devices")) {
        let id =
            |file: &str| files::text(&folder.join(file)).and_then(|text| Some(text.strip_prefix("0x")?.to_owned()));
        let (Some(class), Some(vendor), Some(device)) = (id("class"), id("vendor"), id("device")) else { continue };
        let Some((_, maker)) = VENDORS.iter().find(|(known, _)| *known == vendor) else { continue };
        // 03: displays, among them the cards without an outlet. AMD's Instinct cards say 12, as do Intel's neural units.
        let is_gpu = class.starts_with("03") || (class.starts_with("12") && *maker == "AMD");
        if !is_gpu {
            continue;
        }
        let names = names.get_or_insert_with(|| {
            NAME_LISTS.iter().find_map(|list| files::text(&root.join(list))).unwrap_or_default()
        });
        let name = device_name(names, &vendor, &device).map_or_else(
            || format!("{maker} GPU {device}"),
            |name| if name.starts_with(maker) { name.to_owned() } else { format!("{maker} {name}") },
        );
        gpus.push(Gpu {
            name,
            cores: None,
            // Only AMD's driver tells it here.
            memory_bytes: files::number(&folder.join("mem_info_vram_total")),
            driver: files::text(&folder.join("driver/module/version")),
        });
    }
    gpus
}

/// A device's name in the list of PCI ids: lines of vendors, indented lines of their devices. What stands in brackets is
/// the product's name, before them is the chip's.
fn device_name<'a>(list: &'a str, vendor: &str, device: &str) -> Option<&'a str> {
    let starts = |line: &str| line.strip_prefix(vendor).is_some_and(|rest| rest.starts_with(' '));
    let devices = list.lines().skip_while(|line| !starts(line)).skip(1);
    let own = devices.take_while(|line| line.starts_with(['\t', '#']) || line.is_empty());
    let name = own.filter_map(|line| line.strip_prefix('\t')?.strip_prefix(device)?.strip_prefix(' ')).next()?.trim();
    let product = name.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map(|(product, _)| product);
    Some(product.unwrap_or(name)).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::device_name;

    const LIST: &str = "\
# a comment
1002  Advanced Micro Devices, Inc. [AMD/ATI]
\t744c  Navi 31 [Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M]
\t\t1002 0e3b  Radeon RX 7900 GRE
\t74a1  Aqua Vanjaram [Instinct MI300X]
8086  Intel Corporation
\t0046  Core Processor Integrated Graphics Controller
\t744c  something else
";

    #[test]
    fn devices_are_found_under_their_own_vendor() {
        assert_eq!(device_name(LIST, "1002", "744c"), Some("Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M"));
        assert_eq!(device_name(LIST, "1002", "74a1"), Some("Instinct MI300X"));
        assert_eq!(device_name(LIST, "8086", "0046"), Some("Core Processor Integrated Graphics Controller"));
        assert_eq!(device_name(LIST, "8086", "744c"), Some("something else"));
        assert_eq!(device_name(LIST, "1002", "0046"), None);
        assert_eq!(device_name(LIST, "10de", "0046"), None);
        assert_eq!(device_name("", "10de", "0046"), None);
    }
}
