//! The points of each cell on each machine, gathered from one results file after the other.

use crate::cells::cells;
use crate::record::{Flag, Run};
use crate::store::ResultsFile;
use chipmark_core::{Cell, Target};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::PathBuf;

/// What makes two runs' machines the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Machine {
    /// The chip.
    pub chip: String,
    /// The instruction set.
    pub arch: String,
    /// Whole GiB of memory. To the byte, a kernel's update changes it.
    pub memory_gib: Option<u64>,
    /// The operating system's name, without its version: an update is what a shift may come from.
    pub os: String,
}

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
}

/// The points of a cell on a machine, in the order in which their runs started.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// The cell.
    #[serde(flatten)]
    pub cell: Cell,
    /// The machine.
    pub machine: Machine,
    /// Its points.
    pub points: Vec<Point>,
}

/// What was gathered so far. Of a file only its points are kept.
#[derive(Debug, Default)]
pub struct Collected {
    runs: HashMap<String, PathBuf>,
    series: BTreeMap<(Machine, Cell), Vec<Point>>,
}

impl Machine {
    fn of(run: &Run) -> Self {
        Machine {
            chip: run.machine.chip.clone(),
            arch: run.machine.arch.clone(),
            memory_gib: run.machine.memory_bytes.map(|bytes| bytes >> 30),
            os: run.machine.os.clone(),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} · {}", self.chip, self.arch)?;
        if let Some(gib) = self.memory_gib {
            write!(f, " · {gib} GiB")?;
        }
        write!(f, " · {}", self.os)
    }
}

impl Collected {
    /// Takes the points of a file: one for each cell that is ok, and not f32 in name and TF32 in error.
    ///
    /// # Errors
    /// One line if the run was there already, from another file: to count it twice would make a level of a copy. Nothing is
    /// taken then.
    pub fn add(&mut self, file: &ResultsFile) -> Result<(), String> {
        let run = &file.run;
        if let Some(earlier) = self.runs.get(&run.run_id) {
            return Err(format!("{}: a copy of the run in {}", file.path.display(), earlier.display()));
        }
        self.runs.insert(run.run_id.clone(), file.path.clone());
        let machine = Machine::of(run);
        let versions: HashMap<&Target, &String> =
            run.targets.iter().map(|info| (&info.target, &info.info.version)).collect();
        for row in cells(file).into_iter().filter(|row| !row.flags.contains(&Flag::Tf32)) {
            if let Some(estimate) = row.estimate {
                let point = Point {
                    run_id: run.run_id.clone(),
                    started_at: run.started_at.clone(),
                    version: versions.get(&row.cell.target).map(|version| (*version).clone()).unwrap_or_default(),
                    harness: run.harness_version.clone(),
                    median_ns: estimate.median_ns,
                };
                self.series.entry((machine.clone(), row.cell)).or_default().push(point);
            }
        }
        Ok(())
    }

    /// The series, by machine and cell.
    #[must_use]
    pub fn series(self) -> Vec<Series> {
        let series = self.series.into_iter().map(|((machine, cell), mut points)| {
            points.sort_by(|a, b| (&a.started_at, &a.run_id).cmp(&(&b.started_at, &b.run_id)));
            Series { cell, machine, points }
        });
        series.collect()
    }

    /// How many runs there are.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.runs.len()
    }
}
