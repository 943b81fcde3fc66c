//! Whether anything is faster than can be: than the chip's vendor says of its arithmetic and its memory, or by far than the best that
//! the run itself measured.

use super::Rule;
use super::finding::{Finding, Findings, Level};
use super::read::Contributed;
use crate::cells::CellResult;
use crate::chips::{self, Chip};
use crate::machine::Machine;
use crate::record::Flag;
use chipmark_core::{Device, Mode};

/// Above so many times the vendor's figure a time cannot be, or somebody has to look. Vendors round, and cards are set faster.
const CANNOT_BE: f64 = 1.25;
const DOUBTFUL: f64 = 1.05;

/// Above so many times the best product or copy of the run itself somebody has to look: these are few shapes, and not the best.
const BEYOND_MEASURED: f64 = 1.5;

/// A working set of so many times the caches comes from memory.
const CACHES: u64 = 8;

/// The largest cache that no system tells of: graphics processors' own, and Apple's for the whole system.
const UNTOLD_CACHE_BYTES: u64 = 128 << 20;

/// How many times fewer multiplications than are counted a convolution may do with: by Winograd's way with tiles of 4×4.
const CONVOLUTION: f64 = 4.0;

/// Workloads whose bytes cross a bus, or nothing at all.
const TRANSFERS: [&str; 6] =
    ["host_to_device", "device_to_host", "round_trip", "zero_copy", "zero_copy_sum", "upload_sum"];

pub(super) fn check(read: &Contributed, rows: &[CellResult], findings: &mut Findings) {
    let run = &read.file.run;
    let chip = chips::find(&run.machine);
    let mut vendor: Vec<(f64, String)> = Vec::new();
    let mut measured: Vec<(f64, String)> = Vec::new();
    for row in rows {
        let cache_bytes = cache_bytes(&run.machine, row.cell.target.device);
        let from_memory = !TRANSFERS.contains(&row.cell.case.workload.as_str())
            && row.cost.working_set_bytes >= cache_bytes.saturating_mul(CACHES);
        if let Some(chip) = chip {
            vendor.extend(beyond_vendor(row, chip, from_memory, run.settings.tf32));
        }
        measured.extend(beyond_measured(row, from_memory));
    }
    let (cannot_be, doubtful): (Vec<_>, Vec<_>) = vendor.into_iter().partition(|(times, _)| *times > CANNOT_BE);
    tell(cannot_be, findings, Level::Error, Rule::Speed);
    tell(doubtful, findings, Level::Warning, Rule::Speed);
    tell(measured, findings, Level::Warning, Rule::Ceiling);
}

/// Tells the worst, and how many more there are.
fn tell(mut beyond: Vec<(f64, String)>, findings: &mut Findings, level: Level, rule: Rule) {
    beyond.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    if let Some((_, worst)) = beyond.pop() {
        let more = if beyond.is_empty() { String::new() } else { format!("; and {} more", beyond.len()) };
        findings.add(Finding::new(level, rule, None, &(worst + &more)));
    }
}

/// The caches between a device and its memory, or more.
fn cache_bytes(machine: &Machine, device: Device) -> u64 {
    let told = machine.last_level_cache_bytes.unwrap_or(UNTOLD_CACHE_BYTES);
    let is_told = device == Device::Cpu && !machine.chip.starts_with("Apple");
    if is_told { told } else { told.max(UNTOLD_CACHE_BYTES) }
}

/// The shortest time of a call that a row claims, in ns. A latency is disturbed to be longer alone, so that its fastest launch counts;
/// of throughput, a difference, the estimate does.
fn fastest_ns(row: &CellResult) -> Option<f64> {
    let estimate = row.estimate.as_ref()?;
    match row.cell.mode {
        Mode::Latency => Some(estimate.low_ns),
        Mode::Throughput => Some(estimate.median_ns),
        Mode::Transfer | Mode::FirstCall => None,
    }
}

fn is_convolution(row: &CellResult) -> bool {
    row.cell.case.workload.starts_with("conv")
}

/// How many times what the vendor says a row claims, where that is in doubt.
fn beyond_vendor(row: &CellResult, chip: &Chip, from_memory: bool, tf32: bool) -> Option<(f64, String)> {
    let ns = fastest_ns(row)?;
    let device = row.cell.target.device;
    let tf32 = tf32 || row.flags.contains(&Flag::Tf32);
    let dtype = row.cell.case.dtype;
    let exact = chip.peak_gflops(dtype);
    let peak = if tf32 && dtype == chipmark_core::DType::F32 { chip.tf32_gflops().or(exact) } else { exact };
    let ways = if is_convolution(row) { CONVOLUTION } else { 1.0 };
    let arithmetic = peak.filter(|_| chip.computes_on(device)).map(|peak| {
        let gflops = row.cost.flop as f64 / ns;
        (gflops / peak / ways, format!("{gflops:.0} GFLOP/s, and {} does {peak:.0} at most", chip.name))
    });
    let memory = (from_memory && chip.feeds(device)).then(|| {
        let gbps = row.cost.bytes as f64 / ns;
        (
            gbps / chip.bandwidth_gbps,
            format!("{gbps:.0} GB/s, and {} moves {:.0} at most", chip.name, chip.bandwidth_gbps),
        )
    });
    let worst = arithmetic.into_iter().chain(memory).max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    let (times, what) = worst;
    (times > DOUBTFUL).then(|| (times, format!("{}: {times:.2} times what can be: {what}", row.cell)))
}

/// The same for the best that the run measured.
fn beyond_measured(row: &CellResult, from_memory: bool) -> Option<(f64, String)> {
    fastest_ns(row)?;
    let shares = row.shares?;
    let arithmetic = shares.gflops_of_measured.filter(|_| !is_convolution(row)).map(|times| (times, "product"));
    let memory = shares.gbps_of_measured.filter(|_| from_memory).map(|times| (times, "copy, triad or sum"));
    let worst = arithmetic.into_iter().chain(memory).max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    let (times, of) = worst;
    let what = || format!("{}: {times:.2} times the rate of the best {of} that the run itself measured", row.cell);
    (times > BEYOND_MEASURED).then(|| (times, what()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_that_no_system_tells_of_are_taken_to_be_large() {
        let of = |chip: &str, told: Option<u64>, device| {
            let machine = Machine { chip: chip.to_owned(), last_level_cache_bytes: told, ..Machine::default() };
            cache_bytes(&machine, device)
        };
        assert_eq!(of("AMD EPYC", Some(32 << 20), Device::Cpu), 32 << 20);
        assert_eq!(of("AMD EPYC", None, Device::Cpu), UNTOLD_CACHE_BYTES);
        assert_eq!(of("AMD EPYC", Some(1 << 30), Device::Cuda(0)), 1 << 30);
        assert_eq!(of("Apple M2 Max", Some(16 << 20), Device::Cpu), UNTOLD_CACHE_BYTES);
        assert_eq!(of("Apple M2 Max", None, Device::Mps), UNTOLD_CACHE_BYTES);
    }
}
