//! Shifts that somebody has accepted: a file of `[[blessed]]` tables beside the results.

use crate::toml_text;
use chipmark_core::{CaseId, Cell, Mode, Target};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::Path;

/// The file's name.
pub const BLESSED: &str = "blessed.toml";

/// The shifts that are accepted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blessings {
    /// Each of them.
    #[serde(default, rename = "blessed")]
    pub list: Vec<Blessing>,
}

/// A shift that is accepted, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blessing {
    /// The day on which it was, as `2026-12-31`.
    pub date: String,
    /// The case.
    pub case: CaseId,
    /// The target.
    pub target: Target,
    /// The mode.
    pub mode: Mode,
    /// The id of the first run of the new level.
    pub run: String,
    /// Why.
    pub why: String,
}

impl Blessings {
    /// Reads a file, and gives its text too. One that is not there has none.
    ///
    /// # Errors
    /// One line with the file and what is wrong in it.
    pub fn read(path: &Path) -> Result<(Self, String), String> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
        };
        let blessings = Blessings::parse(&text).map_err(|why| format!("{}, {why}", path.display()))?;
        Ok((blessings, text))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let blessings: Blessings = toml_text::parse(text).map_err(|(line, what)| format!("line {line}: {what}"))?;
        match blessings.list.iter().find(|blessing| blessing.why.trim().is_empty()) {
            Some(Blessing { case, run, .. }) => {
                Err(format!("the blessing of {case} at run {run} says no reason: write why = \"...\""))
            }
            None => Ok(blessings),
        }
    }
}

impl Blessing {
    /// Whether it is of a cell.
    #[must_use]
    pub fn is_of(&self, cell: &Cell) -> bool {
        self.case == cell.case && self.target == cell.target && self.mode == cell.mode
    }

    /// A file's text with this blessing at its end. What people wrote there stays as it is.
    ///
    /// # Errors
    /// One line if the two do not go together, or the blessing has no reason.
    pub fn appended_to(&self, text: &str) -> Result<String, String> {
        let own = toml::to_string(&Blessings { list: vec![self.clone()] }).map_err(|error| error.to_string())?;
        let gap = match text {
            "" => "",
            text if text.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        let whole = format!("{text}{gap}{own}");
        Blessings::parse(&whole).map(|_| whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blessing(why: &str) -> Blessing {
        Blessing {
            date: "2026-03-01".to_owned(),
            case: "softmax/8x8/f32".parse().unwrap(),
            target: "tch:cpu".parse().unwrap(),
            mode: Mode::FirstCall,
            run: "r1".to_owned(),
            why: why.to_owned(),
        }
    }

    #[test]
    fn what_is_appended_is_read_again_and_the_rest_stays() {
        let one = blessing("with \"quotes\"\nand = signs").appended_to("# ours").unwrap();
        let two = blessing("again").appended_to(&one).unwrap();
        assert!(two.starts_with("# ours\n\n[[blessed]]\ndate = \"2026-03-01\"\n"), "{two}");
        let expected = vec![blessing("with \"quotes\"\nand = signs"), blessing("again")];
        assert_eq!(Blessings::parse(&two), Ok(Blessings { list: expected }));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(BLESSED);
        assert_eq!(Blessings::read(&path), Ok((Blessings::default(), String::new())));
        for (text, says) in [
            ("[[blessed]]\ncase = 7\n", "line 2"),
            ("x = 1\n", "line 1: unknown field `x`"),
            ("[[blessed]]\ndate = \"d\"\n", "missing field `case`"),
            (&blessing("w").appended_to("").unwrap().replace("first-call", "fast"), "unknown variant `fast`"),
            (&blessing("w").appended_to("").unwrap().replace("\"w\"", "\" \""), "says no reason"),
        ] {
            std::fs::write(&path, text).unwrap();
            let why = Blessings::read(&path).unwrap_err();
            assert!(why.contains(BLESSED) && why.contains(says) && !why.contains('\n'), "{why}");
        }
        assert!(blessing("  ").appended_to("").is_err(), "no reason");
        assert!(blessing("w").appended_to("blessed = []").is_err(), "a list that nothing can be appended to");
    }
}
