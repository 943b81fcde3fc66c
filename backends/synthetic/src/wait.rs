//! Waiting on the host's clock.

use crate::settings::Wait;
use std::time::{Duration, Instant};

/// Returns once `elapsed_ns` have passed since `since`, and not before.
pub(crate) fn until(since: Instant, elapsed_ns: f64, how: Wait) {
    // What is no duration is too long for one: centuries of queued work.
    let target = Duration::try_from_secs_f64(elapsed_ns / 1e9).unwrap_or(Duration::MAX);
    loop {
        let left = target.saturating_sub(since.elapsed());
        if left.is_zero() {
            return;
        }
        match how {
            Wait::Sleep => std::thread::sleep(left),
            Wait::Spin | Wait::Virtual => std::hint::spin_loop(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_returns_early_nor_waits_for_the_past() {
        for how in [Wait::Spin, Wait::Sleep] {
            let since = Instant::now();
            until(since, 3e6, how);
            assert!(since.elapsed() >= Duration::from_millis(3), "{how:?}");
            let before = Instant::now();
            until(since, 1e6, how);
            assert!(before.elapsed() < Duration::from_secs(1), "{how:?}");
        }
    }
}
