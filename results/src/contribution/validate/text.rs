//! The texts of a record, whatever their keys: of bounded length, without hidden characters, and without folders of a home.

use super::Rule;
use crate::plain::{is_hidden, quoted};
use serde_json::Value;

/// The longest text, in bytes. PyTorch's account of how it was built has two and a half thousand.
pub const MAX_TEXT_BYTES: usize = 8 << 10;

/// Where people's files are.
const HOMES: [&str; 4] = ["/home/", "/Users/", "\\Users\\", "/root/"];

/// Whose homes tell of nobody: those of the machines on which frameworks are built, as they stand in a framework's own account.
const BUILDERS: [&str; 5] = ["runner", "conda", "builder", "jenkins", "buildbot"];

/// Whether all texts of a record can be shown and tell of nobody, keys among them.
pub(super) fn check(value: &Value) -> Result<(), (Rule, String)> {
    match value {
        Value::String(text) => check_text(text),
        Value::Array(items) => items.iter().try_for_each(check),
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            check_text(key)?;
            check(value)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn check_text(text: &str) -> Result<(), (Rule, String)> {
    if text.len() > MAX_TEXT_BYTES {
        return Err((Rule::Limits, format!("a text is longer than {} KiB", MAX_TEXT_BYTES >> 10)));
    }
    if let Some(c) = text.chars().find(|c| is_hidden(*c)) {
        let what = format!("the text {} has a hidden character (U+{:04X})", quoted(text), u32::from(c));
        return Err((Rule::Text, what));
    }
    match home(text) {
        Some(path) => Err((Rule::Private, format!("a text names a folder of somebody's home: {}", quoted(path)))),
        None => Ok(()),
    }
}

/// The first path in a text that leads into somebody's home.
fn home(text: &str) -> Option<&str> {
    // Each text of each record comes by here: most have no such character at all.
    text.match_indices(['/', '\\']).find_map(|(at, _)| {
        HOMES.iter().find_map(|home| {
            let (before, path) = text.split_at_checked(at)?;
            let rest = path.strip_prefix(home)?;
            // In `/opt/toolset/root/usr` it is no home.
            let is_within = before.ends_with(|c: char| c.is_ascii_alphanumeric() || "._-".contains(c));
            let is_builder = BUILDERS.iter().any(|name| {
                rest.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '\\']))
            });
            (!is_within && !is_builder).then_some(path)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_that_tells_of_nobody_passes_wherever_it_stands() {
        for text in [
            "CXX_COMPILER=/opt/rh/gcc-toolset-13/root/usr/bin/c++, -Wall",
            "built in /home/conda/feedstock_root and /Users/runner/work",
            "matmul/32x1x1000@32x1000x128/f32",
            "two lines\n\tand a tab: é × 漢",
            "/home-made",
        ] {
            assert_eq!(check(&json!({"a": [{"b": text}]})), Ok(()), "{text}");
        }
    }

    #[test]
    fn homes_hidden_characters_and_long_texts_are_found_anywhere() {
        let rule = |text: &str| {
            let of = |value: Value| check(&value).map_err(|(rule, _)| rule);
            let rule = of(json!({"a": [1, {"b": text}]}));
            assert_eq!(of(json!({text: 1})), rule, "as a key");
            rule.unwrap_err()
        };
        for text in ["cannot open /home/ann/x", "/Users/ann", "C:\\Users\\ann", "see (/root/x)", "/home/runners/x"] {
            assert_eq!(rule(text), Rule::Private, "{text}");
        }
        for text in ["a\u{202e}b", "\u{1b}[31m", "\0", "a\rb", "\u{200b}"] {
            assert_eq!(rule(text), Rule::Text, "{text:?}");
        }
        assert_eq!(rule(&"x".repeat(MAX_TEXT_BYTES + 1)), Rule::Limits);
    }
}
