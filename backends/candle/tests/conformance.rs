//! What every backend must do, on candle's CPU and on whatever GPU is here: nothing may be missing.

use chipmark_candle::Candle;
use chipmark_core::Device;
use chipmark_reference::conformance::Verdict;
use chipmark_reference::conformance_tests;

fn nothing_is_missing(family: fn(Device) -> Verdict) {
    assert_eq!(family(Device::Cpu), Ok(Vec::new()));
}

conformance_tests!(Candle, nothing_is_missing);

#[cfg(any(target_os = "macos", feature = "cuda"))]
#[test]
fn every_gpu_that_can_be_used_conforms() {
    use chipmark_core::Backend as _;
    use chipmark_reference::conformance;
    for status in Candle::devices() {
        if status.device != Device::Cpu && status.why_not.is_none() {
            assert_eq!(conformance::everything::<Candle>(status.device), Ok(Vec::new()), "{}", status.device);
        }
    }
}
