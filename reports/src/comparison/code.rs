//! Text from outside as code in GitHub-flavoured Markdown, in a table or elsewhere. GitHub looks for no mention, issue,
//! link or emoji in code, and code holds no markup.

use std::fmt::Write;

/// A text of one line as code that shows it as it is.
///
/// A code span where the text has nothing that could end it or the table's cell. Else an HTML element, in which every
/// sign of ASCII is a numeric reference: these never make structure (CommonMark 0.31.2, section 2.5).
pub(super) fn code(text: &str) -> String {
    let text = text.trim();
    if !text.is_empty() && !text.contains(['`', '|', '\\']) {
        return format!("`{text}`");
    }
    let mut code = "<code>".to_owned();
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            let _ = write!(code, "&#{};", u32::from(c));
        } else {
            code.push(c);
        }
    }
    code + "</code>"
}
