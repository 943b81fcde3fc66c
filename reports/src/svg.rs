//! Charts as SVG: a file each, drawn from plain data with finished numbers. Colours that a page's style replaces by its own for light
//! and dark are named here, and so is how a chart becomes a document of its own.

mod axis;
mod bars;
mod curve;
mod draw;
mod fit;
mod grouped;
mod heat_map;
mod key;
mod marks;
mod places;
mod ramp;
mod ratio_bars;
mod roofline;
mod rows;
mod scatter;
mod series;
mod stages;
mod strip;
mod tips;

pub use bars::{bars, swatch};
pub use curve::power_curve;
pub use grouped::grouped_bars;
pub use heat_map::{HeatCell, HeatMap, HeatRow, heat_map};
pub use marks::{Mark, Marks};
pub use ratio_bars::{RatioBar, RatioBars, RatioRow, ratio_bars};
pub use roofline::{Roof, RoofKind, RoofPoint, Roofline, roofline};
pub use scatter::{Scatter, ScatterPoint, scatter};
pub use series::{Change, Line, LinePoint, Series, series};
pub use stages::{StageBars, StageGroup, StageRow, Stages, stages};
pub use strip::{Strip, StripGroup, StripRow, StripTimes, relative_strip, strip};

use crate::words::count;
use draw::{Style, shown};
use plotters::style::RGBColor;

/// The colours of series, told apart with any colour vision and on white by a contrast of 3 to 1 at least: those of the palette of Okabe
/// and Ito (Color Universal Design, 2008) that stand out so much, with the indigo and the wine of P. Tol's muted scheme (SRON, 2021) and
/// the blue of IBM's. The two that a dark ground would swallow it replaces by their own (`DARK`).
pub const PALETTE: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    INDIGO,
    RGBColor(0x64, 0x8f, 0xff),
    WINE,
];

const INDIGO: RGBColor = RGBColor(0x33, 0x22, 0x88);
const WINE: RGBColor = RGBColor(0x88, 0x22, 0x55);

/// What stands out of a chart whatever its series: where a level changes, what was promised.
const ACCENT: RGBColor = RGBColor(0xd5, 0x5e, 0x00);

/// The colour of text and whiskers. A page replaces it by its own.
pub const INK: RGBColor = RGBColor(0x22, 0x22, 0x23);
/// The colour of lesser text. A page replaces it by its own.
pub const MUTED: RGBColor = RGBColor(0x5c, 0x5c, 0x66);
/// The colour of grid lines. A page replaces it by its own.
pub const GRID: RGBColor = RGBColor(0xdd, 0xdd, 0xe2);
/// The colour of what shows through a bar. A page replaces it by its own.
pub const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xfe);

/// Those four on a dark ground, and the series that have another colour there: the light scheme's cyan of P. Tol, and the yellow of Okabe
/// and Ito. A page has them in `page.css`.
const DARK: [(RGBColor, RGBColor); 6] = [
    (INK, RGBColor(0xec, 0xec, 0xf0)),
    (MUTED, RGBColor(0xa8, 0xa8, 0xb4)),
    (GRID, RGBColor(0x3a, 0x3a, 0x43)),
    (PAPER, RGBColor(0x15, 0x15, 0x18)),
    (INDIGO, RGBColor(0x99, 0xdd, 0xff)),
    (WINE, RGBColor(0xf0, 0xe4, 0x42)),
];

/// A chart's width in pixels.
pub const WIDTH: u32 = 1000;
/// The same as a coordinate.
const SIDE: i32 = 1000;

/// The most rows of a chart; how many there are more is said below.
const MOST_ROWS: usize = 200;

/// The ground around a chart that is a document of its own, in pixels, and the height of its title.
const MARGIN: u32 = 24;
const HEAD: u32 = 36;

/// A chart: what stands in an SVG document, and what it says in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Its height in pixels; its width is [`WIDTH`].
    pub height: u32,
    /// The elements within the `<svg>` element. The title is not among them: a page has its own headings.
    pub body: String,
    /// What it is of, as a heading; not escaped.
    pub title: String,
    /// What it shows, with its extremes, in a sentence or two for those who cannot see it; not escaped.
    pub about: String,
}

/// The ground of a document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on nearly black.
    Dark,
}

impl Chart {
    /// The chart as a document of its own, on a light ground.
    #[must_use]
    pub fn document(&self) -> String {
        self.themed(Theme::Light)
    }

    /// The chart as a document of its own: with its ground, its title, and a description for those who cannot see it.
    #[must_use]
    pub fn themed(&self, theme: Theme) -> String {
        let (width, height) = self.size();
        let (title, about) = (escaped(&shown(&self.title)), escaped(&shown(&self.about)));
        let style = Style { size: 16.0, ..Style::body(INK).bold() };
        let heading = escaped(&fit::within(&shown(&self.title), style, SIDE));
        let [paper, ink] = [PAPER, INK].map(hex);
        let (baseline, top) = (MARGIN + 16, MARGIN + HEAD);
        let document = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n<desc>{about}</desc>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"{paper}\"/>\n\
             <text x=\"{MARGIN}\" y=\"{baseline}\" font-family=\"sans-serif\" font-size=\"16\" font-weight=\"bold\" fill=\"{ink}\">\
             {heading}</text>\n<g transform=\"translate({MARGIN} {top})\">\n{}</g>\n</svg>\n",
            self.body
        );
        match theme {
            Theme::Light => document,
            // Within a text the quotes would be escaped.
            Theme::Dark => DARK.into_iter().fold(document, |document, (light, dark)| {
                document.replace(&format!("=\"{}\"", hex(light)), &format!("=\"{}\"", hex(dark)))
            }),
        }
    }

    /// The width and the height in pixels of the document.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (WIDTH + 2 * MARGIN, self.height.saturating_add(HEAD + 2 * MARGIN))
    }
}

/// A colour as plotters writes it.
fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A point's name with that of its series, where it has one.
fn series_name(names: &[String], name: &str, series: usize) -> String {
    let parts = [Some(name), names.get(series).map(String::as_str)];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// A count as a coordinate; a chart has far fewer rows than fit.
fn coordinate(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests;
