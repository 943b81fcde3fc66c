//! Runs in virtual time: rounds of launches of two devices, in the order and with the rule for stopping of a real run, as a
//! results file in memory.

use crate::order;
use crate::profile::Effort;
use crate::text;
use chipmark_core::{BackendInfo, CaseId, Cell, Cost, Inputs, Mode, OpResult, Outcome, Target};
use chipmark_results::compare::{Comparison, Rule, Series};
use chipmark_results::convergence::half_widths;
use chipmark_results::estimate::launch_median;
use chipmark_results::machine::{Machine, MachineState};
use chipmark_results::record::{Launch, PlannedCase, Profile, Run, SCHEMA, Settings, TargetInfo};
use chipmark_results::stats::bootstrap::Bootstrap;
use chipmark_results::store::ResultsFile;
use chipmark_synthetic::{Settings as Device, VirtualDevice};
use chipmark_workloads::Suite;
use std::collections::{BTreeMap, HashMap, HashSet};
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

/// Two devices, the second of which is slower in some cases, and the time that passes on both.
pub(crate) struct Simulation {
    device: Device,
    slowed: HashSet<CaseId>,
    slowdown: f64,
    seed: u64,
    launch: u32,
    now_s: f64,
    pub file: ResultsFile,
    pub targets: [Target; 2],
}

impl Simulation {
    /// A run of so many cases, of which the first so many take a share longer on the second device.
    pub(crate) fn new(world: &World, seed: u64, cases: usize, slowed: usize, slowdown: f64) -> OpResult<Self> {
        let targets = ["synthetic:cpu+a", "synthetic:cpu+b"].map(|name| name.parse().map_err(failed));
        let [a, b] = targets;
        let targets = [a?, b?];
        let effort = effort().map_err(|error| failed(error.to_string()))?;
        let planned = |number: usize| {
            let case = format!("softmax/{}x16/f32", number + 1).parse().map_err(failed)?;
            Ok(PlannedCase { case, modes: vec![Mode::Latency], cost: Cost { flop: 0, bytes: 0, working_set_bytes: 0 } })
        };
        let cases: Vec<PlannedCase> = (0..cases).map(planned).collect::<OpResult<_>>()?;
        let slowed = cases.iter().take(slowed).map(|planned| planned.case.clone()).collect();
        // Both are warm and steady: a launch takes its warm-up and its fewest samples, and a little more.
        let launch_s = effort.sampling.warm_up_s + 1.3 * f64::from(effort.sampling.min_samples) * LATENCY_US * 1e-6;
        let run_s = launch_s * f64::from(effort.min_rounds.unwrap_or(effort.rounds)) * 2.0 * cases.len() as f64;
        let device = Device {
            latency_us: LATENCY_US,
            noise: world.noise,
            launch_noise: world.launch_noise,
            drift: world.drift / run_s.max(1.0),
            ..Device::default()
        };
        let file = ResultsFile::new(PathBuf::from("simulated"), header(cases, &targets, effort, seed));
        Ok(Simulation { device, slowed, slowdown, seed, launch: 0, now_s: 0.0, file, targets })
    }

    /// The cases that are slowed.
    pub(crate) fn is_slowed(&self, case: &CaseId) -> bool {
        self.slowed.contains(case)
    }

    /// Rounds as a run of profile `standard` makes them: the fewest of them, and more of what is not known well enough.
    pub(crate) fn run(&mut self) -> OpResult<()> {
        let Settings { rounds, min_rounds, precision, seed, .. } = self.file.run.settings;
        let mut series: HashMap<Cell, Series> = HashMap::new();
        let mut bootstrap = Bootstrap::new(seed);
        let mut open = self.file.run.cases.clone();
        for round in 0..rounds {
            let from = self.file.launches.len();
            self.round(&open, round)?;
            for launch in self.file.launches.iter().skip(from) {
                if let Some(median_ns) =
                    launch.samples.as_ref().and_then(|samples| launch_median(Mode::Latency, samples))
                {
                    series.entry(launch.cell.clone()).or_default().launches.push((round, median_ns.ln()));
                }
            }
            if round + 1 >= min_rounds.unwrap_or(rounds) {
                open.retain(|planned| {
                    let of = |target: &Target| {
                        let cell = Cell { case: planned.case.clone(), target: target.clone(), mode: Mode::Latency };
                        series.get(&cell).cloned().unwrap_or_default()
                    };
                    let known = half_widths(&self.targets.each_ref().map(of), &mut bootstrap);
                    !precision.is_some_and(|wanted| known.iter().all(|known| known.is_within(wanted)))
                });
            }
        }
        Ok(())
    }

    /// One round of these cases.
    pub(crate) fn round(&mut self, cases: &[PlannedCase], round: u32) -> OpResult<()> {
        for (order, cell) in (0..).zip(order::round(cases, &self.targets, self.seed, round)) {
            let is_slow = cell.target == self.targets[1] && self.is_slowed(&cell.case);
            let slowdown = if is_slow { 1.0 + self.slowdown } else { 1.0 };
            let settings = Device { slowdown, ..self.device.clone() };
            let mut device = VirtualDevice::new(settings, "softmax", self.seed, self.launch, self.now_s);
            let samples = device.sample(Mode::Latency, &self.file.run.settings.sampling)?;
            self.now_s = device.now_s();
            self.launch += 1;
            self.file.launches.push(Launch {
                cell,
                round,
                order,
                worker: None,
                at: self.file.run.started_at.clone(),
                outcome: Outcome::Ok,
                reason: None,
                samples: Some(samples),
                energy: None,
            });
        }
        Ok(())
    }

    /// The two devices compared.
    pub(crate) fn compared(&self, rule: Rule) -> Comparison {
        let [a, b] = &self.targets;
        Comparison::of_targets(&self.file, a, b, rule)
    }
}

fn failed(why: String) -> chipmark_core::OpError {
    chipmark_core::OpError::framework("selfcheck", why)
}

/// What a run of profile `standard` spends.
fn effort() -> anyhow::Result<Effort> {
    Ok(Effort::of(Some(Profile::Standard), &Suite::find("quick")?))
}

fn header(cases: Vec<PlannedCase>, targets: &[Target; 2], effort: Effort, seed: u64) -> Run {
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
