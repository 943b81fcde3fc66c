//! Messages that quote a file, which is untrusted, as one line of bounded length.

use crate::plain::bounded;

/// The longest message, in characters.
const MAX_CHARS: usize = 200;

/// A message that may quote a file, as one line of bounded length without control characters.
pub(crate) fn one_line(text: &str) -> String {
    shown(text, MAX_CHARS)
}

/// The first characters of a text that may be anything.
pub(crate) fn shown(text: &str, max_chars: usize) -> String {
    bounded(text, max_chars, |c| !c.is_control())
}
