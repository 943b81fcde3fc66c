//! Numbers in units that people read: three significant digits, the prefix that fits.

use crate::model::Rate;

const TIMES: [(&str, f64); 4] = [("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)];

/// A time such as `1.24 ms`.
#[must_use]
pub fn time(ns: f64) -> String {
    scaled(ns, &TIMES)
}

/// Two times, such as `1.00 µs – 1.02 µs`.
#[must_use]
pub fn span(low_ns: f64, high_ns: f64) -> String {
    format!("{} – {}", time(low_ns), time(high_ns))
}

/// A time that is round, as on an axis, such as `20 µs`.
#[must_use]
pub fn round_time(ns: f64) -> String {
    let (unit, scale) = unit_of(ns, &TIMES);
    format!("{} {unit}", ns / scale)
}

/// A rate such as `1.98 TFLOP/s`.
#[must_use]
pub fn gflops(gflops: f64) -> String {
    scaled(gflops, &[("kFLOP/s", 1e-6), ("MFLOP/s", 1e-3), ("GFLOP/s", 1.0), ("TFLOP/s", 1e3), ("PFLOP/s", 1e6)])
}

/// A rate such as `59.4 GB/s`: powers of ten, as makers of memory count.
#[must_use]
pub fn gbps(gbps: f64) -> String {
    scaled(gbps, &[("kB/s", 1e-6), ("MB/s", 1e-3), ("GB/s", 1.0), ("TB/s", 1e3)])
}

/// A rate in its own unit.
#[must_use]
pub fn rate(rate: Rate) -> String {
    match rate {
        Rate::Gflops(value) => gflops(value),
        Rate::Gbps(value) => gbps(value),
    }
}

/// A size such as `64 GiB`: powers of two, as systems count memory.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    let units = [("B", 0), ("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];
    let (unit, shift) = units.into_iter().rev().find(|(_, shift)| bytes >> shift > 0).unwrap_or(("B", 0));
    let value = bytes as f64 / (1u64 << shift) as f64;
    let text = digits(value);
    format!("{} {unit}", text.strip_suffix(".0").or_else(|| text.strip_suffix(".00")).unwrap_or(&text))
}

/// An energy such as `1.24 mJ`.
#[must_use]
pub fn joules(joules: f64) -> String {
    scaled(joules, &[("nJ", 1e-9), ("µJ", 1e-6), ("mJ", 1e-3), ("J", 1.0), ("kJ", 1e3)])
}

/// A power such as `15.0 W`.
#[must_use]
pub fn watts(watts: f64) -> String {
    scaled(watts, &[("mW", 1e-3), ("W", 1.0), ("kW", 1e3)])
}

/// A share such as `±0.8%`. From 100% on, where a time less its doubt is below zero, it is no more than `>±100%`.
#[must_use]
pub fn plus_minus(share: f64) -> String {
    match share * 100.0 {
        percent if percent < 9.95 => format!("±{percent:.1}%"),
        percent if percent < 99.5 => format!("±{percent:.0}%"),
        _ => ">±100%".to_owned(),
    }
}

/// A factor such as `2.05×`.
#[must_use]
pub fn factor(ratio: f64) -> String {
    if ratio < 9.995 {
        format!("{ratio:.2}×")
    } else if ratio < 99.95 {
        format!("{ratio:.1}×")
    } else {
        format!("{ratio:.0}×")
    }
}

/// A share such as `0.4%`.
#[must_use]
pub fn share(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// A ratio of times as a change, such as `+3.2%` or `−12.0%`; as a factor such as `12.3×` from tenfold on.
#[must_use]
pub fn change(ratio: f64) -> String {
    let percent = (ratio - 1.0) * 100.0;
    let sign = if percent < 0.0 { '−' } else { '+' };
    match percent.abs() {
        size if size < 0.05 => "0.0%".to_owned(),
        // A time is never all gone.
        size if percent < 0.0 && size >= 99.95 => "<−99.9%".to_owned(),
        size if size < 99.95 => format!("{sign}{size:.1}%"),
        size if size < 899.5 => format!("{sign}{size:.0}%"),
        _ => factor(ratio),
    }
}

/// An interval of a ratio, such as `+2.1 … +4.4%`.
#[must_use]
pub fn change_interval(low: f64, high: f64) -> String {
    let (low, high) = (change(low), change(high));
    match low.strip_suffix('%') {
        Some(number) if high.ends_with('%') => format!("{number} … {high}"),
        _ => format!("{low} … {high}"),
    }
}

/// A probability such as `0.031`.
#[must_use]
pub fn probability(p: f64) -> String {
    if p < 0.0005 { "<0.001".to_owned() } else { format!("{p:.3}") }
}

/// An error ratio such as `1.0e-7`.
#[must_use]
pub fn error(error: f64) -> String {
    if error == 0.0 { "0".to_owned() } else { format!("{error:.1e}") }
}

fn scaled(value: f64, units: &[(&'static str, f64)]) -> String {
    let (unit, scale) = unit_of(value, units);
    format!("{} {unit}", digits(value / scale))
}

/// The unit in which a value is at least one. What would round up to 1000 of a unit is 1.00 of the next.
fn unit_of(value: f64, units: &[(&'static str, f64)]) -> (&'static str, f64) {
    let first = units.first().copied().unwrap_or(("", 1.0));
    units.iter().rev().find(|(_, scale)| value >= scale * 0.9995).copied().unwrap_or(first)
}

/// Three significant digits, and all digits before the point.
fn digits(value: f64) -> String {
    match value.abs() {
        v if v < 9.995 => format!("{value:.2}"),
        v if v < 99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_the_unit_that_fits() {
        let shown = [0.0, 0.4, 999.4, 999.6, 1_000.0, 12_345.0, 999_499.0, 999_600.0, 1.24e6, 2.5e9, 1e13].map(time);
        let expected = [
            "0.00 ns", "0.40 ns", "999 ns", "1.00 µs", "1.00 µs", "12.3 µs", "999 µs", "1.00 ms", "1.24 ms", "2.50 s",
            "10000 s",
        ];
        assert_eq!(shown, expected);
        assert_eq!(span(999.4, 1020.0), "999 ns – 1.02 µs");
    }

    #[test]
    fn round_times_have_no_needless_digits() {
        let shown = [0.5, 1.0, 20.0, 500.0, 1e3, 2e5, 5e8, 1e9].map(round_time);
        assert_eq!(shown, ["0.5 ns", "1 ns", "20 ns", "500 ns", "1 µs", "200 µs", "500 ms", "1 s"]);
    }

    #[test]
    fn changes_have_a_sign_and_never_reach_nothing() {
        let shown = [1.0, 1.0004, 1.032, 0.968, 0.9996, 1.994, 2.0, 9.99, 10.0, 1234.0, 0.001, 0.0001, 0.0].map(change);
        let expected = [
            "0.0%",
            "0.0%",
            "+3.2%",
            "−3.2%",
            "0.0%",
            "+99.4%",
            "+100%",
            "+899%",
            "10.0×",
            "1234×",
            "−99.9%",
            "<−99.9%",
            "<−99.9%",
        ];
        assert_eq!(shown, expected);
        assert_eq!(change_interval(1.021, 1.044), "+2.1 … +4.4%");
        assert_eq!(change_interval(0.98, 1.0), "−2.0 … 0.0%");
        assert_eq!(change_interval(5.0, 12.0), "+400% … 12.0×");
        assert_eq!([share(0.0042), share(0.925), share(1.0)], ["0.4%", "92.5%", "100.0%"]);
        assert_eq!([probability(1.0), probability(0.0314), probability(0.0004)], ["1.000", "0.031", "<0.001"]);
    }

    #[test]
    fn rates_sizes_and_shares() {
        assert_eq!(gflops(1980.2), "1.98 TFLOP/s");
        assert_eq!(gflops(0.002), "2.00 MFLOP/s");
        assert_eq!(gbps(59.41), "59.4 GB/s");
        assert_eq!([joules(0.00124), joules(2e-7), joules(1500.0)], ["1.24 mJ", "200 nJ", "1.50 kJ"]);
        assert_eq!([watts(15.0), watts(0.25)], ["15.0 W", "250 mW"]);
        assert_eq!(bytes(64 << 30), "64 GiB");
        assert_eq!(bytes(7_800_000_000), "7.26 GiB");
        assert_eq!([bytes(0), bytes(1000), bytes(1536)], ["0 B", "1000 B", "1.50 KiB"]);
        assert_eq!([plus_minus(0.008), plus_minus(0.0994), plus_minus(0.0996)], ["±0.8%", "±9.9%", "±10%"]);
        assert_eq!([plus_minus(0.994), plus_minus(1.0), plus_minus(39.9)], ["±99%", ">±100%", ">±100%"]);
        assert_eq!([factor(1.0), factor(2.049), factor(25.06), factor(1234.4)], ["1.00×", "2.05×", "25.1×", "1234×"]);
        assert_eq!([error(0.0), error(1.04e-7), error(f64::INFINITY)], ["0", "1.0e-7", "inf"]);
    }
}
