//! A time as it was printed: its value, and how far rounding lets it be from the truth.

use super::{Fault, ImportedOutcome};
use crate::plain::quoted;
use crate::valid::MAX_BLOCK_NS;
use serde::Deserialize;

/// The unit of printed times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Unit {
    S,
    #[default]
    Ms,
    Us,
    Ns,
}

impl Unit {
    fn ns(self) -> u32 {
        match self {
            Unit::S => 1_000_000_000,
            Unit::Ms => 1_000_000,
            Unit::Us => 1000,
            Unit::Ns => 1,
        }
    }
}

/// What stands where a time should.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Printed {
    /// `nan`.
    Nan,
    /// A time.
    Time {
        /// In ns; zero where it was shorter than half a step.
        ns: f64,
        /// Half a step of the last digit, in ns: the truth is no farther away.
        half_step_ns: f64,
    },
}

impl Printed {
    /// Reads `1.81` or `nan`, never a sign or an exponent.
    ///
    /// # Errors
    /// A line that says what is wrong.
    pub(super) fn parse(text: &str, unit: Unit) -> Result<Self, String> {
        if text == "nan" {
            return Ok(Printed::Nan);
        }
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(format!("{} is no time", quoted(text))),
            None => (text, ""),
        };
        let digits = format!("{whole}{fraction}");
        let is_number = !whole.is_empty() && digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let Some(number) = digits.parse::<u64>().ok().filter(|_| is_number) else {
            return Err(format!("{} is no time", quoted(text)));
        };
        // Ten to the number of decimals; a quotient of exact floats is rounded once, so 1.81 ms are 1 810 000 ns.
        let steps: f64 = fraction.bytes().map(|_| 10.0).product();
        let time = |number: u64| {
            #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 the last digit is below what was printed")]
            let scaled = (u128::from(number) * u128::from(unit.ns())) as f64;
            scaled / steps
        };
        let ns = time(number);
        #[expect(clippy::cast_precision_loss, reason = "ten days in ns are less than 2^53")]
        if ns > MAX_BLOCK_NS as f64 {
            return Err(format!("{} is longer than ten days", quoted(text)));
        }
        Ok(Printed::Time { ns, half_step_ns: time(1) / 2.0 })
    }

    /// The time in ns, where there is one.
    pub(super) fn time_ns(self) -> Option<f64> {
        match self {
            Printed::Time { ns, .. } if ns > 0.0 => Some(ns),
            _ => None,
        }
    }

    /// What comes of the figure.
    pub(super) fn outcome(self) -> ImportedOutcome {
        match self {
            Printed::Nan => ImportedOutcome::PrintedAsNan,
            Printed::Time { ns, .. } if ns > 0.0 => ImportedOutcome::Imported,
            Printed::Time { .. } => ImportedOutcome::BelowResolution,
        }
    }

    /// The fault that shows in what was printed.
    pub(super) fn fault(self) -> Option<Fault> {
        (self.outcome() == ImportedOutcome::BelowResolution).then_some(Fault::BelowResolution)
    }

    /// The shortest and longest times that are printed so, in ns.
    pub(super) fn range_ns(self) -> Option<(f64, f64)> {
        match self {
            Printed::Nan => None,
            Printed::Time { ns, half_step_ns } => Some(((ns - half_step_ns).max(0.0), ns + half_step_ns)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact_to_the_digit() {
        let ns = |text: &str, unit| Printed::parse(text, unit).unwrap().time_ns();
        assert_eq!(ns("1.81", Unit::Ms), Some(1_810_000.0));
        assert_eq!(ns("5749.54", Unit::Ms), Some(5_749_540_000.0));
        assert_eq!(ns("0.01", Unit::Ms), Some(10_000.0));
        assert_eq!((ns("3", Unit::Us), ns("0.25", Unit::S), ns("7", Unit::Ns)), (Some(3e3), Some(2.5e8), Some(7.0)));
        // Every time of two decimals, as its digits say it.
        for hundredths in 1..20_000u32 {
            let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            assert_eq!(ns(&text, Unit::Ms), Some(f64::from(hundredths) * 10_000.0), "{text}");
        }
    }

    #[test]
    fn zero_and_nan_have_no_time() {
        let zero = Printed::parse("0.00", Unit::Ms).unwrap();
        assert_eq!((zero.time_ns(), zero.outcome()), (None, ImportedOutcome::BelowResolution));
        assert_eq!((zero.fault(), zero.range_ns()), (Some(Fault::BelowResolution), Some((0.0, 5000.0))));
        let nan = Printed::parse("nan", Unit::Ms).unwrap();
        assert_eq!((nan.time_ns(), nan.outcome()), (None, ImportedOutcome::PrintedAsNan));
        assert_eq!((nan.fault(), nan.range_ns()), (None, None));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for bad in [
            "",
            ".",
            "1.",
            ".5",
            "-1.00",
            "+1",
            "1e3",
            "inf",
            "NaN",
            "1,5",
            "1.2.3",
            "1 2",
            "0x1",
            "٣",
            "1234567890123456",
        ] {
            assert!(Printed::parse(bad, Unit::Ms).is_err(), "{bad}");
        }
        assert!(Printed::parse("999999999", Unit::S).unwrap_err().contains("ten days"));
    }
}
