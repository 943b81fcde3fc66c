//! The precision that is asked for is in force. A test binary of its own, with one test: the choice is the process's.

use chipmark_candle::Candle;
use chipmark_core::{Backend, Device, OpenOptions};

#[test]
fn tf32_is_on_where_it_exists_and_was_asked_for() {
    for status in Candle::devices().into_iter().filter(|status| status.why_not.is_none()) {
        for (tf32, on_cuda) in [(false, "TF32 off"), (true, "TF32 on")] {
            let options = OpenOptions { tf32, ..OpenOptions::default() };
            let precision = Candle::open(status.device, &options).unwrap().info().precision;
            let expected = match status.device {
                Device::Cuda(_) => on_cuda,
                Device::Metal => "no TF32",
                _ => "without TF32",
            };
            assert!(precision.contains(expected), "{}: {precision}", status.device);
        }
    }
}
