//! A comparison as GitHub-flavoured Markdown: for a pull request's comment and for a job's summary.

use super::code::code;
use super::words::{self, RowText};
use super::{GateView, gate::waived};
use crate::text::clean;
use crate::words::{flag as flag_name, flag_about};
use chipmark_results::compare::{Comparison, Difference, Row, Verdict};

/// The first line of a comment, by which a later one finds and replaces it.
const MARKER: &str = "<!-- chipmark -->\n";

/// The most lines about the sides' conditions: the rows have the rest of the page.
const MOST_NOTICES: usize = 10;

/// What stands at the end of a text that was cut.
const CUT: &str = "\nCut to fit: the JSON output has every row.\n";

/// A comparison for a pull request: a marker to find it again, the counts, the 20 rows that ask for attention most, the
/// rest counted. At most 60,000 bytes, of the 65,536 characters that GitHub takes.
#[must_use]
pub fn markdown(comparison: &Comparison, gate: Option<&GateView>) -> String {
    let mut page = Page { text: MARKER.to_owned(), limit: 60_000, cut: false };
    write(&mut page, comparison, gate, 20);
    page.end()
}

/// The same for the file that `GITHUB_STEP_SUMMARY` names: without the marker, and with as many rows as fit into 1,000,000
/// bytes, of the 1 MiB that GitHub takes.
#[must_use]
pub fn job_summary(comparison: &Comparison, gate: Option<&GateView>) -> String {
    let mut page = Page { text: String::new(), limit: 1_000_000, cut: false };
    write(&mut page, comparison, gate, usize::MAX);
    page.end()
}

fn write(page: &mut Page, comparison: &Comparison, gate: Option<&GateView>, most: usize) {
    page.block(&format!("### Chipmark: {}\n\n", words::counts(&comparison.rows)));
    if !comparison.machines.is_empty() {
        page.block(&format!("**{}**\n\n", words::TWO_MACHINES));
        page.table(DIFFERENCES, comparison.machines.iter().map(difference), "\n");
    }
    if let Some(gate) = gate {
        page.block(&format!("**The {}.**\n\n", words::gate(gate)));
    }
    for (mark, context) in [("A", &comparison.a), ("B", &comparison.b)] {
        page.block(&format!("- {mark}: {}\n", code(&words::side(context))));
    }
    for line in words::conditions(comparison) {
        page.block(&format!("- {}: {}\n", line.side, code(&line.text)));
    }
    page.block(&format!("- {}\n", words::pairing(comparison)));
    page.block(&format!("- {}; {}\n", words::judged(comparison), words::rule(comparison)));
    if let Some(stages) = words::stages(comparison) {
        page.block(&format!("- {stages}\n"));
    }
    notices(page, comparison);
    changes(page, comparison, gate, most);
    details(page, comparison, gate);
}

/// What to know before believing a number, apart from the rest.
fn notices(page: &mut Page, comparison: &Comparison) {
    let lines = words::notices(comparison);
    if lines.is_empty() {
        return;
    }
    page.block("\n**To know first**\n\n");
    for line in lines.iter().take(MOST_NOTICES) {
        page.block(&format!("- {}: {}\n", line.side, code(&line.text)));
    }
    if lines.len() > MOST_NOTICES {
        page.block(&format!("- {} more in the JSON output\n", lines.len() - MOST_NOTICES));
    }
}

/// The rows that have a verdict to act on, or might have had one.
fn changes(page: &mut Page, comparison: &Comparison, gate: Option<&GateView>, most: usize) {
    let waived = waived(gate);
    let mut rows = words::by_attention(comparison);
    rows.retain(|row| {
        matches!(row.verdict, Verdict::Regressed | Verdict::Failed | Verdict::Improved | Verdict::Inconclusive)
    });
    if rows.is_empty() {
        return;
    }
    let lines = rows.iter().take(most).map(|row| change(row, waived.get(&row.cell).copied()));
    let header = "\n| case | target | mode | A | B | change | p | verdict |\n|---|---|---|--:|--:|--:|--:|---|\n";
    let shown = page.table(header, lines, "\n");
    let rest = rows.into_iter().skip(shown);
    if rest.len() > 0 {
        page.block(&format!("{} more: {}.\n\n", rest.len(), words::counts(rest)));
    }
    page.block(&format!("Change: {}. p: {}.\n", words::CHANGE, words::P));
    let about = words::flags(comparison).map(|flag| format!("{}: {}", flag_name(flag), flag_about(flag)));
    let about: Vec<String> = about.collect();
    if !about.is_empty() {
        page.block(&format!("\nIn parentheses behind a time: {}.\n", about.join("; ")));
    }
}

fn change(row: &Row, waived: Option<&str>) -> String {
    let text = RowText::new(row);
    let verdict = match row.verdict {
        Verdict::Regressed | Verdict::Failed => format!("**{}**", row.verdict),
        verdict => verdict.to_string(),
    };
    let reason = text.reason.as_ref().map(|reason| format!(": {}", code(reason))).unwrap_or_default();
    let waived = waived.map(|why| format!(", waived: {}", code(&clean(why)))).unwrap_or_default();
    let change = [text.change, text.interval].join(" ");
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {verdict}{reason}{waived} |\n",
        code(&text.case),
        code(&text.target),
        text.mode,
        text.a.with_words(),
        text.b.with_words(),
        change.trim(),
        text.p,
    )
}

/// What is looked up rather than read, each part folded.
fn details(page: &mut Page, comparison: &Comparison, gate: Option<&GateView>) {
    let targets = words::targets(comparison)
        .into_iter()
        .map(|text| format!("| {} | {} | {} | {} |\n", code(&text.target), text.cells, text.mean, text.floor));
    let header = "| target | cells | mean | floor |\n|---|--:|--:|--:|\n";
    page.fold("Each target: the geometric mean of its ratios, and its noise floor", header, targets);
    for verdict in [Verdict::Incomparable, Verdict::Missing] {
        let rows: Vec<&Row> = comparison.with(verdict).collect();
        let header = "| case | target | mode | why |\n|---|---|---|---|\n";
        let title = format!("{} {verdict}: {}", rows.len(), verdict.about());
        page.fold(&title, header, rows.into_iter().map(reason));
    }
    page.fold("In what the sides differ", DIFFERENCES, comparison.differences.iter().map(difference));
    let unused =
        gate.iter().flat_map(|gate| &gate.unused_waivers).map(|waiver| format!("| {} |\n", code(&clean(waiver))));
    page.fold("Waivers that match no cell", "| waiver |\n|---|\n", unused);
}

const DIFFERENCES: &str = "| | A | B |\n|---|---|---|\n";

fn difference(difference: &Difference) -> String {
    let [what, a, b] = [&difference.what, &difference.a, &difference.b].map(|text| code(&clean(text)));
    format!("| {what} | {a} | {b} |\n")
}

fn reason(row: &Row) -> String {
    let text = RowText::new(row);
    let why = text.reason.as_deref().map(code).unwrap_or_default();
    format!("| {} | {} | {} | {why} |\n", code(&text.case), code(&text.target), text.mode)
}

/// A text that never grows beyond its limit: what does not fit is left out whole, and the end says so.
struct Page {
    text: String,
    limit: usize,
    cut: bool,
}

impl Page {
    fn has_room(&self, bytes: usize) -> bool {
        self.text.len() + bytes + CUT.len() <= self.limit
    }

    /// Adds a text, if it fits.
    fn block(&mut self, text: &str) {
        if self.has_room(text.len()) {
            self.text.push_str(text);
        } else {
            self.cut = true;
        }
    }

    /// Adds a table of as many of its rows as fit before its end; nothing if not one does. Returns how many.
    fn table(&mut self, header: &str, rows: impl Iterator<Item = String>, end: &str) -> usize {
        let start = self.text.len();
        self.text.push_str(header);
        let mut shown = 0;
        for row in rows {
            if !self.has_room(row.len() + end.len()) {
                self.cut = true;
                break;
            }
            self.text.push_str(&row);
            shown += 1;
        }
        if shown == 0 {
            self.text.truncate(start);
        } else {
            self.text.push_str(end);
        }
        shown
    }

    /// Adds a table that is unfolded by a click.
    fn fold(&mut self, title: &str, header: &str, rows: impl Iterator<Item = String>) {
        let opening = format!("\n<details><summary>{title}</summary>\n\n{header}");
        self.table(&opening, rows, "\n</details>\n");
    }

    fn end(mut self) -> String {
        if self.cut {
            self.text.push_str(CUT);
        }
        self.text
    }
}
