//! The power of a comparison against the rounds that are spent on it, as a chart by itself.

use super::{AXIS_HEIGHT, Chart, INK, LEFT, MUTED, PALETTE, PAPER, Style, WIDTH, drawn, line, refused, text};
use crate::{ReportError, units};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

const HEIGHT: u32 = 360;
const TOP: i32 = 40;
const RIGHT: i32 = 960;
/// The power that is promised with both stages, drawn as a line to hold the curve against.
const PROMISED: f64 = 0.9;

/// Draws which share of cells slowed by `slowdown`, a share of the time, was found with so many rounds: points of rounds and
/// power, in rising order. The document has a ground of its own, as it stands on pages light and dark.
///
/// # Errors
/// When the drawing library refuses, which it does not for drawings in memory.
pub fn power_curve(points: &[(u32, f64)], slowdown: f64) -> Result<Chart, ReportError> {
    let bottom = i32::try_from(HEIGHT).unwrap_or(0) - AXIS_HEIGHT;
    let most = points.iter().map(|(rounds, _)| *rounds).max().unwrap_or(1).max(1);
    let x = |rounds: u32| LEFT + (f64::from(rounds) / f64::from(most) * f64::from(RIGHT - LEFT)).round() as i32;
    let y = |power: f64| bottom - (power.clamp(0.0, 1.0) * f64::from(bottom - TOP)).round() as i32;
    let percent = |power: f64| format!("{:.0}%", 100.0 * power);
    let body = drawn((WIDTH, HEIGHT), |area| {
        area.fill(&PAPER).map_err(refused)?;
        let title = format!("Cells slowed by {} that are found", units::share(slowdown));
        text(area, &title, (LEFT, TOP / 2), Style { bold: true, ..Style::body(INK) })?;
        for power in [0.0, 0.25, 0.5, 0.75, 1.0] {
            line(area, (LEFT, y(power)), (RIGHT, y(power)), super::GRID, 1)?;
            let right = Style { anchor: HPos::Right, ..Style::small(MUTED) };
            text(area, &percent(power), (LEFT - 10, y(power)), right)?;
        }
        let [curve, promise] = [PALETTE[0], PALETTE[4]];
        line(area, (LEFT, y(PROMISED)), (RIGHT, y(PROMISED)), promise, 1)?;
        let promised = format!("{} is promised", percent(PROMISED));
        text(area, &promised, (LEFT + 8, y(PROMISED) - 9), Style::small(promise))?;

        let centred = |colour| Style { anchor: HPos::Center, ..Style::small(colour) };
        for (rounds, _) in points {
            line(area, (x(*rounds), bottom), (x(*rounds), bottom + 4), MUTED, 1)?;
            text(area, &rounds.to_string(), (x(*rounds), bottom + 14), centred(MUTED))?;
        }
        text(area, "rounds", (LEFT, bottom + 34), Style::small(MUTED))?;
        let places: Vec<(i32, i32)> = points.iter().map(|(rounds, power)| (x(*rounds), y(*power))).collect();
        area.draw(&PathElement::new(places.clone(), curve.stroke_width(2))).map_err(refused)?;
        for ((_, power), place) in points.iter().zip(places) {
            area.draw(&Circle::new(place, 4, curve.filled())).map_err(refused)?;
            // Beneath the point, where a rising curve is not; above it where the axis is.
            let below = if *power < 0.1 { -12 } else { 16 };
            text(area, &percent(*power), (place.0, place.1 + below), centred(INK))?;
        }
        Ok(())
    })?;
    Ok(Chart { height: HEIGHT, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of a chart in the order in which they are drawn.
    fn texts(chart: &Chart) -> Vec<&str> {
        let texts = chart.body.split("<text").skip(1).filter_map(|text| text.split_once(">\n"));
        texts.filter_map(|(_, text)| text.split_once("\n</text>")).map(|(text, _)| text).collect()
    }

    #[test]
    fn each_point_stands_where_its_rounds_and_its_power_put_it() {
        let chart = power_curve(&[(10, 0.25), (20, 0.75), (40, 1.0)], 0.02).unwrap();
        assert_eq!(
            texts(&chart),
            [
                "Cells slowed by 2.0% that are found",
                "0%",
                "25%",
                "50%",
                "75%",
                "100%",
                "90% is promised",
                "10",
                "20",
                "40",
                "rounds",
                "25%",
                "75%",
                "100%",
            ]
        );
        let curve = "points=\"368,245 565,108 960,40 \"";
        assert!(chart.body.contains(curve), "{}", chart.body);
        assert_eq!(chart.body.matches("<circle").count(), 3);
        assert!(
            chart.document().starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1000\" height=\"360\"")
        );
    }

    #[test]
    fn nothing_measured_is_an_empty_chart_and_no_point_leaves_it() {
        assert_eq!(power_curve(&[], 0.02).unwrap().body.matches("<circle").count(), 0);
        let chart = power_curve(&[(0, -1.0), (5, f64::NAN), (10, 7.0)], 0.02).unwrap();
        assert_eq!(chart.body.matches("<circle").count(), 3);
    }
}
