//! What a mark is, in full, where a pointer rests on it: a rectangle that nobody sees, with a title that browsers show. It works without
//! a script and draws nothing, so that it is in every chart, a picture's too. Who has no pointer reads the table beside the chart.

use super::draw::{Area, Point, shown};
use super::{SIDE, escaped};
use std::cell::RefCell;
use std::fmt::Write;

/// The rectangles of a chart, in the order in which they lie upon each other.
#[derive(Default)]
pub(super) struct Tips(RefCell<String>);

/// Tells of what is drawn from one corner to the other: a line each, empty ones left out. What is told later lies above.
pub(super) fn tip(area: &Area<'_>, [(left, top), (right, bottom)]: [Point; 2], told: &[&str]) {
    let told: Vec<String> = told.iter().map(|line| shown(line)).filter(|line| !line.trim().is_empty()).collect();
    let (left, right) = (left.max(0), right.min(SIDE));
    if told.is_empty() || left >= right || top >= bottom {
        return;
    }
    let (width, height) = (right - left, bottom - top);
    let _ = writeln!(
        area.tips.0.borrow_mut(),
        "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"><title>{}</title></rect>",
        escaped(&told.join("\n"))
    );
}

/// The square around a point, for its tip.
pub(super) fn around((x, y): Point, reach: i32) -> [Point; 2] {
    [(x - reach, y - reach), (x + reach, y + reach)]
}

impl Tips {
    /// The elements of all of them; empty where there are none. The pointer finds them though they have no colour.
    pub(super) fn elements(self) -> String {
        match self.0.into_inner() {
            none if none.is_empty() => none,
            tips => format!("<g class=\"tips\" fill=\"none\" pointer-events=\"all\">\n{tips}</g>\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::svg::draw::drawn;

    fn of(told: &[&str], corners: [Point; 2]) -> String {
        drawn((100, 100), |area| {
            tip(area, corners, told);
            Ok(())
        })
        .unwrap()
    }

    #[test]
    fn a_tip_is_escaped_clean_and_within_the_chart() {
        let body = of(&["<script>\"&", "", "a\u{0}\nb"], [(-5, 2), (2000, 12)]);
        let expected = "<g class=\"tips\" fill=\"none\" pointer-events=\"all\">\n\
                        <rect x=\"0\" y=\"2\" width=\"1000\" height=\"10\">\
                        <title>&lt;script&gt;&quot;&amp;\na  b</title></rect>\n</g>\n";
        assert_eq!(body, expected);
        assert!(of(&["x".repeat(10_000).as_str()], [(0, 0), (9, 9)]).len() < 600);
    }

    #[test]
    fn nothing_to_tell_and_no_place_for_it_are_no_tip() {
        assert_eq!(of(&["", " "], [(0, 0), (9, 9)]), "");
        assert_eq!(of(&["a"], [(5, 0), (5, 9)]), "");
    }
}
