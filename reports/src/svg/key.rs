//! Keys of charts: which shape is which series, and what stripes, dashes and hollowness mean where there are any.

use super::draw::{Area, Point, Style, bar, colour, marker, text};
use super::fit::{width_px, within};
use super::marks::{Mark, Marks};
use super::{INK, MUTED};
use crate::ReportError;

/// The height of a row.
pub(super) const ROW: i32 = 20;

/// The most series that a key names: beyond, their looks repeat.
const MOST: usize = 35;

/// The widest name in pixels.
const WIDEST: i32 = 240;

/// The names of series with their markers, laid out in rows; the last name may say how many there are more.
pub(super) struct Key {
    entries: Vec<(Point, String, Option<usize>)>,
    rows: i32,
}

impl Key {
    /// Lays out names within a width; a series without a name, because the chart has nothing of it, keeps its place and is left out. A
    /// chart of one series needs no key where its title names it: then give no names.
    pub(super) fn of<'a>(names: impl IntoIterator<Item = &'a str>, width: i32) -> Self {
        let style = Style::small(INK);
        let mut key = Key { entries: Vec::new(), rows: 0 };
        let (mut x, mut y, mut more) = (0, 0, 0);
        for (series, name) in names.into_iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            if series >= MOST {
                more += 1;
                continue;
            }
            let name = within(name, style, WIDEST.min(width - ROW));
            let next = x + ROW + width_px(&name, style) + 16;
            if next > width && x > 0 {
                (x, y) = (0, y + ROW);
            }
            let start = x;
            x += ROW + width_px(&name, style) + 16;
            key.entries.push(((start, y), name, Some(series)));
        }
        if more > 0 {
            y += ROW;
            key.entries.push(((0, y), format!("… and {more} more"), None));
        }
        key.rows = if key.entries.is_empty() { 0 } else { y / ROW + 1 };
        key
    }

    /// Its height in pixels.
    pub(super) fn height(&self) -> i32 {
        self.rows * ROW
    }

    /// Draws it, its upper left corner here.
    pub(super) fn draw(&self, area: &Area<'_>, (left, top): Point) -> Result<(), ReportError> {
        for ((x, y), name, series) in &self.entries {
            let (x, middle) = (left + x, top + y + ROW / 2);
            if let Some(series) = series {
                marker(area, *series, (x + 6, middle), 5, Marks::PLAIN)?;
            }
            text(area, name, (x + 18, middle), Style::small(INK))?;
        }
        Ok(())
    }
}

/// What the marks that occur in a chart mean, in one row that ends at the right.
pub(super) fn marks(area: &Area<'_>, occurring: Marks, (right, middle): Point) -> Result<(), ReportError> {
    let style = Style::small(MUTED);
    let mut x = right;
    for mark in Mark::ALL.into_iter().rev().filter(|mark| occurring.has(*mark)) {
        x -= width_px(mark.about(), style);
        text(area, mark.about(), (x, middle), style)?;
        x -= 36;
        bar(area, [(x, middle - 6), (x + 30, middle + 6)], colour(0), mark.into())?;
        x -= 20;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::svg::draw::drawn;

    #[test]
    fn names_flow_into_rows_and_many_are_counted() {
        let names: Vec<String> = (0..60).map(|n| format!("tch:cuda:{n}")).collect();
        let key = Key::of(names.iter().map(String::as_str), 500);
        assert!((5..20).contains(&key.rows) && key.height() == key.rows * ROW);
        let body = drawn((500, 500), |area| key.draw(area, (0, 0))).unwrap();
        assert!(body.contains("… and 25 more") && !body.contains("tch:cuda:35"), "{body}");
        assert_eq!(Key::of([], 500).height(), 0);
        let entries = Key::of(["", "tch:cpu", "", "mlx:gpu"], 500).entries;
        let named: Vec<_> = entries.iter().map(|(_, name, series)| (name.as_str(), *series)).collect();
        assert_eq!(named, [("tch:cpu", Some(1)), ("mlx:gpu", Some(3))]);
    }

    #[test]
    fn only_marks_that_occur_are_told() {
        let of = |occurring: Marks| drawn((1000, 50), |area| marks(area, occurring, (1000, 20))).unwrap();
        assert_eq!(of(Marks::PLAIN), "");
        let all = of(Mark::ALL.into_iter().collect());
        assert!(Mark::ALL.iter().all(|mark| all.contains(mark.about())), "{all}");
    }
}
