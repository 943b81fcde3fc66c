//! What the tables of a comparison have in common: their order, their words, and the texts of a row. All of it is plain
//! text; escaping for a format is that format's work.

use super::GateView;
use crate::text::clean;
use crate::{units, words};
use chipmark_core::Target;
use chipmark_results::compare::{Comparison, Context, Flags, GateResult, Pairing, Row, SideTime, Verdict};
use chipmark_results::record::Flag;
use std::collections::BTreeMap;

/// What `p` is.
pub(super) const P: &str =
    "how likely so large a difference is where there is none: an exact test, adjusted for all cells judged together";

/// What a change is.
pub(super) const CHANGE: &str = "B's time over A's, less one; in parentheses its 95% interval";

/// What the geometric mean is.
pub(super) const MEAN: &str = "the geometric mean of the ratios of all cells that have a time on both sides";

/// What the noise floor is.
pub(super) const FLOOR: &str =
    "the noise floor: how far two measurements of the same lie apart beyond what their launches explain";

/// What to know where the machines differ.
pub(super) const TWO_MACHINES: &str = "These are two machines, not two versions: a ratio says how the machines compare, \
                                       and nothing has become slower or faster.";

/// The rows, what asks for attention first: by verdict, then by effect.
pub(super) fn by_attention(comparison: &Comparison) -> Vec<&Row> {
    let mut rows: Vec<&Row> = comparison.rows.iter().collect();
    rows.sort_by(|a, b| a.verdict.cmp(&b.verdict).then(b.effect().total_cmp(&a.effect())));
    rows
}

/// A side in one line, such as `main.jsonl · candle 0.11.0 · suite quick · warm inputs · Apple M3 · bench 0.1.0 ·
/// 2026-03-01T12:00:00Z`.
pub(super) fn side(context: &Context) -> String {
    let mut frameworks: Vec<&str> = Vec::new();
    for (_, version) in &context.frameworks {
        if !frameworks.contains(&version.as_str()) {
            frameworks.push(version);
        }
    }
    let parts = [
        context.name.clone(),
        frameworks.join(", "),
        format!("suite {}", context.suite),
        format!("{} inputs", context.inputs),
        context.chip.clone(),
        format!("bench {}", context.harness),
        context.started_at.clone(),
    ];
    let parts: Vec<String> = parts.iter().map(|part| clean(part.trim())).filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

/// A line about one side, or about both.
pub(super) struct SideText {
    pub side: &'static str,
    pub text: String,
}

impl std::fmt::Display for SideText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.side, self.text)
    }
}

/// Lines about the sides, those that both have once.
fn of_sides(a: Vec<String>, b: Vec<String>) -> Vec<SideText> {
    let mut lines: Vec<SideText> = Vec::new();
    for text in a {
        let side = if b.contains(&text) { "A and B" } else { "A" };
        lines.push(SideText { side, text });
    }
    let of_b: Vec<String> = b.into_iter().filter(|text| !lines.iter().any(|line| line.text == *text)).collect();
    lines.extend(of_b.into_iter().map(|text| SideText { side: "B", text }));
    lines
}

/// The state of each side's machine when it started, and what waiting for nothing cost there.
pub(super) fn conditions(comparison: &Comparison) -> Vec<SideText> {
    let of = |context: &Context| {
        [words::state(&context.state), words::bare_waits(&context.bare_waits)].into_iter().flatten().collect()
    };
    of_sides(of(&comparison.a), of(&comparison.b))
}

/// What to know before believing a number: what disturbed each side, what its run lacks, and how many of its times have flags.
pub(super) fn notices(comparison: &Comparison) -> Vec<SideText> {
    let of = |context: &Context, time: fn(&Row) -> Option<SideTime>| {
        let cleaned = context.notices.iter().map(|notice| clean(notice));
        cleaned.chain(flag_counts(&comparison.rows, time)).collect()
    };
    of_sides(of(&comparison.a, |row| row.a), of(&comparison.b, |row| row.b))
}

/// How many times of a side have each flag, such as `flags of 9 times: 2 tf32, 1 disturbed`; nothing where none has any.
fn flag_counts(rows: &[Row], time: fn(&Row) -> Option<SideTime>) -> Option<String> {
    let times: Vec<SideTime> = rows.iter().filter_map(time).collect();
    let counts = Flag::ALL.map(|flag| (flag, times.iter().filter(|time| time.flags.contains(flag)).count()));
    let parts: Vec<String> =
        counts.into_iter().filter(|(_, n)| *n > 0).map(|(flag, n)| format!("{n} {}", words::flag(flag))).collect();
    (!parts.is_empty()).then(|| format!("flags of {} times: {}", times.len(), parts.join(", ")))
}

/// The flags that any time has, in the order of legends.
pub(super) fn flags(comparison: &Comparison) -> impl Iterator<Item = Flag> {
    let times = || comparison.rows.iter().flat_map(|row| [row.a, row.b]).flatten();
    Flag::ALL.into_iter().filter(move |flag| times().any(|time| time.flags.contains(*flag)))
}

/// Whether launches are paired, and what that means.
pub(super) fn pairing(comparison: &Comparison) -> &'static str {
    match comparison.pairing {
        Pairing::Rounds => {
            "paired: both sides were measured in the same rounds, so what the machine did to one it did to both"
        }
        Pairing::None => {
            "not paired: the sides were measured in different runs, and the machine may have changed between them"
        }
    }
}

/// What a change must be to count.
pub(super) fn rule(comparison: &Comparison) -> String {
    let rule = &comparison.rule;
    format!(
        "a change counts from the largest of {}, {} and {} times its target's noise floor on; the chance of a false alarm is \
         {} over all cells",
        units::share(rule.threshold),
        units::time(rule.least_ns),
        rule.floors,
        units::share(rule.alpha)
    )
}

/// How many rows have each verdict, such as `1 regressed, 12 equivalent`; `nothing to compare` of no rows.
pub(super) fn counts<'a>(rows: impl IntoIterator<Item = &'a Row>) -> String {
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(row.verdict).or_default() += 1;
    }
    let parts: Vec<String> = counts.iter().map(|(verdict, n)| format!("{n} {verdict}")).collect();
    if parts.is_empty() { "nothing to compare".to_owned() } else { parts.join(", ") }
}

/// How many cells there are and how many were judged.
pub(super) fn judged(comparison: &Comparison) -> String {
    let cells = comparison.rows.len();
    format!("{cells} cell{}, {} judged", if cells == 1 { "" } else { "s" }, comparison.judged)
}

/// What the two stages of a decision spent, where there were two.
pub(super) fn stages(comparison: &Comparison) -> Option<String> {
    let stages = comparison.stages.as_ref()?;
    let fresh = match (stages.candidates, stages.fresh_rounds) {
        (0, _) => "none stood out".to_owned(),
        (n, 0) => format!("{n} stood out, and had no fresh rounds"),
        (n, rounds) => format!("{n} stood out, and {rounds} fresh rounds decided on those"),
    };
    let short = match stages.short {
        0 => String::new(),
        n => format!("; in {n} of them so many were too few to be sure"),
    };
    let (launches, detect) = (stages.pilot_rounds, units::share(stages.detect));
    Some(format!("two stages: {launches} launches a cell looked for changes of {detect}; {fresh}{short}"))
}

/// What the gate said, in one line, but for its article.
pub(super) fn gate(gate: &GateView) -> String {
    let result = match gate.result {
        GateResult::Pass => "gate is passed: nothing is slower beyond doubt, nothing failed, and enough was answered",
        GateResult::Regression => "gate is not passed: something is slower, beyond doubt",
        GateResult::Inconclusive if gate.open > 0 => &match gate.open {
            1 => "gate is undecided: a cell may be slower by what was to be found".to_owned(),
            n => format!("gate is undecided: {n} cells may be slower by what was to be found"),
        },
        GateResult::Inconclusive => "gate is undecided: too little was answered",
        GateResult::Failure => "gate is not passed: something that had a time before has none now",
    };
    let coverage = match gate.coverage {
        Some(share) => format!("{} of A's cells were answered", units::share(share)),
        None => "A has no cells".to_owned(),
    };
    let asked = if gate.min_coverage > 0.0 {
        format!(", {} are asked for", units::share(gate.min_coverage))
    } else {
        String::new()
    };
    let waived = match gate.waived.len() {
        0 => "",
        1 => ", one waived cell aside",
        n => &format!(", {n} waived cells aside"),
    };
    format!("{result}{waived} ({coverage}{asked})")
}

/// The texts of a row. Empty where there is no value.
pub(super) struct RowText {
    pub case: String,
    pub target: String,
    pub mode: &'static str,
    pub a: TimeText,
    pub b: TimeText,
    pub change: String,
    pub interval: String,
    pub p: String,
    pub reason: Option<String>,
}

impl RowText {
    pub(super) fn new(row: &Row) -> Self {
        RowText {
            case: clean(&row.cell.case.to_string()),
            target: clean(&row.cell.target.to_string()),
            mode: row.cell.mode.name(),
            a: TimeText::new(row.a),
            b: TimeText::new(row.b),
            change: row.ratio.map(units::change).unwrap_or_default(),
            interval: row.interval.map(|i| format!("({})", units::change_interval(i.low, i.high))).unwrap_or_default(),
            p: row.p_adjusted.map(units::probability).unwrap_or_default(),
            reason: row.reason.as_deref().map(clean),
        }
    }

    /// What became of the time in one line, such as `1.00 µs to 1.12 µs (disturbed): +12.0% (+10.1 … +14.0%), p 0.004; it is
    /// noisy`.
    pub(super) fn sentence(&self) -> String {
        let (a, b) = (self.a.with_words(), self.b.with_words());
        let times = match (a.as_str(), b.as_str()) {
            ("", "") => String::new(),
            ("", b) => format!("B {b}"),
            (a, "") => format!("A {a}"),
            (a, b) => format!("{a} to {b}"),
        };
        let change = [self.change.as_str(), self.interval.as_str()].join(" ");
        let p = if self.p.is_empty() { String::new() } else { format!(", p {}", self.p) };
        let change = format!("{}{p}", change.trim());
        let numbers = [times, change].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
        let parts = [numbers, self.reason.clone().unwrap_or_default()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
    }
}

/// A side's time with its flags. Empty where there is none.
#[derive(Default)]
pub(super) struct TimeText {
    time: String,
    flags: Flags,
}

impl TimeText {
    fn new(time: Option<SideTime>) -> Self {
        time.map(|time| TimeText { time: units::time(time.median_ns), flags: time.flags }).unwrap_or_default()
    }

    /// The time alone.
    pub(super) fn plain(&self) -> &str {
        &self.time
    }

    /// The flags' letters, such as `fx`.
    pub(super) fn letters(&self) -> String {
        self.flags.iter().map(words::flag_letter).collect()
    }

    /// With the flags' letters, such as `1.12 µs fx`.
    pub(super) fn with_letters(&self) -> String {
        [self.time.as_str(), &self.letters()].join(" ").trim_end().to_owned()
    }

    /// With the flags' names, such as `1.12 µs (few-samples, disturbed)`.
    pub(super) fn with_words(&self) -> String {
        let names: Vec<&str> = self.flags.iter().map(words::flag).collect();
        if names.is_empty() { self.time.clone() } else { format!("{} ({})", self.time, names.join(", ")) }
    }

    /// Whether it has any flag.
    pub(super) fn is_flagged(&self) -> bool {
        self.flags != Flags::default()
    }
}

/// What is said of a target as a whole.
pub(super) struct TargetText {
    pub target: String,
    pub cells: String,
    pub mean: String,
    pub floor: String,
}

/// The targets, with the geometric mean of their ratios and their noise floor; empty where there is none.
pub(super) fn targets(comparison: &Comparison) -> Vec<TargetText> {
    let mut found: BTreeMap<&Target, TargetText> = BTreeMap::new();
    let new = |target: &Target| TargetText {
        target: clean(&target.to_string()),
        cells: String::new(),
        mean: String::new(),
        floor: String::new(),
    };
    for summary in &comparison.summaries {
        let text = found.entry(&summary.target).or_insert_with(|| new(&summary.target));
        text.cells = summary.cells.to_string();
        text.mean = units::change(summary.ratio);
    }
    for (target, floor) in comparison.floors.iter().filter(|(_, floor)| *floor > 0.0) {
        found.entry(target).or_insert_with(|| new(target)).floor = units::share(*floor);
    }
    found.into_values().collect()
}
