//! What a run's devices reach at best, by its own measurement and by their vendor's word, and what share of that a cell
//! reaches: the roofline of Williams, Waterman and Patterson (2009).

use crate::chips::{self, Chip};
use crate::estimate::estimate;
use crate::record::Ceiling;
use crate::store::ResultsFile;
use chipmark_core::{CaseId, Cost, DType, Device, Mode, Outcome, Target};
use serde::Serialize;

/// A rate above so many times what the memory can move was fed by a cache.
const CACHE: f64 = 1.05;

/// The most that was reached, and by what.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Best {
    /// In 10^9 a second: floating-point operations, or bytes.
    pub rate: f64,
    /// The work.
    pub case: CaseId,
    /// Where.
    pub target: Target,
}

/// What one device reached at best in one kind of arithmetic, whichever framework did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reached {
    /// The host's processor, or else the number of the graphics processor.
    pub place: Place,
    /// The dtype.
    pub dtype: DType,
    /// Whether it is f32 rounded to TF32: another kind of arithmetic, faster than f32 by far. It has no traffic of its own.
    pub tf32: bool,
    /// Bytes moved: copy, triad and sum.
    pub gbps: Option<Best>,
    /// Arithmetic: matrix products.
    pub gflops: Option<Best>,
}

impl Reached {
    fn is_of(&self, place: Place, dtype: DType, tf32: bool) -> bool {
        (self.place, self.dtype, self.tf32) == (place, dtype, tf32)
    }
}

/// The hardware behind a device: frameworks call one graphics processor by several names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The host's processor.
    Cpu,
    /// A graphics processor by its number.
    Gpu(usize),
}

impl Place {
    /// Where a device is.
    #[must_use]
    pub fn of(device: Device) -> Self {
        match device {
            Device::Cpu => Place::Cpu,
            Device::Gpu | Device::Metal | Device::Mps => Place::Gpu(0),
            Device::Cuda(number) => Place::Gpu(number),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Cpu => f.write_str("cpu"),
            Place::Gpu(0) => f.write_str("gpu"),
            Place::Gpu(number) => write!(f, "gpu {number}"),
        }
    }
}

/// The shares of ceilings that a cell reaches. Each is absent where its ceiling is not known or its rate has no meaning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Shares {
    /// Of the arithmetic that the device was measured to do.
    pub gflops_of_measured: Option<f64>,
    /// Of the arithmetic that its vendor says.
    pub gflops_of_vendor: Option<f64>,
    /// Of the traffic that its memory was measured to bear.
    pub gbps_of_measured: Option<f64>,
    /// Of the traffic that its vendor says.
    pub gbps_of_vendor: Option<f64>,
    /// Of the measured roof at the cell's intensity (FLOP per byte): the lower of the arithmetic and what the memory can feed.
    /// Above 1 where the data was in a cache.
    pub roofline: Option<f64>,
}

/// The ceilings of a run.
#[derive(Debug, Clone, Default)]
pub struct Ceilings {
    /// By device and dtype, in the order measured.
    pub reached: Vec<Reached>,
    vendor: Option<&'static Chip>,
}

impl Ceilings {
    /// Those that a file holds, and the vendor's for its machine.
    #[must_use]
    pub fn of(file: &ResultsFile) -> Self {
        let mut ceilings = Ceilings { reached: Vec::new(), vendor: chips::find(&file.run.machine) };
        for ceiling in file.ceilings.iter().filter(|ceiling| ceiling.outcome == Outcome::Ok) {
            ceilings.add(ceiling);
        }
        ceilings
    }

    fn add(&mut self, ceiling: &Ceiling) {
        let samples: Vec<_> = ceiling.samples.iter().collect();
        let Some(estimate) = estimate(Mode::Latency, &samples) else { return };
        let (place, dtype) = (Place::of(ceiling.target.device), ceiling.case.dtype);
        let is_product = ceiling.case.workload == "matmul";
        let tf32 = ceiling.tf32 && is_product;
        let at = self.reached.iter().position(|reached| reached.is_of(place, dtype, tf32));
        let at = at.unwrap_or_else(|| {
            self.reached.push(Reached { place, dtype, tf32, gbps: None, gflops: None });
            self.reached.len() - 1
        });
        let Some(reached) = self.reached.get_mut(at) else { return };
        let count = if is_product { ceiling.cost.flop } else { ceiling.cost.bytes };
        let best = if is_product { &mut reached.gflops } else { &mut reached.gbps };
        let rate = count as f64 / estimate.median_ns;
        if best.as_ref().is_none_or(|best| best.rate < rate) {
            *best = Some(Best { rate, case: ceiling.case.clone(), target: ceiling.target.clone() });
        }
    }

    /// The most arithmetic measured of one kind, in GFLOP/s.
    fn gflops(&self, place: Place, dtype: DType, tf32: bool) -> Option<f64> {
        let mut fitting = self.reached.iter().filter(|reached| reached.is_of(place, dtype, tf32));
        Some(fitting.next()?.gflops.as_ref()?.rate)
    }

    /// The most traffic measured, in GB/s, whatever the dtype: a byte is a byte.
    fn gbps(&self, place: Place) -> Option<f64> {
        let fitting = self.reached.iter().filter(|reached| reached.place == place);
        fitting.filter_map(|reached| Some(reached.gbps.as_ref()?.rate)).reduce(f64::max)
    }

    /// The shares that a cell of this cost reaches with these rates; `tf32` says that it is f32 in name and TF32 in error.
    #[must_use]
    pub fn shares(
        &self,
        device: Device,
        (dtype, tf32): (DType, bool),
        cost: &Cost,
        gflops: Option<f64>,
        gbps: Option<f64>,
    ) -> Option<Shares> {
        let place = Place::of(device);
        let (most_gflops, most_gbps) = (self.gflops(place, dtype, tf32), self.gbps(place));
        let share = |rate: Option<f64>, most: Option<f64>| Some(rate? / most.filter(|most| *most > 0.0)?);
        let chip = self.vendor;
        let computes = chip.filter(|chip| chip.computes_on(device));
        let vendor_gflops = computes.and_then(|chip| if tf32 { chip.tf32_gflops() } else { chip.peak_gflops(dtype) });
        let intensity = cost.flop as f64 / cost.bytes.max(1) as f64;
        let roofline = match (gflops, most_gflops, most_gbps) {
            (Some(gflops), Some(most_gflops), Some(most_gbps)) => Some(gflops / most_gflops.min(intensity * most_gbps)),
            // Work without arithmetic stands under the memory's part of the roof alone.
            (None, _, Some(most_gbps)) => gbps.map(|gbps| gbps / most_gbps),
            _ => None,
        };
        let shares = Shares {
            gflops_of_measured: share(gflops, most_gflops),
            gflops_of_vendor: share(gflops, vendor_gflops),
            gbps_of_measured: share(gbps, most_gbps),
            gbps_of_vendor: share(gbps, chip.filter(|chip| chip.feeds(device)).map(|chip| chip.bandwidth_gbps)),
            roofline,
        };
        (shares != Shares::default()).then_some(shares)
    }
}

impl Shares {
    /// Whether more was moved than the memory can, as measured or else by the vendor's word: the data was in a cache.
    #[must_use]
    pub fn is_cache_measured(&self) -> bool {
        self.gbps_of_measured.or(self.gbps_of_vendor).is_some_and(|share| share > CACHE)
    }
}

#[cfg(all(test, feature = "fixture"))]
mod tests;
