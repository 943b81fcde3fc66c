//! `bench report FILES|FOLDERS… --out DIR`: everything that is shown of results, made again from the files. Of one run a page, of many
//! a site.

use crate::Exit;
use crate::cli::{Report as Args, ReportFormat};
use crate::sources::{Source, Sources};
use anyhow::{Context, Result, bail};
use chipmark_reports::model::RunReport;
use chipmark_reports::site::{Material, write_site};
use chipmark_reports::terminal::{Colour, Look};
use chipmark_reports::{Report, export};
use chipmark_results::contribution::{Vouched, Withdrawal};
use chipmark_results::history::{Blessings, Collected, History};
use chipmark_results::imported;
use chipmark_results::record::Stage;
use chipmark_results::store::{self, ResultsFile};
use std::collections::HashMap;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

/// The smallest shift that a site's history marks.
const SHIFT: f64 = 0.03;

pub(crate) fn report(args: &Args) -> Result<Exit> {
    let sources = super::told(Sources::of(&args.paths)?);
    if let Some(path) = &args.parquet {
        check_parquet(path)?;
    }
    let mut read = Runs::default();
    // Only a site shows a history, whose points take working out the cells of every file once more.
    let may_be_site =
        args.out.is_some() && (sources.results.len() > 1 || !sources.published.is_empty() || sources.is_data);
    let keeps = Keeps { samples: args.parquet.is_some(), history: may_be_site };
    for source in &sources.results {
        read.add(source, keeps)?;
    }
    read.report.judge(&read.vouched);
    let mut published = Vec::new();
    for source in &sources.published {
        match imported::read(&source.path) {
            Ok(table) => published.push(table),
            Err(error) if source.is_named => return Err(error.into()),
            Err(error) => eprintln!("left out: {error}"),
        }
    }
    if read.report.runs.is_empty() && published.is_empty() {
        bail!("there is nothing to show: {}", nothing(&sources));
    }
    // A data tree is a site from its first file on, so that what it is does not depend on how many there are.
    let is_site = args.out.is_some() && (read.report.runs.len() != 1 || !published.is_empty() || sources.is_data);
    match args.format {
        Some(format) => show(&read.report, format)?,
        // A table of a whole site is as long as it is.
        None if is_site => {}
        None if read.report.runs.is_empty() => {
            bail!("tables that others published are shown on a site: name a folder for it by --out")
        }
        None => show(&read.report, ReportFormat::Table)?,
    }
    if args.out.is_none() && !published.is_empty() {
        eprintln!("tables that others published are left out: they are shown on a site, in a folder named by --out");
    }
    if let Some(path) = &args.parquet {
        let rows = export::parquet::samples(&read.files, &read.report, path)?;
        eprintln!("samples: {} ({rows} rows)", path.display());
    }
    match &args.out {
        Some(out) if is_site => {
            let history = History::of(read.collected.series(), SHIFT, &Blessings::default());
            let withdrawn: Vec<Withdrawal> =
                sources.withdrawn.iter().map(|(_, withdrawal)| withdrawal.clone()).collect();
            let material = Material {
                report: &read.report,
                raw: &read.paths,
                published: &published,
                history: Some(&history),
                withdrawn: &withdrawn,
            };
            let written = write_site(&material, out)?;
            let mb = written.bytes as f64 / 1e6;
            eprintln!("site:    {} ({} pages, {mb:.1} MB)", written.start.display(), written.pages);
        }
        Some(out) => write(&read.report, out)?,
        None => {}
    }
    Ok(Exit::Ok)
}

/// Why none of the files is shown.
fn nothing(sources: &Sources) -> &'static str {
    match (sources.results.is_empty(), sources.withdrawn.is_empty()) {
        (false, _) => "none of the files can be read",
        (true, false) => "every file was withdrawn",
        (true, true) => "the data tree has no file yet; `bench submit` adds one",
    }
}

/// What is kept of a file beside what a report shows.
#[derive(Clone, Copy)]
struct Keeps {
    /// The file itself, for its samples.
    samples: bool,
    /// Its points, for a history.
    history: bool,
}

/// The runs that were read.
#[derive(Default)]
struct Runs {
    report: Report,
    /// Where each is, in the order of the report.
    paths: Vec<PathBuf>,
    /// Who vouches for each, likewise.
    vouched: Vec<Option<Vouched>>,
    /// The files themselves, where their samples are asked for.
    files: Vec<ResultsFile>,
    collected: Collected,
    known: HashMap<String, PathBuf>,
}

impl Runs {
    /// Reads a file. One that was named must be readable; of a folder's, what cannot be shown is left out, and told.
    fn add(&mut self, source: &Source, keeps: Keeps) -> Result<()> {
        let path = &source.path;
        let file = match store::read(path) {
            Ok(file) => file,
            Err(error) if source.is_named => return Err(error.into()),
            Err(error) => {
                eprintln!("left out: {error}");
                return Ok(());
            }
        };
        if !source.is_named && file.run.stage == Some(Stage::Decision) {
            eprintln!("left out: {}: the fresh rounds of a decision, of cells that stood out alone", path.display());
            return Ok(());
        }
        if let Some(earlier) = self.known.get(&file.run.run_id).filter(|_| !source.is_named) {
            eprintln!("left out: {}: a copy of the run in {}", path.display(), earlier.display());
            return Ok(());
        }
        if file.torn_tail {
            eprintln!(
                "{}: its last line is cut off and left out; `bench run --resume` goes on from there",
                path.display()
            );
        }
        self.known.insert(file.run.run_id.clone(), path.clone());
        self.report.add(&file);
        self.paths.push(path.clone());
        self.vouched.push(source.vouched.clone());
        if keeps.history {
            // A copy that was named is shown twice, and counts once.
            let _ = self.collected.add(&file);
        }
        if keeps.samples {
            self.files.push(file);
        }
        Ok(())
    }
}

/// Whether samples may be written there: in a folder that is there, over nothing but an earlier table or an empty file.
fn check_parquet(path: &Path) -> Result<()> {
    let folder = chipmark_reports::out::folder_of(path);
    if !folder.is_dir() {
        bail!("--parquet {}: there is no folder {}", path.display(), folder.display());
    }
    if path.exists() {
        let mut head = Vec::new();
        let read = std::fs::File::open(path).and_then(|file| file.take(4).read_to_end(&mut head));
        if read.is_err() || !(head.is_empty() || head == b"PAR1") {
            bail!("--parquet {}: it is there already, and no Parquet file; choose another name", path.display());
        }
    }
    Ok(())
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
