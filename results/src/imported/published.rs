//! Published tables that somebody wrote down in a TOML file, of whatever source: `[source]` once, then a `[[table]]` for each
//! machine with its figures. `suite/docs/HISTORICAL.md` describes the keys.

use super::printed::{Printed, Unit};
use super::slug::slug;
use super::valid;
use super::{Fault, Figure, ImportedTable, MAX_FIGURES, PublishedMachine, Source, Statistic};
use crate::file_error::FileError;
use crate::toml_text;
use chipmark_core::{CaseId, Mode, Target};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    source: SourceRow,
    #[serde(default)]
    defaults: Defaults,
    table: Vec<Spanned<TableRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceRow {
    title: String,
    url: String,
    licence: String,
    authors: String,
}

/// What holds for every figure that does not say otherwise.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    #[serde(default)]
    unit: Unit,
    statistic: Option<Statistic>,
    workload: Option<String>,
    case: Option<CaseId>,
    mode: Option<Mode>,
    #[serde(default)]
    faults: BTreeSet<Fault>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableRow {
    heading: String,
    chip: String,
    cores: Option<String>,
    gpu_cores: Option<u32>,
    memory_gib: Option<u32>,
    card_memory_gib: Option<u32>,
    host: Option<String>,
    kind: Option<String>,
    #[serde(default)]
    versions: BTreeMap<String, String>,
    figures: Vec<Spanned<FigureRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FigureRow {
    workload: Option<String>,
    case: Option<CaseId>,
    target: Target,
    mode: Option<Mode>,
    printed: String,
    /// Those of the defaults beside them.
    #[serde(default)]
    faults: BTreeSet<Fault>,
}

/// What a figure may be of.
pub struct Known<'a> {
    /// Whether this is a case of ours.
    pub is_case: &'a dyn Fn(&CaseId) -> bool,
    /// Whether this is a workload of ours.
    pub is_workload: &'a dyn Fn(&str) -> bool,
}

/// Reads a file of published tables; `path` is what errors name.
///
/// # Errors
/// The first line that cannot be read: an unknown key, workload, case, target or fault, a time that is none, or a text that
/// cannot be kept.
pub fn parse(path: &Path, text: &str, known: &Known<'_>) -> Result<Vec<ImportedTable>, FileError> {
    let line_of = |start: usize| toml_text::line_of(text, start);
    let document: Document = toml_text::parse(text).map_err(|(line, what)| FileError::line(path, line, what))?;
    let Document { source, defaults, table: tables } = document;
    let SourceRow { title, url, licence, authors } = source;
    let source = Source { title, url, licence, authors };
    if tables.is_empty() {
        return Err(FileError::file(path, "there is no table in it"));
    }
    tables
        .into_iter()
        .map(|row| {
            let line = line_of(row.span().start);
            let row = row.into_inner();
            if row.figures.is_empty() || row.figures.len() > MAX_FIGURES {
                return Err(FileError::line(path, line, format!("a table has 1 to {MAX_FIGURES} figures")));
            }
            let (mut table, rows) = table(row, &source, &defaults).map_err(|what| FileError::line(path, line, what))?;
            for row in rows {
                let line = line_of(row.span().start);
                let figure = figure(row.into_inner(), &defaults, known);
                table.figures.push(figure.map_err(|what| FileError::line(path, line, what))?);
            }
            Ok(table)
        })
        .collect()
}

/// A table without its figures, and their rows.
fn table(
    row: TableRow,
    source: &Source,
    defaults: &Defaults,
) -> Result<(ImportedTable, Vec<Spanned<FigureRow>>), String> {
    let TableRow { heading, chip, cores, gpu_cores, memory_gib, card_memory_gib, host, kind, versions, figures } = row;
    let bytes = |gib: u32| u64::from(gib) << 30;
    let table = ImportedTable {
        path: PathBuf::from(format!("{}.jsonl", slug(&heading)?)),
        source: source.clone(),
        heading,
        machine: PublishedMachine {
            chip,
            cores,
            gpu_cores,
            memory_bytes: memory_gib.map(bytes),
            card_memory_bytes: card_memory_gib.map(bytes),
            host,
            kind,
        },
        versions,
        statistic: defaults.statistic.unwrap_or(Statistic::Unstated),
        figures: Vec::new(),
    };
    valid::head(&table)?;
    Ok((table, figures))
}

fn figure(row: FigureRow, defaults: &Defaults, known: &Known<'_>) -> Result<Figure, String> {
    // What the row says of either goes before the defaults.
    let (case, workload) = match (row.case, row.workload) {
        (None, None) => (defaults.case.clone(), defaults.workload.clone()),
        said => said,
    };
    let workload = match (&case, workload) {
        (Some(case), None) => case.workload.clone(),
        (_, Some(workload)) => workload,
        (None, None) => return Err("a figure of no case: write case = \"WORKLOAD/SHAPES/DTYPE\"".to_owned()),
    };
    let printed = Printed::parse(&row.printed, defaults.unit)?;
    let figure = Figure {
        workload,
        case,
        target: row.target,
        mode: row.mode.or(defaults.mode).unwrap_or(Mode::Latency),
        time_ns: printed.time_ns(),
        outcome: printed.outcome(),
        faults: row.faults.into_iter().chain(defaults.faults.iter().copied()).chain(printed.fault()).collect(),
        printed: row.printed,
    };
    valid::figure(&figure)?;
    match &figure.case {
        Some(case) if !(known.is_case)(case) => Err(format!("unknown case '{case}'")),
        None if !(known.is_workload)(&figure.workload) => Err(format!("unknown workload '{}'", figure.workload)),
        _ => Ok(figure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imported::ImportedOutcome;

    const HEAD: &str =
        "[source]\ntitle = \"A page\"\nurl = \"https://example.org/page\"\nlicence = \"CC0\"\nauthors = \"A\"\n";

    fn parsed(text: &str) -> Result<Vec<ImportedTable>, String> {
        let known = Known { is_case: &|case| case.workload != "nothing", is_workload: &|name| name == "softmax" };
        parse(Path::new("t.toml"), text, &known).map_err(|error| error.to_string())
    }

    fn one(figure: &str) -> Result<Vec<ImportedTable>, String> {
        parsed(&format!("{HEAD}[[table]]\nheading = \"M1\"\nchip = \"Apple M1\"\nfigures = [\n  {figure},\n]\n"))
    }

    #[test]
    fn a_file_gives_a_table_for_each_machine() {
        let text = format!(
            "{HEAD}[defaults]\nunit = \"us\"\nstatistic = \"median\"\ncase = \"gcn_epoch/dense-4n/f32\"\n\
             faults = [\"transfer-not-timed\"]\n\
             [[table]]\nheading = \"The M1, at home\"\nchip = \"Apple M1\"\nmemory_gib = 16\nversions = {{ mlx = \"0.1.0\" }}\n\
             figures = [\n  {{ target = \"mlx:gpu\", printed = \"9.02\" }},\n\
             \x20 {{ workload = \"softmax\", target = \"tch:cpu\", printed = \"nan\", mode = \"first-call\" }},\n]\n\
             [[table]]\nheading = \"Card\"\nchip = \"NVIDIA H200\"\nhost = \"A host\"\n\
             figures = [{{ target = \"tch:cuda:0\", printed = \"0.0\" }}]\n"
        );
        let tables = parsed(&text).unwrap();
        let [m1, card] = tables.as_slice() else { panic!("{tables:?}") };
        assert_eq!((m1.path.to_str(), card.path.to_str()), (Some("the-m1-at-home.jsonl"), Some("card.jsonl")));
        assert_eq!((m1.machine.memory_bytes, m1.statistic), (Some(16 << 30), Statistic::Median));
        assert_eq!(m1.versions.get("mlx").map(String::as_str), Some("0.1.0"));
        let [mlx, tch] = m1.figures.as_slice() else { panic!("{m1:?}") };
        assert_eq!((mlx.time_ns, mlx.subject().as_str()), (Some(9020.0), "gcn_epoch/dense-4n/f32"));
        assert_eq!((mlx.mode, mlx.faults.len()), (Mode::Latency, 1));
        assert_eq!((tch.case.as_ref(), tch.outcome, tch.mode), (None, ImportedOutcome::PrintedAsNan, Mode::FirstCall));
        assert_eq!(
            card.figures[0].faults.iter().copied().collect::<Vec<_>>(),
            [Fault::TransferNotTimed, Fault::BelowResolution]
        );
        // Each can be written and read.
        tables.iter().for_each(|table| assert!(table.text().is_ok(), "{table:?}"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (figure, says) in [
            (
                "{ case = \"nothing/4/f32\", target = \"mlx:gpu\", printed = \"1\" }",
                "t.toml:10: unknown case 'nothing/4/f32'",
            ),
            ("{ workload = \"relu\", target = \"mlx:gpu\", printed = \"1\" }", "t.toml:10: unknown workload 'relu'"),
            ("{ target = \"mlx:gpu\", printed = \"1\" }", "t.toml:10: a figure of no case"),
            ("{ workload = \"softmax\", target = \"mlx:gpu\", printed = \"-1\" }", "t.toml:10: '-1' is no time"),
            ("{ workload = \"softmax\", target = \"mlx\", printed = \"1\" }", "t.toml:10: 'mlx' is not a target"),
            (
                "{ workload = \"softmax\", target = \"mlx:gpu\", printed = \"1\", faults = [\"x\"] }",
                "t.toml:10: unknown variant",
            ),
            ("{ workload = \"softmax\", target = \"mlx:gpu\", printed = 1 }", "t.toml:10: invalid type"),
            ("{ workload = \"softmax\", target = \"mlx:gpu\", time = \"1\" }", "t.toml:10: unknown field `time`"),
            (
                "{ workload = \"sum\", case = \"relu/4/f32\", target = \"mlx:gpu\", printed = \"1\" }",
                "is none of the workload sum",
            ),
        ] {
            let why = one(figure).unwrap_err();
            assert!(why.contains(says) && !why.contains('\n'), "{why}");
        }
        for (from, to, says) in [
            ("https:", "javascript:", "no address"),
            ("A page", "A\u{202e}page", "no plain text"),
            ("A page", "", "the title is empty"),
            ("heading = \"M1\"", "heading = \"<..>\"", "can be named by"),
            ("chip = ", "chips = ", "unknown field `chips`"),
            ("licence = \"CC0\"\n", "", "missing field `licence`"),
            ("  { workload = \"softmax\", target = \"mlx:gpu\", printed = \"1\" },\n", "", "1 to 20000 figures"),
        ] {
            let good = format!(
                "{HEAD}[[table]]\nheading = \"M1\"\nchip = \"Apple M1\"\nfigures = [\n  \
                 {{ workload = \"softmax\", target = \"mlx:gpu\", printed = \"1\" }},\n]\n"
            );
            assert!(parsed(&good).is_ok());
            let why = parsed(&good.replace(from, to)).unwrap_err();
            assert!(why.contains(says) && why.starts_with("t.toml:") && !why.contains('\n'), "{why}");
        }
        assert!(parsed("").is_err() && parsed(HEAD).is_err());
    }
}
