//! What the simulated comparisons said, held against what was so.

use super::rivals::Rival;
use super::simulation::{Cases, Devices, LATENCY_US, Simulation, World};
use chipmark_core::{Cell, Mode, OpResult, Target};
use chipmark_results::cells::cells;
use chipmark_results::compare::{Comparison, Verdict};
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
    /// A suite by both stages of `bench ab`, in which the devices stand side by side.
    pub(crate) fn of_ab(world: &World, seed: u64, cases: Cases) -> OpResult<Self> {
        let mut simulation = Simulation::new(world, seed, cases, Devices::Both)?;
        simulation.run()?;
        let pilot = simulation.compared(world.rule())?;
        let mut counts = Counts::default();
        counts.ask_rivals(&simulation);
        counts.decide(world, pilot, &simulation, |wanted, rounds| {
            let again = again(world, seed, cases, Devices::Both, (wanted, rounds))?;
            again.compared(world.rule())
        })?;
        Ok(counts)
    }

    /// A suite by both stages of `bench check`: a baseline of the first device, and runs of the second held against it.
    pub(crate) fn of_check(world: &World, seed: u64, cases: Cases) -> OpResult<Self> {
        let mut baseline = Simulation::new(world, seed, cases, Devices::Before)?;
        baseline.run()?;
        let mut simulation = Simulation::new(world, seed.rotate_left(29) ^ 0xba5e, cases, Devices::Now)?;
        simulation.run()?;
        let held = |now: &Simulation| Comparison::of_files(&baseline.file, &now.file, world.rule());
        let mut counts = Counts::default();
        counts.decide(world, held(&simulation), &simulation, |wanted, rounds| {
            Ok(held(&again(world, seed, cases, Devices::Now, (wanted, rounds))?))
        })?;
        Ok(counts)
    }

    /// Counts what a pilot and the fresh rounds that it asks for come to.
    fn decide(
        &mut self,
        world: &World,
        pilot: Comparison,
        simulation: &Simulation,
        again: impl FnOnce(&[Cell], u32) -> OpResult<Comparison>,
    ) -> OpResult<()> {
        self.suites = 1;
        for row in &pilot.rows {
            self.pilot_rounds += row.b.map_or(0, |time| time.launches);
            let held = row.interval.map(|interval| holds(interval, simulation.truth(row)));
            self.intervals += usize::from(held.is_some());
            self.held += usize::from(held == Some(true));
        }
        let fresh = pilot.fresh(world.detect);
        self.candidates += fresh.cells.len();
        let mut decision = None;
        if !fresh.cells.is_empty() {
            decision = Some(again(&fresh.cells, fresh.rounds)?);
            self.decided += 1;
            self.fresh_rounds += fresh.rounds as usize;
        }
        let rows = decision.iter().flat_map(|decision| &decision.rows);
        for row in rows.filter(|row| fresh.cells.contains(&row.cell)) {
            if let Some(interval) = row.interval {
                self.fresh_intervals += 1;
                self.fresh_held += usize::from(holds(interval, simulation.truth(row)));
            }
        }
        self.judge(&pilot.decided_by(decision, world.detect), simulation);
        Ok(())
    }

    /// A suite of slowed cases by so many rounds, all of them decided on.
    pub(crate) fn of_rounds(world: &World, seed: u64, cases: Cases, rounds: u32) -> OpResult<Self> {
        let mut simulation = Simulation::new(world, seed, cases, Devices::Both)?;
        simulation.rounds(|_| true, rounds)?;
        let mut counts = Counts { suites: 1, ..Counts::default() };
        counts.judge(&simulation.compared(world.rule())?, &simulation);
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
            let [a, b] = simulation.targets.as_slice() else { return };
            let [a, b] = [a, b].map(|target| pooled(&simulation.file, planned, target));
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

/// Fresh rounds of some cells, with an order and a noise of their own.
fn again(
    world: &World,
    seed: u64,
    cases: Cases,
    devices: Devices,
    (wanted, rounds): (&[Cell], u32),
) -> OpResult<Simulation> {
    let mut again = Simulation::new(world, seed.rotate_left(17) ^ 0x5eed, cases, devices)?;
    again.rounds(|case| wanted.iter().any(|cell| cell.case == *case), rounds)?;
    Ok(again)
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
    let cases = Cases { all: launches.div_ceil(40).max(5), slowed: 0, slowdown: 0.0 };
    let mut simulation = Simulation::new(&still, seed, cases, Devices::Both)?;
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
    /// Of `bench check` on a machine that does not drift: of equal devices, then of slowed ones by the slowdown.
    pub check: Vec<(f64, Counts)>,
    /// Of `bench check` and equal devices on a machine that drifts.
    pub drifting_check: Counts,
    /// The power against the rounds, of the smallest slowdown.
    pub curve: Vec<CurvePoint>,
}
