//! `bench list`: what there is.

use crate::cli::{Format, List, Listed, Selection};
use crate::program::KNOWN;
use crate::targets::survey;
use crate::{Exit, cases};
use anyhow::{Result, bail};
use chipmark_core::{CaseId, Mode, Tier};
use chipmark_workloads::suite::BUILT_IN;
use chipmark_workloads::{Suite, WorkloadInfo, catalogue, describe, workloads};
use comfy_table::Table;
use serde_json::{Value, json};

pub(crate) fn list(args: &List) -> Result<Exit> {
    let (heads, rows) = match args.what {
        Listed::Workloads => workload_rows(),
        Listed::Cases => case_rows(args)?,
        Listed::Targets => target_rows(args)?,
        Listed::Suites => suite_rows()?,
        Listed::Modes => mode_rows(),
        // A text of its own, whatever the format.
        Listed::Schema => {
            super::print(&chipmark_results::json_schema::text())?;
            return Ok(Exit::Ok);
        }
    };
    super::print(&render(&heads, &rows, args.format)?)?;
    Ok(Exit::Ok)
}

type Rows = (Vec<&'static str>, Vec<Vec<Value>>);

fn workload_rows() -> Rows {
    let catalogue = catalogue(None);
    let row = |w: WorkloadInfo| {
        let cases = catalogue.iter().filter(|info| info.case.workload == w.id).count();
        let dtypes: Vec<&str> = w.dtypes.iter().map(|dtype| dtype.name()).collect();
        vec![json!(w.id), json!(cases), json!(dtypes.join(" ")), json!(w.forms.join("  ")), json!(w.about)]
    };
    (vec!["workload", "cases", "dtypes", "parts", "what it computes"], workloads().into_iter().map(row).collect())
}

fn case_rows(args: &List) -> Result<Rows> {
    let ids: Vec<CaseId> = match &args.suite {
        Some(name) => {
            let selection = Selection { cases: vec![], modes: vec![], dtypes: vec![], tier: args.tier, cora: None };
            cases::select(&Suite::find(name)?, &selection)?.into_iter().map(|planned| planned.case).collect()
        }
        None => {
            let tier = args.tier.unwrap_or(Tier::Full);
            let mut ids: Vec<CaseId> = Vec::new();
            for info in catalogue(None) {
                // Two cases may have the same reduced shape.
                if !ids.contains(info.at(tier)) {
                    ids.push(info.at(tier).clone());
                }
            }
            ids
        }
    };
    let row = |id: &CaseId| {
        let info = describe(id)?;
        let modes: Vec<&str> = info.modes.iter().map(|mode| mode.name()).collect();
        Ok(vec![
            json!(id),
            json!(info.cost.flop),
            json!(info.cost.bytes),
            json!(info.cost.working_set_bytes),
            json!(modes.join(" ")),
        ])
    };
    let rows = ids.iter().map(row).collect::<Result<_>>()?;
    Ok((vec!["case", "flop", "bytes", "working_set_bytes", "modes"], rows))
}

fn target_rows(args: &List) -> Result<Rows> {
    // Those that are not measured by default are listed too.
    let survey = survey(&args.workers, &KNOWN.map(|known| known.name.to_owned()))?;
    let mut rows: Vec<Vec<Value>> = survey
        .available
        .iter()
        .map(|a| vec![json!(a.target), json!("yes"), json!(a.program.shown()), Value::Null])
        .collect();
    rows.extend(survey.missing.iter().map(|m| vec![json!(m.name), json!("no"), json!(m.why), json!(m.remedy)]));
    Ok((vec!["target", "usable", "program, or why not", "add it with"], rows))
}

fn suite_rows() -> Result<Rows> {
    let row = |(name, _): &(&str, &str)| {
        let suite = Suite::find(name)?;
        let none = Selection { cases: vec![], modes: vec![], dtypes: vec![], tier: None, cora: None };
        let planned = cases::select(&suite, &none)?;
        Ok(vec![json!(suite.name), json!(suite.tier), json!(suite.rounds), json!(planned.len()), json!(suite.about)])
    };
    let rows = BUILT_IN.iter().map(row).collect::<Result<_>>()?;
    Ok((vec!["suite", "tier", "rounds", "cases", "what it is for"], rows))
}

fn mode_rows() -> Rows {
    let rows = Mode::ALL.into_iter().map(|mode| vec![json!(mode), json!(mode.about())]).collect();
    (vec!["mode", "what is timed"], rows)
}

/// One set of rows as a table, JSON objects or CSV.
pub(crate) fn render(heads: &[&str], rows: &[Vec<Value>], format: Format) -> Result<String> {
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match format {
        Format::Table => {
            let mut table = Table::new();
            table.load_style(comfy_table::presets::NOTHING).set_header(heads.iter().copied());
            for row in rows {
                table.add_row(row.iter().map(text));
            }
            Ok(table.lines().map(|line| line.trim_end().to_owned() + "\n").collect())
        }
        Format::Json => {
            let object = |row: &Vec<Value>| -> Value {
                heads.iter().map(|head| head.replace([',', ' '], "_").replace("__", "_")).zip(row.clone()).collect()
            };
            Ok(serde_json::to_string_pretty(&rows.iter().map(object).collect::<Vec<_>>())?)
        }
        Format::Csv => bail!("lists come as a table or as JSON"),
    }
}
