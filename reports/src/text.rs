//! Text from results files, which is outside input, made fit for showing: one line, no control characters, no marks that
//! turn the writing direction of what follows, bounded length. Escaping for a format is that format's work.

/// The longest text from a file that is shown, in characters.
pub const MAX_CHARS: usize = 300;

/// One line of at most [`MAX_CHARS`] characters. What is left out shows as `…`.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut shown = text.chars().filter(|c| !turns_direction(*c)).map(|c| if c.is_control() { ' ' } else { c });
    let mut clean: String = shown.by_ref().take(MAX_CHARS).collect();
    if shown.next().is_some() {
        clean.push('…');
    }
    clean
}

/// Marks that change the direction or joining of text beyond themselves. Letters of right-to-left scripts stay.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Every text within a JSON value, made clean; keys too, which can be names out of a map.
pub(crate) fn clean_all(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = clean(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(clean_all),
        serde_json::Value::Object(map) => {
            *map = std::mem::take(map)
                .into_iter()
                .map(|(key, mut value)| {
                    clean_all(&mut value);
                    (clean(&key), value)
                })
                .collect();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_stays() {
        for text in ["", "Apple M3 Max", "µs ± ünïcode 漢字", "שלום"] {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn control_characters_and_turning_marks_go() {
        assert_eq!(clean("a\u{1b}[31mb\r\nc\0"), "a [31mb  c ");
        assert_eq!(clean("x\u{202e}gpj.exe\u{2066}"), "xgpj.exe");
    }

    #[test]
    fn long_text_ends_in_dots() {
        let cleaned = clean(&"é".repeat(10_000));
        assert_eq!(cleaned.chars().count(), MAX_CHARS + 1);
        assert!(cleaned.ends_with("é…"));
        assert_eq!(clean(&"x".repeat(MAX_CHARS)), "x".repeat(MAX_CHARS));
    }
}
