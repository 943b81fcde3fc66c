//! Chip against chip: the cases that two machines have in common, on the same targets.

use super::gather::{Machine, Site};
use super::rows_table::Columns;
use super::shell::Shell;
use super::speed::{Common, Speed, common, speed};
use crate::svg::{Chart, Mark, Marks};
use crate::{ReportError, units};
use askama::Template;

/// The most machines of which each is set beside each other; beyond it, only those measured here are.
const MOST_MACHINES: usize = 48;

/// The most rows of a page.
const MOST_ROWS: usize = 3000;

/// Two machines that have a case in common, by their places.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) a: usize,
    pub(super) b: usize,
    /// Its page, from the site's root.
    pub(super) page: String,
}

/// The pairs that there are pages of.
pub(super) fn pairs(site: &Site<'_>) -> Vec<Pair> {
    let keys = |machine: &Machine<'_>| {
        let of = |(group, case): (&super::gather::Group<'_>, &super::gather::Case<'_>)| {
            let timed = case.figures.iter().filter(|(_, value)| value.ns().is_some());
            timed.map(|(subject, _)| (group.mode, case.id.clone(), *subject)).collect::<Vec<_>>()
        };
        machine.cases().flat_map(of).collect::<std::collections::HashSet<_>>()
    };
    let few = site.machines.len() <= MOST_MACHINES;
    let chosen: Vec<(usize, &Machine<'_>)> = site
        .machines
        .iter()
        .enumerate()
        .filter(|(_, machine)| few || machine.is_measured())
        .take(MOST_MACHINES)
        .collect();
    let keys: Vec<_> = chosen.iter().map(|(at, machine)| (*at, *machine, keys(machine))).collect();
    let mut pairs = Vec::new();
    for (place, (a, machine_a, keys_a)) in keys.iter().enumerate() {
        for (b, machine_b, keys_b) in keys.iter().skip(place + 1) {
            if keys_a.intersection(keys_b).next().is_some() {
                let page = format!("compare/{}--{}.html", machine_a.slug, machine_b.slug);
                pairs.push(Pair { a: *a, b: *b, page });
            }
        }
    }
    pairs
}

#[derive(Template)]
#[template(path = "site/pair.html")]
pub(super) struct PairPage<'a> {
    shell: Shell,
    a: &'a Machine<'a>,
    b: &'a Machine<'a>,
    speeds: Vec<(String, Speed)>,
    charts: Vec<Chart>,
    table_id: &'static str,
    columns: Columns,
    rows: Vec<PairRow>,
    left_out: usize,
}

/// A cell on both machines.
pub(super) struct PairRow {
    pub(super) workload: String,
    pub(super) label: String,
    pub(super) dtype: String,
    pub(super) mode: &'static str,
    pub(super) subject: usize,
    pub(super) target: String,
    pub(super) ns: [f64; 2],
    pub(super) imported: [bool; 2],
    pub(super) faulty: bool,
    /// Both figures in full.
    pub(super) told: [String; 2],
}

impl PairRow {
    fn times(&self) -> [String; 2] {
        self.ns.map(units::time)
    }

    fn speed_up(&self) -> f64 {
        self.ns[0] / self.ns[1]
    }

    fn shown(&self) -> String {
        units::factor(self.speed_up())
    }

    /// How far the two times are to be trusted.
    pub(super) fn marks(&self) -> Marks {
        let imported = self.imported.contains(&true).then_some(Mark::Imported);
        imported.into_iter().chain(self.faulty.then_some(Mark::Doubtful)).collect()
    }

    fn status(&self) -> &'static str {
        match (self.imported, self.faulty) {
            ([false, false], _) => "measured",
            (_, true) => "published, known to be wrong",
            _ => "published",
        }
    }
}

impl<'a> PairPage<'a> {
    pub(super) fn new(site: &'a Site<'a>, pair: &Pair, shell: Shell) -> Result<Option<Self>, ReportError> {
        let Some((a, b)) = site.machines.get(pair.a).zip(site.machines.get(pair.b)) else { return Ok(None) };
        let cases = common(a, b);
        let mut rows = rows(site, &cases);
        let left_out = rows.len().saturating_sub(MOST_ROWS);
        rows.truncate(MOST_ROWS);
        let subjects = (0..site.subjects.len()).filter_map(|subject| Some((subject, speed(&cases, subject, subject)?)));
        let speeds: Vec<(usize, Speed)> = subjects.collect();
        let charts = [super::charts::pair_speed_ups(site, a, b, &speeds)?, super::charts::scatter(site, a, b, &rows)?];
        let named = |(at, speed): (usize, Speed)| Some((site.subjects.get(at)?.to_string(), speed));
        Ok(Some(PairPage {
            shell,
            a,
            b,
            speeds: speeds.into_iter().filter_map(named).collect(),
            charts: charts.into_iter().flatten().collect(),
            table_id: "pair",
            columns: Columns::default().with_workload(),
            rows,
            left_out,
        }))
    }
}

fn rows(site: &Site<'_>, cases: &Common<'_>) -> Vec<PairRow> {
    let mut rows = Vec::new();
    for (mode, case, other) in cases {
        for (subject, value) in &case.figures {
            let Some(on_b) = other.value(*subject) else { continue };
            let Some((ns_a, ns_b)) = value.ns().zip(on_b.ns()) else { continue };
            rows.push(PairRow {
                workload: case.id.workload.clone(),
                label: case.id.label.clone(),
                dtype: case.id.dtype.to_string(),
                mode: mode.name(),
                subject: *subject,
                target: site.subjects.get(*subject).map(ToString::to_string).unwrap_or_default(),
                ns: [ns_a, ns_b],
                imported: [value.is_imported(), on_b.is_imported()],
                faulty: value.is_faulty() || on_b.is_faulty(),
                told: [value, on_b].map(super::charts::told),
            });
        }
    }
    rows
}

/// The page that leads to the pairs.
#[derive(Template)]
#[template(path = "site/compare.html")]
pub(super) struct Compare<'a> {
    shell: Shell,
    site: &'a Site<'a>,
    pairs: &'a [Pair],
}

impl<'a> Compare<'a> {
    pub(super) fn new(site: &'a Site<'a>, pairs: &'a [Pair], shell: Shell) -> Self {
        Compare { shell, site, pairs }
    }

    fn title(&self, machine: &usize) -> String {
        self.site.machines.get(*machine).map(Machine::title).unwrap_or_default()
    }

    fn slug(&self, machine: &usize) -> &str {
        self.site.machines.get(*machine).map_or("", |machine| &machine.slug)
    }

    /// The machines that any pair has.
    fn machines(&self) -> Vec<usize> {
        let used: std::collections::BTreeSet<usize> = self.pairs.iter().flat_map(|pair| [pair.a, pair.b]).collect();
        used.into_iter().collect()
    }

    /// The pairs of one machine, each with the other.
    fn of(&self, machine: &usize) -> Vec<(usize, &Pair)> {
        let other =
            |pair: &&Pair| if pair.a == *machine { Some(pair.b) } else { (pair.b == *machine).then_some(pair.a) };
        self.pairs.iter().filter_map(|pair| Some((other(&pair)?, pair))).collect()
    }
}
