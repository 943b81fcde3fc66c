//! TOML that people write: what is wrong in it comes as one line of plain text, with the number of the line that it is about.

use crate::plain::shown;
use serde::de::DeserializeOwned;

/// The longest message that is passed on, in characters: the parser quotes what it does not know.
const MAX_MESSAGE_CHARS: usize = 200;

/// Reads a text.
///
/// # Errors
/// The line, from 1, and what is wrong there.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, (usize, String)> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        (line_of(text, start), shown(&error.message().replace('\n', ": "), MAX_MESSAGE_CHARS))
    })
}

/// The line, from 1, of a place in a text, in bytes from its beginning.
pub(crate) fn line_of(text: &str, place: usize) -> usize {
    1 + text.get(..place).unwrap_or_default().matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_one_plain_line_with_its_number() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "it is only read")]
        struct Known {
            known: u32,
        }
        for (text, line) in [("known = 1\n\"\u{202e}\\u001b\" = 1", 2), ("\n\nknown = {", 3), ("known = 'x'", 1)] {
            let (at, what) = parse::<Known>(text).unwrap_err();
            assert_eq!(at, line, "{what}");
            assert!(!what.is_empty() && !what.contains(['\n', '\u{1b}', '\u{202e}']), "{what:?}");
        }
    }
}
