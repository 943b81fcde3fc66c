//! The second stage of a decision: fresh rounds of the cells that a pilot could not put aside, in a file of their own.

use crate::rounds::Ended;
use crate::session::{Session, header, measure, open_all};
use crate::targets::{Available, Survey};
use anyhow::Result;
use chipmark_core::Mode;
use chipmark_results::compare::Fresh;
use chipmark_results::record::{PlannedCase, Settings};
use chipmark_results::store::{self, ResultsFile};
use std::collections::HashSet;
use std::path::Path;
use std::time::Instant;

/// Measures the cells anew on these targets: so many rounds as they need, in an order of their own. The checks of the pilot are not
/// made again.
pub(crate) fn measure_anew(
    fresh: &Fresh,
    pilot: &ResultsFile,
    targets: Vec<Available>,
    path: &Path,
    deadline: Option<Instant>,
) -> Result<(ResultsFile, Ended)> {
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
    let mut session = Session::create(path, run, targets, open)?;
    session.adopt(&pilot.checks)?;
    let ended = measure(session, deadline)?;
    Ok((store::read(path)?, ended))
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
