//! When enough launches are enough: how well the ratios between the targets of a case are known. The width of an interval
//! decides, never what it says: to stop once a difference is significant would find one where there is none.

use crate::compare::Series;
use crate::estimate::median;
use crate::stats::Interval;
use crate::stats::bootstrap::Bootstrap;

/// How well a target's ratio to the fastest is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known {
    /// It is the fastest of several: its ratio is 1.
    Fastest,
    /// Half the width of its 95% interval, as a share.
    To(f64),
    /// Too few launches for an interval.
    TooFew,
}

impl Known {
    /// Whether it is known at least so well.
    #[must_use]
    pub fn is_within(self, half_width: f64) -> bool {
        match self {
            Known::Fastest => true,
            Known::To(found) => found <= half_width,
            Known::TooFew => false,
        }
    }

    /// Half the width, where there is one.
    #[must_use]
    pub fn half_width(self) -> Option<f64> {
        match self {
            Known::To(half_width) => Some(half_width),
            Known::Fastest | Known::TooFew => None,
        }
    }
}

/// The place of the fastest target of a case: by the median of its launches' medians, as ratios are shown. None where none has a
/// launch.
#[must_use]
pub fn fastest(targets: &[Series]) -> Option<usize> {
    let time = |series: &Series| median(&series.values().iter().map(|ln| ln.exp()).collect::<Vec<_>>());
    let times = targets.iter().enumerate().filter_map(|(at, series)| Some((at, time(series)?)));
    times.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at)
}

/// How well the ratio of each target of a case to the fastest of them is known, from the rounds that both were measured in. Of a
/// target that stands alone, how well its own time is. Targets without a launch are `TooFew`. What is not ranked is no target
/// here: f32 in name and TF32 in error is not to be waited for.
#[must_use]
pub fn half_widths(targets: &[Series], bootstrap: &mut Bootstrap) -> Vec<Known> {
    let several = targets.iter().filter(|series| !series.launches.is_empty()).count() > 1;
    let Some(fastest) = fastest(targets) else { return vec![Known::TooFew; targets.len()] };
    let mut known = |(at, series): (usize, &Series)| {
        let values = match targets.get(fastest) {
            Some(_) if at == fastest && several => return Known::Fastest,
            Some(fastest) if several => fastest.paired(series),
            _ => series.values(),
        };
        bootstrap.mean_interval(&values).map_or(Known::TooFew, |interval| Known::To(half_width(interval)))
    };
    targets.iter().enumerate().map(&mut known).collect()
}

/// Half the width of an interval of logarithms, as a share.
fn half_width(interval: Interval) -> f64 {
    ((interval.high - interval.low) / 2.0).exp_m1()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: impl IntoIterator<Item = f64>) -> Series {
        Series { launches: (0..).zip(values).collect() }
    }

    #[test]
    fn drift_that_hits_all_alike_is_no_doubt() {
        let drift = |round: i32| f64::from(round) * 0.05;
        let fast = series((0..8).map(drift));
        let slow = series((0..8).map(|round| drift(round) + 0.7));
        let mut bootstrap = Bootstrap::new(1);
        let both = half_widths(&[slow.clone(), fast], &mut bootstrap);
        assert_eq!(both[1], Known::Fastest);
        assert!(both[0].is_within(1e-9), "{both:?}");
        let alone = half_widths(&[slow], &mut bootstrap);
        assert!(!alone[0].is_within(0.05), "{alone:?}");
    }

    #[test]
    fn the_fastest_is_so_by_its_median() {
        // By the mean of the logarithms it would be the first, for its one fast launch.
        let once_fast = series([-9.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        let steady = series([0.9; 6]);
        assert_eq!(fastest(&[once_fast.clone(), series([]), steady.clone()]), Some(2));
        let known = half_widths(&[once_fast, steady], &mut Bootstrap::new(1));
        assert_eq!(known[1], Known::Fastest);
        assert!(matches!(known[0], Known::To(_)));
        assert_eq!(fastest(&[series([])]), None);
    }

    #[test]
    fn few_launches_and_none_are_known_to_nothing() {
        let mut bootstrap = Bootstrap::new(1);
        let found = half_widths(&[series([1.0, 1.0]), series([2.0, 2.0]), series([])], &mut bootstrap);
        assert_eq!(found, [Known::Fastest, Known::TooFew, Known::TooFew]);
        assert_eq!(half_widths(&[series([])], &mut bootstrap), [Known::TooFew]);
        assert_eq!(half_widths(&[], &mut bootstrap), []);
    }

    #[test]
    fn noise_widens_and_rounds_narrow() {
        let noisy = |rounds: u32| series((0..rounds).map(|round| if round % 2 == 0 { 0.02 } else { -0.02 }));
        let still = |rounds: u32| series((0..rounds).map(|_| -1.0));
        let mut bootstrap = Bootstrap::new(1);
        let width = |rounds, bootstrap: &mut Bootstrap| {
            half_widths(&[noisy(rounds), still(rounds)], bootstrap)[0].half_width().unwrap()
        };
        let (few, many) = (width(8, &mut bootstrap), width(32, &mut bootstrap));
        assert!(few > 1.8 * many, "{few} {many}");
        // Student's interval of a standard deviation of 0.0203 in 32 rounds is ±0.0073.
        assert!((many - 0.0073).abs() < 0.0008, "{many}");
    }
}
