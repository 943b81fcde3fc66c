//! The network learns: on the reference, through the very calls that are timed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chipmark_core::{Backend, CaseId, Device, Execution, HostTensor, OpenOptions};
use chipmark_reference::Reference;
use chipmark_worker::{Monotonic, Prepared};
use chipmark_workloads::{Visitor, Workload, visit};

struct Train(usize);

impl Visitor for Train {
    /// Train loss, validation loss and accuracy of each epoch.
    type Output = Vec<[f64; 3]>;

    fn visit<W: Workload>(self, workload: &W) -> Self::Output {
        let backend = Reference::open(Device::Cpu, &OpenOptions::default()).unwrap();
        let clock = Monotonic::start();
        let mut job = Prepared::new(&backend, workload, &clock, Execution::Eager, 1, None, |tensor| tensor).unwrap();
        let epoch = |job: &mut Prepared<'_, _, _, _>| {
            let outputs = job.call().unwrap();
            let values: Vec<f64> = job.read(outputs).unwrap().iter().flat_map(HostTensor::to_f64).collect();
            values.try_into().unwrap()
        };
        (0..self.0).map(|_| epoch(&mut job)).collect()
    }
}

fn train(case: &str, epochs: usize) -> Vec<[f64; 3]> {
    visit(&case.parse::<CaseId>().unwrap(), Train(epochs)).unwrap()
}

#[test]
fn the_loss_falls_and_the_accuracy_passes_chance() {
    let epochs = train("gcn_epoch/sparse-677n-2638e-358f-7c/f32", 60);
    let ([first, last], chance) = ([epochs[0], epochs[59]], 1.0 / 7.0);
    assert!((first[0] - 7f64.ln()).abs() < 0.2, "an untrained network knows nothing: {first:?}");
    assert!(last[0] < 0.5 * first[0], "{first:?} to {last:?}");
    assert!(last[2] > 2.0 * chance, "accuracy {}", last[2]);
}

#[test]
fn both_forms_are_one_network() {
    let of = |form: &str| train(&format!("gcn_epoch/{form}-677n-2638e-358f-7c/f32"), 10);
    for (epoch, (dense, sparse)) in of("dense").into_iter().zip(of("sparse")).enumerate() {
        for (d, s) in dense.into_iter().zip(sparse) {
            // Same graph, same numbers; only the order of sums differs, in f64.
            assert!((d - s).abs() < 1e-9, "epoch {epoch}: {dense:?} and {sparse:?}");
        }
    }
}
