//! The energy that parts of the machine have drawn, by the counters that they keep themselves: NVIDIA's drivers, Intel's
//! and AMD's RAPL (Linux), Apple's energy model (macOS). Most machines keep some of them from those who are not root, and
//! virtual machines have none: then a meter tells nothing.
//!
//! A counter moves every 1 ms (RAPL) to 100 ms (NVIDIA), so that what is measured has to last a second to be known to a tenth.
//! It counts all that the part did, the machine's idling and other programs' work with it.

use crate::nvidia;
use chipmark_results::machine::Power;
use std::time::Instant;

/// What a counter says.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Its name, the same at every reading: `nvidia-0`, `package-0`, `package-0-dram`, `psys`, `cpu`, `gpu`, … Some contain
    /// others (a package its cores, `psys` the packages), so they are not to be added.
    pub counter: String,
    /// Joules since some moment before the first reading; they never become fewer.
    pub joules: f64,
}

/// Where readings come from.
pub(crate) trait Source {
    /// What each counter says now; one that cannot be read this time is left out.
    fn read(&mut self) -> Vec<Reading>;
}

/// The counters of this machine, kept open: a reading is a small file or one call of a driver for each, and nothing is done
/// in between.
///
/// It has to be read every minute: RAPL's counters begin again when they are full, which a busy server's are after some
/// minutes, and only one such turn can be seen.
pub struct Meter {
    sources: Vec<Box<dyn Source>>,
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meter").field("sources", &self.sources.len()).finish()
    }
}

impl Meter {
    /// Opens every counter that may be read. May take a second, once: the first to ask loads NVIDIA's driver library.
    #[must_use]
    pub fn open() -> Meter {
        let mut meter = Meter::of_host();
        meter.sources.push(Box::new(nvidia::energy()));
        meter
    }

    /// The counters of the host alone; NVIDIA's graphics processors tell their power themselves.
    #[cfg(target_os = "linux")]
    pub(crate) fn of_host() -> Meter {
        crate::linux::meter(std::path::Path::new("/"))
    }

    /// The counters of the host alone.
    #[cfg(all(target_os = "macos", target_arch = "aarch64"))]
    pub(crate) fn of_host() -> Meter {
        crate::macos::ioreport::Counters::open().map_or_else(Meter::of_nothing, Meter::of)
    }

    /// The counters of the host alone: on this system there are none that a program without privileges may read.
    #[cfg(not(any(target_os = "linux", all(target_os = "macos", target_arch = "aarch64"))))]
    pub(crate) fn of_host() -> Meter {
        Meter::of_nothing()
    }

    /// No counters.
    #[cfg(not(target_os = "linux"))]
    fn of_nothing() -> Meter {
        Meter { sources: Vec::new() }
    }

    /// The meter of one source.
    pub(crate) fn of(source: impl Source + 'static) -> Meter {
        Meter { sources: vec![Box::new(source)] }
    }

    /// What every counter says now; empty where there are none.
    pub fn read(&mut self) -> Vec<Reading> {
        self.sources.iter_mut().flat_map(|source| source.read()).collect()
    }

    /// What each part drew on average while `work` ran; to a hundredth of a watt, which is more than the counters know.
    pub(crate) fn during<T>(&mut self, work: impl FnOnce() -> T) -> (T, Vec<Power>) {
        let before = self.read();
        let start = Instant::now();
        let result = work();
        // The second reading comes later than the clock's; that it is the same for the first evens out.
        let elapsed_s = start.elapsed().as_secs_f64().max(1e-6);
        let watts = |joules: f64| (joules / elapsed_s * 100.0).round() / 100.0;
        let drawn = spent(&before, &self.read()).into_iter();
        (result, drawn.map(|Reading { counter, joules }| Power { counter, watts: watts(joules) }).collect())
    }
}

/// What was drawn between two readings of one meter, for each counter that could be read both times.
#[must_use]
pub fn spent(before: &[Reading], after: &[Reading]) -> Vec<Reading> {
    let then = |counter: &str| before.iter().find(|reading| reading.counter == counter).map(|reading| reading.joules);
    after
        .iter()
        .filter_map(|now| {
            let joules = now.joules - then(&now.counter)?;
            Some(Reading { counter: now.counter.clone(), joules })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn reading(counter: &str, joules: f64) -> Reading {
        Reading { counter: counter.to_owned(), joules }
    }

    /// Draws a joule from one reading to the next.
    struct Joule(f64);

    impl Source for Joule {
        fn read(&mut self) -> Vec<Reading> {
            self.0 += 1.0;
            vec![reading("test", self.0)]
        }
    }

    #[test]
    fn what_was_spent_is_told_for_counters_read_twice() {
        let before = [reading("a", 10.0), reading("b", 5.0)];
        let after = [reading("b", 5.5), reading("c", 1.0)];
        assert_eq!(spent(&before, &after), [reading("b", 0.5)]);
        assert_eq!(spent(&[], &after), []);
    }

    #[test]
    fn power_is_energy_by_time() {
        let mut slept = Duration::ZERO;
        let ((), power) = Meter::of(Joule(0.0)).during(|| {
            let start = Instant::now();
            std::thread::sleep(Duration::from_millis(20));
            slept = start.elapsed();
        });
        assert_eq!(power.len(), 1);
        // One joule in at least the time slept: no more than that power, and on a busy machine less.
        assert!(power[0].watts > 0.0 && power[0].watts <= 1.0 / slept.as_secs_f64() + 0.01, "{power:?}");
        assert_eq!(power[0].counter, "test");
    }
}
