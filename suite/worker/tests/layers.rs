//! Layers are what their tolerances take them for, and learn: on the reference, through the very calls that are timed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chipmark_core::{Backend, CaseId, Device, Execution, HostTensor, OpenOptions, Tier};
use chipmark_reference::Reference;
use chipmark_worker::{Monotonic, Prepared};
use chipmark_workloads::{Visitor, Workload, catalogue, describe, visit};

/// What comes out of so many calls, after what is carried.
struct Calls(usize);

impl Visitor for Calls {
    /// The elements of each call's one output.
    type Output = Vec<Vec<f64>>;

    fn visit<W: Workload>(self, workload: &W) -> Self::Output {
        let backend = Reference::open(Device::Cpu, &OpenOptions::default()).unwrap();
        let clock = Monotonic::start();
        let mut job = Prepared::new(&backend, workload, &clock, Execution::Eager, 1, None, |tensor| tensor).unwrap();
        let call = |job: &mut Prepared<'_, _, _, _>| {
            let outputs = job.call().unwrap();
            let read = job.read(outputs).unwrap();
            assert_eq!(read.len(), 1, "there is one output beside what is carried");
            read.iter().flat_map(HostTensor::to_f64).collect()
        };
        (0..self.0).map(|_| call(&mut job)).collect()
    }
}

/// The layers of the suite at tier `tiny`: forward, or as training steps.
fn layers(trained: bool) -> Vec<CaseId> {
    let layers = ["mlp", "conv_block", "attention", "transformer"];
    let is_one = |workload: &str| match workload.strip_suffix("_train") {
        Some(layer) => trained && (layer == "linear" || layers.contains(&layer)),
        None => !trained && layers.contains(&workload),
    };
    let cases = catalogue(Some("layers")).into_iter().map(|info| info.at(Tier::Tiny).clone());
    let cases: Vec<_> = cases.filter(|case| is_one(&case.workload)).collect();
    assert!(cases.len() >= layers.len(), "{cases:?}");
    cases
}

fn losses(case: &CaseId, steps: usize) -> Vec<f64> {
    visit(case, Calls(steps)).unwrap().concat()
}

#[test]
fn what_a_layer_makes_is_of_order_one() {
    for case in layers(false) {
        let values = visit(&case, Calls(1)).unwrap().concat();
        let root_mean_square = (values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64).sqrt();
        assert!((0.5..2.5).contains(&root_mean_square), "{case}: {root_mean_square}");
        assert!(values.iter().all(|value| value.abs() < 10.0), "{case}");
    }
}

/// What a check of three calls can see: the first update in the second loss, and in the third that the next began where it ended.
#[test]
fn each_update_changes_the_loss_by_far_more_than_it_may_be_off() {
    for case in layers(true) {
        let allowed = describe(&case).unwrap().tolerances[0].bound;
        let losses = losses(&case, 3);
        for (update, pair) in losses.windows(2).enumerate() {
            let fall = (pair[0] - pair[1]) / pair[0];
            assert!(fall > 20.0 * allowed, "{case}: update {update} lowers the loss by {fall}, {allowed} is allowed");
        }
    }
}

#[test]
fn every_layer_learns() {
    for case in layers(true) {
        let losses = losses(&case, 20);
        assert!(losses.iter().all(|loss| loss.is_finite()), "{case}: {losses:?}");
        assert!(losses[19] < 0.8 * losses[0], "{case}: {losses:?}");
    }
}
