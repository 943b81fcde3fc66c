//! The number of threads, in a process of its own because it holds for all of it.

use chipmark_core::{Backend, Device, OpError, OpenOptions};
use chipmark_tch::Tch;

#[test]
fn the_number_of_threads_is_what_was_asked_for() {
    let threads = |threads| {
        Tch::open(Device::Cpu, &OpenOptions { threads, seed: 1, ..OpenOptions::default() }).map(|b| b.info().threads)
    };
    assert_eq!(threads(Some(1)), Ok(Some(1)));
    assert_eq!(threads(Some(3)), Ok(Some(3)));
    assert_eq!(threads(None), Ok(Some(3)), "left as it is");
    assert!(matches!(threads(Some(0)), Err(OpError::Framework { op: "open", .. })));
    assert!(matches!(threads(Some(usize::MAX)), Err(OpError::Framework { op: "open", .. })));
    assert_eq!(threads(None), Ok(Some(3)), "a refusal changes nothing");
}
