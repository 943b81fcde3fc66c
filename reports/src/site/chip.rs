//! A machine's page: how the targets stand there, op by op, with transfers, the roofline, memory, first calls and energy where
//! they are known.

use super::charts;
use super::gather::{Case, Group, Machine, Site, Value};
use super::row::{Row, rows};
use super::rows_table::Columns;
use super::shell::Shell;
use super::speed::Speed;
use crate::svg::Chart;
use crate::{ReportError, units, words};
use askama::Template;
use chipmark_core::Mode;
use chipmark_results::contribution::Trust;
use chipmark_results::imported::Fault;
use chipmark_results::stats::summary::geometric_mean;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Template)]
#[template(path = "site/chip.html")]
pub(super) struct ChipPage<'a> {
    shell: Shell,
    machine: &'a Machine<'a>,
    notices: Vec<String>,
    runs: Vec<RunLine>,
    speeds: Vec<(String, Speed)>,
    parts: Vec<Part>,
    table_id: &'static str,
    caption: String,
    columns: Columns,
    rows: Vec<Row>,
}

/// A run in the list of all.
struct RunLine {
    page: String,
    date: String,
    about: String,
    command: String,
    trust: Option<(Trust, String)>,
}

/// A part of the page.
struct Part {
    id: String,
    title: String,
    about: String,
    charts: Vec<Chart>,
    table: Option<Table>,
}

/// A small table: so many columns of texts, then figures.
struct Table {
    texts: usize,
    heads: Vec<String>,
    lines: Vec<Vec<String>>,
}

impl<'a> ChipPage<'a> {
    pub(super) fn new(
        site: &'a Site<'a>,
        machine: &'a Machine<'a>,
        speeds: &[(usize, Speed)],
        shell: Shell,
    ) -> Result<Self, ReportError> {
        let mut all = Vec::new();
        for (group, case) in machine.cases() {
            all.extend(rows(site, machine, group.mode, case));
        }
        let mut parts = Vec::new();
        parts.extend(overview(site, machine)?);
        parts.extend(training(site, machine)?);
        parts.extend(transfer(site, machine)?);
        parts.extend(roofline(site, machine)?);
        for group in machine.groups.iter().filter(|group| matches!(group.mode, Mode::Latency | Mode::FirstCall)) {
            parts.extend(bars(site, group)?);
        }
        let named = |(at, speed): &(usize, Speed)| Some((site.subjects.get(*at)?.to_string(), speed.clone()));
        Ok(ChipPage {
            shell,
            machine,
            notices: notices(site, machine),
            runs: run_lines(site, machine),
            speeds: speeds.iter().filter_map(named).collect(),
            parts,
            table_id: "figures-of-chip",
            caption: format!("All figures of {}", machine.title()),
            columns: Columns::of(&all).with_workload(),
            rows: all,
        })
    }
}

/// What to know first: of the machine's latest run, and of what others published.
fn notices(site: &Site<'_>, machine: &Machine<'_>) -> Vec<String> {
    let latest = machine.runs.first().and_then(|run| site.report.runs.get(*run));
    let mut notices: Vec<String> = latest.map(|run| run.notices.clone()).unwrap_or_default();
    let tables: BTreeSet<&str> =
        machine.tables.iter().filter_map(|at| Some(site.tables.get(*at)?.source.title.as_str())).collect();
    for title in tables {
        notices.push(format!("published by others, not checked, and drawn hollow: {title}"));
    }
    let faults: BTreeSet<Fault> = machine
        .cases()
        .flat_map(|(_, case)| &case.figures)
        .filter_map(|(_, value)| match value {
            Value::Imported(_, figure) => Some(figure.faults.iter().copied()),
            Value::Measured(..) => None,
        })
        .flatten()
        .collect();
    notices.extend(faults.into_iter().map(|fault| format!("{}: {}", fault.name(), fault.about())));
    notices
}

fn run_lines(site: &Site<'_>, machine: &Machine<'_>) -> Vec<RunLine> {
    let line = |at: &usize| {
        let run = site.report.runs.get(*at)?;
        Some(RunLine {
            page: format!("runs/{}.html", site.run_slugs.get(*at)?),
            date: run.run.started_at.clone(),
            about: format!("{} · {} of {} cells timed", words::run(&run.run), run.timed, run.planned),
            command: run.command_line.clone(),
            trust: words::trust(run),
        })
    };
    machine.runs.iter().filter_map(line).collect()
}

/// Op by target: how many times the fastest each took, as a geometric mean over the op's cases.
fn overview(site: &Site<'_>, machine: &Machine<'_>) -> Result<Option<Part>, ReportError> {
    let latency: Vec<&Group<'_>> = machine.groups.iter().filter(|group| group.mode == Mode::Latency).collect();
    let used: BTreeSet<usize> =
        latency.iter().flat_map(|group| &group.cases).flat_map(|case| case.figures.iter().map(|(at, _)| *at)).collect();
    if latency.is_empty() || used.len() < 2 {
        return Ok(None);
    }
    let used: Vec<usize> = used.into_iter().collect();
    let name = |at: &usize| site.subjects.get(*at).map(ToString::to_string).unwrap_or_default();
    let lines: Vec<charts::HeatLine> = latency.iter().map(|group| heat_line(group, &used)).collect();
    let shown = |line: &charts::HeatLine| {
        let texts = line.places.iter().map(charts::HeatPlace::shown);
        std::iter::once(line.workload.clone()).chain(texts).collect()
    };
    let columns: Vec<String> = used.iter().map(name).collect();
    Ok(Some(Part {
        id: "overview".to_owned(),
        title: "Op by target".to_owned(),
        about: "How many times the fastest target's time each took, in latency: the geometric mean over the op's cases that all targets \
                with a time have. Published figures are told as they are, in the mean of their times, and compared with nothing; † is known to be wrong."
            .to_owned(),
        charts: charts::heat_map(&columns, &lines)?.into_iter().collect(),
        table: Some(Table {
            texts: 1,
            heads: std::iter::once("Op".to_owned()).chain(columns).collect(),
            lines: lines.iter().map(shown).collect(),
        }),
    }))
}

fn heat_line(group: &Group<'_>, used: &[usize]) -> charts::HeatLine {
    let timed = |subject: usize| {
        group.cases.iter().filter(move |case| case.value(subject).is_some_and(|v| v.ranked().is_some()))
    };
    let ranked: Vec<usize> = used.iter().copied().filter(|subject| timed(*subject).next().is_some()).collect();
    let common: Vec<&Case<'_>> = group
        .cases
        .iter()
        .filter(|case| ranked.iter().all(|subject| case.value(*subject).is_some_and(|value| value.ranked().is_some())))
        .collect();
    let of = |subject: &usize| {
        let values = || group.cases.iter().filter_map(move |case| case.value(*subject));
        let composed = values().any(|value| value.ranked().is_some_and(|cell| cell.composed));
        let doubtful = values().any(|value| value.ranked().is_some_and(|cell| !cell.result.flags.is_empty()));
        if ranked.contains(subject) {
            let ratio = |case: &&Case<'_>| Some(case.value(*subject)?.ns()? / case.fastest_ns()?);
            let ratios: Vec<f64> = common.iter().filter_map(ratio).collect();
            return match geometric_mean(&ratios) {
                Some(ratio) => charts::HeatPlace::Ratio { ratio, cases: ratios.len(), composed, doubtful },
                None => charts::HeatPlace::Word("no case in common".to_owned()),
            };
        }
        let published: Vec<f64> = values().filter(|value| value.is_imported()).filter_map(Value::ns).collect();
        if let Some(ns) = geometric_mean(&published) {
            let faulty = values().any(|value| value.is_faulty() && value.ns().is_some());
            return charts::HeatPlace::Published { ns, faulty };
        }
        let word = values().next().map(|value| match value {
            Value::Measured(_, cell) => cell.result.outcome.to_string(),
            Value::Imported(_, figure) => format!("printed as {}", figure.printed),
        });
        charts::HeatPlace::Word(word.unwrap_or_else(|| "–".to_owned()))
    };
    charts::HeatLine { workload: group.workload.to_owned(), places: used.iter().map(of).collect() }
}

/// The training epoch, with and without its data's way to the device.
fn training(site: &Site<'_>, machine: &Machine<'_>) -> Result<Option<Part>, ReportError> {
    let is_of = |workload: &str| workload == "gcn_epoch";
    let table = with_and_without(site, machine, is_of);
    let charts: Vec<Chart> = charts::stages(site, machine, is_of)?.into_iter().collect();
    Ok(table.map(|table| Part {
        id: "training".to_owned(),
        title: "A training epoch of a graph network".to_owned(),
        about: "One epoch with the data on the device (latency), and with its way there and back (transfer)."
            .to_owned(),
        charts,
        table: Some(table),
    }))
}

/// What the way to the device and back costs.
fn transfer(site: &Site<'_>, machine: &Machine<'_>) -> Result<Option<Part>, ReportError> {
    let is_of = |workload: &str| workload != "gcn_epoch";
    let table = with_and_without(site, machine, is_of);
    let charts: Vec<Chart> = charts::stages(site, machine, is_of)?.into_iter().collect();
    Ok(table.map(|table| Part {
        id: "transfer".to_owned(),
        title: "With and without the transfer".to_owned(),
        about: "The same call with its inputs on the device (latency), and from host memory to host memory (transfer)."
            .to_owned(),
        charts,
        table: Some(table),
    }))
}

/// The cases that were measured in mode transfer, beside their latency.
fn with_and_without(site: &Site<'_>, machine: &Machine<'_>, is_of: impl Fn(&str) -> bool) -> Option<Table> {
    let mut found: BTreeMap<(&str, String, usize), [Option<f64>; 2]> = BTreeMap::new();
    for (group, case) in machine.cases().filter(|(group, _)| is_of(group.workload)) {
        let place = match group.mode {
            Mode::Latency => 0,
            Mode::Transfer => 1,
            Mode::Throughput | Mode::FirstCall => continue,
        };
        for (subject, value) in &case.figures {
            let times = found.entry((group.workload, case.id.to_string(), *subject)).or_default();
            if let Some(time) = times.get_mut(place) {
                *time = value.ns();
            }
        }
    }
    // An epoch is told in either mode; of an op, only what both were measured of.
    let keeps = |workload: &str, times: &[Option<f64>; 2]| match workload {
        "gcn_epoch" => times.iter().any(Option::is_some),
        _ => times.iter().all(Option::is_some),
    };
    let time = |ns: Option<f64>| ns.map(units::time).unwrap_or_default();
    let lines: Vec<Vec<String>> = found
        .into_iter()
        .filter(|((workload, ..), times)| keeps(workload, times))
        .map(|((_, case, subject), [without, with])| {
            let cost = without.zip(with).map(|(without, with)| units::factor(with / without)).unwrap_or_default();
            let subject = site.subjects.get(subject).map(ToString::to_string).unwrap_or_default();
            vec![case, subject, time(without), time(with), cost]
        })
        .collect();
    let heads = ["Case", "Target", "Without transfer", "With transfer", "With / without"].map(str::to_owned).to_vec();
    (!lines.is_empty()).then_some(Table { texts: 2, heads, lines })
}

/// How far from the roof the cells are.
fn roofline(site: &Site<'_>, machine: &Machine<'_>) -> Result<Option<Part>, ReportError> {
    let charts = charts::rooflines(site, machine)?;
    Ok((!charts.is_empty()).then(|| Part {
        id: "roofline".to_owned(),
        title: "Roofline".to_owned(),
        about: format!(
            "Each point is a case on a target, in latency. The table of all figures has the shares {}.",
            words::ROOF
        ),
        charts,
        table: None,
    }))
}

/// Each case of a workload by target.
fn bars(site: &Site<'_>, group: &Group<'_>) -> Result<Option<Part>, ReportError> {
    let Some(chart) = charts::bars(site, group)? else { return Ok(None) };
    let title = match group.mode {
        Mode::FirstCall => format!("{}: first call", group.workload),
        _ => group.workload.to_owned(),
    };
    Ok(Some(Part {
        id: format!("bars-{}-{}", group.mode.name(), group.workload),
        title,
        about: String::new(),
        charts: vec![chart],
        table: None,
    }))
}
