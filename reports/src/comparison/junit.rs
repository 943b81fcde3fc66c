//! A comparison as JUnit XML, which continuous integrations show as test results: a suite a target, a test a cell.

use super::words::{self, RowText};
use super::{GateView, gate::waived};
use crate::text::clean;
use chipmark_core::Target;
use chipmark_results::compare::{Comparison, Row, Verdict};
use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;

/// The comparison as JUnit XML. A test fails if its cell regressed, has an error if it failed, and is skipped with the reason
/// if it is waived, or nothing could be said of it; its time is the second side's, in seconds a call. What the sides' machines
/// were like is each suite's output, and a time with flags has them in its test's.
///
/// # Errors
/// None in practice: it is written to memory.
pub fn junit(comparison: &Comparison, gate: Option<&GateView>) -> Result<String, SerializeError> {
    let waived = waived(gate);
    let conditions = conditions(comparison);
    let mut suites: BTreeMap<&Target, TestSuite> = BTreeMap::new();
    for row in &comparison.rows {
        let target = &row.cell.target;
        let suite = suites.entry(target).or_insert_with(|| suite(target, &conditions));
        suite.add_test_case(test(row, waived.get(&row.cell).copied()));
    }
    let mut report = Report::new("chipmark");
    report.add_test_suites(suites.into_values());
    report.to_string()
}

/// What to know of the sides, a line each: what a run of tests prints.
fn conditions(comparison: &Comparison) -> String {
    let lines = words::conditions(comparison).into_iter().chain(words::notices(comparison));
    lines.map(|line| xml(&line.to_string())).collect::<Vec<_>>().join("\n")
}

fn suite(target: &Target, conditions: &str) -> TestSuite {
    let mut suite = TestSuite::new(xml(&target.to_string()));
    if !conditions.is_empty() {
        suite.set_system_out(conditions);
    }
    suite
}

fn test(row: &Row, waived: Option<&str>) -> TestCase {
    let text = RowText::new(row);
    let sentence = text.sentence();
    let mut status = match (row.verdict, waived) {
        (Verdict::Regressed | Verdict::Failed, Some(_)) => TestCaseStatus::skipped(),
        (Verdict::Regressed, None) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        (Verdict::Failed, None) => TestCaseStatus::non_success(NonSuccessKind::Error),
        (Verdict::Inconclusive | Verdict::Incomparable | Verdict::Missing, _) => TestCaseStatus::skipped(),
        (Verdict::Improved | Verdict::Equivalent, _) => TestCaseStatus::success(),
    };
    if !matches!(status, TestCaseStatus::Success { .. }) {
        let why = waived.map(|why| format!("waived ({why}): ")).unwrap_or_default();
        status.set_type(row.verdict.name());
        status.set_message(xml(&format!("{why}{}: {sentence}", row.verdict)));
    }
    let mut test = TestCase::new(xml(&format!("{} {}", row.cell.case, row.cell.mode)), status);
    test.set_classname(xml(&row.cell.target.to_string()));
    // A test that passes has no message.
    if text.a.is_flagged() || text.b.is_flagged() {
        test.set_system_out(xml(&format!("{}: {sentence}", row.verdict)));
    }
    if let Some(b) = row.b {
        // The library writes times to the millisecond, in which most cells are zero.
        test.extra.insert("time".into(), format!("{:.9}", b.median_ns / 1e9).into());
    }
    test
}

/// Text without characters that XML 1.0 has no place for (W3C, fifth edition, section 2.2). Cleaning takes out the control
/// characters, which leaves two.
fn xml(text: &str) -> String {
    clean(text).replace(['\u{fffe}', '\u{ffff}'], "")
}
