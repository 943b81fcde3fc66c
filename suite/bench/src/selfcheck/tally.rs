//! What the simulated comparisons said, held against what was so.

use super::rivals::Rival;
use super::simulation::{LATENCY_US, Simulation, World};
use chipmark_core::{Mode, OpResult, Target};
use chipmark_results::cells::cells;
use chipmark_results::compare::{Comparison, Row, Verdict};
use chipmark_results::estimate::launch_median;
use chipmark_results::store::ResultsFile;
use chipmark_synthetic::{Settings as Device, VirtualDevice};
use serde::Serialize;
use std::collections::BTreeMap;

/// Comparisons of cells, by what came out.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Counts {
    /// Cells whose two devices are equal.
    pub same: usize,
    /// Of those, the ones that were called slower or faster.
    pub false_alarms: usize,
    /// Cells whose second device is slower.
    pub slowed: usize,
    /// Of those, the ones that were called slower.
    pub found: usize,
    /// Intervals of the first stage, and those that hold the truth.
    pub intervals: usize,
    /// See [`Counts::intervals`].
    pub held: usize,
    /// Intervals of the fresh rounds that decided, and those that hold the truth.
    pub fresh_intervals: usize,
    /// See [`Counts::fresh_intervals`].
    pub fresh_held: usize,
    /// Suites.
    pub suites: usize,
    /// The launches of a cell in the first stage, over all cells.
    pub pilot_rounds: usize,
    /// Suites in which there was something to decide.
    pub decided: usize,
    /// Their fresh rounds.
    pub fresh_rounds: usize,
    /// The cells that they decided on.
    pub candidates: usize,
    /// By each other rule, on the first stage's samples: false alarms, and what was found.
    pub rivals: BTreeMap<Rival, [usize; 2]>,
}

impl Counts {
    /// A suite by both stages.
    pub(crate) fn of(world: &World, seed: u64, cases: usize, slowed: usize, slowdown: f64) -> OpResult<Self> {
        let mut simulation = Simulation::new(world, seed, cases, slowed, slowdown)?;
        simulation.run()?;
        let pilot = simulation.compared(world.rule());
        let mut counts = Counts { suites: 1, ..Counts::default() };
        let truth = |row: &Row| if simulation.is_slowed(&row.cell.case) { 1.0 + slowdown } else { 1.0 };
        for row in &pilot.rows {
            counts.pilot_rounds += row.b.map_or(0, |time| time.launches);
            let held = row.interval.map(|interval| holds(interval, truth(row)));
            counts.intervals += usize::from(held.is_some());
            counts.held += usize::from(held == Some(true));
        }
        counts.ask_rivals(&simulation);

        let fresh = pilot.fresh(world.detect);
        counts.candidates += fresh.cells.len();
        let decision = if fresh.cells.is_empty() {
            None
        } else {
            // Fresh rounds have an order and a noise of their own.
            let mut again = Simulation::new(world, seed.rotate_left(17) ^ 0x5eed, cases, slowed, slowdown)?;
            let wanted =
                again.file.run.cases.iter().filter(|case| fresh.cells.iter().any(|cell| cell.case == case.case));
            let wanted: Vec<_> = wanted.cloned().collect();
            for round in 0..fresh.rounds {
                again.round(&wanted, round)?;
            }
            counts.decided += 1;
            counts.fresh_rounds += fresh.rounds as usize;
            Some(again.compared(world.rule()).only(&fresh.cells))
        };
        for row in decision.iter().flat_map(|decision| &decision.rows) {
            if let Some(interval) = row.interval {
                counts.fresh_intervals += 1;
                counts.fresh_held += usize::from(holds(interval, truth(row)));
            }
        }
        counts.judge(&pilot.decided_by(decision, fresh.rounds, world.detect), &simulation);
        Ok(counts)
    }

    /// A suite of slowed cases by so many rounds, all of them decided on.
    pub(crate) fn of_rounds(world: &World, seed: u64, slowed: usize, slowdown: f64, rounds: u32) -> OpResult<Self> {
        let mut simulation = Simulation::new(world, seed, slowed, slowed, slowdown)?;
        let cases = simulation.file.run.cases.clone();
        for round in 0..rounds {
            simulation.round(&cases, round)?;
        }
        let mut counts = Counts { suites: 1, ..Counts::default() };
        counts.judge(&simulation.compared(world.rule()), &simulation);
        Ok(counts)
    }

    fn judge(&mut self, comparison: &Comparison, simulation: &Simulation) {
        for row in &comparison.rows {
            if simulation.is_slowed(&row.cell.case) {
                self.slowed += 1;
                self.found += usize::from(row.verdict == Verdict::Regressed);
            } else {
                self.same += 1;
                self.false_alarms += usize::from(matches!(row.verdict, Verdict::Regressed | Verdict::Improved));
            }
        }
    }

    fn ask_rivals(&mut self, simulation: &Simulation) {
        for planned in &simulation.file.run.cases {
            let [a, b] = simulation.targets.each_ref().map(|target| pooled(&simulation.file, planned, target));
            for rival in Rival::ALL {
                let change = rival.change(&a, &b);
                let [false_alarms, found] = self.rivals.entry(rival).or_default();
                if simulation.is_slowed(&planned.case) {
                    *found += usize::from(change > 0);
                } else {
                    *false_alarms += usize::from(change != 0);
                }
            }
        }
    }

    /// Adds another's.
    pub(crate) fn add(&mut self, other: &Counts) {
        self.same += other.same;
        self.false_alarms += other.false_alarms;
        self.slowed += other.slowed;
        self.found += other.found;
        self.intervals += other.intervals;
        self.held += other.held;
        self.fresh_intervals += other.fresh_intervals;
        self.fresh_held += other.fresh_held;
        self.suites += other.suites;
        self.pilot_rounds += other.pilot_rounds;
        self.decided += other.decided;
        self.fresh_rounds += other.fresh_rounds;
        self.candidates += other.candidates;
        for (rival, [false_alarms, found]) in &other.rivals {
            let sums = self.rivals.entry(*rival).or_default();
            sums[0] += false_alarms;
            sums[1] += found;
        }
    }
}

fn holds(interval: chipmark_results::stats::Interval, truth: f64) -> bool {
    (interval.low..=interval.high).contains(&truth)
}

/// The times of all blocks of a case on a target, whatever launch they are of, in ns per call.
fn pooled(file: &ResultsFile, planned: &chipmark_results::record::PlannedCase, target: &Target) -> Vec<f64> {
    let launches =
        file.launches.iter().filter(|launch| launch.cell.case == planned.case && launch.cell.target == *target);
    let samples = launches.filter_map(|launch| launch.samples.as_ref());
    samples.flat_map(|samples| samples.block_ns.iter().map(|&ns| ns as f64 / samples.calls as f64)).collect()
}

/// How well a time that is known is measured, as shares of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct Known {
    /// Launches of a device that takes the same time in each.
    pub launches: usize,
    /// The largest error of one launch's median.
    pub worst_error: f64,
    /// The error of the mean over the cells of whole runs, with what launches differ by and without drift.
    pub mean_error: f64,
}

/// Measures devices whose time is known.
pub(crate) fn known(world: &World, launches: usize, seed: u64) -> OpResult<Known> {
    let truth_ns = LATENCY_US * 1e3;
    let device = Device { latency_us: LATENCY_US, noise: world.noise, ..Device::default() };
    let still = World { drift: 0.0, ..*world };
    let mut simulation = Simulation::new(&still, seed, launches.div_ceil(40).max(5), 0, 0.0)?;
    let sampling = simulation.file.run.settings.sampling;
    let mut worst_error = 0.0f64;
    for launch in 0..u32::try_from(launches).unwrap_or(u32::MAX) {
        let samples =
            VirtualDevice::new(device.clone(), "softmax", seed, launch, 0.0).sample(Mode::Latency, &sampling)?;
        let error = launch_median(Mode::Latency, &samples).map_or(f64::INFINITY, |ns| (ns / truth_ns - 1.0).abs());
        worst_error = worst_error.max(error);
    }
    simulation.run()?;
    let times: Vec<f64> =
        cells(&simulation.file).iter().filter_map(|cell| Some(cell.estimate.as_ref()?.median_ns)).collect();
    let mean_ns = times.iter().sum::<f64>() / times.len() as f64;
    Ok(Known { launches, worst_error, mean_error: (mean_ns / truth_ns - 1.0).abs() })
}

/// How many of the slowed cells so many rounds find.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct CurvePoint {
    pub rounds: u32,
    pub power: f64,
}

impl CurvePoint {
    pub(crate) fn of(rounds: u32, counts: &Counts) -> Self {
        CurvePoint { rounds, power: counts.found as f64 / counts.slowed.max(1) as f64 }
    }
}

/// All that was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Findings {
    /// Of a known time.
    pub known: Known,
    /// Of equal devices.
    pub same: Counts,
    /// Of slowed ones, by the slowdown as a share.
    pub slowed: Vec<(f64, Counts)>,
    /// The power against the rounds, of the smallest slowdown.
    pub curve: Vec<CurvePoint>,
}
