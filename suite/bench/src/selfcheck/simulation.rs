//! Runs in virtual time: rounds of launches of two devices, in the order and with the rule for stopping of a real run, as a
//! results file in memory.

use crate::doubt::{Doubts, GivenUp};
use crate::order;
use crate::profile::Effort;
use crate::text;
use chipmark_core::{BackendInfo, CaseId, Cost, Inputs, Mode, OpResult, Target};
use chipmark_results::compare::{Comparison, Row, Rule};
use chipmark_results::estimate::launch_median;
use chipmark_results::machine::{Machine, MachineState};
use chipmark_results::record::{Launch, PlannedCase, Profile, Run, SCHEMA, Settings, TargetInfo};
use chipmark_results::store::ResultsFile;
use chipmark_synthetic::{Settings as Device, VirtualDevice};
use chipmark_workloads::Suite;
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

/// What a call takes, in µs: long enough to be a block of its own.
pub(crate) const LATENCY_US: f64 = 12_000.0;

/// The noise, and what is asked of the comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct World {
    /// The relative standard deviation from call to call.
    pub noise: f64,
    /// The relative standard deviation from launch to launch.
    pub launch_noise: f64,
    /// How much slower both devices become over a run, as a share.
    pub drift: f64,
    /// The smallest change that counts, as a share.
    pub threshold: f64,
    /// The change that the second stage is planned for, as a share.
    pub detect: f64,
}

impl World {
    /// The rule of the comparisons.
    pub(crate) fn rule(&self) -> Rule {
        Rule { threshold: self.threshold, ..Rule::default() }
    }
}

/// What a run measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Devices {
    /// Both in the same rounds, as `bench ab` does.
    Both,
    /// The first alone, as a baseline.
    Before,
    /// The second alone, under the first one's name, as `bench check` holds it against a baseline.
    Now,
}

/// The cases of a suite, and how much longer some of them take on the second device.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cases {
    pub all: usize,
    /// The first so many are slowed.
    pub slowed: usize,
    /// By so much, as a share.
    pub slowdown: f64,
}

/// A run in the making: its devices, and the time that passes on them.
pub(crate) struct Simulation {
    device: Device,
    devices: Devices,
    slowed: HashSet<CaseId>,
    slowdown: f64,
    seed: u64,
    launch: u32,
    now_s: f64,
    pub file: ResultsFile,
    pub targets: Vec<Target>,
}

impl Simulation {
    /// Nothing is measured yet.
    pub(crate) fn new(world: &World, seed: u64, cases: Cases, devices: Devices) -> OpResult<Self> {
        let names: &[&str] = match devices {
            Devices::Both => &["synthetic:cpu+a", "synthetic:cpu+b"],
            Devices::Before | Devices::Now => &["synthetic:cpu"],
        };
        let targets: Vec<Target> = names.iter().map(|name| name.parse().map_err(failed)).collect::<OpResult<_>>()?;
        let effort = effort().map_err(|error| failed(error.to_string()))?;
        let planned = |number: usize| {
            let case = format!("softmax/{}x16/f32", number + 1).parse().map_err(failed)?;
            Ok(PlannedCase { case, modes: vec![Mode::Latency], cost: Cost { flop: 0, bytes: 0, working_set_bytes: 0 } })
        };
        let Cases { all, slowed, slowdown } = cases;
        let cases: Vec<PlannedCase> = (0..all).map(planned).collect::<OpResult<_>>()?;
        let slowed = cases.iter().take(slowed).map(|planned| planned.case.clone()).collect();
        // Devices are warm and steady: a launch takes its warm-up and its fewest samples, and a little more.
        let launch_s = effort.sampling.warm_up_s + 1.3 * f64::from(effort.sampling.min_samples) * LATENCY_US * 1e-6;
        let launches = f64::from(effort.min_rounds.unwrap_or(effort.rounds)) * (targets.len() * cases.len()) as f64;
        let device = Device {
            latency_us: LATENCY_US,
            noise: world.noise,
            launch_noise: world.launch_noise,
            drift: world.drift / (launch_s * launches).max(1.0),
            ..Device::default()
        };
        let file = ResultsFile::new(PathBuf::from("simulated"), header(cases, &targets, effort, seed));
        Ok(Simulation { device, devices, slowed, slowdown, seed, launch: 0, now_s: 0.0, file, targets })
    }

    /// Whether a case is slowed.
    pub(crate) fn is_slowed(&self, case: &CaseId) -> bool {
        self.slowed.contains(case)
    }

    /// The ratio that a row should have found.
    pub(crate) fn truth(&self, row: &Row) -> f64 {
        if self.is_slowed(&row.cell.case) { 1.0 + self.slowdown } else { 1.0 }
    }

    /// So many rounds of some cases.
    pub(crate) fn rounds(&mut self, wanted: impl Fn(&CaseId) -> bool, rounds: u32) -> OpResult<()> {
        let mut cases = self.file.run.cases.clone();
        cases.retain(|planned| wanted(&planned.case));
        (0..rounds).try_for_each(|round| self.round(&cases, round))
    }

    /// Rounds as a run of profile `standard` makes them: the fewest of them, and more of what is not known well enough.
    pub(crate) fn run(&mut self) -> OpResult<()> {
        let Settings { rounds, min_rounds, precision, seed, .. } = self.file.run.settings;
        let mut doubts = Doubts::new(seed, &[]);
        let mut open = self.file.run.cases.clone();
        for round in 0..rounds {
            let from = self.file.launches.len();
            self.round(&open, round)?;
            for launch in self.file.launches.iter().skip(from) {
                let samples = launch.samples.as_ref();
                if let Some(median_ns) = samples.and_then(|samples| launch_median(Mode::Latency, samples)) {
                    doubts.add(&launch.cell, round, median_ns);
                }
            }
            if round + 1 >= min_rounds.unwrap_or(rounds) {
                open.retain(|planned| {
                    let (doubt, _) = doubts.of(&(planned.case.clone(), Mode::Latency), &self.targets, &GivenUp::new());
                    !precision.is_some_and(|wanted| doubt <= wanted)
                });
            }
        }
        Ok(())
    }

    /// One round of these cases.
    fn round(&mut self, cases: &[PlannedCase], round: u32) -> OpResult<()> {
        for (order, cell) in (0..).zip(order::round(cases, &self.targets, self.seed, round)) {
            let is_second = match self.devices {
                Devices::Both => self.targets.last() == Some(&cell.target),
                Devices::Before => false,
                Devices::Now => true,
            };
            let is_slow = is_second && self.is_slowed(&cell.case);
            let slowdown = if is_slow { 1.0 + self.slowdown } else { 1.0 };
            let settings = Device { slowdown, ..self.device.clone() };
            let mut device = VirtualDevice::new(settings, "softmax", self.seed, self.launch, self.now_s);
            let samples = device.sample(Mode::Latency, &self.file.run.settings.sampling)?;
            self.now_s = device.now_s();
            self.launch += 1;
            let launch = Launch::new(cell, (round, order), self.file.run.started_at.clone());
            self.file.launches.push(Launch { samples: Some(samples), ..launch });
        }
        Ok(())
    }

    /// The two devices of this run compared.
    pub(crate) fn compared(&self, rule: Rule) -> OpResult<Comparison> {
        match self.targets.as_slice() {
            [a, b] => Ok(Comparison::of_targets(&self.file, a, b, rule)),
            _ => Err(failed("a run of one device has nothing to compare".to_owned())),
        }
    }
}

fn failed(why: String) -> chipmark_core::OpError {
    chipmark_core::OpError::framework("selfcheck", why)
}

/// What a run of profile `standard` spends.
fn effort() -> anyhow::Result<Effort> {
    Ok(Effort::of(Some(Profile::Standard), &Suite::find("quick")?))
}

fn header(cases: Vec<PlannedCase>, targets: &[Target], effort: Effort, seed: u64) -> Run {
    let Effort { rounds, min_rounds, precision, sampling } = effort;
    let info = |target: &Target| TargetInfo {
        target: target.clone(),
        worker_version: env!("CARGO_PKG_VERSION").to_owned(),
        arithmetic: false,
        env: BTreeMap::new(),
        threads: None,
        info: BackendInfo {
            framework: "synthetic".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            binding: "none".to_owned(),
            device_name: None,
            blas: None,
            threads: None,
            precision: "none".to_owned(),
            build: BTreeMap::new(),
        },
    };
    Run {
        schema: SCHEMA,
        run_id: format!("simulated-{seed:016x}"),
        started_at: text::now(),
        harness_version: env!("CARGO_PKG_VERSION").to_owned(),
        suite: "simulated".to_owned(),
        contribution: None,
        stage: None,
        command: Vec::new(),
        settings: Settings {
            tier: None,
            profile: Some(Profile::Standard),
            rounds,
            min_rounds,
            precision,
            seed,
            threads: None,
            tf32: false,
            cora: None,
            ceilings: false,
            memory: false,
            inputs: Inputs::Warm,
            budget_s: None,
            sampling,
            cell_timeout_s: 60.0,
        },
        machine: Machine::default(),
        state: MachineState::default(),
        targets: targets.iter().map(info).collect(),
        missing: Vec::new(),
        cases,
    }
}
