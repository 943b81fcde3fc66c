//! What is shown of the gate is what the gate says.

use crate::comparison::fixture::{self, comparison};
use crate::comparison::{GateView, Waived, junit};
use chipmark_core::Mode;
use chipmark_results::compare::{Gate, GateResult, Verdict, Waiver, Waivers};

fn waiver(case: &str, target: &str) -> Waiver {
    Waiver {
        case: case.to_owned(),
        target: target.to_owned(),
        mode: None,
        why: format!("{case} is known"),
        until: Some("2026-12-31".to_owned()),
    }
}

#[test]
fn waivers_that_hold_take_the_failures_away() {
    let comparison = comparison();
    let list = vec![waiver("matmul/*", "*"), waiver("conv2d/*", fixture::TCH), waiver("gone/*", "*")];
    let gate = Gate { min_coverage: 0.0, waivers: Waivers { list } };

    let view = GateView::new(&gate, &comparison, "2026-12-31");
    assert_eq!(view.result, GateResult::Pass);
    let waived: Vec<String> = view.waived.iter().map(|waived| waived.cell.to_string()).collect();
    assert_eq!(
        waived,
        [
            "candle:cpu matmul/100x100@100x100/f32 latency",
            "tch:cpu matmul/100x100@100x100/f32 throughput",
            "tch:cpu conv2d/1x16x16x3@8x3x3x3/f32 latency",
        ]
    );
    assert_eq!(view.unused_waivers, ["gone/* * *"]);
    let xml = junit(&comparison, Some(&view)).unwrap();
    assert!(!xml.contains("<failure") && !xml.contains("<error"), "{xml}");
    assert!(xml.contains("waived (matmul/* is known): regressed: 20.0 µs to 22.8 µs: +14.0%"), "{xml}");

    let late = GateView::new(&gate, &comparison, "2027-01-01");
    assert_eq!((late.result, late.waived.len()), (GateResult::Failure, 0));
    let xml = junit(&comparison, Some(&late)).unwrap();
    assert_eq!((xml.matches("<failure").count(), xml.matches("<error").count()), (2, 1));
}

#[test]
fn a_waiver_is_of_one_cell_and_not_of_its_neighbours() {
    let comparison = comparison();
    let cell = fixture::cell("matmul/100x100@100x100/f32", fixture::TCH, Mode::Throughput);
    let view = GateView { waived: vec![Waived { cell, why: "known".to_owned() }], ..fixture::gate() };
    let xml = junit(&comparison, Some(&view)).unwrap();
    let regressed = comparison.with(Verdict::Regressed).count();
    assert_eq!((regressed, xml.matches("<failure").count()), (2, 1));
}
