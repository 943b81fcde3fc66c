//! Texts without what is private: bounded, on one line, and with `…` for each word that could tell of a folder, a machine or a
//! person.

use super::Private;
use crate::plain::{bounded, is_hidden};
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;

/// What stands for a word that was hidden.
const HIDDEN: &str = "…";

/// The longest text that is kept, in characters.
const MAX_TEXT_CHARS: usize = 300;

/// The longest name of a machine's part that is kept, in characters.
const MAX_FACT_CHARS: usize = 120;

/// A word with one of these may be a path or an address.
const SIGNS: [char; 4] = ['/', '\\', '@', '~'];

/// Hides what is private, and counts it.
#[derive(Debug)]
pub(super) struct Scrub<'a> {
    private: &'a Private,
    /// Texts that are public in other places of the same file, such as the ids of its cases.
    public: HashSet<String>,
    hidden: Cell<usize>,
}

impl<'a> Scrub<'a> {
    pub(super) fn new(private: &'a Private, public: HashSet<String>) -> Self {
        Scrub { private, public, hidden: Cell::new(0) }
    }

    /// How many words were hidden.
    pub(super) fn hidden(&self) -> usize {
        self.hidden.get()
    }

    /// A text that may hold anything: an error of the system, what a framework tells of itself.
    pub(super) fn text(&self, text: &str) -> String {
        let text = one_line(text);
        if self.public.contains(&text) {
            return text;
        }
        let text = self.without_quoted_paths(&text);
        let words: Vec<Cow<'_, str>> = text.split(' ').map(|word| self.word(word)).collect();
        bounded(&self.without_names(&words.join(" ")), MAX_TEXT_CHARS, |_| true)
    }

    /// The same of a text that need not be there.
    pub(super) fn texts(&self, text: Option<&str>) -> Option<String> {
        text.map(|text| self.text(text))
    }

    /// A name that the system gives a part of itself, such as `Debian GNU/Linux`. A host may be called `ubuntu`, which makes that name of
    /// a system no secret: it loses ids alone.
    pub(super) fn fact(&self, fact: &str) -> String {
        let fact = one_line(fact);
        let words: Vec<&str> =
            fact.split(' ').map(|word| if self.private.marks(word) { self.hide() } else { word }).collect();
        bounded(&words.join(" "), MAX_FACT_CHARS, |_| true)
    }

    /// The same of one that need not be there.
    pub(super) fn facts(&self, fact: Option<&str>) -> Option<String> {
        fact.map(|fact| self.fact(fact))
    }

    fn hide(&self) -> &'static str {
        self.hidden.set(self.hidden.get() + 1);
        HIDDEN
    }

    fn word<'t>(&self, word: &'t str) -> Cow<'t, str> {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_private = word.contains(SIGNS) || self.private.marks(word);
        if is_private && !self.public.contains(bare) { self.hide().into() } else { word.into() }
    }

    /// A folder's name may have blanks: within quotes all of it goes.
    fn without_quoted_paths(&self, text: &str) -> String {
        let mut kept = String::new();
        let mut rest = text;
        while let Some((at, quote)) = opening_quote(rest) {
            let (before, from) = rest.split_at(at + quote.len_utf8());
            kept += before;
            let Some(end) = closing_quote(from, quote) else {
                rest = from;
                break;
            };
            let (inside, after) = from.split_at(end);
            kept += if inside.contains(' ') && inside.contains(SIGNS) { self.hide() } else { inside };
            kept.push(quote);
            rest = after.get(quote.len_utf8()..).unwrap_or_default();
        }
        kept + rest
    }

    fn without_names(&self, text: &str) -> String {
        let mut text: Vec<char> = text.chars().collect();
        for name in self.private.names() {
            text = self.without_name(&text, &name.chars().collect::<Vec<_>>());
        }
        text.into_iter().collect()
    }

    /// Hides a name wherever no letter or digit stands before or behind it.
    fn without_name(&self, text: &[char], name: &[char]) -> Vec<char> {
        let is_edge = |c: Option<&char>| !c.is_some_and(|c| c.is_alphanumeric());
        let mut kept: Vec<char> = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((&first, others)) = rest.split_first() {
            let found = rest.get(..name.len()).is_some_and(|part| part.iter().zip(name).all(|(a, b)| is_same(*a, *b)));
            let behind = rest.get(name.len()..).unwrap_or_default();
            if found && is_edge(kept.last()) && is_edge(behind.first()) {
                kept.extend(self.hide().chars());
                rest = behind;
            } else {
                kept.push(first);
                rest = others;
            }
        }
        kept
    }
}

fn is_same(a: char, lower: char) -> bool {
    a == lower || a.to_lowercase().eq(std::iter::once(lower))
}

/// Where a quoted part begins: at a quote that no letter stands before, which would make an apostrophe of it.
fn opening_quote(text: &str) -> Option<(usize, char)> {
    let mut before: Option<char> = None;
    text.char_indices().find(|(_, c)| {
        let opens = matches!(c, '\'' | '"' | '`') && !before.is_some_and(char::is_alphanumeric);
        before = Some(*c);
        opens
    })
}

/// Where it ends: at the same quote with no letter behind it.
fn closing_quote(text: &str, quote: char) -> Option<usize> {
    let behind = |at: usize| text.get(at + quote.len_utf8()..).and_then(|rest| rest.chars().next());
    text.match_indices(quote).map(|(at, _)| at).find(|&at| !behind(at).is_some_and(char::is_alphanumeric))
}

/// Without what nobody sees, line breaks as blanks.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !is_hidden(*c)).map(|c| if c.is_whitespace() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private() -> Private {
        let mut private = Private::default();
        private.add_name("Janes-Box.lab");
        private.add_name("jane");
        private.add_name("Jane Doe");
        private.add_path("/home/jane");
        private.add_id("02:42:ac:11:00:02");
        private
    }

    fn text(text: &str) -> String {
        let (private, case) = (private(), "matmul/2x3@3x4/f32".to_owned());
        Scrub::new(&private, HashSet::from([case])).text(text)
    }

    #[test]
    fn words_that_tell_of_a_folder_or_a_person_are_hidden() {
        for (given, kept) in [
            ("the worker was killed by signal 11 (SIGSEGV)", "the worker was killed by signal 11 (SIGSEGV)"),
            ("cannot open /usr/lib/libx.so: No such file", "cannot open … No such file"),
            ("C:\\Users\\x, ~x and x@example.org", "… … and …"),
            ("JANE's file on janes-box.lab, janes-box: jane_2", "…'s file on …, …: …_2"),
            ("of Jane Doe and Janet", "of … and Janet"),
            ("at 0242AC110002!", "at …"),
            ("matmul/2x3@3x4/f32: off, softmax/2x3/f32 not", "matmul/2x3@3x4/f32: off, … not"),
            ("no 'Tax of me/2024 x' here, don't", "no '…' here, don't"),
            ("'a b' \"c/d\" `e", "'a b' … `e"),
            ("two\nlines\tand \u{1b}[31m\u{202e}", "two lines and [31m"),
        ] {
            assert_eq!(text(given), kept, "{given}");
        }
    }

    #[test]
    fn a_name_that_is_cut_off_was_hidden_before() {
        let long = format!("{}jane", "x ".repeat(MAX_TEXT_CHARS / 2 - 1));
        let kept = text(&long);
        assert!(kept.ends_with("x …") && !kept.contains("ja"), "{kept}");
        assert_eq!(text(&"y".repeat(10_000)).chars().count(), MAX_TEXT_CHARS + 1);
    }

    #[test]
    fn a_fact_keeps_its_words_and_loses_ids() {
        let private = private();
        let scrub = Scrub::new(&private, HashSet::new());
        assert_eq!(scrub.fact("Debian GNU/Linux"), "Debian GNU/Linux");
        assert_eq!(scrub.fact("AMD Ryzen 7 w/ Radeon 780M of jane"), "AMD Ryzen 7 w/ Radeon 780M of jane");
        assert_eq!(scrub.fact("chip 02:42:ac:11:00:02 in /home/jane/x"), "chip … in …");
        assert_eq!(scrub.hidden(), 2);
    }
}
