//! Colours for ratios, from pale to dark, and the text that can be read on each.

use super::INK;
use plotters::style::{BLACK, RGBColor, WHITE};

/// From the fastest to the slowest: ever darker, so that it can be read without colours, and through yellow, green and blue, which
/// are told apart with any colour vision.
const RAMP: [[f64; 3]; 5] =
    [[244.0, 240.0, 208.0], [164.0, 212.0, 186.0], [78.0, 155.0, 180.0], [46.0, 94.0, 148.0], [42.0, 40.0, 96.0]];

/// The colour at a share of the ramp from 0 to 1.
pub(super) fn ramp(share: f64) -> RGBColor {
    let last = RAMP.len() - 1;
    let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) } * last as f64;
    let at = (share.floor() as usize).min(last - 1);
    let (Some(from), Some(to)) = (RAMP.get(at), RAMP.get(at + 1)) else { return INK };
    let mixed = |part: usize| {
        let (from, to) = (from.get(part).unwrap_or(&0.0), to.get(part).unwrap_or(&0.0));
        (from + (to - from) * (share - at as f64)).round() as u8
    };
    RGBColor(mixed(0), mixed(1), mixed(2))
}

/// Black or white, whichever stands out more on a ground: by at least 4.5 to 1, whatever the ground is. A page replaces neither.
pub(super) fn readable_on(ground: RGBColor) -> RGBColor {
    if contrast(BLACK, ground) >= contrast(WHITE, ground) { BLACK } else { WHITE }
}

/// The contrast of two colours, from 1 to 21 (W3C, Web Content Accessibility Guidelines 2.2, 2023).
pub(super) fn contrast(a: RGBColor, b: RGBColor) -> f64 {
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    a.max(b) / a.min(b)
}

fn luminance(RGBColor(red, green, blue): RGBColor) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ramp_darkens_and_every_text_on_it_can_be_read() {
        let grounds: Vec<RGBColor> = (0..=100).map(|n| ramp(f64::from(n) / 100.0)).collect();
        assert!(grounds.windows(2).all(|pair| luminance(pair[0]) > luminance(pair[1])), "{grounds:?}");
        assert!(grounds.iter().all(|ground| contrast(readable_on(*ground), *ground) >= 4.5));
        for grey in 0..=255 {
            let grey = RGBColor(grey, grey, grey);
            assert!(contrast(readable_on(grey), grey) >= 4.5, "{grey:?}");
        }
        assert!((contrast(BLACK, WHITE) - 21.0).abs() < 1e-9);
        assert_eq!([f64::NAN, -1.0].map(ramp), [ramp(0.0); 2]);
    }
}
