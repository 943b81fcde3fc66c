//! `bench rank FILES|FOLDERS…`: who wins, by how much, over what.

use crate::Exit;
use crate::cli::{Format, Rank as Args};
use crate::sources::Sources;
use anyhow::{Result, bail};
use chipmark_results::rank::{Measured, rank as rank_cells};
use chipmark_results::store;
use chipmark_workloads::suite::glob;

pub(crate) fn rank(args: &Args) -> Result<Exit> {
    let patterns = args.cases.iter().map(|pattern| glob(pattern)).collect::<Result<Vec<_>, String>>();
    let patterns = patterns.map_err(|why| anyhow::anyhow!("--case: {why}"))?;
    let mut files = Vec::new();
    for source in super::told(Sources::of(&args.paths)?).results {
        let file = match store::read(&source.path) {
            Ok(file) => file,
            Err(error) if source.is_named => return Err(error.into()),
            Err(error) => {
                eprintln!("left out: {error}");
                continue;
            }
        };
        let mut measured = match Measured::of(&file) {
            Ok(measured) => measured,
            Err(why) => {
                eprintln!("left out: {why}");
                continue;
            }
        };
        measured.cells.retain(|cell| {
            let id = cell.cell.case.to_string();
            let target = cell.cell.target.to_string();
            (patterns.is_empty() || patterns.iter().any(|pattern| pattern.is_match(&id)))
                && (args.modes.is_empty() || args.modes.contains(&cell.cell.mode))
                && (args.targets.is_empty() || args.targets.contains(&target))
        });
        files.push(measured);
    }
    let rankings = rank_cells(&files);
    if rankings.is_empty() {
        bail!("no cell that was asked for has a time in these files");
    }
    let text = match args.format {
        Format::Table => chipmark_reports::ranking::table(&rankings, &super::report::look()),
        Format::Csv => chipmark_reports::ranking::csv(&rankings)?,
        Format::Json => serde_json::to_string_pretty(&rankings)?,
    };
    super::print(&text)?;
    Ok(Exit::Ok)
}
