//! The roofline of one device and dtype of a run.

use super::naming::Naming;
use super::{List, PlotError, cases, comparable_ns};
use crate::model::{CaseRow, CellView, RunReport};
use crate::svg::{Marks, Roof, RoofKind, RoofPoint, Roofline};
use crate::words;
use chipmark_core::{DType, Device};
use chipmark_results::ceiling::{Best, Place};
use chipmark_results::chips;

/// The cells with arithmetic of the one device and dtype that they have.
pub(super) fn roofline(run: &RunReport) -> Result<Roofline, PlotError> {
    let naming = Naming::of([run]);
    let series: Vec<String> = run.run.targets.iter().map(|info| info.target.to_string()).collect();
    let mut points = Vec::new();
    let mut kinds: Vec<(Place, DType, Device)> = Vec::new();
    for (_, case) in cases(run) {
        for (at, cell) in case.cells.iter().enumerate() {
            let Some(point) = point(&naming, (case, cell), at) else { continue };
            points.push(point);
            let device = cell.result.cell.target.device;
            let kind = (Place::of(device), case.case.dtype);
            if !kinds.iter().any(|(place, dtype, _)| (*place, *dtype) == kind) {
                kinds.push((kind.0, kind.1, device));
            }
        }
    }
    let (place, dtype, device) = match kinds.as_slice() {
        [kind] => *kind,
        [] => {
            let needs = "a roofline needs times of cases with arithmetic, in mode latency or throughput";
            return Err(PlotError::Nothing(needs.to_owned()));
        }
        kinds => {
            let there = List::of(kinds.iter().map(|(place, dtype, _)| format!("{place} {dtype}")));
            let option = "--device and --dtype";
            return Err(PlotError::Several { chart: "a roofline", what: "device and dtype", option, there });
        }
    };
    // A label where there is room, for what reached most first.
    points.sort_by(|a, b| b.gflops.total_cmp(&a.gflops));
    Ok(Roofline {
        title: format!("Roofline of {place} {dtype}, on {}", words::chip(&run.run.machine)),
        roofs: roofs(run, (place, dtype, device)),
        series,
        points,
    })
}

fn point(naming: &Naming, (case, cell): (&CaseRow, &CellView), series: usize) -> Option<RoofPoint> {
    let gflops = cell.result.gflops.filter(|_| comparable_ns(cell).is_some())?;
    // One label is enough for the points of a case, which stand above each other.
    let is_first = case.fastest.is_none_or(|fastest| fastest == series);
    Some(RoofPoint {
        flop_per_byte: case.cost.flop as f64 / case.cost.bytes.max(1) as f64,
        gflops,
        series,
        label: if is_first { naming.case(&case.case) } else { String::new() },
        marks: Marks::of(cell),
        name: case.case.to_string(),
        told: words::cell(cell),
    })
}

/// What was measured of a device, and what its vendor says of it, as far as either is known.
pub(crate) fn roofs(run: &RunReport, (place, dtype, device): (Place, DType, Device)) -> Vec<Roof> {
    let here = || run.ceilings.iter().filter(|reached| reached.place == place);
    let rate = |best: &Option<Best>| best.as_ref().map(|best| best.rate);
    // A byte is a byte, whatever the dtype.
    let gbps = here().filter_map(|reached| rate(&reached.gbps)).reduce(f64::max);
    let own = here().filter(|reached| reached.dtype == dtype && !reached.tf32);
    let gflops = own.filter_map(|reached| rate(&reached.gflops)).reduce(f64::max);
    let measured = Roof { kind: RoofKind::Measured, gflops, gbps };
    let vendor = chips::find(&run.run.machine).map(|chip| Roof {
        kind: RoofKind::Vendor,
        gflops: chip.peak_gflops(dtype).filter(|_| chip.computes_on(device)),
        gbps: chip.feeds(device).then_some(chip.bandwidth_gbps),
    });
    let all = std::iter::once(measured).chain(vendor);
    all.filter(|roof| roof.gflops.or(roof.gbps).is_some()).collect()
}
