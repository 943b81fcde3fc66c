//! Text out of published tables: what of it is kept, and what it is called as a file.

pub(super) use crate::plain::{quoted, shown};

use crate::plain::is_plain;

/// The longest text that is kept of a source or a heading, in characters.
pub(super) const MAX_TEXT_CHARS: usize = 200;

/// The longest name of a file without its ending, in characters.
const MAX_SLUG_CHARS: usize = 64;

/// Whether a text can be kept.
///
/// # Errors
/// A line that says what is wrong with it.
pub(super) fn check(what: &str, text: &str) -> Result<(), String> {
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
    fn what_is_no_plain_text_is_refused() {
        assert_eq!(check("title", "Émile’s table – 漢字"), Ok(()));
        for bad in ["", "  ", "a\u{202e}b", "a\nb", "a\u{1b}[31m", "\u{200b}"] {
            assert!(check("title", bad).is_err(), "{bad:?}");
        }
        assert!(check("title", &"x".repeat(201)).is_err());
    }
}
