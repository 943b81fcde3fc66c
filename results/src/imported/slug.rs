//! What a published table is called as a file.

use crate::plain::quoted;

/// The longest name of a file without its ending, in characters.
const MAX_CHARS: usize = 64;

/// A name for a file.
///
/// # Errors
/// A line, when nothing is left to name a file by.
pub(super) fn slug(text: &str) -> Result<String, String> {
    crate::slug::slug(text, MAX_CHARS)
        .ok_or_else(|| format!("{} has nothing that a file can be named by", quoted(text)))
}
