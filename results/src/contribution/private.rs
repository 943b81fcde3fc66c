//! What a machine and who works at it are called: what must not stand in a file that becomes public. `suite/machine` reads it;
//! it goes into no record.

use std::collections::BTreeSet;

/// An id, or a part of a text that may be one, is compared by letters and digits alone, and is no id if it has fewer of them.
const FEWEST_ID_CHARS: usize = 8;

/// Names and ids of a machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Private {
    names: BTreeSet<String>,
    paths: BTreeSet<String>,
    ids: BTreeSet<String>,
}

impl Private {
    /// Adds a name of the host, of its user, or of a user: as a whole word, or several, it is private in whatever case. Of a host's
    /// name with its domain the first part is one too.
    pub fn add_name(&mut self, name: &str) {
        let name = name.trim().to_lowercase();
        if let Some((host, _)) = name.split_once('.').filter(|(host, _)| !host.is_empty()) {
            self.names.insert(host.to_owned());
        }
        if !name.is_empty() {
            self.names.insert(name);
        }
    }

    /// Adds the folder of a user: whatever word has it in it is private.
    pub fn add_path(&mut self, path: &str) {
        let path = path.trim().trim_end_matches('/');
        if !path.is_empty() {
            self.paths.insert(path.to_owned());
        }
    }

    /// Adds an address, a serial number or an id of the hardware: whatever word has it in it is private, however it is hyphenated.
    /// What a maker writes in place of a number is none.
    pub fn add_id(&mut self, id: &str) {
        let id = plain_id(id);
        let is_id = id.len() >= FEWEST_ID_CHARS && id.chars().any(|c| c.is_ascii_digit());
        if is_id && id.chars().any(|c| c != '0') {
            self.ids.insert(id);
        }
    }

    /// The names, in lower case, the longest first: one may be a part of another.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names
    }

    /// Whether a word has a user's folder or an id in it.
    #[must_use]
    pub fn marks(&self, word: &str) -> bool {
        let plain = plain_id(word);
        self.paths.iter().any(|path| word.contains(path.as_str()))
            || self.ids.iter().any(|id| plain.contains(id.as_str()))
    }
}

/// The letters and digits of an id, in lower case.
fn plain_id(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_however_it_is_written() {
        let mut private = Private::default();
        private.add_id("02:42:AC:11:00:02");
        private.add_id("3f1a9c0e-77b2-4d55-9c1e-0a2b3c4d5e6f");
        private.add_path("/home/jane/");
        for word in ["0242ac110002", "eth0=02-42-ac-11-00-02,", "3F1A9C0E77B24D559C1E0A2B3C4D5E6F", "-I/home/jane/x"] {
            assert!(private.marks(word), "{word}");
        }
        assert!(!private.marks("02:42") && !private.marks("/home/john"));
    }

    #[test]
    fn what_stands_in_place_of_an_id_is_none() {
        let mut private = Private::default();
        for id in ["00:00:00:00:00:00", "To be filled by O.E.M.", "None", "1234567", ""] {
            private.add_id(id);
        }
        private.add_name(" ");
        private.add_path("/");
        assert_eq!(private, Private::default());
    }

    #[test]
    fn a_host_is_named_with_its_domain_and_without() {
        let mut private = Private::default();
        private.add_name("Box.Lab.example");
        private.add_name("jane");
        assert_eq!(private.names(), ["box.lab.example", "jane", "box"]);
    }
}
