//! What the verbs that compare have in common: a comparison shown, written for a CI, and turned into an exit code.

use crate::Exit;
use crate::cli::{CompareFormat, Output};
use anyhow::{Context, Result, bail};
use chipmark_reports::comparison::{self, GateView, Show};
use chipmark_results::compare::{Comparison, Gate, GateResult};
use chipmark_results::store::ResultsFile;
use std::path::Path;

/// A comparison and what it must be to pass.
pub(crate) struct Finding {
    pub comparison: Comparison,
    pub gate: Gate,
}

/// A run beside itself has changed nowhere.
pub(crate) fn refuse_same_run(a: &ResultsFile, b: &ResultsFile) -> Result<()> {
    if a.run.run_id == b.run.run_id {
        bail!("{} and {} are the same run: there is nothing to compare", a.path.display(), b.path.display());
    }
    Ok(())
}

/// Prints it, writes the files asked for, and says what to exit with.
pub(crate) fn show(finding: &Finding, output: &Output) -> Result<Exit> {
    let Finding { comparison, gate } = finding;
    let today = crate::text::now().get(..10).unwrap_or_default().to_owned();
    let view = GateView::new(gate, comparison, &today);
    let show = if output.all { Show::All } else { Show::Changes };
    let text = match output.format {
        CompareFormat::Table => {
            let look = super::report::look();
            comparison::table(comparison, &look, show) + "\n" + &comparison::gate(&view, &look)
        }
        CompareFormat::Markdown => comparison::markdown(comparison, Some(&view)),
        CompareFormat::Json => comparison::json(comparison, Some(&view))?,
    };
    super::print(&text)?;
    if let Some(path) = &output.markdown {
        write(path, &comparison::markdown(comparison, Some(&view)))?;
    }
    if let Some(path) = &output.summary {
        append(path, &comparison::job_summary(comparison, Some(&view)))?;
    }
    if let Some(path) = &output.junit {
        write(path, &comparison::junit(comparison, Some(&view))?)?;
    }
    if let Some(path) = &output.json {
        write(path, &comparison::json(comparison, Some(&view))?)?;
    }
    Ok(match view.result {
        GateResult::Pass => Exit::Ok,
        GateResult::Regression => Exit::Regressed,
        GateResult::Inconclusive => Exit::Inconclusive,
        GateResult::Failure => Exit::Failed,
    })
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// To a file that others write to as well, such as a job's summary.
fn append(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    let open = std::fs::OpenOptions::new().append(true).create(true).open(path);
    open.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}
