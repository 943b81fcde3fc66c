//! How fast the processor's cores are clocked, may be, and could be.

use super::cpu;
use crate::files;
use std::path::Path;

/// The means of the cores, in MHz. Absent where the kernel does not set frequencies, as in most virtual machines.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Clocks {
    pub(super) now_mhz: Option<u32>,
    pub(super) limit_mhz: Option<u32>,
    pub(super) max_mhz: Option<u32>,
}

pub(super) fn read(root: &Path) -> Clocks {
    let folders = cpu::cpu_folders(root);
    let mean_mhz = |file: &str| {
        let of_cores = folders.iter().filter_map(|(_, folder)| files::number(&folder.join("cpufreq").join(file)));
        let (sum_khz, cores) = of_cores.fold((0u64, 0u64), |(sum, cores), khz| (sum.saturating_add(khz), cores + 1));
        u32::try_from(sum_khz.checked_div(cores)? / 1000).ok()
    };
    Clocks {
        now_mhz: mean_mhz("scaling_cur_freq"),
        limit_mhz: mean_mhz("scaling_max_freq"),
        max_mhz: mean_mhz("cpuinfo_max_freq"),
    }
}
