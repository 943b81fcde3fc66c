//! The rows of the table: one for each timed block of each launch of each cell, and one for each launch and cell without any, so
//! that nothing is a gap. What rows have in common they share.

use crate::model::{CellView, RunReport};
use crate::text::clean;
use crate::words;
use chipmark_core::{Cell, Mode, Outcome};
use chipmark_results::cells::standing;
use chipmark_results::disturbance::disturbed_rounds;
use chipmark_results::estimate::per_call_ns;
use chipmark_results::record::{Flag, Launch, Run, Samples, TargetInfo};
use chipmark_results::store::ResultsFile;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// A row.
pub(super) struct Row {
    pub(super) run: Rc<RunPart>,
    pub(super) cell: Rc<CellPart>,
    /// None of a cell that no launch was made of.
    pub(super) launch: Option<Rc<LaunchPart>>,
    /// None of a launch that was not measured.
    pub(super) sample: Option<Sample>,
}

/// What the rows of a run have in common.
pub(super) struct RunPart {
    pub(super) run_id: String,
    /// In µs since 1970.
    pub(super) started_at: Option<i64>,
    pub(super) harness_version: String,
    pub(super) suite: String,
    pub(super) chip: Option<String>,
    pub(super) gpu: Option<String>,
    pub(super) gpu_cores: Option<i64>,
    pub(super) memory_bytes: Option<i64>,
    pub(super) os: Option<String>,
    pub(super) inputs: String,
}

/// What the rows of a cell have in common.
pub(super) struct CellPart {
    pub(super) framework: String,
    pub(super) version: String,
    pub(super) device: String,
    pub(super) execution: String,
    pub(super) variant: Option<String>,
    pub(super) mode: Mode,
    pub(super) workload: String,
    pub(super) case: String,
    pub(super) dtype: String,
    pub(super) outcome: Outcome,
    reason: Option<String>,
    flags: String,
}

/// What the rows of a launch have in common.
pub(super) struct LaunchPart {
    pub(super) round: i64,
    pub(super) void: bool,
    pub(super) disturbed: bool,
    pub(super) order: i64,
    pub(super) worker: Option<i64>,
    /// In µs since 1970.
    pub(super) at: Option<i64>,
    pub(super) outcome: Outcome,
    reason: Option<String>,
    flags: String,
    counts: bool,
}

/// A timed block.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    pub(super) block: i64,
    pub(super) kind: &'static str,
    pub(super) calls: Option<i64>,
    pub(super) block_ns: Option<i64>,
    pub(super) submit_ns: Option<i64>,
    pub(super) ns_per_call: Option<f64>,
}

impl Row {
    /// Whether it is among the samples that the report's estimates are made of.
    pub(super) fn counts(&self) -> bool {
        self.sample.is_some() && self.launch.as_ref().is_some_and(|launch| launch.counts)
    }

    pub(super) fn flags(&self) -> &str {
        self.launch.as_ref().map_or(&self.cell.flags, |launch| &launch.flags)
    }

    /// Why the launch came to nothing, or else why the cell has no time.
    pub(super) fn reason(&self) -> Option<&str> {
        let launch_s = self.launch.as_ref().and_then(|launch| launch.reason.as_deref());
        launch_s.or(self.cell.reason.as_deref())
    }
}

/// Hands on the rows of a results file: the cells in the order of the report, the launches of each as they were measured, their blocks
/// as they were timed.
///
/// # Errors
/// The first that the receiver has.
pub(super) fn each<E>(
    file: &ResultsFile,
    report: &RunReport,
    take: &mut impl FnMut(Row) -> Result<(), E>,
) -> Result<(), E> {
    let run = Rc::new(RunPart::of(&report.run));
    let rounds = Rounds::of(file);
    let mut launches: HashMap<&Cell, Vec<&Launch>> = HashMap::new();
    for launch in &file.launches {
        launches.entry(&launch.cell).or_default().push(launch);
    }
    let cases = report.modes.iter().flat_map(|mode| &mode.workloads).flat_map(|workload| &workload.cases);
    for (view, info) in cases.flat_map(|case| case.cells.iter().zip(&report.run.targets)) {
        let cell = Rc::new(CellPart::of(view, info));
        let of_cell = launches.get(&view.result.cell).map(Vec::as_slice).unwrap_or_default();
        if of_cell.is_empty() {
            take(Row { run: Rc::clone(&run), cell: Rc::clone(&cell), launch: None, sample: None })?;
        }
        let standing = standing(of_cell.iter().copied());
        for launch in of_cell {
            let stands = standing.get(&launch.round).is_some_and(|standing| std::ptr::eq(*standing, *launch));
            let part = Rc::new(LaunchPart::of(launch, view, &rounds, stands));
            let row =
                |sample| Row { run: Rc::clone(&run), cell: Rc::clone(&cell), launch: Some(Rc::clone(&part)), sample };
            let mut is_measured = false;
            for sample in launch.samples.iter().flat_map(|samples| timed(launch.cell.mode, samples)) {
                take(row(Some(sample)))?;
                is_measured = true;
            }
            if !is_measured {
                take(row(None))?;
            }
        }
    }
    Ok(())
}

/// The rounds of a run that differ from others.
struct Rounds {
    void: HashSet<u32>,
    disturbed: HashSet<u32>,
}

impl Rounds {
    fn of(file: &ResultsFile) -> Self {
        let void = file.rounds.iter().filter(|round| round.void.is_some()).map(|round| round.round);
        Rounds { void: void.collect(), disturbed: disturbed_rounds(&file.run, &file.rounds) }
    }
}

impl RunPart {
    /// Of a header whose texts are cleaned.
    fn of(run: &Run) -> Self {
        let machine = &run.machine;
        let gpus: Vec<&str> = machine.gpus.iter().map(|gpu| gpu.name.as_str()).collect();
        let os = [machine.os.as_str(), machine.os_version.as_deref().unwrap_or_default()].join(" ");
        RunPart {
            run_id: run.run_id.clone(),
            started_at: moment(&run.started_at),
            harness_version: run.harness_version.clone(),
            suite: run.suite.clone(),
            chip: some(&machine.chip),
            gpu: some(&gpus.join("; ")),
            gpu_cores: machine.gpus.iter().find_map(|gpu| gpu.cores).map(i64::from),
            memory_bytes: machine.memory_bytes.and_then(integer),
            os: some(&os),
            inputs: run.settings.inputs.to_string(),
        }
    }
}

impl CellPart {
    /// Of a cell of the report, whose texts are cleaned.
    fn of(view: &CellView, info: &TargetInfo) -> Self {
        let result = &view.result;
        let (case, target) = (&result.cell.case, &info.target);
        CellPart {
            framework: target.framework.clone(),
            version: info.info.version.clone(),
            device: target.device.to_string(),
            execution: target.execution.to_string(),
            variant: target.variant.clone(),
            mode: result.cell.mode,
            workload: case.workload.clone(),
            case: case.to_string(),
            dtype: case.dtype.to_string(),
            outcome: result.outcome,
            reason: result.reason.clone(),
            flags: flags(result.flags.iter().copied()),
        }
    }
}

impl LaunchPart {
    fn of(launch: &Launch, view: &CellView, rounds: &Rounds, stands: bool) -> Self {
        let disturbed = rounds.disturbed.contains(&launch.round);
        let own = launch.samples.iter().flat_map(|samples| samples.flags.iter().copied());
        let of_cell = view.result.flags.iter().copied().filter(|flag| is_of_cell(*flag));
        LaunchPart {
            round: i64::from(launch.round),
            void: rounds.void.contains(&launch.round),
            disturbed,
            order: i64::from(launch.order),
            worker: launch.worker.map(i64::from),
            at: moment(&launch.at),
            outcome: launch.outcome,
            reason: launch.reason.as_deref().map(clean),
            flags: flags(own.chain(of_cell).chain(disturbed.then_some(Flag::Disturbed))),
            counts: stands && view.result.rounds.contains(&launch.round),
        }
    }
}

/// Whether a flag is found of a cell as a whole. The others are of single launches or rounds.
fn is_of_cell(flag: Flag) -> bool {
    matches!(flag, Flag::Tf32 | Flag::ReducedCheck | Flag::CacheMeasured | Flag::Unconverged)
}

fn flags(all: impl Iterator<Item = Flag>) -> String {
    all.collect::<BTreeSet<_>>().into_iter().map(words::flag).collect::<Vec<_>>().join(" ")
}

/// The timed blocks of a launch. Those of one place were timed one after the other, in this order.
fn timed(mode: Mode, samples: &Samples) -> impl Iterator<Item = Sample> {
    let lists = [
        ("k", 1, &samples.block_ns),
        ("4k", 4, &samples.block4_ns),
        ("upload", 1, &samples.upload_ns),
        ("step", 1, &samples.step_ns),
        ("download", 1, &samples.download_ns),
    ];
    // In throughput it takes the block of 4k calls to know the time of one.
    let telling = if mode == Mode::Throughput { "4k" } else { "k" };
    let per_call_ns = per_call_ns(mode, samples);
    let places = lists.iter().map(|(_, _, list)| list.len()).max().unwrap_or_default();
    (0..places).flat_map(move |place| {
        let ns_per_call = per_call_ns.get(place).copied();
        let submit_ns = samples.submit4_ns.get(place).copied();
        lists.into_iter().filter_map(move |(kind, times, list)| {
            let block_ns = *list.get(place)?;
            Some(Sample {
                block: place as i64,
                kind,
                calls: integer(samples.calls.saturating_mul(times)),
                block_ns: integer(block_ns),
                submit_ns: submit_ns.filter(|_| kind == "4k").and_then(integer),
                ns_per_call: ns_per_call.filter(|_| kind == telling),
            })
        })
    })
}

/// A moment of RFC 3339 in µs since 1970; none of what is no moment.
fn moment(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond)
}

/// None of what is beyond an integer of 64 bits with its sign.
fn integer(value: u64) -> Option<i64> {
    i64::try_from(value).ok()
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
