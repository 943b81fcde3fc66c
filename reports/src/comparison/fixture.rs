//! A literal comparison for tests: two targets, and a row of each verdict.

use chipmark_core::{Cell, Inputs, Mode, Target};
use chipmark_results::bare_wait::BareWait;
use chipmark_results::compare::{
    Comparison, Context, Difference, Flags, GateResult, Pairing, Row, Rule, SideTime, Summary, Verdict,
};
use chipmark_results::machine::MachineState;
use chipmark_results::record::Flag;
use chipmark_results::stats::Interval;

use super::{GateView, Waived};

pub(super) const CANDLE: &str = "candle:cpu";
pub(super) const TCH: &str = "tch:cpu";

fn context(name: &str, version: &str) -> Context {
    Context {
        name: name.to_owned(),
        run_id: "0123456789abcdef".to_owned(),
        started_at: "2026-03-01T12:00:00Z".to_owned(),
        suite: "quick".to_owned(),
        harness: "0.1.0".to_owned(),
        chip: "Apple M3 Max".to_owned(),
        frameworks: vec![
            (target(CANDLE), format!("candle {version}")),
            (target("candle:metal"), format!("candle {version}")),
            (target(TCH), "PyTorch 2.9.0".to_owned()),
        ],
        inputs: Inputs::Warm,
        state: MachineState {
            power_source: Some("ac".to_owned()),
            thermal: Some("nominal".to_owned()),
            load_1m: Some(0.5),
            ..MachineState::default()
        },
        notices: Vec::new(),
        bare_waits: vec![BareWait { target: target(CANDLE), ns: 100.0 }, BareWait { target: target(TCH), ns: 2100.0 }],
    }
}

/// The second side: on the same machine, later.
fn context_b() -> Context {
    let mut context = context("change.jsonl", "0.12.0");
    context.state.thermal = Some("fair".to_owned());
    context.notices = vec![
        "when it started: the machine is warm (thermal state: fair)".to_owned(),
        "1 round was disturbed and counts for nothing: the canary copy took 9.0 % longer after the round than before it"
            .to_owned(),
    ];
    context
}

/// A time with flags.
fn flagged(median_ns: f64, flags: &[Flag]) -> Option<SideTime> {
    time(median_ns).map(|time| SideTime { flags: flags.iter().copied().collect(), ..time })
}

fn target(name: &str) -> Target {
    name.parse().unwrap()
}

pub(super) fn cell(case: &str, target: &str, mode: Mode) -> Cell {
    Cell { case: case.parse().unwrap(), target: target.parse().unwrap(), mode }
}

fn time(median_ns: f64) -> Option<SideTime> {
    Some(SideTime { median_ns, launches: 10, error: Some(0.004), flags: Flags::default(), bare_finish_ns: Some(100.0) })
}

/// A row that was judged: its first side took 20 µs.
pub(super) fn row(case: &str, target: &str, verdict: Verdict, ratio: f64, doubt: f64) -> Row {
    let change = ratio - 1.0;
    Row {
        cell: cell(case, target, Mode::Latency),
        verdict,
        reason: None,
        a: time(20_000.0),
        b: time(20_000.0 * ratio),
        ratio: Some(ratio),
        error: Some(doubt / 2.0),
        interval: Some(Interval { low: 1.0 + change - doubt, high: 1.0 + change + doubt }),
        p: Some(0.0002),
        p_adjusted: Some(if verdict == Verdict::Inconclusive { 0.2143 } else { 0.0012 }),
        delta: Some(0.1),
        set_aside: false,
    }
}

/// A row without numbers.
fn bare(case: &str, target: &str, verdict: Verdict, reason: &str) -> Row {
    Row {
        reason: Some(reason.to_owned()),
        b: None,
        ratio: None,
        error: None,
        interval: None,
        p: None,
        p_adjusted: None,
        delta: None,
        ..row(case, target, verdict, 1.0, 0.0)
    }
}

pub(super) fn comparison() -> Comparison {
    let few = "too few launches to prove anything among 6 cells".to_owned();
    let mut throughput = row("matmul/100x100@100x100/f32", TCH, Verdict::Regressed, 1.32, 0.01);
    throughput.cell.mode = Mode::Throughput;
    throughput.a = flagged(20_000.0, &[Flag::DispatchBound]);
    throughput.b = flagged(26_400.0, &[Flag::DispatchBound, Flag::Disturbed]);
    let mut relu = row("relu/100x50/f32", TCH, Verdict::Equivalent, 0.99, 0.02);
    relu.b = flagged(19_800.0, &[Flag::FewSamples]);
    Comparison {
        a: context("main.jsonl", "0.11.0"),
        b: context_b(),
        pairing: Pairing::None,
        rule: Rule::default(),
        machines: Vec::new(),
        differences: vec![Difference {
            what: CANDLE.to_owned(),
            a: "candle 0.11.0".to_owned(),
            b: "candle 0.12.0".to_owned(),
        }],
        floors: vec![(target(CANDLE), 0.004), (target(TCH), 0.0)],
        rows: vec![
            row("softmax/100x50/f32", CANDLE, Verdict::Equivalent, 1.004, 0.01),
            row("matmul/100x100@100x100/f32", CANDLE, Verdict::Regressed, 1.14, 0.02),
            Row { reason: Some(few), ..row("gelu/100x50/f32", CANDLE, Verdict::Inconclusive, 1.08, 0.09) },
            throughput,
            row("softmax/100x50/f32", TCH, Verdict::Improved, 0.5, 0.01),
            relu,
            bare(
                "conv2d/1x16x16x3@8x3x3x3/f32",
                TCH,
                Verdict::Failed,
                "wrong: element 17 of output 0 is 2 instead of 1",
            ),
            Row { b: time(18_000.0), ..bare("sort/1000/f32", TCH, Verdict::Incomparable, "threads: 8 and 4") },
            bare("sort/1000/f32", CANDLE, Verdict::Missing, "not on the second side"),
        ],
        judged: 6,
        stages: None,
        summaries: vec![
            Summary { target: target(CANDLE), ratio: 1.073, cells: 3 },
            Summary { target: target(TCH), ratio: 0.867, cells: 3 },
        ],
    }
}

pub(super) fn gate() -> GateView {
    GateView {
        result: GateResult::Failure,
        coverage: Some(5.0 / 9.0),
        min_coverage: 0.5,
        open: 0,
        waived: vec![Waived {
            cell: cell("matmul/100x100@100x100/f32", TCH, Mode::Throughput),
            why: "slower by design | see @docs".to_owned(),
        }],
        unused_waivers: vec!["gone/* * latency".to_owned()],
    }
}
