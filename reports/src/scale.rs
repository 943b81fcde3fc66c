//! A log axis: where a time stands on it, and at which round times its ticks are.

/// A log axis between two round times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    low_ns: f64,
    high_ns: f64,
    left: i32,
    right: i32,
}

/// The steps of round numbers within a decade.
const STEPS: [f64; 3] = [1.0, 2.0, 5.0];

impl Scale {
    /// An axis from pixel `left` to `right` that holds all these times, with room at the left so that the shortest bar is
    /// still a bar. Nothing if no time is above zero.
    #[must_use]
    pub fn over(times_ns: impl Iterator<Item = f64>, left: i32, right: i32) -> Option<Self> {
        let (low, high) = times_ns
            .filter(|ns| *ns > 0.0 && ns.is_finite())
            .fold((f64::INFINITY, 0.0f64), |(low, high), ns| (low.min(ns), high.max(ns)));
        (high > 0.0).then(|| Scale { low_ns: round_down(low / 1.5), high_ns: round_up(high), left, right })
    }

    /// The pixel of a time; times beyond the axis are put at its ends.
    #[must_use]
    pub fn x(&self, ns: f64) -> i32 {
        let share = (ns / self.low_ns).ln() / (self.high_ns / self.low_ns).ln();
        self.left + (share.clamp(0.0, 1.0) * f64::from(self.right - self.left)).round() as i32
    }

    /// Round times along the axis, at most ten.
    #[must_use]
    pub fn ticks(&self) -> Vec<f64> {
        let decades = (self.high_ns / self.low_ns).log10();
        let steps: &[f64] = if decades <= 2.5 { &STEPS } else { &STEPS[..1] };
        let every = (decades / 9.0).ceil().max(1.0) as i32;
        let first = self.low_ns.log10().floor() as i32;
        let last = self.high_ns.log10().ceil() as i32;
        let slack = 1.0 + 1e-9;
        (first..=last)
            .filter(|exponent| exponent % every == 0)
            .flat_map(|exponent| steps.iter().map(move |step| step * 10f64.powi(exponent)))
            .filter(|ns| *ns * slack >= self.low_ns && *ns <= self.high_ns * slack)
            .collect()
    }
}

fn decade(ns: f64) -> f64 {
    10f64.powf(ns.log10().floor())
}

/// The largest round number that is not above `ns`.
fn round_down(ns: f64) -> f64 {
    let decade = decade(ns);
    let step = STEPS.into_iter().rev().find(|step| step * decade <= ns).unwrap_or(1.0);
    step * decade
}

/// The smallest round number above `ns`.
fn round_up(ns: f64) -> f64 {
    let decade = decade(ns);
    let step = STEPS.into_iter().chain([10.0]).find(|step| step * decade > ns).unwrap_or(10.0);
    step * decade
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_holds_its_times_and_leaves_room_at_the_left() {
        let scale = Scale::over([1000.0, 9000.0].into_iter(), 100, 500).unwrap();
        assert_eq!((scale.low_ns, scale.high_ns), (500.0, 10_000.0));
        assert_eq!((scale.x(500.0), scale.x(10_000.0)), (100, 500));
        assert!(scale.x(1000.0) > 100);
        // Halfway in the logarithm.
        assert_eq!(scale.x((500.0f64 * 10_000.0).sqrt()), 300);
        assert_eq!((scale.x(1.0), scale.x(1e12)), (100, 500));
    }

    #[test]
    fn ticks_are_round_and_few() {
        let short = Scale::over([1000.0, 9000.0].into_iter(), 0, 100).unwrap().ticks();
        assert_eq!(short, [500.0, 1000.0, 2000.0, 5000.0, 10_000.0]);
        let long = Scale::over([12.0, 3e9].into_iter(), 0, 100).unwrap().ticks();
        assert_eq!(long.len(), 9, "{long:?}");
        assert!(long.iter().all(|ns| (ns.log10() - ns.log10().round()).abs() < 1e-9));
        for (low, high) in [(1.0, 1.0), (3.0, 3.1), (999.0, 1001.0), (1.0, 1e13), (0.001, 1e15)] {
            let ticks = Scale::over([low, high].into_iter(), 0, 100).unwrap().ticks();
            assert!((2..=10).contains(&ticks.len()), "{low} to {high}: {ticks:?}");
        }
    }

    #[test]
    fn no_time_no_axis() {
        assert_eq!(Scale::over(std::iter::empty(), 0, 100), None);
        assert_eq!(Scale::over([0.0, -1.0, f64::NAN, f64::INFINITY].into_iter(), 0, 100), None);
    }
}
