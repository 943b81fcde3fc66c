//! The points of each cell under the same conditions, gathered from one results file after the other.

use crate::cells::alone;
use crate::conditions::{Conditions, InForce, refuse_decision};
use crate::record::TargetInfo;
use crate::stats::Interval;
use crate::store::ResultsFile;
use chipmark_core::{Cell, Target};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

/// How many digits of a machine's id are shown.
const SHOWN_DIGITS: usize = 8;

/// What the points of a series have in common.
type Key = (Conditions, Option<String>, Cell, InForce);

/// What one run says about a cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// The run.
    pub run_id: String,
    /// When it started.
    pub started_at: String,
    /// The framework's version.
    pub version: String,
    /// The version of `bench`.
    pub harness: String,
    /// The median of the launches' medians, in ns per call.
    pub median_ns: f64,
    /// The smallest of the launches' medians, in ns per call.
    pub low_ns: f64,
    /// The largest of the launches' medians, in ns per call.
    pub high_ns: f64,
    /// The 95% interval of the median of launches, in ns per call; none from fewer than six launches.
    pub interval_ns: Option<Interval>,
}

/// The points of a cell under the same conditions on one machine, in the order in which their runs started.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// The cell.
    #[serde(flatten)]
    pub cell: Cell,
    /// The conditions: what kind of machine, and how it was measured there.
    pub conditions: Conditions,
    /// Which machine of that kind, where somebody contributed it: two are never as one, and a step between them is no shift.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine_id: Option<String>,
    /// What was in force in its framework.
    pub in_force: InForce,
    /// Its points.
    pub points: Vec<Point>,
}

impl Series {
    /// Where it was measured, on one line: the conditions, and the beginning of the machine's id where there is one.
    #[must_use]
    pub fn place(&self) -> String {
        match self.short_id() {
            Some(id) => format!("{} · machine {id}", self.conditions),
            None => self.conditions.to_string(),
        }
    }

    /// Whether another was measured in the same place: under the same conditions on the same machine.
    #[must_use]
    pub fn is_beside(&self, other: &Series) -> bool {
        (&self.conditions, &self.machine_id) == (&other.conditions, &other.machine_id)
    }

    /// The beginning of the machine's id, where it has one.
    #[must_use]
    pub fn short_id(&self) -> Option<&str> {
        self.machine_id.as_deref().map(|id| id.get(..SHOWN_DIGITS).unwrap_or(id))
    }
}

/// What was gathered so far. Of a file only its points are kept.
#[derive(Debug, Default)]
pub struct Collected {
    runs: HashMap<String, PathBuf>,
    series: BTreeMap<Key, Vec<Point>>,
}

impl Collected {
    /// Takes the points of a file: one for each cell that is ok, and not f32 in name and TF32 in error.
    ///
    /// # Errors
    /// One line if the run was there already, from another file: to count it twice would make a level of a copy; or if the file
    /// holds a decision's fresh rounds. Nothing is taken then.
    pub fn add(&mut self, file: &ResultsFile) -> Result<(), String> {
        let run = &file.run;
        refuse_decision(file)?;
        if let Some(earlier) = self.runs.get(&run.run_id) {
            return Err(format!("{}: a copy of the run in {}", file.path.display(), earlier.display()));
        }
        self.runs.insert(run.run_id.clone(), file.path.clone());
        let conditions = Conditions::of(run);
        let machine_id = run.contribution.as_ref().map(|contribution| contribution.machine_id.clone());
        let infos: HashMap<&Target, &TargetInfo> = run.targets.iter().map(|info| (&info.target, info)).collect();
        for row in alone(file) {
            if let Some((estimate, info)) = row.comparable().zip(infos.get(&row.cell.target)) {
                let point = Point {
                    run_id: run.run_id.clone(),
                    started_at: run.started_at.clone(),
                    version: info.info.version.clone(),
                    harness: run.harness_version.clone(),
                    median_ns: estimate.median_ns,
                    low_ns: estimate.low_ns,
                    high_ns: estimate.high_ns,
                    interval_ns: estimate.interval_ns,
                };
                let key = (conditions.clone(), machine_id.clone(), row.cell, InForce::of(info));
                self.series.entry(key).or_default().push(point);
            }
        }
        Ok(())
    }

    /// The series, by conditions, machine and cell.
    #[must_use]
    pub fn series(self) -> Vec<Series> {
        let series = self.series.into_iter().map(|((conditions, machine_id, cell, in_force), mut points)| {
            points.sort_by(|a, b| (&a.started_at, &a.run_id).cmp(&(&b.started_at, &b.run_id)));
            Series { cell, conditions, machine_id, in_force, points }
        });
        series.collect()
    }

    /// How many runs there are.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.runs.len()
    }
}
