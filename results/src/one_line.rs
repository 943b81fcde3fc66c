//! Messages that quote a file, which is untrusted, as one line of bounded length.

use crate::plain::{self, bounded};

/// The longest message, in characters.
const MAX_CHARS: usize = 200;

/// A message that may quote a file, as one line of bounded length without control characters.
pub(crate) fn one_line(text: &str) -> String {
    shown(text, MAX_CHARS)
}

/// What is wrong with a line that is a JSON document of its own, and in which column. The number of the line in the parser's message is
/// always 1, and would mislead.
pub(crate) fn of_json(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match message.strip_suffix(&place) {
        Some(what) => format!("{} (column {})", plain::shown(what, MAX_CHARS), error.column()),
        None => plain::shown(&message, MAX_CHARS),
    }
}

/// The first characters of a text that may be anything.
pub(crate) fn shown(text: &str, max_chars: usize) -> String {
    bounded(text, max_chars, |c| !c.is_control())
}
