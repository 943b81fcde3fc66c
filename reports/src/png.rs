//! Charts as PNG, for where SVG cannot go. Texts are drawn with a font of the program's own (Noto Sans, SIL Open Font License 1.1), so
//! that a picture is the same on every machine, one without fonts too.

use crate::ReportError;
use crate::svg::{Chart, Theme};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Source};
use resvg::usvg::{Options, Tree};
use std::sync::{Arc, LazyLock};

/// The most pixels of a picture: its pixels take four bytes each while it is drawn.
pub const MOST_PIXELS: f64 = 100e6;

/// The scales that a picture may have.
pub const SCALES: std::ops::RangeInclusive<f32> = 0.1..=10.0;

static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    for face in [notosans::REGULAR_TTF, notosans::BOLD_TTF, notosans::ITALIC_TTF] {
        fonts.load_font_source(Source::Binary(Arc::new(face)));
    }
    fonts.set_sans_serif_family("Noto Sans");
    Arc::new(fonts)
});

/// The document of a chart as the bytes of a PNG, of `scale` pixels for each of its own.
///
/// # Errors
/// One line if the picture would be too large, or the scale is not within [`SCALES`].
pub fn png(chart: &Chart, scale: f32, theme: Theme) -> Result<Vec<u8>, ReportError> {
    let refused = |what: String| ReportError::Draw { what };
    if !SCALES.contains(&scale) {
        return Err(refused(format!("a scale of {scale} is not within {} to {}", SCALES.start(), SCALES.end())));
    }
    let (width, height) = chart.size();
    let [width, height] = [width, height].map(|side| (f64::from(side) * f64::from(scale)).ceil());
    if width * height > MOST_PIXELS {
        let most = MOST_PIXELS / 1e6;
        return Err(refused(format!(
            "the picture would have {width} × {height} pixels, more than {most} million: take a smaller scale, or show less"
        )));
    }
    let options = Options { fontdb: Arc::clone(&FONTS), ..Options::default() };
    let tree = Tree::from_str(&chart.themed(theme), &options).map_err(|error| refused(error.to_string()))?;
    // Both are whole, above zero, and far below what a u32 holds.
    let mut picture =
        Pixmap::new(width as u32, height as u32).ok_or_else(|| refused("a picture without pixels".to_owned()))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut picture.as_mut());
    picture.encode_png().map_err(|error| refused(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(text: &str) -> Chart {
        let body = format!(
            "<text x=\"100\" y=\"50\" font-family=\"sans-serif\" font-size=\"40\" fill=\"#222223\">\n{text}\n</text>\n"
        );
        Chart { height: 100, body, title: String::new(), about: String::new() }
    }

    fn picture(text: &str, theme: Theme) -> Pixmap {
        Pixmap::decode_png(&png(&chart(text), 1.0, theme).unwrap()).unwrap()
    }

    #[test]
    fn every_letter_of_charts_has_a_shape() {
        let missing = picture("\u{e000}", Theme::Light);
        let empty = picture("", Theme::Light);
        let mut without = Vec::new();
        for letter in "azAZ09 µ×±−–…·½≥%→()[]é".chars().filter(|letter| *letter != ' ') {
            let shape = picture(&letter.to_string(), Theme::Light);
            if shape == missing || shape == empty {
                without.push(letter);
            }
        }
        assert_eq!(without, []);
    }

    #[test]
    fn it_has_a_size_and_a_ground() {
        let light = picture("x", Theme::Light);
        assert_eq!((light.width(), light.height()), chart("").size());
        let corner = |picture: &Pixmap| picture.pixel(0, 0).unwrap().demultiply();
        let dark = corner(&picture("x", Theme::Dark));
        assert_eq!((dark.red(), dark.alpha()), (0x15, 255));
        assert_eq!(corner(&light).red(), 255);
        let large = Pixmap::decode_png(&png(&chart("x"), 2.0, Theme::Light).unwrap()).unwrap();
        assert_eq!((large.width(), large.height()), (2 * light.width(), 2 * light.height()));
    }

    #[test]
    fn what_would_be_too_large_is_refused_in_one_line() {
        for (height, scale) in [(u32::MAX, 1.0), (100, 0.0), (100, f32::NAN), (100, 1e9), (100_000, 10.0)] {
            let refused = png(&Chart { height, ..chart("x") }, scale, Theme::Light).unwrap_err().to_string();
            assert_eq!(refused.lines().count(), 1, "{refused}");
        }
    }
}
