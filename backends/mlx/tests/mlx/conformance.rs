//! What every backend must do, by the checks that all of them share.

use crate::on_mlx;
use chipmark_core::{Backend, Device};
use chipmark_mlx::Mlx;
use chipmark_reference::conformance::Verdict;
use chipmark_reference::conformance_tests;

/// MLX has every op in every dtype that is timed, on each device that this machine has: nothing may be missing.
fn nothing_is_missing(family: fn(Device) -> Verdict) {
    on_mlx(move || {
        for status in Mlx::devices().into_iter().filter(|status| status.why_not.is_none()) {
            assert_eq!(family(status.device).expect("every case is right"), [], "{}", status.device);
        }
    });
}

conformance_tests!(Mlx, nothing_is_missing);
