//! A comparison: every cell of two sides, with the ratio of its times, the doubt and the verdict.

use super::context::{Context, Difference, different_machines, incomparable, inputs, settings};
use super::decide::{Floors, decide, why_untested};
use super::flags::Flags;
use super::floor::floor;
use super::rule::{Rule, Verdict};
use super::series::{Pairing, Series, Tests, error};
use super::stages::Stages;
use crate::cells::{CellResult, cells};
use crate::record::{Flag, MissingTarget, Run, TargetInfo};
use crate::stats::{Interval, summary};
use crate::store::ResultsFile;
use chipmark_core::{Cell, Outcome, Target};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Two sides, cell by cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The first side: what was before, or the baseline.
    pub a: Context,
    /// The second side: what is now. Ratios are its times over the first's.
    pub b: Context,
    /// Whether launches are paired.
    pub pairing: Pairing,
    /// The rule of the verdicts.
    pub rule: Rule,
    /// In what the machines differ. On different machines nothing has regressed: verdicts are about two machines then.
    pub machines: Vec<Difference>,
    /// In what else the sides differ.
    pub differences: Vec<Difference>,
    /// The noise floor of each target, as a share of the time: of a decision in two stages, the larger of the two.
    pub floors: Vec<(Target, f64)>,
    /// The cells, those of the first side in its order, then those of the second alone.
    pub rows: Vec<Row>,
    /// How many cells were decided on, each with a test of its own.
    pub judged: usize,
    /// What the decision spent, where it was made in two stages. The rows of the candidates are then of the fresh rounds, those of
    /// the others of the pilot.
    pub stages: Option<Stages>,
    /// The geometric mean of the ratios of each target, over the cells that have a time on both sides.
    pub summaries: Vec<Summary>,
}

/// A cell of two sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The cell, by the first side's name of the target.
    #[serde(flatten)]
    pub cell: Cell,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, where the numbers do not say it.
    pub reason: Option<String>,
    /// The first side's time.
    pub a: Option<SideTime>,
    /// The second side's time.
    pub b: Option<SideTime>,
    /// The second side's time over the first's: the geometric mean over the rounds of the launches' ratios, or the ratio of
    /// the launches' geometric means.
    pub ratio: Option<f64>,
    /// The standard error of its logarithm.
    pub error: Option<f64>,
    /// Its 95% interval.
    pub interval: Option<Interval>,
    /// The exact test's p-value.
    pub p: Option<f64>,
    /// The same, adjusted for all cells that are decided on.
    pub p_adjusted: Option<f64>,
    /// How far from 1 the ratio must be to matter.
    pub delta: Option<f64>,
    /// Whether the first of two stages left no room for the change that was to be found, so that no fresh rounds were spent on
    /// it. Its verdict is the first stage's.
    pub set_aside: bool,
}

/// A cell's time on one side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SideTime {
    /// The median of the launches' medians, in ns per call.
    pub median_ns: f64,
    /// How many launches.
    pub launches: usize,
    /// The standard error of the mean of their medians' logarithms; nothing of a single launch.
    pub error: Option<f64>,
    /// What a reader must know, from all launches.
    pub flags: Flags,
    /// The median cost of a wait with nothing to wait for in the workers that measured it, in ns.
    pub bare_finish_ns: Option<f64>,
}

/// A target's cells in one number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The target.
    pub target: Target,
    /// The geometric mean of the ratios.
    pub ratio: f64,
    /// Of how many cells.
    pub cells: usize,
}

impl Comparison {
    /// Compares two files: what the second found with what the first did. Their launches are not paired.
    #[must_use]
    pub fn of_files(a: &ResultsFile, b: &ResultsFile, rule: Rule) -> Self {
        let name = |file: &ResultsFile| file.path.display().to_string();
        let (context_a, context_b) = (Context::of(a, &name(a)), Context::of(b, &name(b)));
        let (cells_a, cells_b) = std::thread::scope(|scope| {
            let other = scope.spawn(|| cells(b));
            (cells(a), other.join().unwrap_or_default())
        });
        let machines = different_machines(&a.run.machine, &b.run.machine);
        let incomparable = a.run.targets.iter().filter_map(|info| {
            let other = b.run.targets.iter().find(|other| other.target == info.target)?;
            let why = inputs(&a.run, &b.run).or_else(|| incomparable(info, other))?;
            Some((info.target.clone(), why))
        });
        let sides = Sides {
            a: cells_a,
            b: cells_b,
            pairing: Pairing::None,
            incomparable: incomparable.collect(),
            lost: a
                .run
                .targets
                .iter()
                .filter_map(|info| Some((info.target.clone(), lost(&b.run, &info.target)?)))
                .collect(),
        };
        let differences = settings(&a.run, &b.run);
        sides.compare(context_a, context_b, machines, differences, rule)
    }

    /// Compares two targets of one file, which were measured in the same rounds. The rows have the first one's name.
    #[must_use]
    pub fn of_targets(file: &ResultsFile, a: &Target, b: &Target, rule: Rule) -> Self {
        let of = |target: &Target| Context::of_target(file, target);
        let info = |target: &Target| file.run.targets.iter().find(|info| info.target == *target);
        let why = info(a).zip(info(b)).and_then(|(a, b): (&TargetInfo, &TargetInfo)| incomparable(a, b));
        let incomparable = why.into_iter().map(|why| (a.clone(), why)).collect();
        let (mut cells_a, mut cells_b) = (cells(file), Vec::new());
        cells_a.retain_mut(|cell| {
            if cell.cell.target == *b {
                let renamed = Cell { target: a.clone(), ..cell.cell.clone() };
                cells_b.push(CellResult { cell: renamed, ..cell.clone() });
            }
            cell.cell.target == *a
        });
        let lost = lost(&file.run, b).into_iter().map(|lost| (a.clone(), lost)).collect();
        let sides = Sides { a: cells_a, b: cells_b, pairing: Pairing::Rounds, incomparable, lost };
        sides.compare(of(a), of(b), Vec::new(), Vec::new(), rule)
    }

    /// The rows with a verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.verdict == verdict)
    }

    /// How many rows have each verdict.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Verdict, usize> {
        self.rows.iter().fold(BTreeMap::new(), |mut counts, row| {
            *counts.entry(row.verdict).or_default() += 1;
            counts
        })
    }
}

impl Row {
    /// How far the ratio is from 1, whichever way, as a factor: what rows are sorted by. One where there is no ratio.
    #[must_use]
    pub fn effect(&self) -> f64 {
        self.ratio.map_or(1.0, |ratio| ratio.max(1.0 / ratio))
    }
}

/// The cells of two sides before anything is decided.
struct Sides {
    a: Vec<CellResult>,
    b: Vec<CellResult>,
    pairing: Pairing,
    /// The targets whose cells cannot be compared, and why.
    incomparable: HashMap<Target, String>,
    /// The targets that the second side could not measure, and why.
    lost: HashMap<Target, MissingTarget>,
}

impl Sides {
    fn compare(
        self,
        a: Context,
        b: Context,
        machines: Vec<Difference>,
        differences: Vec<Difference>,
        rule: Rule,
    ) -> Comparison {
        let floors = self.floors();
        let mut tests = Tests::new(rule.seed);
        let others: HashMap<&Cell, &CellResult> = self.b.iter().map(|cell| (&cell.cell, cell)).collect();
        let known: HashSet<&Cell> = self.a.iter().map(|cell| &cell.cell).collect();
        let mut rows: Vec<Row> =
            self.a.iter().filter_map(|cell| self.row(cell, others.get(&cell.cell).copied(), &mut tests)).collect();
        for cell in self.b.iter().filter(|cell| cell.estimate.is_some() && !known.contains(&cell.cell)) {
            let reason = Some(format!("not in {}", a.name));
            rows.push(Row { b: time(cell), ..Row::new(cell.cell.clone(), Verdict::Missing, reason) });
        }
        let judged = decide(&mut rows, self.pairing, 0, &floors, &rule);
        Comparison {
            a,
            b,
            pairing: self.pairing,
            rule,
            machines,
            differences,
            summaries: summaries(&rows),
            judged,
            stages: None,
            floors: floors.into_iter().map(|(target, floor)| (target, floor.exp_m1())).collect(),
            rows,
        }
    }

    /// A row, tested but not yet decided on. Nothing for what had no time before: there is nothing to compare.
    fn row(&self, a: &CellResult, b: Option<&CellResult>, tests: &mut Tests) -> Option<Row> {
        a.estimate.as_ref()?;
        let new = |verdict, reason| Row { a: time(a), ..Row::new(a.cell.clone(), verdict, reason) };
        let Some(b) = b else { return Some(self.without_b(&a.cell.target, new)) };
        if b.estimate.is_none() {
            let why = b.reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            let verdict = if b.outcome == Outcome::OverBudget { Verdict::Missing } else { Verdict::Failed };
            return Some(new(verdict, Some(format!("{}{why}", b.outcome))));
        }
        let both = |verdict, reason| Row { b: time(b), ..new(verdict, reason) };
        // What now fails every few launches does not pass for the times of those that did not.
        if b.failed_launches > 0 && a.failed_launches == 0 {
            return Some(both(Verdict::Failed, b.note.clone()));
        }
        let tf32 = |cell: &CellResult| cell.flags.contains(&Flag::Tf32);
        let why = match self.incomparable.get(&a.cell.target) {
            Some(why) => Some(why.clone()),
            None if tf32(a) != tf32(b) => Some("one is f32, the other TF32".to_owned()),
            None => None,
        };
        if why.is_some() {
            return Some(both(Verdict::Incomparable, why));
        }
        let (series_a, series_b) = (Series::of(a), Series::of(b));
        Some(match series_a.contrast(&series_b, self.pairing, tests) {
            Some(contrast) => Row {
                ratio: Some(contrast.ln_ratio.exp()),
                error: Some(contrast.error),
                interval: Some(Interval { low: contrast.interval.low.exp(), high: contrast.interval.high.exp() }),
                p: Some(contrast.p),
                ..both(Verdict::Inconclusive, b.note.clone().filter(|_| b.failed_launches > 0))
            },
            None => Row {
                ratio: a.estimate.as_ref().zip(b.estimate.as_ref()).map(|(a, b)| b.median_ns / a.median_ns),
                ..both(
                    Verdict::Inconclusive,
                    Some(why_untested(self.pairing, series_a.launches.len(), series_b.launches.len())),
                )
            },
        })
    }

    /// The row of a cell that the second side has not: failed where its worker does not work any more.
    fn without_b(&self, target: &Target, new: impl Fn(Verdict, Option<String>) -> Row) -> Row {
        match self.lost.get(target) {
            Some(lost) if lost.broken => new(Verdict::Failed, Some(format!("its worker cannot be used: {}", lost.why))),
            Some(lost) => new(Verdict::Missing, Some(lost.why.clone())),
            None => new(Verdict::Missing, Some("not on the second side".to_owned())),
        }
    }

    /// The noise floor of each target: the larger of its two sides', or that of the pairs. A side's own is that of all its
    /// cells: those that the other has not, say how the machine was too.
    fn floors(&self) -> Floors {
        let mut series: BTreeMap<Target, [Vec<Vec<f64>>; 2]> = BTreeMap::new();
        let others: HashMap<&Cell, &CellResult> = self.b.iter().map(|cell| (&cell.cell, cell)).collect();
        let timed = |cells| <[CellResult]>::iter(cells).filter(|cell| cell.estimate.is_some()).collect::<Vec<_>>();
        for cell in timed(&self.a) {
            let [first, _] = series.entry(cell.cell.target.clone()).or_default();
            let other = others.get(&cell.cell).filter(|other| other.estimate.is_some());
            match self.pairing {
                Pairing::Rounds => first.extend(other.map(|other| Series::of(cell).paired(&Series::of(other)))),
                Pairing::None => first.push(Series::of(cell).values()),
            }
        }
        for cell in timed(&self.b).into_iter().filter(|_| self.pairing == Pairing::None) {
            let [_, second] = series.entry(cell.cell.target.clone()).or_default();
            second.push(Series::of(cell).values());
        }
        series.into_iter().map(|(target, [a, b])| (target, floor(&a).max(floor(&b)))).collect()
    }
}

impl Row {
    fn new(cell: Cell, verdict: Verdict, reason: Option<String>) -> Self {
        Row {
            cell,
            verdict,
            reason,
            a: None,
            b: None,
            ratio: None,
            error: None,
            interval: None,
            p: None,
            p_adjusted: None,
            delta: None,
            set_aside: false,
        }
    }
}

fn time(cell: &CellResult) -> Option<SideTime> {
    let estimate = cell.estimate.as_ref()?;
    Some(SideTime {
        median_ns: estimate.median_ns,
        launches: estimate.launches,
        error: error(&Series::of(cell).values()),
        flags: cell.flags.iter().copied().collect(),
        bare_finish_ns: cell.bare_finish_ns,
    })
}

/// What a run says of a target that it could not measure, by the target's name or its framework's.
fn lost(run: &Run, target: &Target) -> Option<MissingTarget> {
    if run.targets.iter().any(|info| info.target == *target) {
        return None;
    }
    let plain = Target::new(target.framework.clone(), target.device).to_string();
    let names = [target.to_string(), plain, target.framework.clone()];
    names.iter().find_map(|name| run.missing.iter().find(|missing| missing.name == *name)).cloned()
}

pub(super) fn summaries(rows: &[Row]) -> Vec<Summary> {
    let mut ratios: BTreeMap<&Target, Vec<f64>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.verdict != Verdict::Incomparable) {
        ratios.entry(&row.cell.target).or_default().extend(row.ratio);
    }
    let mean = |(target, ratios): (&Target, Vec<f64>)| {
        Some(Summary { target: target.clone(), ratio: summary::geometric_mean(&ratios)?, cells: ratios.len() })
    };
    ratios.into_iter().filter_map(mean).collect()
}
