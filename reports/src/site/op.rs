//! A workload's page: all chips, all shapes, each launch drawn so that the doubt is visible.

use super::gather::{Case, Group, Machine, Site, Value};
use super::row::{Row, rows};
use super::rows_table::Columns;
use super::shell::Shell;
use crate::ReportError;
use crate::svg::Chart;
use askama::Template;
use chipmark_core::{CaseId, Mode};
use std::collections::{BTreeMap, BTreeSet};

/// The most cases of a workload that are drawn. A page of a thousand charts shows nothing.
const MOST_CHARTS: usize = 40;

#[derive(Template)]
#[template(path = "site/op.html")]
pub(super) struct OpPage<'a> {
    shell: Shell,
    name: &'a str,
    /// The faults of its published figures, with what they mean.
    faults: Vec<(&'static str, &'static str)>,
    parts: Vec<Part>,
    /// Cases without a chart.
    left_out: usize,
    table_id: &'static str,
    caption: String,
    columns: Columns,
    rows: Vec<Row>,
}

/// One case in one mode.
struct Part {
    id: String,
    label: String,
    dtype: String,
    mode: &'static str,
    chart: Option<Chart>,
}

/// The figures of a case on the machines that have any.
pub(super) type OnMachines<'s> = Vec<(&'s Machine<'s>, &'s Case<'s>)>;

impl<'a> OpPage<'a> {
    pub(super) fn new(site: &'a Site<'a>, workload: &'a str, shell: Shell) -> Result<Self, ReportError> {
        let of_workload = |machine: &'a Machine<'a>| {
            let groups = machine.groups.iter().filter(|group: &&Group<'_>| group.workload == workload);
            groups.flat_map(move |group| group.cases.iter().map(move |case| (machine, group.mode, case)))
        };
        let mut by_case: BTreeMap<(Mode, &CaseId), OnMachines<'a>> = BTreeMap::new();
        let mut faults = BTreeSet::new();
        let mut all = Vec::new();
        for (machine, mode, case) in site.machines.iter().flat_map(of_workload) {
            by_case.entry((mode, case.id)).or_default().push((machine, case));
            all.extend(rows(site, machine, mode, case));
            for (_, value) in &case.figures {
                if let Value::Imported(_, figure) = value {
                    faults.extend(figure.faults.iter().copied());
                }
            }
        }
        let count = by_case.len();
        let part = |(at, ((mode, case), on)): (usize, ((Mode, &CaseId), OnMachines<'_>))| {
            Ok(Part {
                id: format!("case-{}", at + 1),
                label: case.label.clone(),
                dtype: case.dtype.to_string(),
                mode: mode.name(),
                chart: super::charts::strip(site, case, mode, &on)?,
            })
        };
        let parts = by_case.into_iter().take(MOST_CHARTS).enumerate().map(part).collect::<Result<_, ReportError>>()?;
        Ok(OpPage {
            shell,
            name: workload,
            faults: faults.into_iter().map(|fault| (fault.name(), fault.about())).collect(),
            parts,
            left_out: count.saturating_sub(MOST_CHARTS),
            table_id: "figures-of-op",
            caption: format!("All figures of {workload}"),
            columns: Columns::of(&all).with_machine(),
            rows: all,
        })
    }
}
