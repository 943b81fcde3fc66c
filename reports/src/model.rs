//! The report model: everything that a renderer shows, gathered from results files by the functions of
//! `chipmark_results`. A renderer reads it, puts numbers into units and chooses words; it computes nothing.

use crate::text::{clean, clean_all};
use chipmark_core::{CaseId, Cost, DType, Mode, OpPath};
use chipmark_results::bare_wait::{BareWait, bare_waits};
use chipmark_results::ceiling::{Ceilings, Reached};
use chipmark_results::cells::{CellResult, cells};
use chipmark_results::chips::{self, Statement};
use chipmark_results::contribution::{Account, Standing, Vouched, standings};
use chipmark_results::notices::{disturbed, notices};
use chipmark_results::record::{End, Run};
use chipmark_results::store::ResultsFile;
use serde::Serialize;
use std::collections::BTreeSet;

/// What is to be shown of one or many results files.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// The runs, in the order of the files.
    pub runs: Vec<RunReport>,
}

/// What is to be shown of one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunReport {
    /// The results file's name, without its folder.
    pub file: String,
    /// The header. Its texts are cleaned.
    pub run: Run,
    /// The command that makes such a run again, ready for a shell.
    pub command_line: String,
    /// How far it is to be trusted, and what that rests on; nothing of a run that nobody contributed.
    pub trust: Option<Standing>,
    /// How the run ended; nothing if it was killed.
    pub end: Option<End>,
    /// The cells that have a time.
    pub timed: usize,
    /// The cells planned.
    pub planned: usize,
    /// What to know before believing a number of this run.
    pub notices: Vec<String>,
    /// Those of the notices that are about the machine's state: at the start, during the rounds, at the end.
    pub disturbances: Vec<String>,
    /// What a wait with nothing to wait for costs on each target.
    pub bare_waits: Vec<BareWait>,
    /// What each device reached at best.
    pub ceilings: Vec<Reached>,
    /// What the vendor says of the chip, in the dtypes of the run, with the sources; nothing of a chip that is not known.
    pub vendor: Vec<Statement>,
    /// The cells by mode, in the order of the plan.
    pub modes: Vec<ModeGroup>,
    /// Reasons and notes in full. Cells point to them by their place, from 0; they are shown from 1.
    pub footnotes: Vec<String>,
}

/// The cells of one mode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModeGroup {
    /// The mode.
    pub mode: Mode,
    /// Its cells by workload, in the order of the plan.
    pub workloads: Vec<WorkloadGroup>,
}

/// The cells of one workload in one mode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkloadGroup {
    /// The workload's id.
    pub workload: String,
    /// Its cases, in the order of the plan.
    pub cases: Vec<CaseRow>,
}

/// One case in one mode on all targets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseRow {
    /// The case.
    pub case: CaseId,
    /// What one call costs by counting.
    pub cost: Cost,
    /// The fastest target's cell; nothing if none has a time.
    pub fastest: Option<usize>,
    /// What the fastest reaches.
    pub best: Option<Rate>,
    /// What share of the measured roof that is.
    pub best_share: Option<f64>,
    /// The cells, in the order of the run's targets.
    pub cells: Vec<CellView>,
}

/// A rate in the unit that tells more about a case: arithmetic if there is at least one FLOP for each byte moved, else
/// traffic.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rate {
    /// In GFLOP/s.
    Gflops(f64),
    /// In GB/s.
    Gbps(f64),
}

impl Rate {
    pub(crate) fn of(cell: &CellResult, cost: Cost) -> Option<Self> {
        let arithmetic = cell.gflops.filter(|_| cost.flop >= cost.bytes).map(Rate::Gflops);
        arithmetic.or(cell.gbps.map(Rate::Gbps)).or(cell.gflops.map(Rate::Gflops))
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CellView {
    /// What the run says about it. Its texts are cleaned.
    #[serde(flatten)]
    pub result: CellResult,
    /// Whether it is the fastest of several targets that have a time.
    pub fastest: bool,
    /// Whether an op of it was built from others.
    pub composed: bool,
    /// Its footnotes, by their place.
    pub footnotes: Vec<usize>,
}

impl Report {
    /// Gathers what is to be shown of these files.
    #[must_use]
    pub fn new(files: &[ResultsFile]) -> Self {
        let mut report = Report { runs: files.iter().map(RunReport::new).collect() };
        report.judge(&[]);
        report
    }

    /// Takes one more file. Of its samples nothing is kept, so that many files can be shown one after the other.
    pub fn add(&mut self, file: &ResultsFile) {
        self.runs.push(RunReport::new(file));
    }

    /// Says of each contributed run how far it is to be trusted, once all are there: they are held against each other. `vouched` tells
    /// which of them somebody vouches for, in the order of the runs.
    pub fn judge(&mut self, vouched: &[Option<Vouched>]) {
        let accounts: Vec<_> = self.runs.iter().map(|run| Account::of(&run.run, run.cells())).collect();
        for (run, standing) in self.runs.iter_mut().zip(standings(&accounts, vouched)) {
            run.trust = standing;
        }
    }
}

impl RunReport {
    fn new(file: &ResultsFile) -> Self {
        let run = cleaned(&file.run);
        let mut footnotes = Footnotes::default();
        let mut modes: Vec<ModeGroup> = Vec::new();
        let mut timed = 0;
        let rows = cells(file);
        let planned = rows.len();
        // The cells of one case and mode stand together, one for each target.
        for row in rows.chunk_by(|a, b| a.cell.case == b.cell.case && a.cell.mode == b.cell.mode) {
            let Some(first) = row.first() else { continue };
            let rivals = row.iter().filter(|cell| cell.estimate.is_some()).count();
            timed += rivals;
            let (mode, case, cost) = (first.cell.mode, first.cell.case.clone(), first.cost);
            let fastest = row.iter().position(|cell| cell.ratio_to_fastest == Some(1.0));
            let cells = row
                .iter()
                .enumerate()
                .map(|(at, cell)| CellView::new(cell.clone(), rivals > 1 && fastest == Some(at), &mut footnotes));
            let best = fastest.and_then(|at| row.get(at)).and_then(|cell| Rate::of(cell, cost));
            let shares = fastest.and_then(|at| row.get(at)).and_then(|cell| cell.shares);
            let best_share = shares.and_then(|shares| shares.roofline);
            let case_row = CaseRow { cells: cells.collect(), case, cost, fastest, best, best_share };
            place(&mut modes, mode, case_row);
        }
        modes.sort_by_key(|group| group.mode);
        RunReport {
            file: clean(&file.path.file_name().unwrap_or_default().to_string_lossy()),
            command_line: command_line(&run),
            ceilings: Ceilings::of(file).reached,
            vendor: vendor(file),
            notices: notices(file).iter().map(|line| clean(line)).collect(),
            disturbances: disturbed(file).iter().map(|line| clean(line)).collect(),
            bare_waits: bare_waits(file),
            trust: None,
            end: file.ends.last().map(cleaned),
            timed,
            planned,
            modes,
            footnotes: footnotes.0,
            run,
        }
    }

    /// Every cell, in the order of the plan.
    fn cells(&self) -> impl Iterator<Item = &CellResult> {
        let cases = self.modes.iter().flat_map(|group| &group.workloads).flat_map(|workload| &workload.cases);
        cases.flat_map(|case| &case.cells).map(|cell| &cell.result)
    }
}

impl CellView {
    fn new(mut result: CellResult, fastest: bool, footnotes: &mut Footnotes) -> Self {
        result.reason = result.reason.as_deref().map(clean);
        result.note = result.note.as_deref().map(clean);
        for path in &mut result.paths {
            let (OpPath::Native { op, call: how } | OpPath::Composed { op, how }) = path;
            *op = clean(op);
            *how = clean(how);
        }
        let mut own = Vec::new();
        if result.estimate.is_none() {
            let reason = result.reason.as_deref().unwrap_or("no reason was given");
            own.push(footnotes.place(format!("{}: {reason}", result.outcome)));
        }
        own.extend(result.note.as_ref().map(|note| footnotes.place(note.clone())));
        CellView { composed: result.is_composed(), fastest, footnotes: own, result }
    }
}

/// The footnotes so far: a text that stands there already is not repeated.
#[derive(Default)]
pub(crate) struct Footnotes(pub(crate) Vec<String>);

impl Footnotes {
    /// The place of a text, from 0.
    pub(crate) fn place(&mut self, text: String) -> usize {
        self.0.iter().position(|earlier| *earlier == text).unwrap_or_else(|| {
            self.0.push(text);
            self.0.len() - 1
        })
    }
}

fn place(modes: &mut Vec<ModeGroup>, mode: Mode, row: CaseRow) {
    let at = modes.iter().position(|group| group.mode == mode).unwrap_or_else(|| {
        modes.push(ModeGroup { mode, workloads: Vec::new() });
        modes.len() - 1
    });
    let Some(group) = modes.get_mut(at) else { return };
    match group.workloads.iter_mut().find(|group| group.workload == row.case.workload) {
        Some(workload) => workload.cases.push(row),
        None => group.workloads.push(WorkloadGroup { workload: row.case.workload.clone(), cases: vec![row] }),
    }
}

/// A record with each of its texts cleaned: by its JSON form, so that a field added later is not forgotten. Names and
/// numbers that our types hold are unchanged by it.
fn cleaned<T: Serialize + serde::de::DeserializeOwned + Clone>(record: &T) -> T {
    let cleaned = serde_json::to_value(record).and_then(|mut value| {
        clean_all(&mut value);
        serde_json::from_value(value)
    });
    debug_assert!(cleaned.is_ok(), "a cleaned record has its own form");
    cleaned.unwrap_or_else(|_| record.clone())
}

fn command_line(run: &Run) -> String {
    let mut words = vec!["bench".to_owned()];
    words.extend(run.command.iter().cloned());
    if !run.command.iter().any(|word| word == "--seed" || word.starts_with("--seed=")) {
        words.extend(["--seed".to_owned(), run.settings.seed.to_string()]);
    }
    // Joining fails on a zero byte alone, which cleaning took out.
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}

fn vendor(file: &ResultsFile) -> Vec<Statement> {
    let dtypes: BTreeSet<DType> = file.run.cases.iter().map(|planned| planned.case.dtype).collect();
    chips::find(&file.run.machine).map(|chip| chip.statements(dtypes)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
