//! The power of a comparison against the rounds that are spent on it, as a chart by itself.

use super::draw::{Pen, Point, Style, colour, drawn, line, path, refused, text};
use super::tips::{around, tip};
use super::{ACCENT, Chart, GRID, INK, MUTED, WIDTH};
use crate::{ReportError, units};
use plotters::prelude::*;

const HEIGHT: i32 = 330;
const LEFT: i32 = 60;
const RIGHT: i32 = 960;
const TOP: i32 = 10;
const BOTTOM: i32 = HEIGHT - 46;
/// The power that is promised with both stages, drawn as a line to hold the curve against.
const PROMISED: f64 = 0.9;

/// Draws which share of cells slowed by `slowdown`, a share of the time, was found with so many rounds: points of rounds and
/// power, in rising order.
///
/// # Errors
/// When the drawing library refuses, which it does not for drawings in memory.
pub fn power_curve(points: &[(u32, f64)], slowdown: f64) -> Result<Chart, ReportError> {
    let most = points.iter().map(|(rounds, _)| *rounds).max().unwrap_or(1).max(1);
    let x = |rounds: u32| LEFT + (f64::from(rounds) / f64::from(most) * f64::from(RIGHT - LEFT)).round() as i32;
    let y = |power: f64| {
        let power = if power.is_nan() { 0.0 } else { power.clamp(0.0, 1.0) };
        BOTTOM - (power * f64::from(BOTTOM - TOP)).round() as i32
    };
    let percent = |power: f64| format!("{:.0}%", 100.0 * power);
    let body = drawn((WIDTH, HEIGHT.unsigned_abs()), |area| {
        for power in [0.0, 0.25, 0.5, 0.75, 1.0] {
            line(area, (LEFT, y(power)), (RIGHT, y(power)), Pen::solid(GRID, 1))?;
            text(area, &percent(power), (LEFT - 10, y(power)), Style::small(MUTED).right())?;
        }
        let curve = colour(0);
        line(area, (LEFT, y(PROMISED)), (RIGHT, y(PROMISED)), Pen::solid(ACCENT, 1))?;
        let promised = format!("{} is promised", percent(PROMISED));
        text(area, &promised, (LEFT + 8, y(PROMISED) - 9), Style::small(INK))?;

        for (rounds, _) in points {
            line(area, (x(*rounds), BOTTOM), (x(*rounds), BOTTOM + 4), Pen::solid(INK, 1))?;
            text(area, &rounds.to_string(), (x(*rounds), BOTTOM + 14), Style::small(MUTED).centred())?;
        }
        text(area, "rounds", (LEFT, BOTTOM + 34), Style::small(MUTED))?;
        let places: Vec<Point> = points.iter().map(|(rounds, power)| (x(*rounds), y(*power))).collect();
        path(area, places.clone(), Pen::solid(curve, 2))?;
        for ((rounds, power), place) in points.iter().zip(places) {
            area.draw(&Circle::new(place, 4, curve.filled())).map_err(refused)?;
            // Beneath the point, where a rising curve is not; above it where the axis is.
            let below = if *power < 0.1 { -12 } else { 16 };
            text(area, &percent(*power), (place.0, place.1 + below), Style::small(INK).centred())?;
            tip(area, around(place, 12), &[&format!("{rounds} rounds"), &format!("{} found", percent(*power))]);
        }
        Ok(())
    })?;
    let title = format!("Cells slowed by {} that are found", units::share(slowdown));
    let told = points.iter().map(|(rounds, power)| format!("{} with {rounds} rounds", percent(*power)));
    let about = format!("{title}: {}.", told.collect::<Vec<_>>().join(", "));
    Ok(Chart { height: HEIGHT.unsigned_abs(), body, title, about })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::svg::tests::texts;

    #[test]
    fn each_point_stands_where_its_rounds_and_its_power_put_it() {
        let chart = power_curve(&[(10, 0.25), (20, 0.75), (40, 1.0)], 0.02).unwrap();
        let promise = "90% is promised";
        let expected = ["0%", "25%", "50%", "75%", "100%", promise, "10", "20", "40", "rounds", "25%", "75%", "100%"];
        assert_eq!(texts(&chart), expected);
        let curve = "points=\"285,215 510,78 960,10 \"";
        assert!(chart.body.contains(curve), "{}", chart.body);
        assert_eq!(chart.body.matches("<circle").count(), 3);
        assert!(chart.document().contains("Cells slowed by 2.0% that are found"));
        assert!(chart.about.ends_with(": 25% with 10 rounds, 75% with 20 rounds, 100% with 40 rounds."));
    }

    #[test]
    fn nothing_measured_is_an_empty_chart_and_no_point_leaves_it() {
        assert_eq!(power_curve(&[], 0.02).unwrap().body.matches("<circle").count(), 0);
        let chart = power_curve(&[(0, -1.0), (5, f64::NAN), (10, 7.0)], 0.02).unwrap();
        assert_eq!(chart.body.matches("<circle").count(), 3);
    }
}
