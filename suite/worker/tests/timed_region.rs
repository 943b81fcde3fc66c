//! What lies between two readings of the clock: the step and the wait, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../benches/idle/mod.rs"]
mod idle;

use chipmark_core::{Execution, OpResult};
use chipmark_worker::{Clock, Job, Prepared};
use idle::{Handle, Idle, Nothing};
use std::cell::RefCell;

thread_local! {
    /// What happened, a letter each: `c`lock read, tensor `n`ew, `f`inish called with tensors, `w`ait for none, tensor `d`ropped.
    static EVENTS: RefCell<String> = const { RefCell::new(String::new()) };
}

fn note(event: char) {
    EVENTS.with_borrow_mut(|events| events.push(event));
}

fn events_of(work: impl FnOnce()) -> String {
    EVENTS.take();
    work();
    EVENTS.take()
}

struct Traced;

impl Drop for Traced {
    fn drop(&mut self) {
        note('d');
    }
}

impl Handle for Traced {
    fn new() -> Self {
        note('n');
        Traced
    }

    fn finish(tensors: &[Self]) -> OpResult<()> {
        note(if tensors.is_empty() { 'w' } else { 'f' });
        Ok(())
    }
}

struct Counting;

impl Clock for Counting {
    fn now_ns(&self) -> u64 {
        note('c');
        0
    }
}

fn with_job(work: impl FnOnce(&mut dyn Job)) {
    let backend = Idle::<Traced>::new();
    let mut job = Prepared::new(&backend, &Nothing, &Counting, Execution::Eager, 0, None, |tensor| tensor).unwrap();
    work(&mut job);
}

#[test]
fn a_call_is_two_readings_and_its_output_dies_after_the_second() {
    with_job(|job| {
        let events = events_of(|| _ = job.latency(1).unwrap());
        assert_eq!(events, "wcnfcd");
        let events = events_of(|| _ = job.latency(100).unwrap());
        assert_eq!(events, format!("w{}", "cnfcd".repeat(100)));
    });
}

#[test]
fn a_submission_is_three_readings_however_many_calls() {
    with_job(|job| {
        let events = events_of(|| _ = job.throughput(2).unwrap());
        let block = |k: usize| format!("wc{}cfc{}", "n".repeat(k), "d".repeat(k));
        assert_eq!(events, block(2) + &block(8));
    });
}

#[test]
fn a_transfer_is_eight_readings() {
    with_job(|job| {
        let events = events_of(|| _ = job.transfer(1).unwrap());
        assert_eq!(events, ["w", "cnnfcdd", "cnfc", "cnfc", "cc", "dd"].concat());
    });
}
