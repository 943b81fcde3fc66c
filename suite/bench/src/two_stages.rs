//! A decision in two stages, for the verbs that measure and compare: a pilot of all cells, then fresh rounds of those that it could
//! not put aside, in a file of their own.

use crate::rounds::Ended;
use crate::session::{Session, header, measure, open_all};
use crate::targets::{Available, OpenWorker, Survey};
use anyhow::Result;
use chipmark_core::Mode;
use chipmark_results::compare::{Comparison, Fresh};
use chipmark_results::record::{PlannedCase, Run, Settings, Stage};
use chipmark_results::store::{self, ResultsFile};
use std::collections::HashSet;
use std::path::Path;
use std::time::Instant;

/// The files of the two stages in their folder.
const PILOT: &str = "results.jsonl";
const DECISION: &str = "decision.jsonl";

/// What is to be measured, and what is to be found in it.
pub(crate) struct TwoStages<'a> {
    /// The pilot's header.
    pub run: Run,
    pub targets: Vec<Available>,
    /// A worker of each target.
    pub open: Vec<OpenWorker>,
    /// Gets both files.
    pub folder: &'a Path,
    /// The change to be found, as a share of the time.
    pub detect: f64,
    pub deadline: Option<Instant>,
}

/// Measures, and compares what was measured by `compare`; nothing where it was interrupted. Where the time is up before the second
/// stage, its cells stay undecided.
pub(crate) fn decide(
    stages: TwoStages<'_>,
    compare: impl Fn(&ResultsFile) -> Comparison,
) -> Result<Option<Comparison>> {
    let TwoStages { run, targets, open, folder, detect, deadline } = stages;
    let path = folder.join(PILOT);
    let session = Session::create(&path, run, targets.clone(), open)?;
    session.say();
    let mut ended = measure(session, deadline)?;
    let pilot_file = store::read(&path)?;
    let pilot = compare(&pilot_file);
    let fresh = pilot.fresh(detect);
    let mut decision = None;
    if ended == Ended::Complete && !fresh.cells.is_empty() {
        say(&fresh, pilot.judged);
        let path = folder.join(DECISION);
        ended = measure_anew(&fresh, &pilot_file, targets, &path, deadline)?;
        decision = Some(compare(&store::read(&path)?));
    }
    eprintln!("results: {}", folder.display());
    if ended == Ended::Interrupted {
        eprintln!("interrupted: there is no verdict");
        return Ok(None);
    }
    Ok(Some(pilot.decided_by(decision, detect)))
}

fn say(fresh: &Fresh, judged: usize) {
    let Fresh { cells, rounds, short } = fresh;
    eprintln!("{} of {judged} cells may have changed: {rounds} fresh rounds decide", cells.len());
    if *short > 0 {
        eprintln!(
            "note: for {short} of them so many rounds may be too few: they scatter much, or the baseline has few launches"
        );
    }
}

/// Measures the cells anew on these targets: so many rounds as they need, in an order of their own. The checks of the pilot are not
/// made again.
fn measure_anew(
    fresh: &Fresh,
    pilot: &ResultsFile,
    targets: Vec<Available>,
    path: &Path,
    deadline: Option<Instant>,
) -> Result<Ended> {
    let settings = Settings {
        rounds: fresh.rounds,
        min_rounds: None,
        precision: None,
        ceilings: false,
        memory: false,
        // Another order of the rounds, and other inputs: what was chance in the pilot is not to come again.
        seed: pilot.run.settings.seed.wrapping_add(1),
        ..pilot.run.settings.clone()
    };
    let mut survey = Survey::default();
    let (targets, open) = open_all(targets, &mut survey, &settings)?;
    let machine = (pilot.run.machine.clone(), chipmark_machine::state());
    let run = header(&pilot.run.suite, settings, machine, &open, survey.missing, cases(fresh, pilot));
    let run = Run { stage: Some(Stage::Decision), ..run };
    let mut session = Session::create(path, run, targets, open)?;
    session.adopt(&pilot.checks)?;
    measure(session, deadline)
}

/// The cases of the pilot that the cells are of, each in the modes that they have.
fn cases(fresh: &Fresh, pilot: &ResultsFile) -> Vec<PlannedCase> {
    let wanted: HashSet<_> = fresh.cells.iter().map(|cell| (&cell.case, cell.mode)).collect();
    let of = |case: &PlannedCase| {
        let modes: Vec<Mode> =
            case.modes.iter().copied().filter(|mode| wanted.contains(&(&case.case, *mode))).collect();
        (!modes.is_empty()).then(|| PlannedCase { modes, ..case.clone() })
    };
    pilot.run.cases.iter().filter_map(of).collect()
}
