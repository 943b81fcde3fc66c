//! Which framework has its own kernel for which workload, as checks found it: a Markdown table for the docs.

use chipmark_core::{DType, OpPath, Outcome};
use chipmark_results::record::Check;
use std::fmt::Write;

/// How a workload was done by a target in a dtype: the worst of its cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Native,
    Composed,
    Unsupported,
    /// Wrong, crashed and the like: what no table of a sound version shows.
    Failed,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Level::Native => "native",
            Level::Composed => "composed",
            Level::Unsupported => "unsupported",
            Level::Failed => "failed",
        }
    }
}

fn level(check: &Check) -> Level {
    match check.outcome {
        Outcome::Ok if check.paths.iter().any(|path| matches!(path, OpPath::Composed { .. })) => Level::Composed,
        Outcome::Ok => Level::Native,
        Outcome::Unsupported => Level::Unsupported,
        _ => Level::Failed,
    }
}

/// What there is to say about a check that is not native.
fn remarks(check: &Check) -> Vec<String> {
    match level(check) {
        Level::Native => Vec::new(),
        Level::Composed => {
            let composed = check.paths.iter().filter(|path| matches!(path, OpPath::Composed { .. }));
            composed.map(ToString::to_string).collect()
        }
        Level::Unsupported | Level::Failed => vec![check.reason.clone().unwrap_or_default()],
    }
}

/// Each thing once, in the order in which it comes.
fn unique<T: PartialEq>(things: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut unique = Vec::new();
    for thing in things {
        if !unique.contains(&thing) {
            unique.push(thing);
        }
    }
    unique
}

/// What stands above the table.
const HEAD: &str = "\
# What is native, composed or unsupported

How each workload is done, by framework and execution, on the CPU: by the framework's own call (native), built from other ops
(composed), or not at all. Found by running every case at its smallest size in every dtype. Made by

```sh
bench verify --support
```

";

/// The page: the table, a row a workload and a column a target, with its remarks below.
pub(crate) fn markdown(checks: &[Check]) -> String {
    let targets = unique(checks.iter().map(|check| &check.target));
    let workloads = unique(checks.iter().map(|check| check.case.workload.as_str()));
    let mut notes: Vec<String> = Vec::new();
    let mut text = HEAD.to_owned() + "| workload |";
    targets.iter().for_each(|target| _ = write!(text, " {target} |"));
    text += &format!("\n|---|{}\n", "---|".repeat(targets.len()));
    for workload in workloads {
        _ = write!(text, "| {workload} |");
        for &target in &targets {
            let of: Vec<&Check> =
                checks.iter().filter(|check| check.case.workload == workload && check.target == *target).collect();
            _ = write!(text, " {} |", cell(&of, &mut notes));
        }
        text.push('\n');
    }
    text.push('\n');
    for (number, note) in (1..).zip(&notes) {
        _ = writeln!(text, "{number}. {}", note.replace('|', "\\|"));
    }
    text
}

/// `native`, or `composed <sup>1</sup>`, or each with its dtypes where they differ.
fn cell(checks: &[&Check], notes: &mut Vec<String>) -> String {
    let worst = |dtype: DType| checks.iter().filter(|check| check.case.dtype == dtype).map(|check| level(check)).max();
    let by_dtype: Vec<(DType, Level)> =
        DType::TIMED.into_iter().filter_map(|dtype| Some((dtype, worst(dtype)?))).collect();
    let levels = unique(by_dtype.iter().map(|(_, level)| *level));
    let part = |wanted: Level, notes: &mut Vec<String>| {
        let dtypes: Vec<&str> =
            by_dtype.iter().filter(|(_, level)| *level == wanted).map(|(dtype, _)| dtype.name()).collect();
        let mut text = wanted.name().to_owned();
        if levels.len() > 1 {
            text += &format!(" in {}", dtypes.join(", "));
        }
        let of = checks.iter().filter(|check| level(check) == wanted && dtypes.contains(&check.case.dtype.name()));
        let mut numbers: Vec<String> = Vec::new();
        for remark in unique(of.flat_map(|check| remarks(check))) {
            let at = notes.iter().position(|note| *note == remark).unwrap_or_else(|| {
                notes.push(remark);
                notes.len() - 1
            });
            numbers.push((at + 1).to_string());
        }
        if !numbers.is_empty() {
            text += &format!(" <sup>{}</sup>", numbers.join(", "));
        }
        text
    };
    let parts: Vec<String> = levels.iter().map(|&level| part(level, notes)).collect();
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(case: &str, target: &str, outcome: Outcome, composed: Option<&str>) -> Check {
        let path = |how: &str| OpPath::Composed { op: "softplus".to_owned(), how: how.to_owned() };
        Check {
            case: case.parse().unwrap(),
            target: target.parse().unwrap(),
            outcome,
            reason: (outcome != Outcome::Ok).then(|| "no such kernel".to_owned()),
            paths: composed.map(path).into_iter().collect(),
            layout: None,
            tf32: false,
            comparisons: Vec::new(),
        }
    }

    #[test]
    fn a_row_a_workload_and_a_column_a_target() {
        let checks = [
            check("softplus/8/f32", "tch:cpu", Outcome::Ok, None),
            check("softplus/8/f32", "candle:cpu", Outcome::Ok, Some("exp, log")),
            check("softplus/8/f16", "candle:cpu", Outcome::Ok, Some("exp, log")),
            check("sort/8/f32", "tch:cpu", Outcome::Ok, None),
            check("sort/8/f16", "tch:cpu", Outcome::Unsupported, None),
            check("sort/8/f32", "candle:cpu", Outcome::Wrong, None),
        ];
        let page = markdown(&checks);
        assert_eq!(
            page.strip_prefix(HEAD).unwrap_or(&page),
            "| workload | tch:cpu | candle:cpu |\n|---|---|---|\n\
             | softplus | native | composed <sup>1</sup> |\n\
             | sort | native in f32; unsupported in f16 <sup>2</sup> | failed <sup>2</sup> |\n\n\
             1. softplus: composed, exp, log\n2. no such kernel\n"
        );
    }
}
