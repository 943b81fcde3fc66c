//! Small things written for people.

use std::time::Duration;

/// A duration to the second: `1 min 20 s`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rounded positive duration")]
    let seconds = seconds as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Now, as records have it: RFC 3339, UTC, to the millisecond.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!([5, 80, 7320].map(|s| duration(Duration::from_secs(s))), ["5 s", "1 min 20 s", "2 h 02 min"]);
    }

    #[test]
    fn now_is_rfc_3339() {
        assert!(now().parse::<jiff::Timestamp>().is_ok());
    }
}
