//! The clocks of an Apple chip's cores, from how long they were in each state: their mean while they were at work. That an idle core
//! has none keeps a short pause from looking like a slow machine.

/// The states in which nothing is done; a channel tells them first.
const IDLE: [&str; 3] = ["IDLE", "DOWN", "OFF"];

/// The work of some cores since the last look, weighted by the clock that it was done at.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Work {
    time: f64,
    clock_time: f64,
    max_clock_time: f64,
}

impl Work {
    /// Adds a core: how long it was in each of its states, and the clocks of those in which it works, in MHz and from the lowest. A
    /// core whose states these clocks do not fit is left out: the table is another's.
    pub fn add(&mut self, states: &[(String, i64)], clocks_mhz: &[u32]) {
        let working = states.iter().skip_while(|(name, _)| IDLE.contains(&name.as_str()));
        let Some(&max_mhz) = clocks_mhz.last().filter(|_| working.clone().count() >= clocks_mhz.len()) else { return };
        for ((_, time), &mhz) in working.zip(clocks_mhz).filter(|((_, time), _)| *time > 0) {
            #[expect(clippy::cast_precision_loss, reason = "the time of a round, to nine digits at least")]
            let time = *time as f64;
            self.time += time;
            self.clock_time += time * f64::from(mhz);
            self.max_clock_time += time * f64::from(max_mhz);
        }
    }

    /// The mean clock and the mean of the highest that the same cores could have had, in MHz. None where nothing was done.
    #[must_use]
    pub fn mean_and_max_mhz(&self) -> Option<(u32, u32)> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of 32-bit clocks")]
        let mean = |sum: f64| (sum / self.time).round() as u32;
        (self.time > 0.0).then(|| (mean(self.clock_time), mean(self.max_clock_time)))
    }
}

/// Which of so many kinds of cores, from the slowest, a channel of the processor's is of.
#[must_use]
pub fn kind(channel: &str, kinds: usize) -> Option<usize> {
    let last = kinds.checked_sub(1)?;
    if channel.contains("PCPU") {
        Some(last)
    } else if channel.contains("MCPU") {
        // Between the others where there are three, and the slower of two.
        Some(if last >= 2 { 1 } else { 0 })
    } else {
        channel.contains("ECPU").then_some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(times: &[(&str, i64)]) -> Vec<(String, i64)> {
        times.iter().map(|(name, time)| ((*name).to_owned(), *time)).collect()
    }

    #[test]
    fn idling_has_no_clock_and_work_is_weighted_by_its_time() {
        let mut work = Work::default();
        assert_eq!(work.mean_and_max_mhz(), None);
        work.add(&states(&[("DOWN", 5), ("IDLE", 900), ("V0P2", 30), ("V1P1", 10), ("V2P0", 0)]), &[1000, 2000, 4000]);
        assert_eq!(work.mean_and_max_mhz(), Some((1250, 4000)));
        // Another kind of core, which can do less.
        work.add(&states(&[("IDLE", 0), ("V0P0", 40)]), &[2000]);
        assert_eq!(work.mean_and_max_mhz(), Some((1625, 3000)));
    }

    #[test]
    fn what_does_not_fit_counts_for_nothing() {
        let mut work = Work::default();
        work.add(&states(&[("IDLE", 1), ("V0", 10)]), &[1000, 2000]);
        work.add(&states(&[("IDLE", 1), ("V0", -10)]), &[1000]);
        work.add(&states(&[("OFF", 100)]), &[]);
        assert_eq!(work, Work::default());
    }

    #[test]
    fn channels_tell_their_kind_of_core() {
        assert_eq!((kind("ECPU0", 2), kind("DIE_1_PCPU1_CPU0", 2)), (Some(0), Some(1)));
        assert_eq!((kind("MCPU3", 2), kind("PACC0_MCPU1", 3)), (Some(0), Some(1)));
        assert_eq!((kind("PCPU0", 0), kind("GPUPH", 2)), (None, None));
    }
}
