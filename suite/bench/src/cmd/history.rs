//! `bench history DIR`: how the times of cells went from run to run, where they shifted, and which shifts are accepted.

use super::{print, told};
use crate::Exit;
use crate::cli::{Format, History as Args};
use crate::sources::Sources;
use anyhow::{Context, Result, bail};
use chipmark_core::Cell;
use chipmark_results::history::{BLESSED, Blessing, Blessings, Collected, History};
use chipmark_results::store;
use chipmark_workloads::suite::glob;
use std::path::Path;

pub(crate) fn history(args: &Args) -> Result<Exit> {
    let patterns = args.cases.iter().map(|pattern| glob(pattern)).collect::<Result<Vec<_>, String>>();
    let patterns = patterns.map_err(|why| anyhow::anyhow!("--case: {why}"))?;
    let mut collected = Collected::default();
    for source in told(Sources::in_folder(&args.dir)?).results {
        // One file that cannot be read does not hide the history that the others tell.
        let added = store::read(&source.path).map_err(|error| error.to_string()).and_then(|file| collected.add(&file));
        if let Err(why) = added {
            eprintln!("left out: {why}");
        }
    }
    let runs = collected.runs();
    if runs == 0 {
        bail!("no results file can be read in {}: `bench run --out {0}` writes one", args.dir.display());
    }
    let path = args.dir.join(BLESSED);
    let (blessings, text) = Blessings::read(&path).map_err(anyhow::Error::msg)?;
    let mut history = History::of(collected.series(), args.threshold, &blessings);
    history.retain(|cell| {
        let (id, target) = (cell.case.to_string(), cell.target.to_string());
        (patterns.is_empty() || patterns.iter().any(|pattern| pattern.is_match(&id)))
            && (args.targets.is_empty() || args.targets.contains(&target))
            && (args.modes.is_empty() || args.modes.contains(&cell.mode))
    });
    if let Some((run, why)) = args.bless.as_ref().zip(args.why.as_ref()) {
        return bless(&history, run, why, (&path, &text));
    }
    match args.format {
        Format::Table => print(&chipmark_reports::history::table(&history, runs, &super::report::look()))?,
        Format::Csv => bail!("a history has no CSV: --format json has every point"),
        Format::Json => print(&serde_json::to_string_pretty(&history)?)?,
    }
    Ok(if history.is_slower() { Exit::Regressed } else { Exit::Ok })
}

/// Accepts the shifts of the chosen cells that begin at a run.
fn bless(history: &History, run: &str, why: &str, (path, text): (&Path, &str)) -> Result<Exit> {
    let cells: Vec<&Cell> = history.series.iter().map(|judged| &judged.series.cell).collect();
    let Some(first) = cells.first() else { bail!("no cell that was asked for has a time in these files") };
    let found: Vec<_> = cells.iter().filter_map(|cell| Some((*cell, history.find(cell, run).ok()?))).collect();
    if found.is_empty() {
        // Of a single cell it is known what there is instead.
        match (cells.len(), history.find(first, run)) {
            (1, Err(why)) => bail!("{why}"),
            _ => bail!("no shift of these cells begins at run {run}; `bench history` shows those that there are"),
        }
    }
    let mut text = text.to_owned();
    for (cell, (judged, shift)) in &found {
        let run = judged.around(shift).map_or_else(|| run.to_owned(), |(_, first)| first.run_id.clone());
        let blessing = Blessing {
            date: crate::text::now().chars().take(10).collect(),
            case: cell.case.clone(),
            target: cell.target.clone(),
            mode: cell.mode,
            run,
            why: why.to_owned(),
        };
        text = blessing.appended_to(&text).map_err(anyhow::Error::msg)?;
    }
    chipmark_reports::out::replace(path, text.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    for (cell, (_, shift)) in &found {
        let change = chipmark_reports::units::change(shift.ratio);
        eprintln!("blessed: {} {} {}, {change}", cell.case, cell.target, cell.mode);
    }
    Ok(Exit::Ok)
}
