//! What `sysctl` tells: a line `name: value` for each name that the system knows.

use super::CoreKinds;
use crate::files;
use crate::tool::Tools;

const PROGRAM: &str = "/usr/sbin/sysctl";

/// Names that one Mac or another knows. The levels of performance are numbered from the fastest; no chip has four.
const NAMES: &[&str] = &[
    "machdep.cpu.brand_string",
    "hw.physicalcpu",
    "hw.logicalcpu",
    "hw.ncpu",
    "hw.memsize",
    "hw.model",
    "hw.packages",
    "hw.l2cachesize",
    "hw.l3cachesize",
    "hw.optional.arm64",
    "hw.nperflevels",
    "hw.perflevel0.name",
    "hw.perflevel0.physicalcpu",
    "hw.perflevel0.l2cachesize",
    "hw.perflevel0.cpusperl2",
    "hw.perflevel1.name",
    "hw.perflevel1.physicalcpu",
    "hw.perflevel1.l2cachesize",
    "hw.perflevel1.cpusperl2",
    "hw.perflevel2.name",
    "hw.perflevel2.physicalcpu",
    "hw.perflevel2.l2cachesize",
    "hw.perflevel2.cpusperl2",
    "kern.osproductversion",
    "kern.osversion",
    "kern.osrelease",
    "kern.hv_vmm_present",
    "sysctl.proc_translated",
];

/// The beginnings of the models of virtual Macs.
const VIRTUAL_MODELS: &[(&str, &str)] = &[
    ("VirtualMac", "Apple Virtualization"),
    ("VMware", "VMware"),
    ("Parallels", "Parallels"),
    ("VirtualBox", "VirtualBox"),
    ("QEMU", "QEMU"),
];

/// The text that `sysctl` printed.
#[derive(Debug)]
pub(super) struct Sysctl(String);

pub(super) fn read(tools: &dyn Tools) -> Sysctl {
    Sysctl(tools.output(PROGRAM, NAMES).unwrap_or_default())
}

/// The load average of the last minute: the first number of `vm.loadavg: { 1.50 1.60 1.70 }`.
pub(super) fn load_1m(tools: &dyn Tools) -> Option<f64> {
    let text = tools.output(PROGRAM, &["vm.loadavg"])?;
    let load: f64 = text.split_once('{')?.1.split_whitespace().next()?.parse().ok()?;
    load.is_finite().then_some(load)
}

impl Sysctl {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        files::value(&self.0, name, ':')
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    /// A count, which is never 0.
    pub(super) fn count(&self, name: &str) -> Option<u32> {
        self.number(name).and_then(|number| u32::try_from(number).ok()).filter(|&number| number > 0)
    }

    /// Whether the chip is Apple's. `sysctl.proc_translated` alone is not enough: `sysctl` itself may run untranslated.
    pub(super) fn is_apple_silicon(&self) -> bool {
        self.number("hw.optional.arm64") == Some(1) || self.number("sysctl.proc_translated") == Some(1)
    }

    /// The cores of each level of performance, under the name that this system gives the level: since macOS 26.3 the
    /// fastest of an M5 are super cores, and an M5 Max's others are performance cores.
    pub(super) fn cores(&self) -> CoreKinds {
        let levels = self.levels();
        let mut cores = CoreKinds::default();
        if levels.len() < 2 {
            return cores;
        }
        for level in &levels {
            // Before macOS 12 the levels had no names, and there were two.
            let unnamed = if level.index == 0 { "Performance" } else { "Efficiency" };
            let kind = match level.name.unwrap_or(unnamed) {
                "Super" => &mut cores.super_,
                "Performance" => &mut cores.performance,
                "Efficiency" => &mut cores.efficiency,
                _ => continue,
            };
            *kind = Some(level.cores);
        }
        cores
    }

    /// Intel's third level; on Apple's chips the second of all clusters, as their system-level cache has no entry.
    pub(super) fn last_level_cache_bytes(&self) -> Option<u64> {
        let third = self.number("hw.l3cachesize").filter(|&bytes| bytes > 0);
        if let Some(bytes) = third {
            return bytes.checked_mul(self.number("hw.packages").unwrap_or(1).max(1));
        }
        let of_level = |level: &Level<'_>| {
            let clusters = level.cores.div_ceil(level.cores_per_cache?);
            level.cache_bytes?.checked_mul(u64::from(clusters))
        };
        let clusters = self.levels().iter().filter_map(of_level).reduce(u64::saturating_add);
        clusters.or_else(|| self.number("hw.l2cachesize")).filter(|&bytes| bytes > 0)
    }

    /// Who runs this virtual machine, by its model.
    pub(super) fn hypervisor(&self) -> Option<String> {
        let model = self.text("hw.model").unwrap_or_default();
        let known = VIRTUAL_MODELS.iter().find(|(start, _)| model.starts_with(start)).map(|(_, name)| *name);
        let present = self.number("kern.hv_vmm_present") == Some(1);
        known.or_else(|| present.then_some("unknown")).map(str::to_owned)
    }

    fn levels(&self) -> Vec<Level<'_>> {
        let of = |index: u32, what: &str| format!("hw.perflevel{index}.{what}");
        (0..3)
            .filter_map(|index| {
                Some(Level {
                    index,
                    name: self.text(&of(index, "name")),
                    cores: self.count(&of(index, "physicalcpu"))?,
                    cache_bytes: self.number(&of(index, "l2cachesize")),
                    cores_per_cache: self.count(&of(index, "cpusperl2")),
                })
            })
            .collect()
    }
}

/// A level of performance.
struct Level<'a> {
    index: u32,
    name: Option<&'a str>,
    cores: u32,
    cache_bytes: Option<u64>,
    cores_per_cache: Option<u32>,
}
