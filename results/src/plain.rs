//! Text that others wrote, shown harmlessly: on one line, of bounded length, without what moves a cursor or turns the text around it.

/// Letters and digits of any script, ASCII punctuation and a few marks: no control characters, and nothing that changes the
/// direction or the joining of the text around it.
pub(crate) fn is_plain(c: char) -> bool {
    c.is_alphanumeric()
        || c.is_ascii_punctuation()
        || matches!(c, ' ' | '–' | '—' | '’' | '“' | '”' | '®' | '™' | '×' | '·' | '…')
}

/// Whether a character is seen by nobody and changes what is seen: a control character, or a mark that turns the direction of text,
/// joins it or takes no room. Line breaks and tabs are neither.
pub(crate) fn is_hidden(c: char) -> bool {
    match c {
        // First what nearly every character is.
        ' '..='~' | '\n' | '\t' => false,
        '\u{ad}' | '\u{61c}' | '\u{feff}' => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' => true,
        '\u{e0000}'..='\u{e007f}' => true,
        c => c.is_control(),
    }
}

/// The longest text that is kept of what people wrote, such as a heading or a reason, in characters.
pub(crate) const MAX_TEXT_CHARS: usize = 200;

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
#[must_use]
pub fn shown(text: &str, max_chars: usize) -> String {
    bounded(text, max_chars, is_plain)
}

/// The first characters of a text, each that does not pass replaced by one that says so; `…` where there are more.
pub(crate) fn bounded(text: &str, max_chars: usize, passes: impl Fn(char) -> bool) -> String {
    let mut bounded: String = text.chars().take(max_chars).map(|c| if passes(c) { c } else { '\u{fffd}' }).collect();
    if text.chars().nth(max_chars).is_some() {
        bounded.push('…');
    }
    bounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plain_text_is_shown_harmlessly() {
        assert_eq!(quoted("a\u{202e}\n"), "'a\u{fffd}\u{fffd}'");
        assert_eq!(quoted(&"x".repeat(10_000)).chars().count(), 63);
        assert_eq!(shown("Émile’s table – 漢字", 60), "Émile’s table – 漢字");
    }

    #[test]
    fn what_is_no_plain_text_is_refused() {
        assert_eq!(check("title", "Émile’s table – 漢字"), Ok(()));
        for bad in ["", "  ", "a\u{202e}b", "a\nb", "a\u{1b}[31m", "\u{200b}"] {
            assert!(check("title", bad).is_err(), "{bad:?}");
        }
        assert!(check("title", &"x".repeat(201)).is_err());
    }

    #[test]
    fn what_nobody_sees_is_told() {
        for hidden in ['\0', '\r', '\u{1b}', '\u{85}', '\u{200b}', '\u{202e}', '\u{2066}', '\u{feff}', '\u{e0041}'] {
            assert!(is_hidden(hidden) && !is_plain(hidden), "U+{:04X}", u32::from(hidden));
        }
        assert!("a\n\tÉ漢–…".chars().all(|c| !is_hidden(c)));
    }
}
