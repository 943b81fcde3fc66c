//! Which targets there are on this machine, which are missing and how to get them, and which of them were asked for.

use crate::program::{KNOWN, Known, Program, find};
use crate::worker_process::{Hello, WorkerError, WorkerProcess};
use anyhow::{Context, Result, bail};
use chipmark_core::{Device, DeviceStatus, OpenOptions, Target};
use chipmark_results::record::{MissingTarget, Purpose, TargetInfo, Worker};
use chipmark_worker::protocol::{Reply, Request};
use chipmark_workloads::registry::nearest;
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
    let framework = |name: &str| name.split(':').next().unwrap_or_default().to_owned();
    let is_known = |name: &String| {
        let name = framework(name);
        asked.contains(&name) || KNOWN.iter().any(|known| known.name == name)
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

impl Survey {
    fn ask(&mut self, known: &Known) {
        let program = match known.program {
            None => Some(Program::BuiltIn(known.name)),
            Some(name) => find(name).map(Program::At),
        };
        let remedy = || Some(known.remedy.to_owned()).filter(|remedy| !remedy.is_empty());
        let missing = |why: String| MissingTarget { name: known.name.to_owned(), why, remedy: remedy() };
        let Some(program) = program else {
            self.missing.push(missing("its worker program is not installed".to_owned()));
            return;
        };
        match ask_devices(&program) {
            Ok((hello, devices)) => self.add(&program, &hello, devices),
            Err(error) => self.missing.push(missing(error.to_string())),
        }
    }

    fn add(&mut self, program: &Program, hello: &Hello, devices: Vec<DeviceStatus>) {
        for DeviceStatus { device, why_not } in devices {
            let target = Target { framework: hello.worker.clone(), device };
            match why_not {
                None => {
                    self.available.push(Available { target, program: program.clone(), hello: hello.clone() });
                }
                Some(why) => {
                    let rebuild = target.framework == "candle" && matches!(device, Device::Cuda(_));
                    let remedy = rebuild.then(|| "cargo build --release --features cuda".to_owned());
                    self.missing.push(MissingTarget { name: target.to_string(), why, remedy });
                }
            }
        }
    }

    /// Those of the available targets that `wanted` names, by target or framework; all that are measured by default
    /// where it names none.
    pub(crate) fn choose(&self, wanted: &[String]) -> Result<Vec<Available>> {
        let mut chosen: Vec<Available> = Vec::new();
        for name in wanted {
            let matches = |target: &Target| target.framework == *name || target.to_string() == *name;
            let found: Vec<_> = self.available.iter().filter(|a| matches(&a.target)).collect();
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
            chosen.clone_from(&self.available);
        }
        if chosen.is_empty() {
            bail!("no target can be used; `bench doctor` says why");
        }
        Ok(chosen)
    }

    fn not_found(&self, name: &str) -> anyhow::Error {
        let framework = name.split(':').next().unwrap_or(name);
        if let Some(missing) = self.missing.iter().find(|m| m.name == name || m.name == framework) {
            let remedy = missing.remedy.as_ref().map(|r| format!("; add it with: {r}")).unwrap_or_default();
            return anyhow::anyhow!("target '{name}' cannot be used: {}{remedy}", missing.why);
        }
        let names: Vec<String> = self.available.iter().map(|a| a.target.to_string()).collect();
        let near = nearest(name, names.iter().map(String::as_str).chain(KNOWN.map(|k| k.name)));
        let hint = near.map(|n| format!("; did you mean '{n}'?")).unwrap_or_default();
        anyhow::anyhow!("unknown target '{name}': there are {}{hint}", names.join(", "))
    }
}

fn ask_devices(program: &Program) -> Result<(Hello, Vec<DeviceStatus>), WorkerError> {
    let (mut process, hello) = WorkerProcess::start(program, None)?;
    match process.ask(&Request::Devices, OPEN)? {
        Reply::Devices { devices } => Ok((hello, devices)),
        other => Err(unexpected(&other)),
    }
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
        let (mut process, hello) = WorkerProcess::start(&available.program, options.threads)?;
        let request = Request::Open { device: available.target.device, options: options.clone() };
        let reply = process.ask(&request, OPEN)?;
        let Reply::Opened { info, timer_resolution_ns, bare_finish_ns } = reply else {
            return Err(unexpected(&reply));
        };
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
            info,
        };
        Ok(OpenWorker { process, record, info })
    }
}
