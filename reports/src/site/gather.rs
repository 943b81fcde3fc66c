//! What a site shows, gathered from a report and from imported tables: the machines, and for each of them one figure for each
//! cell. Of several runs that of the one to be trusted most stands, of equals the later one's, and every run keeps a page of its own.

use super::slug::Slugs;
use crate::model::{CellView, Report, RunReport};
use crate::text::clean;
use crate::{units, words};
use chipmark_core::{CaseId, Cost, Mode, Outcome, Target};
use chipmark_results::conditions;
use chipmark_results::contribution::Trust;
use chipmark_results::imported::{Figure, ImportedTable};
use chipmark_results::machine::nearest_gib;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that a site shows.
pub(super) struct Site<'a> {
    /// What was measured.
    pub(super) report: &'a Report,
    /// What others published.
    pub(super) tables: &'a [ImportedTable],
    /// The machines: those that were measured first, each kind by name.
    pub(super) machines: Vec<Machine<'a>>,
    /// What was measured of frameworks, the same on every machine, in the order of their colours.
    pub(super) subjects: Vec<Subject>,
    /// The names of the runs' pages, in the order of the report.
    pub(super) run_slugs: Vec<String>,
    /// The names of the pages of workloads.
    pub(super) workload_slugs: BTreeMap<&'a str, String>,
}

/// A target with what was set beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Subject {
    pub(super) target: Target,
    /// What is not as usual, such as `1 thread, cold inputs`; empty where all is.
    pub(super) setting: String,
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.setting.is_empty() { self.target.fmt(f) } else { write!(f, "{} ({})", self.target, self.setting) }
    }
}

/// A machine and the figures that stand for it.
pub(super) struct Machine<'a> {
    /// Its page's name.
    pub(super) slug: String,
    /// Its chip.
    pub(super) name: String,
    /// What tells it from others of the same chip.
    pub(super) detail: String,
    /// Its runs, by their place in the report, the latest first.
    pub(super) runs: Vec<usize>,
    /// The published tables about it, by their place.
    pub(super) tables: Vec<usize>,
    /// Its figures.
    pub(super) groups: Vec<Group<'a>>,
}

/// The figures of one workload in one mode.
pub(super) struct Group<'a> {
    pub(super) mode: Mode,
    pub(super) workload: &'a str,
    pub(super) cases: Vec<Case<'a>>,
}

/// The figures of one case in one mode.
pub(super) struct Case<'a> {
    pub(super) id: &'a CaseId,
    pub(super) cost: Option<Cost>,
    /// By subject, each by its place in the site's list.
    pub(super) figures: Vec<(usize, Value<'a>)>,
}

/// A figure.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    /// Measured, checked, in this run of the report.
    Measured(usize, &'a CellView),
    /// Published by others, in this table.
    Imported(usize, &'a Figure),
}

impl<'a> Value<'a> {
    /// The time of a call in ns.
    pub(super) fn ns(&self) -> Option<f64> {
        match self {
            Value::Measured(_, cell) => cell.result.estimate.as_ref().map(|estimate| estimate.median_ns),
            Value::Imported(_, figure) => figure.time_ns,
        }
    }

    /// The cell, where it was measured, holds a time and may be compared: f32 that is TF32 in error is not.
    pub(super) fn ranked(&self) -> Option<&'a CellView> {
        match self {
            Value::Measured(_, cell) => Some(*cell).filter(|cell| cell.result.comparable().is_some()),
            Value::Imported(..) => None,
        }
    }

    pub(super) fn is_imported(&self) -> bool {
        matches!(self, Value::Imported(..))
    }

    /// Whether it was published and is known to be wrong.
    pub(super) fn is_faulty(&self) -> bool {
        matches!(self, Value::Imported(_, figure) if !figure.faults.is_empty())
    }
}

impl Case<'_> {
    /// The time of the fastest that was measured, in ns; nothing where fewer than two were.
    pub(super) fn fastest_ns(&self) -> Option<f64> {
        let times =
            self.figures.iter().filter(|(_, value)| value.ranked().is_some()).filter_map(|(_, value)| value.ns());
        let times: Vec<f64> = times.collect();
        (times.len() > 1).then(|| times.into_iter().fold(f64::INFINITY, f64::min))
    }

    pub(super) fn value(&self, subject: usize) -> Option<&Value<'_>> {
        self.figures.iter().find(|(at, _)| *at == subject).map(|(_, value)| value)
    }
}

impl Machine<'_> {
    /// Whether anything was measured on it, by us.
    pub(super) fn is_measured(&self) -> bool {
        !self.runs.is_empty()
    }

    /// Its name with what tells it from others.
    pub(super) fn title(&self) -> String {
        if self.detail.is_empty() { self.name.clone() } else { format!("{}, {}", self.name, self.detail) }
    }

    pub(super) fn cases(&self) -> impl Iterator<Item = (&Group<'_>, &Case<'_>)> {
        self.groups.iter().flat_map(|group| group.cases.iter().map(move |case| (group, case)))
    }
}

/// What makes two runs, or two tables, one machine's: what was measured stands first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    imported_alone: bool,
    name: String,
    detail: String,
    gpu_cores: Option<u32>,
    memory_gib: Option<u64>,
}

/// The figures of a case by subject, with what a call costs.
type Figures<'a> = (Option<Cost>, BTreeMap<Subject, Value<'a>>);

/// The cases of a workload.
type Cases<'a> = BTreeMap<&'a CaseId, Figures<'a>>;

type Found<'a> = BTreeMap<(Mode, &'a str), Cases<'a>>;

#[derive(Default)]
struct Gathered<'a> {
    runs: Vec<usize>,
    tables: Vec<usize>,
    found: Found<'a>,
}

impl<'a> Site<'a> {
    pub(super) fn new(report: &'a Report, tables: &'a [ImportedTable]) -> Self {
        let mut machines: BTreeMap<Identity, Gathered<'a>> = BTreeMap::new();
        let mut by_date: Vec<(usize, &RunReport)> = report.runs.iter().enumerate().collect();
        by_date.sort_by(|a, b| a.1.run.started_at.cmp(&b.1.run.started_at));
        for &(at, run) in &by_date {
            machines.entry(identity(run)).or_default().runs.insert(0, at);
        }
        by_date.sort_by_key(|(_, run)| weight(run));
        for (at, run) in by_date {
            add_run(&mut machines.entry(identity(run)).or_default().found, at, run);
        }
        // What tells its machine in full finds its place first.
        let mut in_order: Vec<(usize, &ImportedTable)> = tables.iter().enumerate().collect();
        in_order.sort_by_key(|(_, table)| table_detail(table).is_empty());
        for (at, table) in in_order {
            let identity = imported_identity(table, &machines.keys().collect::<Vec<_>>());
            let machine = machines.entry(identity).or_default();
            machine.tables.push(at);
            add_table(&mut machine.found, at, table);
        }
        let subjects: BTreeSet<Subject> = machines
            .values()
            .flat_map(|machine| machine.found.values().flat_map(BTreeMap::values))
            .flat_map(|(_, figures)| figures.keys().cloned())
            .collect();
        let subjects: Vec<Subject> = subjects.into_iter().collect();
        let mut slugs = Slugs::default();
        let machines: Vec<Machine<'a>> = machines
            .into_iter()
            .map(|(identity, gathered)| Machine {
                slug: slugs.of(&[identity.name.as_str(), &identity.detail].join(" ")),
                name: identity.name,
                detail: identity.detail,
                runs: gathered.runs,
                tables: gathered.tables,
                groups: groups(gathered.found, &subjects),
            })
            .collect();
        let workloads: BTreeSet<&str> =
            machines.iter().flat_map(|machine| machine.groups.iter().map(|group| group.workload)).collect();
        let mut workload_slugs = Slugs::default();
        let mut run_slugs = Slugs::default();
        Site {
            report,
            tables,
            run_slugs: report.runs.iter().map(|run| run_slugs.of(&run_name(run))).collect(),
            workload_slugs: workloads.into_iter().map(|workload| (workload, workload_slugs.of(workload))).collect(),
            machines,
            subjects,
        }
    }

    /// A workload's page, from the site's root.
    pub(super) fn workload_page(&self, workload: &str) -> String {
        self.workload_slugs.get(workload).map(|slug| format!("ops/{slug}.html")).unwrap_or_default()
    }

    /// How far the run at a place of the report is to be trusted; nothing of one that nobody contributed.
    pub(super) fn trust(&self, run: usize) -> Option<Trust> {
        self.report.runs.get(run)?.trust.as_ref().map(|standing| standing.level)
    }

    /// How far a figure is to be trusted.
    pub(super) fn trust_of(&self, value: &Value<'_>) -> Option<Trust> {
        match value {
            Value::Measured(run, _) => self.trust(*run),
            Value::Imported(..) => Some(Trust::Imported),
        }
    }

    /// A machine's name where no other has it, else all that tells it from the others.
    pub(super) fn label(&self, machine: &Machine<'_>) -> String {
        let of_name = self.machines.iter().filter(|other| other.name == machine.name).count();
        if of_name > 1 { machine.title() } else { machine.name.clone() }
    }

    /// How many cells have a time that was measured here.
    pub(super) fn timed(&self) -> usize {
        self.report.runs.iter().map(|run| run.timed).sum()
    }

    /// How many published times there are.
    pub(super) fn published(&self) -> usize {
        self.tables.iter().flat_map(|table| &table.figures).filter(|figure| figure.time_ns.is_some()).count()
    }
}

/// By what a run's figures stand before those of others: that others confirm it, or somebody vouches for it.
fn weight(run: &RunReport) -> Option<Trust> {
    let level = run.trust.as_ref().map(|standing| standing.level);
    level.filter(|level| *level > Trust::Community)
}

fn run_name(run: &RunReport) -> String {
    let date: String = run.run.started_at.chars().take(19).collect();
    [date.as_str(), &run.run.suite, &words::chip(&run.run.machine)].join(" ")
}

/// By the same key as comparisons: another system or setting makes no other machine.
fn identity(run: &RunReport) -> Identity {
    let key = conditions::Machine::of(&run.run.machine);
    let mut detail = Vec::new();
    detail.extend(key.cores.map(|n| format!("{n} cores")));
    for gpu in &run.run.machine.gpus {
        detail.push(match gpu.cores {
            Some(n) if gpu.name.starts_with(&key.chip) => format!("{n} GPU cores"),
            _ => gpu.name.clone(),
        });
    }
    detail.extend(key.memory_gib.map(|gib| format!("{gib} GiB")));
    Identity {
        imported_alone: false,
        name: words::chip(&run.run.machine),
        detail: clean(&detail.join(", ")),
        gpu_cores: run.run.machine.gpus.iter().find_map(|gpu| gpu.cores),
        memory_gib: key.memory_gib,
    }
}

/// A table is about a known machine where chip, graphics cores and memory say so, or where it tells nothing but the chip and there
/// is one alone of that name; else about one of its own.
fn imported_identity(table: &ImportedTable, known: &[&Identity]) -> Identity {
    let machine = &table.machine;
    let own = Identity {
        imported_alone: true,
        name: clean(&machine.chip),
        detail: clean(&table_detail(table)),
        gpu_cores: machine.gpu_cores,
        memory_gib: machine.memory_bytes.filter(|_| machine.host.is_none()).map(nearest_gib),
    };
    let fits = |other: &&&Identity| {
        let same_memory = own.memory_gib.is_none() || own.memory_gib == other.memory_gib;
        let same = own.gpu_cores.is_some() && own.gpu_cores == other.gpu_cores && same_memory;
        other.name == own.name && (same || own.detail.is_empty())
    };
    let fitting: Vec<_> = known.iter().filter(fits).collect();
    match fitting.as_slice() {
        [one] => (**one).clone(),
        _ => own,
    }
}

fn table_detail(table: &ImportedTable) -> String {
    let machine = &table.machine;
    let card = machine.card_memory_bytes.map(|bytes| format!("{} of its own", units::bytes(bytes)));
    // The host of a card is told in other words from table to table, and is no part of the card.
    let memory = machine.memory_bytes.filter(|_| machine.host.is_none()).map(units::bytes);
    let detail = [machine.cores.clone(), card, machine.kind.clone(), memory];
    detail.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn add_run<'a>(found: &mut Found<'a>, at: usize, run: &'a RunReport) {
    let settings = &run.run.settings;
    let mut setting = Vec::new();
    setting.extend(settings.threads.map(|n| words::count(n, "thread")));
    setting.extend((!settings.inputs.is_warm()).then(|| format!("{} inputs", settings.inputs)));
    setting.extend(settings.tf32.then(|| "TF32 allowed".to_owned()));
    let setting = setting.join(", ");
    for group in &run.modes {
        for workload in &group.workloads {
            let cases = found.entry((group.mode, workload.workload.as_str())).or_default();
            for case in &workload.cases {
                let (cost, figures) = cases.entry(&case.case).or_default();
                *cost = Some(case.cost);
                for cell in &case.cells {
                    let subject = Subject { target: cell.result.cell.target.clone(), setting: setting.clone() };
                    // What a later run did not come to does not hide what an earlier one measured.
                    let is_left_out = matches!(cell.result.outcome, Outcome::OverBudget);
                    if !(is_left_out && figures.get(&subject).is_some_and(|earlier| earlier.ns().is_some())) {
                        figures.insert(subject, Value::Measured(at, cell));
                    }
                }
            }
        }
    }
}

fn add_table<'a>(found: &mut Found<'a>, at: usize, table: &'a ImportedTable) {
    for figure in &table.figures {
        let Some(case) = &figure.case else { continue };
        let subject = Subject { target: figure.target.clone(), setting: String::new() };
        let cases = found.entry((figure.mode, case.workload.as_str())).or_default();
        let (_, figures) = cases.entry(case).or_default();
        // What was measured and checked here stands before what others say.
        figures.entry(subject).or_insert(Value::Imported(at, figure));
    }
}

fn groups<'a>(found: Found<'a>, subjects: &[Subject]) -> Vec<Group<'a>> {
    let place = |subject: &Subject| subjects.binary_search(subject).unwrap_or(0);
    let group = |((mode, workload), cases): ((Mode, &'a str), Cases<'a>)| {
        let case = |(id, (cost, figures)): (&'a CaseId, Figures<'a>)| Case {
            id,
            cost,
            figures: figures.into_iter().map(|(subject, value)| (place(&subject), value)).collect(),
        };
        Group { mode, workload, cases: cases.into_iter().map(case).collect() }
    };
    let mut groups: Vec<Group<'a>> = found.into_iter().map(group).collect();
    groups.sort_by_key(|group| (group.mode, group.workload));
    groups
}
