//! RAPL, the energy counters of Intel's and AMD's processors, as the kernel's power-capping folders show them. Since 2020
//! kernels let only root read them (CVE-2020-8694: they betray what a program computes); for others there are none.

use crate::energy::{Reading, Source};
use crate::files;
use std::path::{Path, PathBuf};

const ZONES: &str = "sys/class/powercap";

/// The zones that may be read.
pub(super) struct Rapl(Vec<Zone>);

/// A part of the machine with a counter of its own.
struct Zone {
    counter: String,
    energy_file: PathBuf,
    /// The counter's largest value, in µJ; after it, it begins again at 0.
    range_uj: u64,
    last_uj: u64,
    total_uj: u64,
}

/// The packages and what contains them, and their memory: `package-0`, `psys`, `package-0-dram`. The cores and the
/// graphics within a package are in its count.
pub(super) fn open(root: &Path) -> Rapl {
    let folders = files::entries(&root.join(ZONES));
    Rapl(folders.iter().filter_map(|folder| zone(folder)).collect())
}

fn zone(folder: &Path) -> Option<Zone> {
    let of_zone = |numbers: &str| files::text(&folder.with_file_name(format!("intel-rapl:{numbers}")).join("name"));
    let numbers = folder.file_name()?.to_str()?.strip_prefix("intel-rapl:")?;
    let name = of_zone(numbers)?;
    let counter = match numbers.split_once(':') {
        None => name,
        Some((parent, _)) if name == "dram" => format!("{}-dram", of_zone(parent)?),
        Some(_) => return None,
    };
    let energy_file = folder.join("energy_uj");
    let last_uj = files::number(&energy_file)?;
    let range_uj = files::number(&folder.join("max_energy_range_uj"))?;
    Some(Zone { counter, energy_file, range_uj, last_uj, total_uj: 0 })
}

impl Source for Rapl {
    fn read(&mut self) -> Vec<Reading> {
        self.0.iter_mut().filter_map(Zone::read).collect()
    }
}

impl Zone {
    fn read(&mut self) -> Option<Reading> {
        let now_uj = files::number(&self.energy_file)?;
        let drawn_uj = match now_uj.checked_sub(self.last_uj) {
            Some(drawn) => drawn,
            None => self.range_uj.saturating_sub(self.last_uj).saturating_add(now_uj),
        };
        self.last_uj = now_uj;
        self.total_uj = self.total_uj.saturating_add(drawn_uj);
        #[expect(clippy::cast_precision_loss, reason = "nine thousand megajoules are exact to the microjoule")]
        Some(Reading { counter: self.counter.clone(), joules: self.total_uj as f64 / 1e6 })
    }
}
