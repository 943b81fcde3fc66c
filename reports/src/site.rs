//! A static site of many runs and of published tables: a page for each chip, each workload, each pair of chips and each run, that
//! need nothing else and read without JavaScript.

mod charts;
mod chip;
mod files;
mod gather;
mod history;
mod how;
mod op;
mod pair;
mod published;
mod row;
mod rows_table;
mod runs;
mod shell;
mod slug;
mod speed;
mod start;

use crate::model::Report;
use crate::{ReportError, csv};
use chipmark_results::contribution::Withdrawal;
use chipmark_results::history::History;
use chipmark_results::imported::ImportedTable;
use files::Files;
use gather::Site;
use rayon::prelude::*;
use shell::rendered;
use std::path::{Path, PathBuf};

pub(crate) use files::end_site;
pub(crate) use row::Row;
pub(crate) use rows_table::Columns;
pub(crate) use shell::Shell;

/// Every figure of a report's runs, for a page that stands by itself.
pub(crate) fn all_rows(report: &Report) -> Vec<Row> {
    let site = Site::new(report, &[]);
    let of = |machine: &gather::Machine<'_>| -> Vec<Row> {
        machine.cases().flat_map(|(group, case)| row::rows(&site, machine, group.mode, case)).collect()
    };
    site.machines.iter().flat_map(of).collect()
}

/// What a site is made of.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// What was measured.
    pub report: &'a Report,
    /// Where each run's results file is, in the order of the report: they are put on the site to be downloaded.
    pub raw: &'a [PathBuf],
    /// What others published.
    pub published: &'a [ImportedTable],
    /// How times went from run to run.
    pub history: Option<&'a History>,
    /// What was withdrawn: it is listed, and counts nowhere.
    pub withdrawn: &'a [Withdrawal],
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenSite {
    /// The first page.
    pub start: PathBuf,
    /// How many pages there are.
    pub pages: usize,
    /// How many bytes all files have, the raw ones left out.
    pub bytes: u64,
}

/// Writes a site into a folder, which is made if it is not there. Pages of an earlier site there that this one has no longer are
/// taken away; any other file stays.
///
/// # Errors
/// When a page cannot be rendered or the folder cannot be written.
pub fn write_site(material: &Material<'_>, dir: impl AsRef<Path>) -> Result<WrittenSite, ReportError> {
    let site = Site::new(material.report, material.published);
    let files = Files::new(dir.as_ref())?;
    let has_history = material.history.is_some_and(|history| !history.series.is_empty());
    let has_published = !material.published.is_empty();
    let shell = |part, root, title: &str| Shell { title: title.to_owned(), root, part, has_history, has_published };

    let pairs = pair::pairs(&site);
    let speeds: Vec<_> = site.machines.par_iter().map(|machine| speed::speeds(&site, machine)).collect();
    files.put("index.html", &rendered(&start::Start::new(&site, &speeds, shell("start", "", "Chips"))?)?)?;
    files.put("ops.html", &rendered(&start::Ops::new(&site, shell("ops", "", "Ops, layers and models")))?)?;
    files.put(
        "compare.html",
        &rendered(&pair::Compare::new(&site, &pairs, shell("compare", "", "Chip against chip")))?,
    )?;
    files.put("how.html", &rendered(&how::How::new(shell("how", "", "How it is measured")))?)?;
    if has_published {
        files.put(
            "published.html",
            &rendered(&published::Published::new(&site, shell("published", "", "Published figures")))?,
        )?;
        files.put(published::CSV, &csv::published(material.published)?)?;
    }
    if let Some(history) = material.history.filter(|_| has_history) {
        let page = history::HistoryPage::new(&site, history, shell("history", "", "History"))?;
        files.put("history.html", &rendered(&page)?)?;
    }
    // Most of the time goes here, and no page needs another.
    site.machines.par_iter().zip(&speeds).try_for_each(|(machine, speeds)| {
        let page = chip::ChipPage::new(&site, machine, speeds, shell("chips", "../", &machine.title()))?;
        files.put(&format!("chips/{}.html", machine.slug), &rendered(&page)?)
    })?;
    site.workload_slugs.par_iter().try_for_each(|(workload, slug)| {
        let page = op::OpPage::new(&site, workload, shell("ops", "../", workload))?;
        files.put(&format!("ops/{slug}.html"), &rendered(&page)?)
    })?;
    pairs.par_iter().try_for_each(|pair| {
        match pair::PairPage::new(&site, pair, shell("compare", "../", "Chip against chip"))? {
            Some(page) => files.put(&pair.page, &rendered(&page)?),
            None => Ok(()),
        }
    })?;
    material.report.runs.par_iter().zip(&site.run_slugs).try_for_each(|(run, slug)| {
        let page = runs::RunPage::new(run, shell("runs", "../", &run.run.started_at))?;
        files.put(&format!("runs/{slug}.html"), &rendered(&page)?)
    })?;
    files.put("data/report.csv", &csv::csv(material.report)?)?;
    let pages = files.pages();
    let bytes = files.bytes();
    for (slug, path) in site.run_slugs.iter().zip(material.raw) {
        files.copy(&format!("data/{slug}.jsonl"), path)?;
    }
    let published = has_published.then_some(published::CSV);
    let runs = runs::Runs::new(
        &site,
        material.raw.len(),
        published,
        material.withdrawn,
        shell("runs", "", "Runs and downloads"),
    );
    files.put("runs.html", &rendered(&runs)?)?;
    let start = files.finish()?;
    Ok(WrittenSite { start, pages: pages + 1, bytes })
}

#[cfg(test)]
mod tests;
