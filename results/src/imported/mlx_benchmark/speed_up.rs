//! A printed speed-up, which is a checksum of its row: it was computed from the times before they were rounded.

use crate::imported::printed::Printed;
use crate::plain::quoted;

/// How far a printed percentage is from the true one at most: it was cut off or rounded to a whole number.
const STEP_PERCENT: f64 = 1.0;

/// What stands in a column of speed-ups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum SpeedUp {
    /// `nan%`.
    Nan,
    /// By how many percent the other's time exceeds the first's.
    Percent(f64),
}

impl SpeedUp {
    /// Reads `+58%`, `-2%`, `0%` or `nan%`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let bad = || format!("{} is no speed-up", quoted(text));
        let number = text.strip_suffix('%').ok_or_else(bad)?;
        if number == "nan" {
            return Ok(SpeedUp::Nan);
        }
        let digits = number.strip_prefix(['+', '-']).unwrap_or(number);
        let is_number = (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        let percent = number.parse::<f64>().ok().filter(|_| is_number).ok_or_else(bad)?;
        Ok(SpeedUp::Percent(percent))
    }

    /// Whether it can come from times that are printed as these: `over / of - 1`, for some times within half a step of them.
    pub(super) fn agrees(self, of: Printed, over: Printed) -> bool {
        match (self, of.range_ns(), over.range_ns()) {
            (SpeedUp::Nan, Some(_), Some(_)) => false,
            (SpeedUp::Nan, ..) => true,
            (SpeedUp::Percent(percent), Some(of), Some(over)) => {
                let percent_of = |ratio: f64| 100.0 * (ratio - 1.0);
                let least = percent_of(over.0 / of.1);
                // A time printed as zero may have been as short as you like.
                let most = if of.0 > 0.0 { percent_of(over.1 / of.0) } else { f64::INFINITY };
                (least - STEP_PERCENT..=most + STEP_PERCENT).contains(&percent)
            }
            (SpeedUp::Percent(_), ..) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imported::printed::Unit;

    fn agrees(percent: &str, of: &str, over: &str) -> bool {
        let time = |text| Printed::parse(text, Unit::Ms).unwrap();
        SpeedUp::parse(percent).unwrap().agrees(time(of), time(over))
    }

    #[test]
    fn a_percentage_agrees_as_far_as_rounding_goes() {
        // 3.00 / 2.00 is between 2.995 / 2.005 and 3.005 / 1.995: 49.4% to 50.6%, and a point more on either side.
        assert!(agrees("+50%", "2.00", "3.00") && agrees("+49%", "2.00", "3.00") && agrees("+51%", "2.00", "3.00"));
        assert!(!agrees("+48%", "2.00", "3.00") && !agrees("+52%", "2.00", "3.00") && !agrees("-50%", "2.00", "3.00"));
        // The shorter the time, the less the digits bind: 0.010 / 0.020 may be 0.005 / 0.025 or 0.015 / 0.015.
        assert!(agrees("-79%", "0.02", "0.01") && agrees("0%", "0.02", "0.01") && !agrees("+3%", "0.02", "0.01"));
    }

    #[test]
    fn a_time_of_zero_bounds_from_one_side() {
        // At most 0.005 ms: at least 22.855 / 0.005 - 1 = 457,000%.
        assert!(agrees("+1138326%", "0.00", "22.86") && agrees("+457000%", "0.00", "22.86"));
        assert!(!agrees("+456000%", "0.00", "22.86"));
        // The other way: over is between 0 and 0.005, so at most 0.005 / 0.995 - 1 = -99.5%.
        assert!(agrees("-99%", "1.00", "0.00") && agrees("-100%", "1.00", "0.00") && !agrees("-98%", "1.00", "0.00"));
        assert!(agrees("+23%", "0.00", "0.00") && agrees("-90%", "0.00", "0.00"));
    }

    #[test]
    fn nan_goes_with_nan_alone() {
        assert!(agrees("nan%", "nan", "1.00") && agrees("nan%", "1.00", "nan") && agrees("nan%", "nan", "nan"));
        assert!(!agrees("nan%", "1.00", "1.00") && !agrees("0%", "nan", "1.00") && !agrees("0%", "1.00", "nan"));
    }

    #[test]
    fn what_is_no_percentage_is_refused() {
        assert_eq!(SpeedUp::parse("+1138326%"), Ok(SpeedUp::Percent(1_138_326.0)));
        for bad in ["", "%", "12", "+%", "+-1%", "1.5%", "inf%", "1e3%", "+nan%", "1 %", "1%%", "+1234567890123456%"] {
            assert!(SpeedUp::parse(bad).is_err(), "{bad}");
        }
    }
}
