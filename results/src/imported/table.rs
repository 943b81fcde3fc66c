//! A published table as it is imported: where it is from, the machine it is about, and its figures.

use super::{Fault, Figure, ImportedOutcome};
use crate::chips::{self, Chip};
use crate::machine::{Gpu, Machine};
use chipmark_core::Device;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

/// A published table. It is no results file: there are no samples in it, and nothing in it was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedTable {
    /// Where it was read from; of one that was just imported, the name of the file to be.
    pub path: PathBuf,
    /// Who published it.
    pub source: Source,
    /// Its heading as printed.
    pub heading: String,
    /// The machine that it is about.
    pub machine: PublishedMachine,
    /// The versions of frameworks, by the short names that targets have; what the table does not tell is absent.
    pub versions: BTreeMap<String, String>,
    /// What each figure is of the times that were taken.
    pub statistic: Statistic,
    /// Its figures, in the order in which they stand there.
    pub figures: Vec<Figure>,
}

/// Who published a table, and under which terms it may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The document.
    pub title: String,
    /// Its address.
    pub url: String,
    /// Its licence, or on what ground its figures are taken.
    pub licence: String,
    /// Who wrote it.
    pub authors: String,
}

/// A machine as far as a published table tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedMachine {
    /// The chip whose table it is, spelled as machines report it: `Apple M3 Max`, or the graphics card.
    pub chip: String,
    /// Cores as printed, such as `4E+12P+40GPU`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cores: Option<String>,
    /// Cores of the graphics processor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_cores: Option<u32>,
    /// Memory of the host in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The card's own memory in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_memory_bytes: Option<u64>,
    /// The host of a card, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The kind of machine as printed, such as `Desktop`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl PublishedMachine {
    /// What computed a figure of this device: the chip, or the host where the chip is a card and the device the processor.
    /// None where the table does not tell.
    #[must_use]
    pub fn computes(&self, device: Device) -> Option<&str> {
        let is_card = self.host.is_some() || self.card_memory_bytes.is_some() || self.chip.starts_with("NVIDIA");
        match device {
            Device::Cpu if is_card => self.host.as_deref(),
            _ => Some(&self.chip),
        }
    }

    /// The same in the form that measured machines have, with what the table tells.
    #[must_use]
    pub fn as_machine(&self) -> Machine {
        let gpu = Gpu {
            name: self.chip.clone(),
            cores: self.gpu_cores,
            memory_bytes: self.card_memory_bytes,
            ..Gpu::default()
        };
        Machine { chip: self.chip.clone(), gpus: vec![gpu], memory_bytes: self.memory_bytes, ..Machine::default() }
    }

    /// The chip in the table of vendors' figures, if it is there and told apart from others of its name.
    #[must_use]
    pub fn known_chip(&self) -> Option<&'static Chip> {
        chips::find(&self.as_machine())
    }
}

/// What a figure is of the times that were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Statistic {
    /// Their mean.
    Mean,
    /// Their median.
    Median,
    /// The shortest.
    Minimum,
    /// The source does not say.
    Unstated,
}

impl Statistic {
    /// The name as it stands in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Statistic::Mean => "mean",
            Statistic::Median => "median",
            Statistic::Minimum => "minimum",
            Statistic::Unstated => "unstated",
        }
    }
}

/// How much of what is in a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Cases, or workloads where there are no cases.
    pub rows: usize,
    /// Figures with a time.
    pub times: usize,
    /// Figures printed as `nan`.
    pub nan: usize,
    /// Figures printed as zero.
    pub below_resolution: usize,
    /// Figures with a time and at least one fault.
    pub faulty: usize,
    /// Rows whose speed-up does not follow from their times.
    pub contradictions: usize,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.times += other.times;
        self.nan += other.nan;
        self.below_resolution += other.below_resolution;
        self.faulty += other.faulty;
        self.contradictions += other.contradictions;
    }
}

impl ImportedTable {
    /// How much of what is in it.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let with = |outcome| self.figures.iter().filter(move |figure| figure.outcome == outcome);
        let rows =
            |figures: &mut dyn Iterator<Item = &Figure>| figures.map(Figure::subject).collect::<HashSet<_>>().len();
        let contradicts = |figure: &&Figure| figure.faults.contains(&Fault::ContradictsSpeedUp);
        Counts {
            rows: rows(&mut self.figures.iter()),
            times: with(ImportedOutcome::Imported).count(),
            nan: with(ImportedOutcome::PrintedAsNan).count(),
            below_resolution: with(ImportedOutcome::BelowResolution).count(),
            faulty: with(ImportedOutcome::Imported).filter(|figure| !figure.faults.is_empty()).count(),
            contradictions: rows(&mut self.figures.iter().filter(contradicts)),
        }
    }
}
