//! A log axis: where a value stands on it, and at which round values its ticks are.

/// A log axis from one value to a larger one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    from: i32,
    to: i32,
}

/// The steps of round numbers within a decade.
const STEPS: [f64; 3] = [1.0, 2.0, 5.0];

/// What an axis shows at the least and at the most. Values beyond, which nothing has that was ever measured, stand at its ends, so
/// that it has neither infinite ends nor ticks without number.
const LEAST: f64 = 1e-12;
const MOST: f64 = 1e18;

/// The room beside the values of a fitted axis, as a share of what they span.
const ROOM: f64 = 0.06;

/// The factor by which a fitted axis goes beyond its values at least.
const LEAST_ROOM: f64 = 1.02;

impl Scale {
    /// An axis from pixel `left` to `right` that holds all these times, with room at the left so that the shortest bar is
    /// still a bar. Its ends are round. Nothing if no time is above zero.
    #[must_use]
    pub fn over(times_ns: impl IntoIterator<Item = f64>, left: i32, right: i32) -> Option<Self> {
        let (low, high) = extremes(times_ns)?;
        Some(Scale { low: round_down(low / 1.5), high: round_up(high), from: left, to: right })
    }

    /// An axis from pixel `from` to pixel `to`, upwards where that is the smaller, that holds all these values with a little room
    /// on both sides: for points, of which none is to lie on the edge. Nothing if no value is above zero.
    #[must_use]
    pub fn fitted(values: impl IntoIterator<Item = f64>, from: i32, to: i32) -> Option<Self> {
        let (low, high) = extremes(values)?;
        let room = (high / low).powf(ROOM).max(LEAST_ROOM);
        Some(Scale { low: low / room, high: high * room, from, to })
    }

    /// The pixel of a value; values beyond the axis are put at its ends, and what is no number at its beginning.
    #[must_use]
    pub fn at(&self, value: f64) -> i32 {
        let share = (value / self.low).ln() / (self.high / self.low).ln();
        let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        self.from + (share * f64::from(self.to - self.from)).round() as i32
    }

    /// The lowest value.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The highest value.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.high
    }

    /// Round values along the axis, at most ten.
    #[must_use]
    pub fn ticks(&self) -> Vec<f64> {
        let ticks = self.log_ticks();
        if ticks.len() < 3 { self.even_ticks() } else { ticks }
    }

    /// Round numbers of one decade after the other.
    fn log_ticks(&self) -> Vec<f64> {
        let decades = (self.high / self.low).log10();
        let steps: &[f64] = if decades <= 3.0 { &STEPS } else { &STEPS[..1] };
        let every = (decades / 9.0).ceil().max(1.0) as i32;
        let first = self.low.log10().floor() as i32;
        let last = self.high.log10().ceil() as i32;
        (first..=last)
            .filter(|exponent| exponent % every == 0)
            .flat_map(|exponent| steps.iter().map(move |step| step * 10f64.powi(exponent)))
            .filter(|value| self.holds(*value))
            .collect()
    }

    /// Multiples of one round number, for an axis too short for round numbers of decades.
    fn even_ticks(&self) -> Vec<f64> {
        let step = round_up((self.high - self.low) / 7.0);
        let first = (self.low / step).ceil();
        (0..10).map(|n| (first + f64::from(n)) * step).filter(|value| self.holds(*value)).collect()
    }

    fn holds(&self, value: f64) -> bool {
        const SLACK: f64 = 1.0 + 1e-9;
        value * SLACK >= self.low && value <= self.high * SLACK
    }
}

/// The smallest and the largest of the values that can stand on a log axis. Nothing if none can.
fn extremes(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let able = values.into_iter().filter(|value| *value > 0.0 && value.is_finite());
    able.map(|value| value.clamp(LEAST, MOST)).fold(None, |ends, value| {
        let (low, high): (f64, f64) = ends.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    })
}

fn decade(value: f64) -> f64 {
    10f64.powf(value.log10().floor())
}

/// The largest round number that is not above `value`.
fn round_down(value: f64) -> f64 {
    let decade = decade(value);
    let step = STEPS.into_iter().rev().find(|step| step * decade <= value).unwrap_or(1.0);
    step * decade
}

/// The smallest round number above `value`.
pub(crate) fn round_up(value: f64) -> f64 {
    let decade = decade(value);
    let step = STEPS.into_iter().chain([10.0]).find(|step| step * decade > value).unwrap_or(10.0);
    step * decade
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_axis_holds_its_times_and_leaves_room_at_the_left() {
        let scale = Scale::over([1000.0, 9000.0], 100, 500).unwrap();
        assert_eq!((scale.low(), scale.high()), (500.0, 10_000.0));
        assert_eq!((scale.at(500.0), scale.at(10_000.0)), (100, 500));
        assert!(scale.at(1000.0) > 100);
        // Halfway in the logarithm.
        assert_eq!(scale.at((500.0f64 * 10_000.0).sqrt()), 300);
        assert_eq!((scale.at(1.0), scale.at(1e12), scale.at(f64::NAN)), (100, 500, 100));
    }

    #[test]
    fn a_fitted_axis_has_its_values_within_and_may_go_upwards() {
        let scale = Scale::fitted([1.0, 100.0], 500, 100).unwrap();
        assert_eq!(scale.at(10.0), 300);
        assert!((100..150).contains(&scale.at(100.0)) && (450..500).contains(&scale.at(1.0)), "{scale:?}");
    }

    #[test]
    fn ticks_are_round_and_few() {
        let short = Scale::over([1000.0, 9000.0], 0, 100).unwrap().ticks();
        assert_eq!(short, [500.0, 1000.0, 2000.0, 5000.0, 10_000.0]);
        let long = Scale::over([12.0, 3e9], 0, 100).unwrap().ticks();
        assert_eq!(long.len(), 9, "{long:?}");
        assert!(long.iter().all(|ns| (ns.log10() - ns.log10().round()).abs() < 1e-9));
        let narrow = Scale::fitted([1000.0, 1100.0], 0, 100).unwrap().ticks();
        assert_eq!(narrow, [1000.0, 1050.0, 1100.0]);
    }

    #[test]
    fn no_value_no_axis() {
        assert_eq!(Scale::over([], 0, 100), None);
        assert_eq!(Scale::fitted([0.0, -1.0, f64::NAN, f64::INFINITY], 0, 100), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn whatever_the_values_ticks_are_few_and_places_within(
            values in prop::collection::vec(prop::num::f64::ANY, 0..6),
            tight in 0.5..2.0f64,
            other in prop::num::f64::ANY,
        ) {
            let all = values.iter().copied().chain(values.iter().map(|value| value * tight));
            for scale in [Scale::over(all.clone(), 100, 500), Scale::fitted(all.clone(), 500, 100)].into_iter().flatten() {
                let ticks = scale.ticks();
                prop_assert!((2..=10).contains(&ticks.len()), "{:?}: {:?}", scale, ticks);
                prop_assert!(ticks.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", ticks);
                for value in all.clone().chain(ticks).chain([other]) {
                    prop_assert!((100..=500).contains(&scale.at(value)), "{} on {:?}", value, scale);
                }
            }
        }
    }
}
