//! Every op in every dtype against the f64 reference, on the CPU. What libtorch lacks there is listed, and nothing else
//! may be missing.

use chipmark_core::Device;
use chipmark_reference::conformance::Verdict;
use chipmark_reference::conformance_tests;
use chipmark_tch::Tch;

fn nothing_is_missing(family: fn(Device) -> Verdict) {
    assert_eq!(family(Device::Cpu), Ok(Vec::new()));
}

conformance_tests!(Tch, nothing_is_missing);
