//! Names of pages: what a results file says, made into a file's name that is safe on every system and in every address.

use chipmark_results::slug::slug;
use std::collections::BTreeSet;

/// The longest name, in characters.
const MAX_CHARS: usize = 60;

/// The names given out in one folder, so that no two are the same.
#[derive(Debug, Default)]
pub(super) struct Slugs(BTreeSet<String>);

impl Slugs {
    /// A name of lower-case letters, digits and hyphens alone for this text. A text that says nothing in those, or whose name is
    /// taken, gets a mark made from all of it, so that a page keeps its address when others come.
    pub(super) fn of(&mut self, text: &str) -> String {
        let plain = slug(text, MAX_CHARS);
        let mark = || format!("{:08x}", mark(text) as u32);
        let mut name = plain.clone().unwrap_or_else(mark);
        if self.0.contains(&name) {
            name = format!("{}-{}", plain.unwrap_or_default(), mark());
        }
        let first = name.clone();
        for number in 2.. {
            if self.0.insert(name.clone()) {
                break;
            }
            name = format!("{first}-{number}");
        }
        name
    }
}

/// The FNV-1a hash: the same in every program and at every time, which that of the standard library does not promise.
fn mark(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_whatever_the_text() {
        let mut slugs = Slugs::default();
        for (text, name) in [
            ("Apple M3 Max, 40-core GPU", "apple-m3-max-40-core-gpu"),
            ("../../etc/passwd", "etc-passwd"),
            ("<script>alert(1)</script>", "script-alert-1-script"),
            ("CON", "con"),
        ] {
            assert_eq!(slugs.of(text), name);
        }
        for text in ["", "שלום", "…", "   ", "\u{202e}"] {
            let name = slugs.of(text);
            assert!(name.len() == 8 && name.chars().all(|c| c.is_ascii_hexdigit()), "{text:?}: {name}");
        }
        assert!(slugs.of(&"x".repeat(10_000)).len() <= MAX_CHARS);
    }

    #[test]
    fn no_two_are_the_same() {
        let mut slugs = Slugs::default();
        let names: BTreeSet<String> = ["a b", "a-b", "A B", "a b", "a/b"].iter().map(|text| slugs.of(text)).collect();
        assert_eq!(names.len(), 5, "{names:?}");
        assert!(names.contains("a-b"), "the first keeps the plain name: {names:?}");
    }
}
