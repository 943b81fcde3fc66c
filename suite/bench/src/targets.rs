//! Which targets there are on this machine, which are missing and how to get them, and which of them were asked for.

use crate::program::{KNOWN, Known, Program, find};
use crate::worker_process::{Hello, WorkerError, WorkerProcess};
use anyhow::{Context, Result, bail};
use chipmark_core::{
    BackendInfo, CaseId, Device, DeviceStatus, Execution, Mode, OpenOptions, Outcome, Samples, Sampling, Target,
};
use chipmark_results::record::{MissingTarget, Purpose, Record, Settings, TargetInfo, Worker};
use chipmark_results::store::Writer;
use chipmark_results::valid::check_samples;
use chipmark_worker::Cold;
use chipmark_worker::protocol::{Reply, Request};
use chipmark_workloads::registry::nearest;
use chipmark_workloads::suite::SuiteTarget;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The time for a device to be listed or opened.
const OPEN: Duration = Duration::from_secs(120);

/// A target that can be used.
#[derive(Debug, Clone)]
pub(crate) struct Available {
    pub target: Target,
    pub program: Program,
    pub hello: Hello,
    pub setup: Setup,
}

/// What a target's worker is given beside the machine's own environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Setup {
    pub env: BTreeMap<String, String>,
    /// Instead of the run's.
    pub threads: Option<usize>,
    /// What the name of the linear-algebra library in force must contain.
    pub blas: Option<String>,
}

impl Setup {
    /// Refuses a worker in which something else is in force than was set up, or than `threads` asks: its times would stand
    /// under a heading that is not theirs. A framework that tells of no threads, as on a GPU, is not held to a number.
    fn fits(&self, threads: Option<usize>, info: &BackendInfo) -> Result<(), WorkerError> {
        let refused = |message| Err(WorkerError::Refused { outcome: Outcome::Unsupported, message });
        if let (Some(asked), Some(found)) = (threads, info.threads)
            && asked != found
        {
            return refused(format!(
                "threads: {asked} asked for, {found} in force, which it does not change: run it with --threads {found}, or give \
                 it threads = {found} in a suite"
            ));
        }
        let Some(wanted) = &self.blas else { return Ok(()) };
        let found = info.blas.as_deref().unwrap_or("none that is known");
        if found.to_lowercase().contains(&wanted.to_lowercase()) {
            return Ok(());
        }
        refused(format!("BLAS '{wanted}' is not in force, but {found}: is the library of its environment installed?"))
    }
}

/// All that was found.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    pub available: Vec<Available>,
    pub missing: Vec<MissingTarget>,
}

/// Asks workers for their devices: the programs given, and of the frameworks known those that `wanted` names, or those that
/// are measured by default where it names none or one that nobody knows.
pub(crate) fn survey(given: &[PathBuf], wanted: &[String]) -> Result<Survey> {
    let mut survey = Survey::default();
    let mut asked = Vec::new();
    for path in given {
        let program = Program::At(path.clone());
        let (hello, devices) = ask_devices(&program).with_context(|| format!("--worker {}", path.display()))?;
        asked.push(hello.worker.clone());
        survey.add(&program, &hello, devices);
    }
    let is_known = |name: &String| {
        let name = framework(name);
        asked.iter().any(|asked| asked == name) || KNOWN.iter().any(|known| known.name == name)
    };
    // A name that nobody knows is answered with those that there are.
    let all = wanted.is_empty() || !wanted.iter().all(is_known);
    for known in KNOWN {
        let named = wanted.iter().any(|name| framework(name) == known.name);
        if (named || (all && known.by_default)) && !asked.iter().any(|name| name == known.name) {
            survey.ask(&known);
        }
    }
    if !wanted.is_empty() {
        // Somebody who names what to measure need not hear of the rest.
        survey.missing.retain(|missing| wanted.iter().any(|name| framework(name) == framework(&missing.name)));
    }
    Ok(survey)
}

/// Asks one worker alone.
pub(crate) fn survey_one(program: &Program) -> Result<Survey> {
    let (hello, devices) = ask_devices(program)?;
    let mut survey = Survey::default();
    survey.add(program, &hello, devices);
    Ok(survey)
}

impl Survey {
    fn ask(&mut self, known: &Known) {
        let program = match known.program {
            None => Some(Program::BuiltIn(known.name)),
            Some(name) => find(name).map(Program::At),
        };
        let remedy = || Some(known.remedy.to_owned()).filter(|remedy| !remedy.is_empty());
        let missing =
            |why: String, broken| MissingTarget { name: known.name.to_owned(), why, remedy: remedy(), broken };
        let Some(program) = program else {
            self.missing.push(missing("its worker program is not installed".to_owned(), false));
            return;
        };
        match ask_devices(&program) {
            Ok((hello, devices)) => self.add(&program, &hello, devices),
            Err(error) => self.missing.push(missing(error.to_string(), true)),
        }
    }

    fn add(&mut self, program: &Program, hello: &Hello, devices: Vec<DeviceStatus>) {
        for DeviceStatus { device, why_not } in devices {
            let target = Target::new(hello.worker.clone(), device);
            match why_not {
                None => self.available.extend(hello.executions.iter().map(|&execution| Available {
                    target: Target { execution, ..target.clone() },
                    program: program.clone(),
                    hello: hello.clone(),
                    setup: Setup::default(),
                })),
                Some(why) => {
                    let rebuild = target.framework == "candle" && matches!(device, Device::Cuda(_));
                    let remedy = rebuild.then(|| "cargo build --release --features cuda".to_owned());
                    self.missing.push(MissingTarget { name: target.to_string(), why, remedy, broken: false });
                }
            }
        }
    }

    /// Adds a target with an environment of its own, or what is missing for it.
    pub(crate) fn set_up(&mut self, target: &Target, setup: Setup) {
        let plain = Target { variant: None, ..target.clone() };
        if let Some(available) = self.available.iter().find(|available| available.target == plain) {
            let available = Available { target: target.clone(), setup, ..available.clone() };
            self.available.retain(|other| other.target != *target);
            self.available.push(available);
        } else {
            let why = self.not_found(&plain.to_string()).to_string();
            self.missing.push(MissingTarget { name: target.to_string(), why, remedy: None, broken: false });
        }
    }

    /// Sets up the targets of a suite that have an environment of their own.
    pub(crate) fn set_up_all(&mut self, targets: &[SuiteTarget]) {
        for SuiteTarget { name, env, threads, blas } in targets {
            let setup = Setup { env: env.clone(), threads: *threads, blas: blas.clone() };
            if name.variant.is_some() || blas.is_some() {
                self.set_up(name, setup);
            }
        }
    }

    /// Those of the available targets that `wanted` names: by target, or by framework, which means each of its devices
    /// executing op by op (`mlx`) or as said (`mlx+compile`). Where it names none, those of the suite that there are; where
    /// the suite has none either, each device executing op by op.
    pub(crate) fn choose(&mut self, wanted: &[String], suite: &[SuiteTarget]) -> Result<Vec<Available>> {
        let mut chosen: Vec<Available> = Vec::new();
        for name in wanted {
            let found: Vec<_> = self.available.iter().filter(|a| is_named(&a.target, name)).collect();
            if found.is_empty() {
                return Err(self.not_found(name));
            }
            for available in found {
                if !chosen.iter().any(|c| c.target == available.target) {
                    chosen.push(available.clone());
                }
            }
        }
        if wanted.is_empty() {
            let plain = |target: &Target| target.execution == Execution::Eager && target.variant.is_none();
            let in_suite = |target: &Target| suite.iter().any(|of| of.name == *target);
            let all = self.available.iter();
            chosen
                .extend(all.filter(|a| if suite.is_empty() { plain(&a.target) } else { in_suite(&a.target) }).cloned());
            // One with an environment has said already why it is missing.
            let lost = suite.iter().map(|of| &of.name).filter(|name| !chosen.iter().any(|c| c.target == **name));
            let lost: Vec<String> = lost.map(ToString::to_string).collect();
            for name in lost
                .into_iter()
                .filter(|name| !self.missing.iter().any(|missing| missing.name == *name))
                .collect::<Vec<_>>()
            {
                let why = self.not_found(&name).to_string();
                self.missing.push(MissingTarget { name, why, remedy: None, broken: false });
            }
        }
        if chosen.is_empty() {
            bail!("no target can be used; `bench doctor` says why");
        }
        Ok(chosen)
    }

    /// Every target that can be used, in every execution that it has.
    pub(crate) fn everything(&self) -> Vec<Available> {
        self.available.clone()
    }

    fn not_found(&self, name: &str) -> anyhow::Error {
        let framework = framework(name);
        // What is missing without its execution is missing with it.
        let plain = name.split('+').next().unwrap_or(name);
        if let Some(missing) = self.missing.iter().find(|m| [name, plain, framework].contains(&m.name.as_str())) {
            let remedy = missing.remedy.as_ref().map(|r| format!("; add it with: {r}")).unwrap_or_default();
            return anyhow::anyhow!("target '{name}' cannot be used: {}{remedy}", missing.why);
        }
        let names: Vec<String> = self.available.iter().map(|a| a.target.to_string()).collect();
        let near = nearest(name, names.iter().map(String::as_str).chain(KNOWN.map(|k| k.name)));
        let hint = near.map(|n| format!("; did you mean '{n}'?")).unwrap_or_default();
        anyhow::anyhow!("unknown target '{name}': there are {}{hint}", names.join(", "))
    }
}

/// The framework of a name that somebody gives a target.
fn framework(name: &str) -> &str {
    name.split([':', '+']).next().unwrap_or(name)
}

/// Whether somebody who says `name` means this target.
fn is_named(target: &Target, name: &str) -> bool {
    let full = target.to_string();
    if full == name {
        return true;
    }
    let tags = full.find('+').map_or("", |at| &full[at..]);
    format!("{}{tags}", target.framework) == name
}

fn ask_devices(program: &Program) -> Result<(Hello, Vec<DeviceStatus>), WorkerError> {
    let (mut process, hello) = WorkerProcess::start(program, &BTreeMap::new(), None)?;
    match process.ask(&Request::Devices, OPEN)? {
        Reply::Devices { devices } => Ok((hello, devices)),
        other => Err(unexpected(&other)),
    }
}

/// Starts a worker of a run, numbers it and writes it down. The outer error is the results file's.
pub(crate) fn start(
    available: &Available,
    settings: &Settings,
    (purpose, round): (Purpose, Option<u32>),
    next_worker: &mut u32,
    writer: &mut Writer,
) -> Result<Result<OpenWorker, WorkerError>> {
    let started = OpenWorker::start(available, &options(settings), *next_worker, purpose, round);
    if let Ok(worker) = &started {
        *next_worker += 1;
        writer.append(&Record::Worker(worker.record.clone()))?;
    }
    Ok(started)
}

/// How the workers of a run are opened.
pub(crate) fn options(settings: &Settings) -> OpenOptions {
    OpenOptions { threads: settings.threads, seed: settings.seed, tf32: settings.tf32, launch: 0 }
}

/// A reply that does not answer the question.
pub(crate) fn unexpected(reply: &Reply) -> WorkerError {
    let text = serde_json::to_string(reply).unwrap_or_default();
    WorkerError::Noise(text.chars().take(200).collect())
}

/// A worker with its device open.
pub(crate) struct OpenWorker {
    pub process: WorkerProcess,
    pub record: Worker,
    pub info: TargetInfo,
}

impl OpenWorker {
    /// Starts a worker and opens its device.
    pub(crate) fn start(
        available: &Available,
        options: &OpenOptions,
        number: u32,
        purpose: Purpose,
        round: Option<u32>,
    ) -> Result<Self, WorkerError> {
        let start = Instant::now();
        let Available { target, program, setup, .. } = available;
        let threads = setup.threads.or(options.threads);
        let (mut process, hello) = WorkerProcess::start(program, &setup.env, threads)?;
        let options = OpenOptions { threads, launch: number, ..options.clone() };
        let request = Request::Open { device: target.device, execution: target.execution, options };
        let reply = process.ask(&request, OPEN)?;
        let Reply::Opened { info, timer_resolution_ns, bare_finish_ns } = reply else {
            return Err(unexpected(&reply));
        };
        setup.fits(threads, &info)?;
        let record = Worker {
            worker: number,
            target: available.target.clone(),
            purpose,
            round,
            start_ns: u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX),
            timer_resolution_ns,
            bare_finish_ns,
            finish_share: None,
        };
        let info = TargetInfo {
            target: available.target.clone(),
            worker_version: hello.version,
            arithmetic: hello.arithmetic,
            env: setup.env.clone(),
            threads: setup.threads,
            info,
        };
        Ok(OpenWorker { process, record, info })
    }

    /// Has a case measured: samples that can be. `on_block` is called as each block comes.
    pub(crate) fn measure(
        &mut self,
        (case, mode): (&CaseId, Mode),
        sampling: Sampling,
        cold: Option<Cold>,
        timeout: Duration,
        mut on_block: impl FnMut(),
    ) -> Result<Samples, WorkerError> {
        let request = Request::Measure { case: case.clone(), mode, sampling, cold };
        let mut blocks = Samples::default();
        // A worker that sends more than it was asked for is not believed, and fills neither memory nor the file.
        let most = sampling.max_samples as usize;
        let reply = self.process.ask_streaming(&request, timeout, |block| {
            block.append_to(&mut blocks);
            on_block();
            blocks.block_ns.len() <= most
        })?;
        let Reply::Measured { samples } = reply else { return Err(unexpected(&reply)) };
        let mut samples = *samples;
        samples.take_blocks(blocks);
        // What could not be read back is not written.
        match check_samples(mode, &samples) {
            Ok(()) => Ok(samples),
            Err(why) => Err(WorkerError::Noise(format!("samples that cannot be: {why}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(threads: Option<usize>, in_force: Option<usize>) -> Option<String> {
        let info = BackendInfo { threads: in_force, blas: Some("OpenBLAS 0.3".to_owned()), ..BackendInfo::default() };
        let setup = Setup { blas: Some("openblas".to_owned()), ..Setup::default() };
        setup.fits(threads, &info).err().map(|error| error.to_string())
    }

    #[test]
    fn threads_that_are_not_in_force_are_refused() {
        for fits in [(None, Some(8)), (Some(2), Some(2)), (Some(2), None), (None, None)] {
            assert_eq!(refusal(fits.0, fits.1), None, "{fits:?}");
        }
        let why = refusal(Some(2), Some(1)).unwrap();
        assert!(why.contains("2 asked for, 1 in force") && why.contains("--threads 1"), "{why}");
    }
}
