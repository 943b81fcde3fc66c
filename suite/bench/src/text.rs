//! Small things written for people.

use std::time::Duration;

/// Bytes in decimal units, as memory and files are sold: `12.3 GB`.
pub(crate) fn bytes(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let value = bytes as f64;
    let (scaled, unit) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (value / 1e3, "kB"),
        1_000_000..1_000_000_000 => (value / 1e6, "MB"),
        _ => (value / 1e9, "GB"),
    };
    format!("{scaled:.1} {unit}")
}

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
    fn bytes_and_durations_read_well() {
        assert_eq!([999, 1_500, 12_345_678_901].map(bytes), ["999 B", "1.5 kB", "12.3 GB"]);
        assert_eq!([5, 80, 7320].map(|s| duration(Duration::from_secs(s))), ["5 s", "1 min 20 s", "2 h 02 min"]);
    }

    #[test]
    fn now_is_rfc_3339() {
        assert!(now().parse::<jiff::Timestamp>().is_ok());
    }
}
