//! `bench report FILES… --out DIR`: everything that is shown of results, made again from the files.

use crate::Exit;
use crate::cli::{Report as Args, ReportFormat};
use anyhow::{Context, Result, bail};
use chipmark_reports::model::RunReport;
use chipmark_reports::terminal::{Colour, Look};
use chipmark_reports::{Report, export};
use chipmark_results::store;
use std::io::IsTerminal;
use std::path::Path;

pub(crate) fn report(args: &Args) -> Result<Exit> {
    let mut files = Vec::new();
    for path in &args.files {
        let file = store::read(path)?;
        if file.torn_tail {
            eprintln!(
                "{}: its last line is cut off and left out; `bench run --resume` goes on from there",
                path.display()
            );
        }
        files.push(file);
    }
    let report = Report::new(&files);
    show(&report, args.format)?;
    if let Some(out) = &args.out {
        write(&report, out)?;
    }
    Ok(Exit::Ok)
}

/// Prints a report to stdout.
pub(crate) fn show(report: &Report, format: ReportFormat) -> Result<()> {
    let text = match format {
        ReportFormat::Table => chipmark_reports::terminal::table(report, &look()),
        ReportFormat::Json => chipmark_reports::json::json(report)?,
        ReportFormat::Csv => chipmark_reports::csv::csv(report)?,
        ReportFormat::GithubActionBenchmark => export::github_action_benchmark(only(report)?)?,
        ReportFormat::Bencher => export::bencher(only(report)?)?,
    };
    super::print(&text)
}

/// The one run that dashboards take at a time: they know a measurement by its name, and those of several runs are the same.
fn only(report: &Report) -> Result<&RunReport> {
    match report.runs.as_slice() {
        [run] => Ok(run),
        runs => bail!("this format holds one run, and {} were given: export each by itself", runs.len()),
    }
}

/// As wide as the terminal and in its colours; a pipe or a file gets plain text as wide as it takes.
pub(crate) fn look() -> Look {
    let terminal = std::io::stdout().is_terminal();
    let colour = if terminal && std::env::var_os("NO_COLOR").is_none() { Colour::Always } else { Colour::Never };
    let width = terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| width.0);
    Look { width, colour }
}

/// Writes the report's files and says where they are.
pub(crate) fn write(report: &Report, out: &Path) -> Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make the folder {}", out.display()))?;
    let written = chipmark_reports::write_all(report, out)?;
    eprintln!("CSV:     {}", written.csv.display());
    eprintln!("JSON:    {}", written.json.display());
    eprintln!("page:    {}", written.page.display());
    Ok(())
}
