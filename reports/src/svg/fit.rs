//! How wide a text is, about, and how it is cut to fit. What draws a chart knows its fonts, what makes it does not: widths are those of
//! DejaVu Sans, which is wider than what most systems have, so that a text rather ends early than runs into the next.

use super::draw::Style;

/// The most characters of a text in a chart; what shows the chart has it in full.
const MAX_CHARS: usize = 90;

/// A text that is not endless.
pub(super) fn shortened(text: &str) -> String {
    if text.chars().count() <= MAX_CHARS {
        return text.to_owned();
    }
    text.chars().take(MAX_CHARS - 1).chain(['…']).collect()
}

/// The width of a text in pixels.
pub(super) fn width_px(text: &str, style: Style) -> i32 {
    let em: f64 = text.chars().map(|c| em(c) * if style.bold { 1.1 } else { 1.0 }).sum();
    (em * style.size).ceil().min(1e6) as i32
}

/// A text cut to a width in pixels; empty where not even one letter has room.
pub(super) fn within(text: &str, style: Style, px: i32) -> String {
    let text = shortened(text);
    if width_px(&text, style) <= px {
        return text;
    }
    let room = px - width_px("…", style);
    let mut cut = String::new();
    for c in text.chars() {
        cut.push(c);
        if width_px(&cut, style) > room {
            cut.pop();
            break;
        }
    }
    if cut.is_empty() { cut } else { cut.trim_end().to_owned() + "…" }
}

/// The width of a character in units of the font's size.
fn em(c: char) -> f64 {
    match c {
        ' ' | '!' | '\'' | ',' | '.' | ':' | ';' | 'I' | 'i' | 'j' | 'l' | '|' | '/' | '·' | '-' => 0.36,
        '(' | ')' | '[' | ']' | 'f' | 'r' | 't' | '"' => 0.42,
        'm' | 'w' | 'W' | 'M' | '%' | '@' | '…' | '—' => 1.0,
        '×' | '±' | '+' | '−' | '=' | '<' | '>' | '≥' | '≤' => 0.84,
        'A'..='Z' => 0.74,
        c if c.is_ascii() => 0.64,
        // Letters of other scripts: as wide as they come.
        c => {
            if textwrap::core::display_width(c.encode_utf8(&mut [0; 4])) > 1 {
                1.1
            } else {
                0.8
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::svg::INK;

    #[test]
    fn a_text_is_cut_where_its_room_ends() {
        let style = Style::body(INK);
        assert_eq!(within("matmul", style, 100), "matmul");
        let long = "matmul/1000000x64@64x1024/f32";
        for px in [0, 5, 20, 60, 150, 400] {
            let cut = within(long, style, px);
            assert!(width_px(&cut, style) <= px, "{cut} in {px}");
            assert!(
                cut.is_empty() || cut == long || (cut.ends_with('…') && long.starts_with(cut.trim_end_matches('…')))
            );
        }
        assert_eq!(shortened(&"é".repeat(1000)).chars().count(), MAX_CHARS);
    }

    #[test]
    fn bold_is_wider() {
        let bold = Style { bold: true, ..Style::body(INK) };
        assert!(width_px("fastest", bold) > width_px("fastest", Style::body(INK)));
    }
}
