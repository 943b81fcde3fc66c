//! How cases and runs are called in a chart: what is the same of all stands in its title, what tells them apart beside each.

use crate::model::RunReport;
use crate::words;
use chipmark_core::{CaseId, Mode};

/// What the cases of runs have in common.
pub(super) struct Naming {
    workload: Option<String>,
    dtype: Option<String>,
    mode: Option<Mode>,
}

impl Naming {
    pub(super) fn of<'a>(runs: impl IntoIterator<Item = &'a RunReport>) -> Self {
        let all: Vec<(Mode, &CaseId)> =
            runs.into_iter().flat_map(super::cases).map(|(mode, case)| (mode, &case.case)).collect();
        let first = all.first();
        let same = |is: &dyn Fn(&(Mode, &CaseId)) -> bool| first.filter(|_| all.iter().all(is));
        Naming {
            workload: first
                .and_then(|(_, first)| same(&|(_, case)| case.workload == first.workload))
                .map(|(_, case)| case.workload.clone()),
            dtype: first
                .and_then(|(_, first)| same(&|(_, case)| case.dtype == first.dtype))
                .map(|(_, case)| case.dtype.to_string()),
            mode: first.and_then(|(first, _)| same(&|(mode, _)| mode == first)).map(|(mode, _)| *mode),
        }
    }

    /// What all have in common, such as `matmul, f32, latency`.
    pub(super) fn of_all(&self) -> String {
        let workload = self.workload.clone().unwrap_or_else(|| "all cases".to_owned());
        let parts = [Some(workload), self.dtype.clone(), self.mode.map(|mode| mode.to_string())];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// What tells a case from the others.
    pub(super) fn case(&self, case: &CaseId) -> String {
        let dtype = if self.dtype.is_some() { String::new() } else { format!("/{}", case.dtype) };
        let workload = if self.workload.is_some() { String::new() } else { format!("{}/", case.workload) };
        format!("{workload}{}{dtype}", case.label)
    }
}

/// What tells runs apart: their chips; of runs on equal chips, when they started too; and of those, their ids.
pub(super) fn runs(runs: &[RunReport]) -> Vec<String> {
    let chips: Vec<String> = runs.iter().map(|run| words::chip(&run.run.machine)).collect();
    let dated: Vec<String> = runs
        .iter()
        .zip(&chips)
        .map(|(run, chip)| {
            format!("{chip} ({})", run.run.started_at.chars().take(16).collect::<String>().replace('T', " "))
        })
        .collect();
    let occurs_once = |names: &[String], name: &String| names.iter().filter(|other| *other == name).count() == 1;
    let name = |(at, run): (usize, &RunReport)| {
        let (chip, dated_chip) = (chips.get(at)?, dated.get(at)?);
        Some(if occurs_once(&chips, chip) {
            chip.clone()
        } else if occurs_once(&dated, dated_chip) {
            dated_chip.clone()
        } else {
            format!("{chip} ({})", run.run.run_id.chars().take(8).collect::<String>())
        })
    };
    runs.iter().enumerate().filter_map(name).collect()
}
