//! What charts are drawn with: lines, bars, whiskers, markers and texts, with the second cues beside colour: a shape for each
//! series, and for how far a value is to be trusted stripes, dashes and hollowness.

use super::fit::shortened;
use super::marks::{Mark, Marks};
use super::tips::Tips;
use super::{INK, PALETTE, PAPER};
use crate::ReportError;
use crate::text::clean;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::ops::Deref;

/// What a chart is drawn on, with what is told of its marks.
pub(super) struct Area<'a> {
    drawing: DrawingArea<SVGBackend<'a>, Shift>,
    pub(super) tips: Tips,
}

impl<'a> Deref for Area<'a> {
    type Target = DrawingArea<SVGBackend<'a>, Shift>;

    fn deref(&self) -> &Self::Target {
        &self.drawing
    }
}

/// A place in pixels, from the left and from the top.
pub(super) type Point = (i32, i32);

/// plotters writes a font size of s as s / 1.24.
const FONT_SCALE: f64 = 1.24;

/// The opacity that stands for dashes, which plotters cannot draw: [`drawn`] puts them in its place.
const DASHED: f64 = 0.999;

/// How far beyond a marker stands the ring of what is doubtful.
const RING: i32 = 3;

/// The elements that `draw` draws, without the `<svg>` element around them.
pub(super) fn drawn(
    size: (u32, u32),
    draw: impl FnOnce(&Area<'_>) -> Result<(), ReportError>,
) -> Result<String, ReportError> {
    let mut document = String::new();
    let tips = {
        let drawing = SVGBackend::with_string(&mut document, size).into_drawing_area();
        let area = Area { drawing, tips: Tips::default() };
        draw(&area)?;
        area.present().map_err(refused)?;
        area.tips
    };
    let body = document.split_once(">\n").map_or("", |(_, body)| body);
    // Within a text the quotes would be escaped.
    let body = body.strip_suffix("</svg>\n").unwrap_or(body);
    Ok(body.replace(&format!("opacity=\"{DASHED}\""), "opacity=\"1\" stroke-dasharray=\"4 3\"") + &tips.elements())
}

pub(super) fn refused(error: impl std::fmt::Display) -> ReportError {
    ReportError::Draw { what: error.to_string() }
}

/// How a line is drawn.
#[derive(Clone, Copy)]
pub(super) struct Pen {
    colour: RGBColor,
    width: u32,
    is_dashed: bool,
}

impl Pen {
    pub(super) fn solid(colour: RGBColor, width: u32) -> Self {
        Pen { colour, width, is_dashed: false }
    }

    pub(super) fn dashed(colour: RGBColor, width: u32) -> Self {
        Pen { colour, width, is_dashed: true }
    }

    /// A thin line in the colour of text, dashed for what is doubtful.
    pub(super) fn thin(marks: Marks) -> Self {
        Pen { colour: INK, width: 1, is_dashed: marks.has(Mark::Doubtful) }
    }

    fn style(self) -> ShapeStyle {
        self.colour.mix(if self.is_dashed { DASHED } else { 1.0 }).stroke_width(self.width)
    }
}

/// The colour of the series at this place.
pub(super) fn colour(series: usize) -> RGBColor {
    PALETTE.get(series % PALETTE.len()).copied().unwrap_or(INK)
}

pub(super) fn line(area: &Area<'_>, from: Point, to: Point, pen: Pen) -> Result<(), ReportError> {
    path(area, vec![from, to], pen)
}

/// A line through all these points; nothing of fewer than two.
pub(super) fn path(area: &Area<'_>, points: Vec<Point>, pen: Pen) -> Result<(), ReportError> {
    if points.len() < 2 {
        return Ok(());
    }
    area.draw(&PathElement::new(points, pen.style())).map_err(refused)
}

/// A rectangle from one corner to the other, filled.
pub(super) fn filled(area: &Area<'_>, corners: [Point; 2], colour: RGBColor) -> Result<(), ReportError> {
    area.draw(&Rectangle::new(corners, colour.filled())).map_err(refused)
}

/// The edge of a rectangle.
pub(super) fn outline(area: &Area<'_>, corners: [Point; 2], pen: Pen) -> Result<(), ReportError> {
    let [(left, top), (right, bottom)] = corners;
    path(area, vec![(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], pen)
}

/// A bar from its upper left to its lower right corner, with what its marks say of its value.
pub(super) fn bar(area: &Area<'_>, corners: [Point; 2], colour: RGBColor, marks: Marks) -> Result<(), ReportError> {
    let is_hollow = marks.has(Mark::Imported);
    if is_hollow {
        outline(area, corners, Pen::solid(colour, 2))?;
    } else {
        filled(area, corners, colour)?;
    }
    if marks.has(Mark::Composed) {
        stripes(area, corners, if is_hollow { colour } else { PAPER }, true)?;
    }
    if marks.has(Mark::Doubtful) {
        outline(area, corners, Pen::dashed(INK, 1))?;
    }
    Ok(())
}

/// Stripes across a bar, rising to the right or falling.
pub(super) fn stripes(
    area: &Area<'_>,
    [(left, top), (right, bottom)]: [Point; 2],
    colour: RGBColor,
    rising: bool,
) -> Result<(), ReportError> {
    let rise = bottom - top;
    let mut x = left + 4;
    while x + rise <= right {
        let (start, end) = if rising { (bottom, top) } else { (top, bottom) };
        line(area, (x, start), (x + rise, end), Pen::solid(colour, 2))?;
        x += 8;
    }
    Ok(())
}

/// A range around `middle`: a line with ends of `half` pixels to each side.
pub(super) fn whisker(
    area: &Area<'_>,
    (low, high): (i32, i32),
    middle: i32,
    half: i32,
    marks: Marks,
) -> Result<(), ReportError> {
    line(area, (low, middle), (high, middle), Pen::thin(marks))?;
    for x in [low, high] {
        line(area, (x, middle - half), (x, middle + half), Pen::solid(INK, 1))?;
    }
    Ok(())
}

/// The second cue beside colour: a shape for each series. Hollow where its value is imported; with a stripe where composed; within a
/// dashed ring where doubtful.
pub(super) fn marker(
    area: &Area<'_>,
    series: usize,
    (x, y): Point,
    size: i32,
    marks: Marks,
) -> Result<(), ReportError> {
    let shape = match series % 5 {
        0 => Vec::new(),
        1 => vec![(x - size, y - size), (x + size, y - size), (x + size, y + size), (x - size, y + size)],
        2 => vec![(x, y - size - 1), (x + size + 1, y), (x, y + size + 1), (x - size - 1, y)],
        3 => vec![(x, y - size), (x + size, y + size), (x - size, y + size)],
        _ => vec![(x - size, y - size), (x + size, y - size), (x, y + size)],
    };
    let colour = colour(series);
    let is_hollow = marks.has(Mark::Imported);
    let edge = if is_hollow { Pen::solid(colour, 2) } else { Pen::solid(INK, 1) };
    if shape.is_empty() {
        if !is_hollow {
            area.draw(&Circle::new((x, y), size, colour.filled())).map_err(refused)?;
        }
        area.draw(&Circle::new((x, y), size, edge.style())).map_err(refused)?;
    } else {
        if !is_hollow {
            area.draw(&Polygon::new(shape.clone(), colour.filled())).map_err(refused)?;
        }
        path(area, shape.iter().chain(shape.first()).copied().collect(), edge)?;
    }
    if marks.has(Mark::Composed) {
        let stripe = Pen::solid(if is_hollow { colour } else { PAPER }, 2);
        line(area, (x - size, y + size), (x + size, y - size), stripe)?;
    }
    if marks.has(Mark::Doubtful) {
        area.draw(&Circle::new((x, y), size + RING, Pen::dashed(INK, 1).style())).map_err(refused)?;
    }
    Ok(())
}

/// The size of a marker of a plot.
pub(super) const MARKER: i32 = 5;

/// How far a marker of a plot reaches from its middle, with the ring of what is doubtful.
pub(super) fn reach(marks: Marks) -> i32 {
    MARKER + if marks.has(Mark::Doubtful) { RING } else { 1 }
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) size: f64,
    pub(super) colour: RGBColor,
    pub(super) anchor: HPos,
    pub(super) bold: bool,
    pub(super) italic: bool,
    /// Read from below to above.
    pub(super) upwards: bool,
}

impl Style {
    pub(super) fn body(colour: RGBColor) -> Self {
        Style { size: 12.5, colour, anchor: HPos::Left, bold: false, italic: false, upwards: false }
    }

    pub(super) fn small(colour: RGBColor) -> Self {
        Style { size: 11.5, ..Style::body(colour) }
    }

    pub(super) fn bold(self) -> Self {
        Style { bold: true, ..self }
    }

    pub(super) fn italic(self) -> Self {
        Style { italic: true, ..self }
    }

    pub(super) fn right(self) -> Self {
        Style { anchor: HPos::Right, ..self }
    }

    pub(super) fn centred(self) -> Self {
        Style { anchor: HPos::Center, ..self }
    }
}

/// Writes a text, its middle line at this height.
pub(super) fn text(area: &Area<'_>, text: &str, at: Point, style: Style) -> Result<(), ReportError> {
    let text = shortened(&shown(text));
    if text.is_empty() {
        return Ok(());
    }
    let weight = match (style.bold, style.italic) {
        (true, _) => FontStyle::Bold,
        (false, true) => FontStyle::Italic,
        (false, false) => FontStyle::Normal,
    };
    let font = FontDesc::new(FontFamily::SansSerif, style.size * FONT_SCALE, weight);
    let font = if style.upwards { font.transform(FontTransform::Rotate270) } else { font };
    let font = font.color(&style.colour).pos(Pos::new(style.anchor, VPos::Center));
    area.draw(&Text::new(text, at, font)).map_err(refused)
}

/// A text as a document may hold it: clean, and without the two characters that XML forbids beyond control characters.
pub(super) fn shown(text: &str) -> String {
    clean(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_clean_escaped_and_not_endless() {
        let body = |of: &str| drawn((100, 100), |area| text(area, of, (0, 0), Style::body(INK))).unwrap();
        let hostile = body("<script>\"&'\u{0}\u{ffff}\u{202e}x");
        assert!(hostile.contains("&lt;script&gt;&quot;&amp;&apos; \u{fffd}x"), "{hostile}");
        assert!(body(&"x".repeat(10_000)).len() < 400);
        assert_eq!(body(" "), body(" "));
        assert_eq!(body(""), "");
        assert_eq!(body("opacity=\"0.999\"").matches("dasharray").count(), 0);
    }

    #[test]
    fn dashes_are_an_attribute_and_each_mark_has_its_cue() {
        let of = |marks: Marks| drawn((100, 100), |area| bar(area, [(0, 0), (90, 14)], PALETTE[0], marks)).unwrap();
        let plain = of(Marks::PLAIN);
        assert!(plain.contains("<rect") && !plain.contains("polyline"), "{plain}");
        assert!(of(Mark::Doubtful.into()).contains("opacity=\"1\" stroke-dasharray=\"4 3\" stroke=\"#222223\""));
        assert!(of(Mark::Composed.into()).matches("stroke=\"#FFFFFE\"").count() > 5);
        let hollow = of(Mark::Imported.into());
        assert!(!hollow.contains("<rect") && hollow.contains("fill=\"none\""), "{hollow}");
        let looks: std::collections::HashSet<String> = (0u32..8)
            .map(|bits| {
                let marks = Mark::ALL.into_iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
                let marks: Marks = marks.map(|(_, mark)| mark).collect();
                of(marks) + &drawn((50, 50), |area| marker(area, 0, (25, 25), 6, marks)).unwrap()
            })
            .collect();
        assert_eq!(looks.len(), 8);
    }
}
