//! How values on the command line are read.

use chipmark_core::worker_env::check_env;
use chipmark_results::valid::MAX_LIMIT_S;
use std::time::Duration;

/// Reads `90`, `90s` or `2m 30s`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let parsed = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|e| e.to_string()),
        Err(_) => humantime::parse_duration(text).map_err(|e| e.to_string()),
    };
    match parsed {
        Ok(duration) if duration.as_secs_f64() > MAX_LIMIT_S => Err(format!("more than {MAX_LIMIT_S} s is no limit")),
        Ok(duration) if !duration.is_zero() => Ok(duration),
        Ok(_) => Err("it must be longer than nothing".to_owned()),
        Err(why) => Err(format!("{why}; write it like 90s or 2m")),
    }
}

/// Reads `5%` or `0.05`: above 0, at most 1.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number.trim_end(), 100.0));
    let share = number.parse::<f64>().ok().map(|number| number / unit);
    share.filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| "write a share like 5% or 0.05".to_owned())
}

/// Reads a share of noise: one that leaves times above zero.
pub(super) fn noise(text: &str) -> Result<f64, String> {
    share(text)
        .and_then(|share| (share <= 0.2).then_some(share).ok_or_else(|| "at most 20% can be simulated".to_owned()))
}

/// Reads `NAME=VALUE`.
pub(super) fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) => {
            let variable = (name.to_owned(), value.to_owned());
            check_env(&[variable.clone()].into()).map(|()| variable)
        }
        None => Err("write NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percent_or_fractions() {
        assert_eq!((share("5%"), share("0.05"), share("2.5 %")), (Ok(0.05), Ok(0.05), Ok(0.025)));
        for bad in ["5", "-1%", "much", "nan", "101%", "%"] {
            assert!(share(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn durations_are_seconds_or_have_a_unit() {
        assert_eq!(duration("1.5"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("2m 30s"), Ok(Duration::from_secs(150)));
        for bad in ["0", "-1", "soon", "nan", "1e99", "1e9"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
