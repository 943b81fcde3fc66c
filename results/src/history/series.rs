//! The points of each cell under the same conditions, gathered from one results file after the other.

use crate::cells::cells;
use crate::conditions::{Conditions, InForce, refuse_decision};
use crate::record::TargetInfo;
use crate::stats::Interval;
use crate::store::ResultsFile;
use chipmark_core::{Cell, Target};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

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

/// The points of a cell under the same conditions, in the order in which their runs started.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// The cell.
    #[serde(flatten)]
    pub cell: Cell,
    /// The conditions: the machine, and how it was measured there.
    pub conditions: Conditions,
    /// What was in force in its framework.
    pub in_force: InForce,
    /// Its points.
    pub points: Vec<Point>,
}

/// What was gathered so far. Of a file only its points are kept.
#[derive(Debug, Default)]
pub struct Collected {
    runs: HashMap<String, PathBuf>,
    series: BTreeMap<(Conditions, Cell, InForce), Vec<Point>>,
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
        let infos: HashMap<&Target, &TargetInfo> = run.targets.iter().map(|info| (&info.target, info)).collect();
        for row in cells(file) {
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
                let key = (conditions.clone(), row.cell, InForce::of(info));
                self.series.entry(key).or_default().push(point);
            }
        }
        Ok(())
    }

    /// The series, by conditions and cell.
    #[must_use]
    pub fn series(self) -> Vec<Series> {
        let series = self.series.into_iter().map(|((conditions, cell, in_force), mut points)| {
            points.sort_by(|a, b| (&a.started_at, &a.run_id).cmp(&(&b.started_at, &b.run_id)));
            Series { cell, conditions, in_force, points }
        });
        series.collect()
    }

    /// How many runs there are.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.runs.len()
    }
}
