//! What becomes public, and what does not, in lines for the one who is asked.

use crate::machine_id::MachineId;
use crate::submission::Submission;
use chipmark_reports::text::clean;
use chipmark_results::cells::cells;
use chipmark_results::record::Profile;
use std::path::Path;

/// Where all of it can be read.
pub(super) enum Whole<'a> {
    /// Where it will be: nobody is asked.
    WhereItBelongs,
    /// In a file that is there until the answer is given.
    Until(&'a Path),
}

/// The lines; `paths` are the run's file and the folder of contributed results.
pub(super) fn summary(submission: &Submission, id: &MachineId, paths: (&Path, &Path), whole: &Whole<'_>) -> String {
    let run = &submission.public.run;
    let file = submission.public.file(paths.0.to_owned());
    let cells = cells(&file);
    let timed = cells.iter().filter(|cell| cell.estimate.is_some()).count();
    let targets =
        run.targets.iter().map(|info| format!("{} ({} {})", info.target, info.info.framework, info.info.version));
    let profile = match run.settings.profile {
        Some(Profile::Quick) => "profile quick, ",
        Some(Profile::Standard) => "profile standard, ",
        Some(Profile::Publish) => "profile publish, ",
        None => "",
    };
    let place = paths.1.join(submission.place.path());
    let contributor = run.contribution.as_ref().and_then(|of| of.contributor.clone());
    let lines = [
        ("file", format!("{} ({} kB)", place.display(), submission.text.len().div_ceil(1000))),
        ("of the run", paths.0.display().to_string()),
        ("machine", chipmark_machine::summary(&run.machine)),
        ("measured", format!("suite {}, {profile}{}, bench {}", run.suite, run.started_at, run.harness_version)),
        ("targets", targets.collect::<Vec<_>>().join(", ")),
        ("cells", format!("{timed} of {} with a time, of {} launches", cells.len(), file.launches.len())),
        ("command", format!("bench {}", run.command.join(" "))),
        ("contributor", contributor.unwrap_or_else(|| "not named (--contributor NAME)".to_owned())),
        ("machine id", format!("{}, random, kept in {}", id.text, id.path.display())),
    ];
    let mut text = "what becomes public\n".to_owned();
    for (name, value) in lines {
        text += &format!("  {name:<12} {}\n", clean(&value));
    }
    if let Whole::Until(path) = whole {
        text += &format!("  {:<12} {} (until you answer)\n", "all of it", path.display());
    }
    text += "what does not\n";
    for left_out in &submission.public.left_out {
        text += &format!("  {}\n", clean(left_out));
    }
    match submission.public.hidden {
        0 => text += "  names, folders and ids of this machine: none stood in its texts\n",
        n => text += &format!("  {n} words of texts that may tell of folders, names or ids, each shown as …\n"),
    }
    text
}
