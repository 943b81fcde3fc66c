//! `bench validate PATHS…`: whether contributed files can be taken, the same at home and in CI.

use crate::cli::Validate as Args;
use crate::{Exit, contributed};
use anyhow::Result;
use chipmark_results::contribution::validate::{FileFindings, Finding, Level};
use chipmark_results::plain::shown;
use serde::Serialize;

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    files: &'a [FileFindings],
    errors: usize,
    warnings: usize,
    labels: usize,
}

pub(crate) fn validate(args: &Args) -> Result<Exit> {
    let files = contributed::findings(&args.paths, &args.data)?;
    let count = |level| files.iter().map(|file| file.count(level)).sum();
    let [errors, warnings, labels]: [usize; 3] = [Level::Error, Level::Warning, Level::Label].map(count);
    if args.json {
        super::print(&serde_json::to_string_pretty(&Json { files: &files, errors, warnings, labels })?)?;
    } else {
        super::print(&text(&files, [errors, warnings, labels]))?;
    }
    let refused = errors > 0 || (args.strict && warnings > 0);
    Ok(if refused { Exit::Failed } else { Exit::Ok })
}

/// A line a finding, and one with the counts.
fn text(files: &[FileFindings], [errors, warnings, labels]: [usize; 3]) -> String {
    let mut text = String::new();
    for file in files {
        // A name may hold anything, too.
        let path = shown(&file.path.to_string_lossy(), 400);
        for Finding { level, rule, line, message } in &file.findings {
            let line = line.map(|line| format!("{line}:")).unwrap_or_default();
            text += &format!("{path}:{line} {}: {message} [{rule}]\n", level.name());
        }
    }
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    text += &[
        counted(files.len(), "file"),
        counted(errors, "error"),
        counted(warnings, "warning"),
        counted(labels, "label"),
    ]
    .join(", ");
    text + "\n"
}
