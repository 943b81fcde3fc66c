//! Where labels of a plot have room: each goes to the first place that overlaps nothing drawn before, or nowhere.

use super::draw::{Area, Point, Style, text};
use super::fit::width_px;
use crate::ReportError;
use plotters::style::text_anchor::HPos;

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) right: i32,
    pub(super) bottom: i32,
}

/// What is taken of a plot.
#[derive(Debug)]
pub(super) struct Places {
    plot: Frame,
    taken: Vec<Frame>,
}

impl Frame {
    /// The square around a point.
    pub(super) fn around((x, y): Point, reach: i32) -> Self {
        Frame { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach }
    }

    fn of(text: &str, style: Style, (x, y): Point) -> Self {
        let (width, half) = (width_px(text, style), (style.size * 0.65) as i32);
        let left = match style.anchor {
            HPos::Left => x,
            HPos::Center => x - width / 2,
            HPos::Right => x - width,
        };
        Frame { left, top: y - half, right: left + width, bottom: y + half }
    }

    fn overlaps(&self, other: &Frame) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    fn holds(&self, other: &Frame) -> bool {
        self.left <= other.left && other.right <= self.right && self.top <= other.top && other.bottom <= self.bottom
    }
}

impl Places {
    /// A plot in which nothing is taken.
    pub(super) fn new(plot: Frame) -> Self {
        Places { plot, taken: Vec::new() }
    }

    /// Takes what is there.
    pub(super) fn take(&mut self, frame: Frame) {
        self.taken.push(frame);
    }

    /// Takes what a line covers.
    pub(super) fn take_line(&mut self, from: Point, to: Point) {
        let steps = ((to.0 - from.0).abs().max((to.1 - from.1).abs()) / 6).max(1);
        for step in 0..=steps {
            let at = |a: i32, b: i32| a + (b - a) * step / steps;
            self.taken.push(Frame::around((at(from.0, to.0), at(from.1, to.1)), 3));
        }
    }

    /// Writes a label at the first of these places, each with its anchor, at which it has room.
    pub(super) fn write(
        &mut self,
        area: &Area<'_>,
        label: &str,
        style: Style,
        places: impl IntoIterator<Item = (Point, HPos)>,
    ) -> Result<(), ReportError> {
        for (at, anchor) in places {
            let style = Style { anchor, ..style };
            let frame = Frame::of(label, style, at);
            if self.plot.holds(&frame) && !self.taken.iter().any(|taken| taken.overlaps(&frame)) {
                self.taken.push(frame);
                return text(area, label, at, style);
            }
        }
        Ok(())
    }
}

/// The places around a marker, the best first.
pub(super) fn around((x, y): Point, reach: i32) -> [(Point, HPos); 8] {
    let (near, row) = (reach + 4, reach + 9);
    [
        ((x + near, y), HPos::Left),
        ((x - near, y), HPos::Right),
        ((x, y - row), HPos::Center),
        ((x, y + row), HPos::Center),
        ((x + near, y - row), HPos::Left),
        ((x + near, y + row), HPos::Left),
        ((x - near, y - row), HPos::Right),
        ((x - near, y + row), HPos::Right),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::svg::INK;
    use crate::svg::draw::drawn;

    #[test]
    fn a_label_goes_where_nothing_is_or_nowhere() {
        let plot = Frame { left: 0, top: 0, right: 200, bottom: 100 };
        let mut places = Places::new(plot);
        places.take_line((0, 0), (200, 100));
        let body = drawn((200, 100), |area| {
            for label in ["one", "two", "three", "four", "five", "six", "seven"] {
                places.write(area, label, Style::small(INK), around((100, 50), 5))?;
            }
            places.write(area, &"wide".repeat(40), Style::small(INK), around((100, 50), 5))
        })
        .unwrap();
        let written = body.matches("<text").count();
        assert!((2..7).contains(&written), "{body}");
        let frames = &places.taken[places.taken.len() - written..];
        for (at, frame) in frames.iter().enumerate() {
            assert!(plot.holds(frame));
            assert!(places.taken[..places.taken.len() - written + at].iter().all(|other| !other.overlaps(frame)));
        }
    }
}
