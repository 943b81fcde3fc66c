//! The runs that somebody vouches for: measured by the maintainers, or reproduced under their eyes. They stand in `reference.toml` at the
//! root of a data tree, with who says so and why.

use super::list::{self, Row};
use super::place::hash_of;
use crate::file_error::FileError;
use crate::plain;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::Path;
use toml::Spanned;

/// The list's name.
pub const REFERENCE: &str = "reference.toml";

/// The runs that are vouched for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reference {
    /// Each of them, in the order of the list.
    pub list: Vec<Vouched>,
}

/// A run that is vouched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vouched {
    /// Its file, below the data folder, `/` between the parts. The hash at the end of its name is that of what it holds.
    pub file: String,
    /// The day since which it is vouched for, such as `2026-12-31`.
    pub date: String,
    /// Who vouches.
    pub who: String,
    /// Why.
    pub why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    reference: Vec<Spanned<Vouched>>,
}

impl Reference {
    /// Reads the list of a data folder. A folder without one vouches for nothing.
    ///
    /// # Errors
    /// The first fault, as one line: an unknown key, a file that is not there or leads out of the folder, one that no longer holds what
    /// its name says, nobody who vouches, no reason, no day.
    pub fn read(data: &Path) -> Result<Self, FileError> {
        Ok(Reference { list: list::read(data, REFERENCE, |document: Document| document.reference)? })
    }

    /// Who vouches for a file, given by its path below the data folder, `/` between the parts.
    #[must_use]
    pub fn of(&self, file: &str) -> Option<&Vouched> {
        self.list.iter().find(|vouched| vouched.file == file)
    }
}

impl Row for Vouched {
    fn file(&mut self) -> &mut String {
        &mut self.file
    }

    fn date(&self) -> &str {
        &self.date
    }

    /// A file that was changed after somebody vouched for it is another.
    fn check(&self, path: &Path) -> Result<(), String> {
        plain::check("name of who vouches (who)", &self.who)?;
        plain::check("reason (why)", &self.why)?;
        let hash = File::open(path).and_then(hash_of).map_err(|error| format!("cannot read {}: {error}", self.file))?;
        let named = path.file_stem().and_then(|stem| stem.to_str()?.rsplit('-').next());
        if named == Some(hash.as_str()) {
            Ok(())
        } else {
            Err(format!("{} holds something else than its name says: its hash is {hash}", plain::quoted(&self.file)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contribution::list::tests::folder;

    #[test]
    fn who_vouches_for_a_file_does_so_for_what_it_holds() {
        let (folder, file) = folder();
        let list =
            format!("[[reference]]\nfile = \"{file}\"\ndate = \"2026-03-02\"\nwho = \"Ours\"\nwhy = \"at hand\"\n");
        let write = |text: &str| std::fs::write(folder.path().join(REFERENCE), text).unwrap();
        write(&list);
        let reference = Reference::read(folder.path()).unwrap();
        assert_eq!(reference.of(file).map(|vouched| vouched.who.as_str()), Some("Ours"));
        assert_eq!(reference.of("other.jsonl"), None);
        for (bad, says) in [
            (list.replace("Ours", ""), "the name of who vouches (who) is empty"),
            (list.replace("at hand", "\\n"), "the reason (why) is empty"),
            (list.replace("who = \"Ours\"\n", ""), "missing field `who`"),
        ] {
            write(&bad);
            let error = Reference::read(folder.path()).unwrap_err().to_string();
            assert!(error.contains("reference.toml:1: ") && error.contains(says), "{error}");
        }
        write(&list);
        std::fs::write(folder.path().join(file), "changed").unwrap();
        let error = Reference::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("holds something else than its name says: its hash is d67e2e944994"), "{error}");
    }
}
