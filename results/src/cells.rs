//! From records to cells: every planned cell gets exactly one row, with its time or with the reason why there is none.

use crate::ceiling::{Ceilings, Shares};
use crate::compare::Series;
use crate::convergence::{fastest, half_widths};
use crate::disturbance::disturbed_rounds;
use crate::energy::{Drawn, drawn};
use crate::estimate::{Estimate, estimate, launch_median, median};
use crate::record::{Against, Check, End, Flag, Launch, PlannedCase, Run, Samples, TargetInfo, Worker};
use crate::stats::bootstrap::Bootstrap;
use crate::store::ResultsFile;
use chipmark_core::{CaseId, Cell, ConvLayout, Cost, MemoryUse, Mode, OpPath, Outcome, Target};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What a run says about one cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CellResult {
    /// The cell.
    #[serde(flatten)]
    pub cell: Cell,
    /// What one call costs by counting.
    pub cost: Cost,
    /// Ok if the check passed and a launch was measured; else what stood in the way first.
    pub outcome: Outcome,
    /// Why it is not ok.
    pub reason: Option<String>,
    /// What to know about a cell that is ok but not whole, such as `1 of 3 launches: crashed (…)`.
    pub note: Option<String>,
    /// How many launches came to nothing, of a cell that has a time.
    pub failed_launches: usize,
    /// How each op was done, as the check found it.
    pub paths: Vec<OpPath>,
    /// The layout of convolutions, where there are any.
    pub layout: Option<ConvLayout>,
    /// The comparison that came closest to its bound, or went furthest beyond.
    pub check: Option<WorstCheck>,
    /// What a reader must know, from all launches.
    pub flags: BTreeSet<Flag>,
    /// The time of a call. There is one exactly if the outcome is ok.
    pub estimate: Option<Estimate>,
    /// The rounds of the launches in the estimate, in step with its medians.
    pub rounds: Vec<u32>,
    /// The counted arithmetic per time, in GFLOP/s: of latency and throughput alone, where there is arithmetic.
    pub gflops: Option<f64>,
    /// The compulsory traffic per time, in GB/s (10^9 bytes): of latency and throughput alone.
    pub gbps: Option<f64>,
    /// What shares of the device's ceilings these rates are.
    pub shares: Option<Shares>,
    /// What the calls need of memory.
    pub memory: Option<MemoryUse>,
    /// What a call draws.
    pub energy: Option<Drawn>,
    /// The time over that of the fastest target for the same case and mode; 1 for the fastest. None for what is f32 in name
    /// and TF32 in error.
    pub ratio_to_fastest: Option<f64>,
    /// Half the width of the 95% interval of that ratio, as a share; of a target that stands alone, of its own time. None
    /// from fewer than five launches, and for the fastest of several.
    pub ratio_half_width: Option<f64>,
    /// The median cost of a wait with nothing to wait for, by the launches' medians, in ns. Each call of the latency mode holds
    /// one such wait; it is never subtracted.
    pub bare_finish_ns: Option<f64>,
}

impl CellResult {
    /// Whether an op of the cell was built from others.
    #[must_use]
    pub fn is_composed(&self) -> bool {
        self.paths.iter().any(|path| matches!(path, OpPath::Composed { .. }))
    }

    /// The time of a call where it may be compared with others: there is one, and it is not f32 in name and TF32 in error.
    #[must_use]
    pub fn comparable(&self) -> Option<&Estimate> {
        self.estimate.as_ref().filter(|_| !self.flags.contains(&Flag::Tf32))
    }
}

/// One comparison of a check, in short.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorstCheck {
    /// The case at the shape that was compared.
    pub case: CaseId,
    /// With what.
    pub against: Against,
    /// The largest ratio of error to scale. May be infinite.
    #[serde(with = "chipmark_core::json_f64")]
    pub error: f64,
    /// The largest that is allowed.
    #[serde(with = "chipmark_core::json_f64")]
    pub bound: f64,
}

/// The cells of a run, in the order of its plan: by case, then mode, then target.
#[must_use]
pub fn cells(file: &ResultsFile) -> Vec<CellResult> {
    let mut rows = alone(file);
    let mut bootstrap = Bootstrap::new(file.run.settings.seed);
    for case in rows.chunks_mut(file.run.targets.len().max(1)) {
        relate(case, &file.run, &mut bootstrap);
    }
    rows
}

/// The same without what relates the targets of a case to each other: ratios, their intervals, and whether they converged. It takes a
/// fraction of the time.
#[must_use]
pub fn alone(file: &ResultsFile) -> Vec<CellResult> {
    let found = Found::of(file);
    let cases = file.run.cases.iter().flat_map(|planned| planned.modes.iter().map(move |&mode| (planned, mode)));
    cases
        .flat_map(|(planned, mode)| file.run.targets.iter().map(move |info| (planned, mode, info)))
        .map(|(planned, mode, info)| found.row(planned, mode, info))
        .collect()
}

/// The records of a file by what they belong to.
struct Found<'a> {
    run: &'a Run,
    last_end: Option<&'a End>,
    checks: HashMap<(&'a CaseId, &'a Target), &'a Check>,
    launches: HashMap<&'a Cell, BTreeMap<u32, &'a Launch>>,
    disturbed: HashSet<u32>,
    workers: HashMap<u32, &'a Worker>,
    ceilings: Ceilings,
    memory: HashMap<(&'a CaseId, &'a Target), MemoryUse>,
}

impl<'a> Found<'a> {
    fn of(file: &'a ResultsFile) -> Self {
        let mut launches: HashMap<&Cell, Vec<&Launch>> = HashMap::new();
        let void: HashSet<u32> =
            file.rounds.iter().filter(|round| round.void.is_some()).map(|round| round.round).collect();
        for launch in file.launches.iter().filter(|launch| !void.contains(&launch.round)) {
            launches.entry(&launch.cell).or_default().push(launch);
        }
        let launches = launches.into_iter().map(|(cell, launches)| (cell, standing(launches))).collect();
        Found {
            run: &file.run,
            last_end: file.ends.last(),
            // A resumed run may check anew: the last check stands.
            checks: file.checks.iter().map(|check| ((&check.case, &check.target), check)).collect(),
            launches,
            disturbed: disturbed_rounds(&file.run, &file.rounds),
            ceilings: Ceilings::of(file),
            memory: file.memory.iter().filter_map(|pass| Some(((&pass.case, &pass.target), pass.memory?))).collect(),
            workers: file.workers.iter().map(|worker| (worker.worker, worker)).collect(),
        }
    }

    fn row(&self, planned: &PlannedCase, mode: Mode, info: &TargetInfo) -> CellResult {
        let cell = Cell { case: planned.case.clone(), target: info.target.clone(), mode };
        let check = self.checks.get(&(&cell.case, &cell.target)).copied();
        let launches: Vec<&Launch> = self.launches.get(&cell).into_iter().flat_map(BTreeMap::values).copied().collect();
        let verdict = self.verdict(mode, info, check, &launches);

        let measured = || launches.iter().filter_map(|launch| launch.samples.as_ref());
        let rate = |count: u64| {
            let per_call_ns = verdict.estimate.as_ref()?.median_ns;
            let counts = matches!(mode, Mode::Latency | Mode::Throughput) && count > 0;
            counts.then(|| count as f64 / per_call_ns)
        };
        let rounds = launches
            .iter()
            .filter(|launch| launch.samples.as_ref().is_some_and(|samples| launch_median(mode, samples).is_some()))
            .map(|launch| launch.round);
        let is_tf32 = check.is_some_and(|check| check.tf32);
        let tf32 = is_tf32.then_some(Flag::Tf32);
        let reduced = check.filter(|check| is_reduced(check)).map(|_| Flag::ReducedCheck);
        let disturbed = launches.iter().any(|launch| self.disturbed.contains(&launch.round)).then_some(Flag::Disturbed);
        let (gflops, gbps) = (rate(planned.cost.flop), rate(planned.cost.bytes));
        let device = info.target.device;
        let shares = self.ceilings.shares(device, (cell.case.dtype, is_tf32), &planned.cost, gflops, gbps);
        let cached = shares.filter(Shares::is_cache_measured).map(|_| Flag::CacheMeasured);
        let flags = measured().flat_map(|samples| samples.flags.iter().copied());
        CellResult {
            cost: planned.cost,
            paths: check.map(|check| check.paths.clone()).unwrap_or_default(),
            layout: check.and_then(|check| check.layout),
            check: check.and_then(worst),
            flags: flags.chain(tf32).chain(reduced).chain(cached).chain(disturbed).collect(),
            gflops,
            gbps,
            shares,
            memory: self.memory.get(&(&cell.case, &cell.target)).copied(),
            energy: drawn(device, &info.env, launches.iter().filter_map(|launch| launch.energy.as_ref())),
            ratio_to_fastest: None,
            ratio_half_width: None,
            rounds: if verdict.estimate.is_some() { rounds.collect() } else { Vec::new() },
            bare_finish_ns: self.bare_finish_ns(&launches),
            outcome: verdict.outcome,
            reason: verdict.reason,
            note: verdict.note,
            failed_launches: verdict.failed_launches,
            estimate: verdict.estimate,
            cell,
        }
    }

    fn verdict(&self, mode: Mode, info: &TargetInfo, check: Option<&Check>, launches: &[&Launch]) -> Verdict {
        if let Some(check) = check {
            if check.outcome != Outcome::Ok {
                return Verdict::not(check.outcome, check.reason.clone());
            }
            // The file is outside input: what it calls ok must be so by its own figures.
            if let Some(bad) = check.comparisons.iter().find(|checked| !checked.comparison.passes()) {
                let comparison = &bad.comparison;
                let why = format!(
                    "its check at {} is off by {:e}, allowed is {:e}",
                    bad.case, comparison.error, comparison.bound
                );
                return Verdict::not(Outcome::Wrong, Some(comparison.mismatch.clone().unwrap_or(why)));
            }
        }
        let failed = || launches.iter().filter(|launch| launch.outcome != Outcome::Ok);
        let measured: Vec<&Samples> = launches.iter().filter_map(|launch| launch.samples.as_ref()).collect();
        if measured.is_empty() {
            return match failed().next() {
                Some(launch) => Verdict::not(launch.outcome, launch.reason.clone()),
                None => self.never_begun(),
            };
        }
        if check.is_none() && info.arithmetic {
            return Verdict::not(Outcome::Failed, Some("it was timed, but never checked".to_owned()));
        }
        let Some(estimate) = estimate(mode, &measured) else {
            let why = "in no launch did 4k calls take longer than k calls: the time is lost in noise";
            return Verdict::not(Outcome::Failed, Some(why.to_owned()));
        };
        let settings = &self.run.settings;
        let of = launches.len().max(settings.min_rounds.unwrap_or(settings.rounds) as usize);
        let note = match failed().next() {
            Some(launch) => {
                let why = launch.reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
                Some(format!("{} of {of} launches: {}{why}", failed().count(), launch.outcome))
            }
            None if estimate.launches < of => Some(format!("{} of {of} launches", estimate.launches)),
            None => None,
        };
        let failed_launches = failed().count();
        Verdict { outcome: Outcome::Ok, reason: None, note, failed_launches, estimate: Some(estimate) }
    }

    /// The run ended before the cell's turn: over budget, where it had one, which is why a run leaves cells out.
    fn never_begun(&self) -> Verdict {
        let why = self.last_end.and_then(|end| end.reason.as_deref());
        let why = why.map_or("the run ended before it".to_owned(), |why| format!("the run ended before it: {why}"));
        let outcome = match self.run.settings.budget_s {
            Some(_) => Outcome::OverBudget,
            None => Outcome::Failed,
        };
        Verdict::not(outcome, Some(why))
    }

    /// By what the launches measured right before their samples, or else by what their workers did when they opened.
    fn bare_finish_ns(&self, launches: &[&Launch]) -> Option<f64> {
        let ok = launches.iter().filter(|launch| launch.outcome == Outcome::Ok);
        let of = |times: &[u64]| median(&times.iter().map(|&ns| ns as f64).collect::<Vec<_>>());
        let own = |launch: &Launch| of(&launch.samples.as_ref()?.bare_finish_ns);
        let worker_s = |launch: &Launch| of(&self.workers.get(&launch.worker?)?.bare_finish_ns);
        median(&ok.filter_map(|launch| own(launch).or_else(|| worker_s(launch))).collect::<Vec<_>>())
    }
}

/// Which of a cell's launches stands for each round. A resumed run measures anew what an interruption left half done, or a budget out:
/// the last that was measured stands, and it alone, so that the two launches of a pair lie beside each other.
pub fn standing<'a>(launches: impl IntoIterator<Item = &'a Launch>) -> BTreeMap<u32, &'a Launch> {
    let mut rounds: BTreeMap<u32, &Launch> = BTreeMap::new();
    for launch in launches {
        let measured = rounds.get(&launch.round).is_some_and(|earlier| earlier.outcome == Outcome::Ok);
        if launch.outcome == Outcome::Ok || !measured {
            rounds.insert(launch.round, launch);
        }
    }
    rounds
}

struct Verdict {
    outcome: Outcome,
    reason: Option<String>,
    note: Option<String>,
    failed_launches: usize,
    estimate: Option<Estimate>,
}

impl Verdict {
    fn not(outcome: Outcome, reason: Option<String>) -> Self {
        Verdict { outcome, reason, note: None, failed_launches: 0, estimate: None }
    }
}

/// Writes into the rows of one case and mode how many times the fastest each of them took and how well that is known, and flags
/// those that are known less well than was asked for. What is of lesser precision is left out of both.
fn relate(rows: &mut [CellResult], run: &Run, bootstrap: &mut Bootstrap) {
    let mut ranked: Vec<&mut CellResult> = rows.iter_mut().filter(|row| row.comparable().is_some()).collect();
    let series: Vec<Series> = ranked.iter().map(|row| Series::of(row)).collect();
    let known = half_widths(&series, bootstrap);
    let time_ns = |row: &CellResult| row.estimate.as_ref().map(|estimate| estimate.median_ns);
    let fastest_ns = fastest(&series).and_then(|at| time_ns(ranked.get(at)?));
    for (row, known) in ranked.iter_mut().zip(known) {
        row.ratio_to_fastest = time_ns(row).zip(fastest_ns).map(|(ns, fastest_ns)| ns / fastest_ns);
        row.ratio_half_width = known.half_width();
        if run.settings.precision.is_some_and(|wanted| !known.is_within(wanted)) {
            row.flags.insert(Flag::Unconverged);
        }
    }
}

/// Whether a case was compared at a smaller shape alone: at its own there was neither the reference nor another target to hold it
/// against.
fn is_reduced(check: &Check) -> bool {
    !check.comparisons.is_empty() && check.comparisons.iter().all(|checked| checked.case != check.case)
}

fn worst(check: &Check) -> Option<WorstCheck> {
    let share = |error: f64, bound: f64| if error == 0.0 { 0.0 } else { error / bound };
    let worst = check.comparisons.iter().max_by(|a, b| {
        let (a, b) = (&a.comparison, &b.comparison);
        share(a.error, a.bound).total_cmp(&share(b.error, b.bound))
    })?;
    let (error, bound) = (worst.comparison.error, worst.comparison.bound);
    Some(WorstCheck { case: worst.case.clone(), against: worst.against, error, bound })
}

#[cfg(test)]
mod tests;
