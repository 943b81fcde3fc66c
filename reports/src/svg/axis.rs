//! Axes: grid lines with what stands at them.

use super::draw::{Area, Pen, Point, Style, line, text};
use super::fit::within;
use super::{GRID, MUTED, SIDE};
use crate::ReportError;
use crate::scale::Scale;

/// An axis to the right: its grid lines from `top` to `bottom`, what they stand for below.
pub(super) fn below(
    area: &Area<'_>,
    scale: &Scale,
    (top, bottom): (i32, i32),
    label: fn(f64) -> String,
) -> Result<(), ReportError> {
    for tick in scale.ticks() {
        let x = scale.at(tick);
        line(area, (x, top), (x, bottom + 4), Pen::solid(GRID, 1))?;
        text(area, &label(tick), (x, bottom + 14), Style::small(MUTED).centred())?;
    }
    Ok(())
}

/// An axis upwards: its grid lines from `left` to `right`, what they stand for at the left.
pub(super) fn beside(
    area: &Area<'_>,
    scale: &Scale,
    (left, right): (i32, i32),
    label: fn(f64) -> String,
) -> Result<(), ReportError> {
    for tick in scale.ticks() {
        let y = scale.at(tick);
        line(area, (left - 4, y), (right, y), Pen::solid(GRID, 1))?;
        text(area, &label(tick), (left - 8, y), Style::small(MUTED).right())?;
    }
    Ok(())
}

/// What an axis shows, cut where the chart ends.
pub(super) fn title(area: &Area<'_>, title: &str, at: Point) -> Result<(), ReportError> {
    let style = Style::small(MUTED);
    text(area, &within(title, style, SIDE - at.0), at, style)
}

/// A round time, such as `20 µs`.
pub(super) fn time(ns: f64) -> String {
    let units = [("s", 1e9), ("ms", 1e6), ("µs", 1e3)];
    let (unit, scale) = units.into_iter().find(|(_, scale)| ns >= scale * (1.0 - 1e-9)).unwrap_or(("ns", 1.0));
    format!("{} {unit}", number(ns / scale))
}

/// A round number, with no more digits than it has.
pub(super) fn number(value: f64) -> String {
    if !(1e-6..1e7).contains(&value) {
        return format!("{value:.0e}");
    }
    let digits = (5.0 - value.log10().floor()).clamp(0.0, 12.0) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A number cut to three digits that count.
pub(super) fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// A round factor, such as `2×`.
pub(super) fn factor(ratio: f64) -> String {
    number(ratio) + "×"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_have_no_needless_digits() {
        assert_eq!(
            [0.5, 1.0, 20.0, 1e3, 2e5, 5e8, 1e9].map(time),
            ["0.5 ns", "1 ns", "20 ns", "1 µs", "200 µs", "500 ms", "1 s"]
        );
        assert_eq!([1_150.000_000_1, 1e18, 1e-12].map(time), ["1.15 µs", "1e9 s", "1e-12 ns"]);
        assert_eq!([0.05, 1.0, 1000.0, 200_000.0, 1e12].map(number), ["0.05", "1", "1000", "200000", "1e12"]);
        assert_eq!(factor(1.05), "1.05×");
        assert_eq!([33.333_333, 0.000_123_45, 40.0].map(rounded).map(number), ["33.3", "0.000123", "40"]);
    }
}
