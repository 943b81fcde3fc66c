//! What vendors say their chips can do, from `results/chips.toml`: the ceilings that measured rates are set against. A chip
//! that is not in the table simply has no vendor's share. What can be reached in practice is measured elsewhere.

use crate::machine::{Gpu, Machine, nearest_gib};
use chipmark_core::{DType, Device};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../chips.toml");

static CHIPS: LazyLock<Vec<Chip>> =
    LazyLock::new(|| parse(TABLE).expect("chips.toml is part of the program, and a test reads it"));

/// A chip with its own memory or that of its host, as its vendor describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Chip {
    /// What to call it, such as `Apple M3 Max, 40-core GPU`.
    pub name: String,
    /// The bandwidth of its memory in 10^9 bytes/s.
    pub bandwidth_gbps: f64,
    /// Where the bandwidth is from.
    pub bandwidth_source: Source,
    /// Whether host and graphics processor share this memory.
    pub shared: bool,
    peaks: BTreeMap<Arithmetic, Peak>,
    detected: Vec<String>,
    gpu_cores: Option<u32>,
    memory_gib: Option<u64>,
}

/// The highest rate of its graphics processor, in one kind of arithmetic.
#[derive(Debug, Clone, PartialEq)]
pub struct Peak {
    /// In 10^9 floating-point operations per second, a multiply-add counted as two.
    pub gflops: f64,
    /// Where it is from.
    pub source: Source,
}

/// Where a figure is from.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The document; or that the figure was computed or measured, and from what.
    pub title: String,
    /// Its address, where that is known for sure.
    pub url: Option<String>,
}

/// One figure of a chip and where it is from, for whoever shows shares of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statement {
    /// The chip.
    pub chip: &'static str,
    /// The dtype of the arithmetic; nothing for the bandwidth of the memory.
    pub dtype: Option<DType>,
    /// In 10^9 a second: floating-point operations, or bytes.
    pub rate: f64,
    /// Where it is from.
    pub source: &'static Source,
}

/// What a peak is told for: the dtypes, and TF32 beside them, which is no dtype but a way to compute f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Arithmetic {
    DType(DType),
    Tf32,
}

impl Chip {
    /// The peak of its graphics processor in GFLOP/s: f32 exact, f16 and bf16 with its tensor cores where it has any,
    /// never with sparsity. None where no good source tells it.
    #[must_use]
    pub fn peak_gflops(&self, dtype: DType) -> Option<f64> {
        self.peak(dtype).map(|peak| peak.gflops)
    }

    /// The same with its source.
    #[must_use]
    pub fn peak(&self, dtype: DType) -> Option<&Peak> {
        self.peaks.get(&Arithmetic::DType(dtype))
    }

    /// The peak for f32 rounded to TF32, in GFLOP/s.
    #[must_use]
    pub fn tf32_gflops(&self) -> Option<f64> {
        self.peaks.get(&Arithmetic::Tf32).map(|peak| peak.gflops)
    }

    /// The bandwidth, and the peaks in these dtypes as far as they are told.
    #[must_use]
    pub fn statements(&'static self, dtypes: impl IntoIterator<Item = DType>) -> Vec<Statement> {
        let statement = |dtype, rate, source| Statement { chip: &self.name, dtype, rate, source };
        let peaks = dtypes.into_iter().filter_map(|dtype| Some((dtype, self.peak(dtype)?)));
        let peaks = peaks.map(|(dtype, peak)| statement(Some(dtype), peak.gflops, &peak.source));
        std::iter::once(statement(None, self.bandwidth_gbps, &self.bandwidth_source)).chain(peaks).collect()
    }

    /// Whether [`Chip::bandwidth_gbps`] is that of the memory which `device` computes from.
    #[must_use]
    pub fn feeds(&self, device: Device) -> bool {
        self.shared || self.computes_on(device)
    }

    /// Whether the peaks are those of `device`: they are the graphics processor's, never the host's.
    #[must_use]
    pub fn computes_on(&self, device: Device) -> bool {
        match device {
            Device::Cpu => false,
            Device::Metal | Device::Mps => self.shared,
            Device::Cuda(_) => !self.shared,
            Device::Gpu => true,
        }
    }

    /// Whether machines report it under this name, or it is its own.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.is_reported_as(name)
    }

    fn is_reported_as(&self, name: &str) -> bool {
        self.detected.iter().any(|detected| detected.eq_ignore_ascii_case(name))
    }

    /// Whether the machine's graphics processor `gpu`, detected under `name`, may be this chip.
    fn may_be(&self, name: &str, gpu: Option<&Gpu>) -> bool {
        let cores = gpu.and_then(|gpu| gpu.cores);
        let memory_gib = gpu.and_then(|gpu| gpu.memory_bytes).map(nearest_gib);
        self.is_reported_as(name) && agree(self.gpu_cores, cores) && agree(self.memory_gib, memory_gib)
    }
}

/// What the table asks for, against what the machine tells: what it does not tell may be anything.
fn agree<T: PartialEq + Copy>(asked: Option<T>, told: Option<T>) -> bool {
    asked.is_none() || told.is_none() || asked == told
}

/// Every chip of the table.
#[must_use]
pub fn all() -> &'static [Chip] {
    &CHIPS
}

/// The counts of GPU cores with which chips of this name are sold, as far as the table tells them apart by it. None for a name that is
/// not in the table, or there without such counts.
#[must_use]
pub fn gpu_cores_of(name: &str) -> Vec<u32> {
    let of_name = CHIPS.iter().filter(|chip| chip.detected.iter().any(|known| known.eq_ignore_ascii_case(name)));
    let counts: Option<Vec<u32>> = of_name.map(|chip| chip.gpu_cores).collect();
    counts.unwrap_or_default()
}

/// Every name under which machines report a chip of the table.
pub fn names() -> impl Iterator<Item = &'static str> {
    CHIPS.iter().flat_map(|chip| chip.detected.iter().map(String::as_str))
}

/// The chip that `machine` computes on: the one its user named, its own, or its graphics cards. None where it is not in
/// the table, where its name fits several whose figures differ, and where it has unlike cards.
#[must_use]
pub fn find(machine: &Machine) -> Option<&'static Chip> {
    let named = [Some(&machine.chip), machine.chip_detected.as_ref()];
    let known = named.into_iter().flatten().find(|name| CHIPS.iter().any(|chip| chip.is_reported_as(name)));
    match known {
        // Also where the rest of the machine does not fit the name that its user gave: what was detected is what the user
        // says is wrong. Apple's graphics processor bears the chip's name, and no other is in such a machine.
        Some(name) => only(name, machine.gpus.first()),
        None => card(machine),
    }
}

/// The chip of its NVIDIA cards. Not every graphics processor computes: beside a card, the host's own is passed over.
fn card(machine: &Machine) -> Option<&'static Chip> {
    let mut cards = machine.nvidia_cards().map(|gpu| only(&gpu.name, Some(gpu)));
    let first = cards.next()??;
    cards.all(|other| other.is_some_and(|other| other.name == first.name)).then_some(first)
}

/// The one chip of that name, unless several fit.
fn only(name: &str, gpu: Option<&Gpu>) -> Option<&'static Chip> {
    let mut fitting = CHIPS.iter().filter(|chip| chip.may_be(name, gpu));
    let chip = fitting.next()?;
    fitting.next().is_none().then_some(chip)
}

/// The table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    sources: BTreeMap<String, Source>,
    chip: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    detected: Vec<String>,
    gpu_cores: Option<u32>,
    memory_gib: Option<u64>,
    #[serde(default)]
    shared: bool,
    bandwidth: Bandwidth,
    f32: Option<Rate>,
    f16: Option<Rate>,
    bf16: Option<Rate>,
    tf32: Option<Rate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bandwidth {
    gbps: f64,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rate {
    tflops: f64,
    source: String,
}

fn parse(text: &str) -> Result<Vec<Chip>, String> {
    let Table { sources, chip: rows } = toml::from_str(text).map_err(|error| error.to_string())?;
    rows.into_iter()
        .map(|row| {
            let source = |key: &str| {
                let known = sources.get(key).cloned();
                known.ok_or_else(|| format!("{}: there is no source {key:?} under [sources]", row.name))
            };
            let rates = [
                (Arithmetic::DType(DType::F32), &row.f32),
                (Arithmetic::DType(DType::F16), &row.f16),
                (Arithmetic::DType(DType::BF16), &row.bf16),
                (Arithmetic::Tf32, &row.tf32),
            ];
            let mut peaks = BTreeMap::new();
            for (arithmetic, rate) in rates {
                if let Some(rate) = rate {
                    peaks.insert(arithmetic, Peak { gflops: rate.tflops * 1e3, source: source(&rate.source)? });
                }
            }
            Ok(Chip {
                bandwidth_gbps: row.bandwidth.gbps,
                bandwidth_source: source(&row.bandwidth.source)?,
                shared: row.shared,
                peaks,
                detected: row.detected,
                gpu_cores: row.gpu_cores,
                memory_gib: row.memory_gib,
                name: row.name,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
