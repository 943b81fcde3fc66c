//! Whether the machine is virtual, and what runs it. Of the firmware's table only the maker and the product are read:
//! the entries beside them are serial numbers.

use crate::files;
use std::path::Path;

/// The beginning of what the firmware calls the maker or the product of a virtual machine, and the name of what runs it.
const KNOWN: &[(&str, &str)] = &[
    ("Amazon EC2", "Amazon EC2"),
    ("Google Compute Engine", "Google Compute Engine"),
    ("Alibaba Cloud", "Alibaba Cloud"),
    ("Apple Virtualization", "Apple Virtualization"),
    ("Virtual Machine", "Microsoft Hyper-V"),
    ("VMware", "VMware"),
    ("VirtualBox", "VirtualBox"),
    ("Parallels", "Parallels"),
    ("BHYVE", "bhyve"),
    ("HVM domU", "Xen"),
    ("Xen", "Xen"),
    ("OpenStack", "OpenStack"),
    ("DigitalOcean", "DigitalOcean"),
    ("Hetzner", "Hetzner Cloud"),
    ("vServer", "Hetzner Cloud"),
    ("KVM", "KVM"),
    ("QEMU", "QEMU"),
    ("Standard PC", "QEMU"),
];

/// The hypervisor's name, `unknown` where only its presence is seen, None on a machine of its own.
pub(super) fn name(root: &Path, cpuinfo: &str) -> Option<String> {
    let firmware = |file: &str| files::text(&root.join("sys/class/dmi/id").join(file)).unwrap_or_default();
    let (maker, product) = (firmware("sys_vendor"), firmware("product_name"));
    let flagged = files::value(cpuinfo, "flags", ':')
        .is_some_and(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor"));
    // ARM has no such flag, and rented bare metal carries the same maker as the virtual machines beside it.
    let bare_metal = !flagged && (product.ends_with(".metal") || product.contains(".metal-"));
    let known = KNOWN.iter().find(|(start, _)| product.starts_with(start) || maker.starts_with(start));
    if let (Some((_, name)), false) = (known, bare_metal) {
        // A rented machine's product is its size, such as `c7g.4xlarge`: half of what it can do.
        return Some(match *name {
            "Amazon EC2" if !product.is_empty() => format!("Amazon EC2 {product}"),
            name => name.to_owned(),
        });
    }
    let kernel = files::text(&root.join("proc/sys/kernel/osrelease")).unwrap_or_default();
    if kernel.to_ascii_lowercase().contains("microsoft") {
        return Some("WSL".to_owned());
    }
    files::text(&root.join("sys/hypervisor/type")).or_else(|| flagged.then(|| "unknown".to_owned()))
}
