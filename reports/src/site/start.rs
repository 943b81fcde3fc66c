//! The first page: the chips, what was measured on each, and how the frameworks stand there.

use super::gather::{Machine, Site};
use super::shell::Shell;
use super::speed::Speed;
use crate::svg::Chart;
use crate::{ReportError, words};
use askama::Template;
use chipmark_results::contribution::Trust;

#[derive(Template)]
#[template(path = "site/start.html")]
pub(super) struct Start<'a> {
    shell: Shell,
    site: &'a Site<'a>,
    chips: Vec<ChipRow>,
    /// The subjects that any chip has a speed-up of, in the order of the columns.
    columns: Vec<String>,
    /// Whether anything was contributed.
    has_trust: bool,
    chart: Option<Chart>,
    ops: Vec<OpRow>,
}

/// A chip in the list of all.
struct ChipRow {
    page: String,
    name: String,
    detail: String,
    status: &'static str,
    /// How far its latest run is to be trusted.
    trust: Option<Trust>,
    /// When it was last measured.
    date: String,
    cases: usize,
    /// By column.
    speeds: Vec<Option<Speed>>,
}

/// A workload in the list of all.
struct OpRow {
    page: String,
    name: String,
    cases: usize,
    chips: usize,
}

impl ChipRow {
    /// The first word of its name: who makes it.
    fn maker(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or("")
    }
}

impl<'a> Start<'a> {
    /// `speeds` are those of each machine, in their order.
    pub(super) fn new(site: &'a Site<'a>, speeds: &[Vec<(usize, Speed)>], shell: Shell) -> Result<Self, ReportError> {
        let used: Vec<usize> =
            (0..site.subjects.len()).filter(|at| speeds.iter().flatten().any(|(subject, _)| subject == at)).collect();
        let chips = site.machines.iter().zip(speeds).map(|(machine, speeds)| chip_row(site, machine, speeds, &used));
        let chips: Vec<ChipRow> = chips.collect();
        let name = |at: &usize| site.subjects.get(*at).map(ToString::to_string).unwrap_or_default();
        Ok(Start {
            columns: used.iter().map(name).collect(),
            has_trust: site.report.runs.iter().any(|run| run.trust.is_some()),
            chart: super::charts::speed_ups(site, speeds)?,
            ops: op_rows(site),
            chips,
            site,
            shell,
        })
    }

    /// What is on the site, in one line.
    fn lede(&self) -> String {
        let measured = self.site.machines.iter().filter(|machine| machine.is_measured()).count();
        let published = self.site.machines.len() - measured;
        let mut parts = Vec::new();
        if measured > 0 {
            parts.push(format!("{} cells timed on {}", self.site.timed(), words::counted(measured, "chip")));
        }
        if published > 0 {
            parts.push(format!(
                "{} figures that others published, of {}",
                self.site.published(),
                words::counted(published, "chip")
            ));
        }
        parts.join(" · ")
    }
}

fn chip_row(site: &Site<'_>, machine: &Machine<'_>, speeds: &[(usize, Speed)], used: &[usize]) -> ChipRow {
    let latest = machine.runs.first().and_then(|run| site.report.runs.get(*run));
    let imported = (!machine.is_measured()).then_some(Trust::Imported);
    let of = |subject: &usize| speeds.iter().find(|(at, _)| at == subject).map(|(_, speed)| speed.clone());
    ChipRow {
        page: format!("chips/{}.html", machine.slug),
        name: machine.name.clone(),
        detail: machine.detail.clone(),
        trust: machine.runs.first().map_or(imported, |run| site.trust(*run)),
        status: if machine.is_measured() { "measured" } else { "published" },
        date: latest.map(|run| run.run.started_at.chars().take(10).collect()).unwrap_or_default(),
        cases: machine.cases().map(|(_, case)| case.id).collect::<std::collections::BTreeSet<_>>().len(),
        speeds: used.iter().map(of).collect(),
    }
}

/// The list of all workloads.
#[derive(Template)]
#[template(path = "site/ops.html")]
pub(super) struct Ops {
    shell: Shell,
    ops: Vec<OpRow>,
}

impl Ops {
    pub(super) fn new(site: &Site<'_>, shell: Shell) -> Self {
        Ops { shell, ops: op_rows(site) }
    }
}

fn op_rows(site: &Site<'_>) -> Vec<OpRow> {
    let of = |(workload, slug): (&&str, &String)| {
        let groups =
            || site.machines.iter().map(|machine| machine.groups.iter().filter(|group| group.workload == *workload));
        let cases: std::collections::BTreeSet<_> =
            groups().flat_map(|groups| groups.flat_map(|group| group.cases.iter().map(|case| case.id))).collect();
        OpRow {
            page: format!("ops/{slug}.html"),
            name: (*workload).to_owned(),
            cases: cases.len(),
            chips: groups().filter(|groups| groups.clone().next().is_some()).count(),
        }
    };
    site.workload_slugs.iter().map(of).collect()
}
