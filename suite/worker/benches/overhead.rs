//! What the harness costs: the time of a call in each mode around a step that does nothing.
//!
//! `in the region` is what a call adds to the time that is reported: what lies between two readings of the clock. `in all`
//! is what a call takes from start to end, with the readings themselves and what is done between two regions.

mod idle;

use chipmark_core::Execution;
use chipmark_worker::{Clock, Job, Monotonic, Prepared};
use criterion::{Criterion, criterion_group, criterion_main};
use idle::{Idle, Nothing};
use std::time::{Duration, Instant};

/// The calls that criterion asks for. Throughput and transfer make more of them, which are not counted.
type Calls = u64;

/// The calls in a block of throughput.
const BLOCK: usize = 1024;

fn overhead(criterion: &mut Criterion) {
    let clock = Monotonic::start();
    let backend = Idle::<usize>::new();
    let mut job = Prepared::new(&backend, &Nothing, &clock, Execution::Eager, 0, None, |tensor| tensor)
        .expect("nothing can go wrong in it");

    criterion.bench_function("clock/one reading", |bencher| bencher.iter(|| clock.now_ns()));
    criterion.bench_function("latency/in the region", |bencher| {
        bencher.iter_custom(|calls: Calls| Duration::from_nanos(job.latency(calls).expect("as above").block_ns));
    });
    criterion.bench_function("latency/in all", |bencher| {
        bencher.iter_custom(|calls: Calls| {
            let start = Instant::now();
            job.latency(calls).expect("as above");
            start.elapsed()
        });
    });
    criterion.bench_function("throughput/in the region", |bencher| {
        bencher.iter_custom(|calls: Calls| {
            // All outputs of a block are alive at its end, so that its length is limited, as the sampler does.
            let blocks = (0..calls).step_by(BLOCK).map(|done| (calls - done).min(BLOCK as u64));
            let block_ns = blocks.map(|calls| job.throughput(calls).expect("as above").block_ns);
            Duration::from_nanos(block_ns.sum())
        });
    });
    criterion.bench_function("transfer/in the region", |bencher| {
        bencher.iter_custom(|calls: Calls| Duration::from_nanos(job.transfer(calls).expect("as above").block_ns));
    });
}

criterion_group!(benches, overhead);
criterion_main!(benches);
