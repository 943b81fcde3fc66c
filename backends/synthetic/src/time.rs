//! The time that a device shares with its host: the machine's own, or a virtual one that waiting alone moves.

use crate::settings::{Settings, Wait};
use crate::virtual_device::VirtualClock;
use crate::{Synthetic, wait};
use chipmark_worker::{Clock, serve, serve_by};
use std::process::ExitCode;
use std::time::Instant;

thread_local! {
    /// The virtual time of this thread: one thread of a worker makes all calls, and reads the clock.
    static VIRTUAL: VirtualClock = VirtualClock::default();
}

/// Serves the synthetic backend as a worker, by the machine's clock or, with `wait=virtual`, by the virtual one.
#[must_use]
pub fn serve_synthetic() -> ExitCode {
    // Settings that are wrong are told when the device is opened.
    match Settings::from_env() {
        Ok(Settings { wait: Wait::Virtual, .. }) => serve_by::<Synthetic>(&VIRTUAL.with(VirtualClock::clone)),
        _ => serve::<Synthetic>(),
    }
}

/// The time since a device was opened.
#[derive(Debug)]
pub(crate) enum Time {
    /// The machine's, and how to wait for it.
    Host { opened: Instant, how: Wait },
    /// Virtual, from where its clock stood.
    Virtual { opened_ns: u64, clock: VirtualClock },
}

impl Time {
    /// Starts now.
    pub(crate) fn start(how: Wait) -> Self {
        match how {
            Wait::Virtual => {
                let clock = VIRTUAL.with(VirtualClock::clone);
                Time::Virtual { opened_ns: clock.now_ns(), clock }
            }
            Wait::Spin | Wait::Sleep => Time::Host { opened: Instant::now(), how },
        }
    }

    /// Nanoseconds since the start.
    #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
    pub(crate) fn now_ns(&self) -> f64 {
        match self {
            Time::Host { opened, .. } => opened.elapsed().as_secs_f64() * 1e9,
            Time::Virtual { opened_ns, clock } => (clock.now_ns() - opened_ns) as f64,
        }
    }

    /// Returns once it is so late, and not before.
    pub(crate) fn wait_until(&self, ns: f64) {
        match self {
            Time::Host { opened, how } => wait::until(*opened, ns, *how),
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and 584 years fit")]
            Time::Virtual { opened_ns, clock } => clock.move_to(opened_ns.saturating_add(ns.ceil() as u64)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_time_passes_by_waiting_alone() {
        let start = Instant::now();
        let first = Time::start(Wait::Virtual);
        first.wait_until(3.6e12);
        assert_eq!(first.now_ns(), 3.6e12, "an hour");
        first.wait_until(1e9);
        assert_eq!(first.now_ns(), 3.6e12, "what is over is not waited for");
        let second = Time::start(Wait::Virtual);
        assert_eq!(second.now_ns(), 0.0);
        second.wait_until(0.5);
        assert_eq!((second.now_ns(), first.now_ns()), (1.0, 3.6e12 + 1.0), "one clock, in whole nanoseconds");
        assert!(start.elapsed().as_secs() < 60, "nobody waited");
    }
}
