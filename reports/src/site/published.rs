//! The page of what others published: whose it is, under which licence, and what is known to be wrong with it.

use super::gather::Site;
use super::shell::Shell;
use crate::units;
use askama::Template;
use chipmark_results::imported::{Fault, ImportedTable};
use std::collections::BTreeMap;

/// Every published figure, from the site's root.
pub(super) const CSV: &str = "data/published.csv";

#[derive(Template)]
#[template(path = "site/published.html")]
pub(super) struct Published {
    shell: Shell,
    sources: Vec<SourceView>,
    faults: Vec<(&'static str, &'static str, usize)>,
    tables: Vec<TableLine>,
    means: Vec<MeanLine>,
}

/// A source, each once.
struct SourceView {
    title: String,
    url: String,
    licence: String,
}

/// A table.
struct TableLine {
    chip_page: String,
    chip: String,
    heading: String,
    versions: String,
    figures: usize,
    without_time: usize,
    faulty: usize,
}

/// A mean over the shapes of an op, as it was printed.
struct MeanLine {
    chip: String,
    workload: String,
    target: String,
    printed: String,
    ns: String,
    faults: Vec<&'static str>,
}

impl Published {
    pub(super) fn new(site: &Site<'_>, shell: Shell) -> Self {
        let mut counts: BTreeMap<Fault, usize> = BTreeMap::new();
        for fault in site.tables.iter().flat_map(|table| &table.figures).flat_map(|figure| &figure.faults) {
            *counts.entry(*fault).or_default() += 1;
        }
        let mut sources: Vec<SourceView> = Vec::new();
        for source in site.tables.iter().map(|table| &table.source) {
            if !sources.iter().any(|known| known.title == source.title && known.url == source.url) {
                sources.push(SourceView {
                    title: source.title.clone(),
                    url: source.url.clone(),
                    licence: source.licence.clone(),
                });
            }
        }
        Published {
            shell,
            sources,
            faults: counts.into_iter().map(|(fault, count)| (fault.name(), fault.about(), count)).collect(),
            tables: site.tables.iter().enumerate().map(|(at, table)| table_line(site, at, table)).collect(),
            means: site.tables.iter().flat_map(means).collect(),
        }
    }
}

fn table_line(site: &Site<'_>, at: usize, table: &ImportedTable) -> TableLine {
    let machine = site.machines.iter().find(|machine| machine.tables.contains(&at));
    let versions = table.versions.iter().map(|(framework, version)| format!("{framework} {version}"));
    TableLine {
        chip_page: machine.map(|machine| format!("chips/{}.html", machine.slug)).unwrap_or_default(),
        chip: machine.map(super::gather::Machine::title).unwrap_or_default(),
        heading: table.heading.clone(),
        versions: versions.collect::<Vec<_>>().join(", "),
        figures: table.figures.len(),
        without_time: table.figures.iter().filter(|figure| figure.time_ns.is_none()).count(),
        faulty: table.figures.iter().filter(|figure| !figure.faults.is_empty()).count(),
    }
}

fn means(table: &ImportedTable) -> impl Iterator<Item = MeanLine> {
    table.figures.iter().filter(|figure| figure.case.is_none()).map(|figure| MeanLine {
        chip: table.machine.chip.clone(),
        workload: figure.workload.clone(),
        target: figure.target.to_string(),
        printed: figure.time_ns.map_or_else(|| figure.printed.clone(), units::time),
        ns: figure.time_ns.map(|ns| format!("{ns:.0}")).unwrap_or_default(),
        faults: figure.faults.iter().map(|fault| fault.name()).collect(),
    })
}
