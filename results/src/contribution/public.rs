//! A run made fit to become public: built again, field by field, from what this folder allows. What is not named here does not
//! come out: keys that this program does not know, paths, names of processes, the environment. `suite/docs/SUBMITTING.md` lists
//! it for people.

mod command;
mod header;
mod machine;
mod measured;

use super::scrub::Scrub;
use super::{Contribution, Private};
use crate::record::{Record, Run, TargetInfo};
use crate::store::ResultsFile;
use chipmark_core::{CaseId, Target};
use header::Kept;
use std::collections::HashSet;
use std::path::PathBuf;

/// What those know who know machines, suites and workloads.
pub struct Rules<'a> {
    /// What must not come out.
    pub private: &'a Private,
    /// The names of the built-in suites.
    pub suites: &'a [&'a str],
    /// Whether a built-in suite gives a target the variables that it had, or it had none.
    pub is_known_env: &'a dyn Fn(&TargetInfo) -> bool,
    /// Whether a case computes on data that somebody gave, and nobody else has.
    pub is_given: &'a dyn Fn(&CaseId) -> bool,
}

/// What becomes public of a run, and what does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Public {
    /// The header.
    pub run: Run,
    /// The records after it.
    pub records: Vec<Record>,
    /// What is left out as a whole, a line each.
    pub left_out: Vec<String>,
    /// How many words of texts are hidden.
    pub hidden: usize,
}

/// Builds a run again of what may become public, its records by kind, each kind in the order of the file.
#[must_use]
pub fn public(file: &ResultsFile, contribution: Contribution, rules: &Rules<'_>) -> Public {
    let mut left_out = Vec::new();
    let mut targets: HashSet<&Target> = HashSet::new();
    for info in &file.run.targets {
        match refused(info, rules) {
            Some(why) => left_out.push(format!("the target {}: {why}", info.target)),
            None => _ = targets.insert(&info.target),
        }
    }
    let mut cases: HashSet<&CaseId> = HashSet::new();
    for planned in &file.run.cases {
        if (rules.is_given)(&planned.case) {
            left_out.push(format!("the case {}: it computes on data that nobody else has", planned.case));
        } else {
            cases.insert(&planned.case);
        }
    }

    let known = targets.iter().map(ToString::to_string).chain(cases.iter().map(ToString::to_string));
    let scrub = Scrub::new(rules.private, known.collect());
    let (has_target, has_case) = (|target: &Target| targets.contains(target), |case: &CaseId| cases.contains(case));
    let kept = Kept { scrub: &scrub, suites: rules.suites, has_target: &has_target, has_case: &has_case };
    let (run, arguments) = header::header(&kept, &file.run, contribution);
    let records = records(file, &kept);

    if arguments > 0 {
        left_out.push(format!("{arguments} arguments of the command line"));
    }
    let variables = file
        .run
        .targets
        .iter()
        .flat_map(|info| info.info.build.keys())
        .filter(|name| header::is_variable(name))
        .count();
    if variables > 0 {
        left_out.push(format!("{variables} variables of the environment that frameworks noted"));
    }
    let states = file.rounds.iter().map(|round| &round.state).chain(file.ends.iter().map(|end| &end.state));
    let processes: usize = states.chain([&file.run.state]).map(|state| state.heavy_processes.len()).sum();
    if processes > 0 {
        left_out.push(format!("the names of {processes} processes"));
    }
    let hidden = scrub.hidden();
    Public { run, records, left_out, hidden }
}

fn records(file: &ResultsFile, kept: &Kept<'_>) -> Vec<Record> {
    let Kept { scrub, has_target, has_case, .. } = kept;
    let ResultsFile { path: _, run: _, workers, checks, ceilings, memory, launches, rounds, ends, torn_tail: _ } = file;
    let is_kept = |case: &CaseId, target: &Target| has_case(case) && has_target(target);
    let mut records: Vec<Record> = Vec::new();
    let workers = workers.iter().filter(|worker| has_target(&worker.target));
    records.extend(workers.map(|worker| Record::Worker(measured::worker(worker))));
    let checks = checks.iter().filter(|check| is_kept(&check.case, &check.target));
    records.extend(checks.map(|check| Record::Check(measured::check(scrub, check))));
    let ceilings = ceilings.iter().filter(|ceiling| has_target(&ceiling.target));
    records.extend(ceilings.map(|ceiling| Record::Ceiling(Box::new(measured::ceiling(scrub, ceiling)))));
    let memory = memory.iter().filter(|pass| is_kept(&pass.case, &pass.target));
    records.extend(memory.map(|pass| Record::Memory(measured::memory(scrub, pass))));
    let launches = launches.iter().filter(|launch| is_kept(&launch.cell.case, &launch.cell.target));
    records.extend(launches.map(|launch| Record::Launch(Box::new(measured::launch(scrub, launch)))));
    records.extend(rounds.iter().map(|round| Record::Round(measured::round(scrub, round))));
    records.extend(ends.iter().map(|end| Record::End(measured::end(scrub, end))));
    records
}

/// Why a target is left out.
fn refused(info: &TargetInfo, rules: &Rules<'_>) -> Option<String> {
    if !info.arithmetic {
        return Some("it does not compute, so that nothing of it was checked".to_owned());
    }
    if !(rules.is_known_env)(info) {
        let names: Vec<&str> = info.env.keys().map(String::as_str).collect();
        return Some(format!("its variables ({}) are of no built-in suite, and may hold anything", names.join(", ")));
    }
    None
}

impl Public {
    /// The text of the file: a record a line.
    ///
    /// # Errors
    /// When a record cannot be written as JSON, which none can be that was read.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        let header = Record::Run(Box::new(self.run.clone()));
        let mut text = String::new();
        for record in std::iter::once(&header).chain(&self.records) {
            text += &serde_json::to_string(record)?;
            text.push('\n');
        }
        Ok(text)
    }

    /// The same as if it had been read from a file.
    #[must_use]
    pub fn file(&self, path: PathBuf) -> ResultsFile {
        let mut file = ResultsFile::new(path, self.run.clone());
        self.records.iter().cloned().for_each(|record| file.keep(record));
        file
    }
}

#[cfg(test)]
mod tests;
