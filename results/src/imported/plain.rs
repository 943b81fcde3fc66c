//! Text out of published tables and of lists that people write: what of it is kept, how it is quoted in an error, and what it is
//! called as a file.

/// The longest text that is kept of a source or a heading, in characters.
pub(crate) const MAX_TEXT_CHARS: usize = 200;

/// The longest name of a file without its ending, in characters.
const MAX_SLUG_CHARS: usize = 64;

/// Letters and digits of any script, ASCII punctuation and a few marks: no control characters, and nothing that changes the
/// direction or the joining of the text around it.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric()
        || c.is_ascii_punctuation()
        || matches!(c, ' ' | '–' | '—' | '’' | '“' | '”' | '®' | '™' | '×' | '·')
}

/// Whether a text can be kept.
///
/// # Errors
/// A line that says what is wrong with it.
pub(crate) fn check(what: &str, text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err(format!("the {what} is empty"));
    }
    if text.chars().nth(MAX_TEXT_CHARS).is_some() {
        return Err(format!("the {what} is longer than {MAX_TEXT_CHARS} characters"));
    }
    match text.chars().find(|c| !is_plain(*c)) {
        Some(c) => Err(format!("the {what} has a character that is no plain text (U+{:04X})", u32::from(c))),
        None => Ok(()),
    }
}

/// A text out of a file, for an error: one line of bounded length, in quotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", shown(text, 60))
}

/// The first characters of a text that may be anything, as one line without what is no plain text.
pub(crate) fn shown(text: &str, max_chars: usize) -> String {
    let mut shown: String = text.chars().take(max_chars).map(|c| if is_plain(c) { c } else { '\u{fffd}' }).collect();
    if text.chars().nth(max_chars).is_some() {
        shown.push('…');
    }
    shown
}

/// A name for a file.
///
/// # Errors
/// A line, when nothing is left to name a file by.
pub(super) fn slug(text: &str) -> Result<String, String> {
    crate::slug::slug(text, MAX_SLUG_CHARS)
        .ok_or_else(|| format!("{} has nothing that a file can be named by", quoted(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plain_text_is_refused_and_quoted_harmlessly() {
        assert_eq!(check("title", "Émile’s table – 漢字"), Ok(()));
        for bad in ["", "  ", "a\u{202e}b", "a\nb", "a\u{1b}[31m", "\u{200b}"] {
            assert!(check("title", bad).is_err(), "{bad:?}");
        }
        assert!(check("title", &"x".repeat(201)).is_err());
        assert_eq!(quoted("a\u{202e}\n"), "'a\u{fffd}\u{fffd}'");
        assert_eq!(quoted(&"x".repeat(10_000)).chars().count(), 63);
    }
}
