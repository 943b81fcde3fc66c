//! What was withdrawn: runs that stay where they are and count nowhere, with the day and the reason, in `withdrawn.toml` at the root of
//! a data tree.

use super::list::{self, Row};
use crate::file_error::FileError;
use crate::plain;
use serde::{Deserialize, Serialize};
use std::path::Path;
use toml::Spanned;

/// The list's name.
pub const WITHDRAWN: &str = "withdrawn.toml";

/// The runs that were withdrawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Withdrawn {
    /// Each of them, in the order of the list.
    pub list: Vec<Withdrawal>,
}

/// A run that was withdrawn, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Its file, below the data folder, `/` between the parts.
    pub file: String,
    /// The day on which it was withdrawn, such as `2026-12-31`.
    pub date: String,
    /// Why.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    withdrawn: Vec<Spanned<Withdrawal>>,
}

impl Withdrawn {
    /// Reads the list of a data folder. A folder without one has withdrawn nothing.
    ///
    /// # Errors
    /// The first fault, as one line: an unknown key, a file that is not there or leads out of the folder, no reason, no day.
    pub fn read(data: &Path) -> Result<Self, FileError> {
        Ok(Withdrawn { list: list::read(data, WITHDRAWN, |document: Document| document.withdrawn)? })
    }

    /// The withdrawal of a file, given by its path below the data folder, `/` between the parts.
    #[must_use]
    pub fn of(&self, file: &str) -> Option<&Withdrawal> {
        self.list.iter().find(|withdrawal| withdrawal.file == file)
    }
}

impl Row for Withdrawal {
    fn file(&mut self) -> &mut String {
        &mut self.file
    }

    fn date(&self) -> &str {
        &self.date
    }

    fn check(&self, _: &Path) -> Result<(), String> {
        plain::check("reason", &self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contribution::list::tests::folder;

    #[test]
    fn a_file_is_found_by_its_path_and_no_other_is() {
        let (folder, file) = folder();
        let list = format!("[[withdrawn]]\nfile = \"{file}\"\ndate = \"2026-03-02\"\nreason = \"<b>a fan</b>\"\n");
        std::fs::write(folder.path().join(WITHDRAWN), list).unwrap();
        let withdrawn = Withdrawn::read(folder.path()).unwrap();
        assert_eq!(withdrawn.of(file).map(|withdrawal| withdrawal.reason.as_str()), Some("<b>a fan</b>"));
        assert_eq!(withdrawn.of("2026-03-01-quick-e3b0c44298fc.jsonl"), None);
    }
}
