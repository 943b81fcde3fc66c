//! The rules, by name. `suite/docs/VALIDATION.md` describes each; a test holds the page to this list.

use serde::Serialize;
use std::fmt;

macro_rules! rules {
    ($($(#[doc = $about:literal])+ $rule:ident = $name:literal,)+) => {
        /// A rule that contributed files are held to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum Rule {
            $($(#[doc = $about])+ #[serde(rename = $name)] $rule,)+
        }

        impl Rule {
            /// Every rule, in the order of the page.
            pub const ALL: &[Rule] = &[$(Rule::$rule),+];

            /// The name as it is written.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Rule::$rule => $name,)+
                }
            }
        }
    };
}

rules! {
    /// It is a regular file whose name ends in `.jsonl`, and no link leads to it.
    FileKind = "file-kind",
    /// Neither it nor a line of it is too large, too deep or too many.
    Limits = "limits",
    /// It is UTF-8 text, without hidden characters.
    Text = "text",
    /// Its schema is one that this program knows, and each line agrees with it.
    Schema = "schema",
    /// Each line is a record that can be, of this run.
    Record = "record",
    /// It is whole: nothing is cut off, and the run came to its end.
    Complete = "complete",
    /// The run's time was up before its end, though not too early.
    Budget = "budget",
    /// It says who contributed it.
    Contribution = "contribution",
    /// It holds nothing private: no paths, no names of programs.
    Private = "private",
    /// It lies where its content says.
    Place = "place",
    /// It was measured by a version of this program that there is.
    Harness = "harness",
    /// Its run is of profile `publish`, and stands for itself.
    Profile = "profile",
    /// Its suite is built in.
    Suite = "suite",
    /// Its cases are all of the suite's, and no others.
    Coverage = "coverage",
    /// Its cases and their modes are known.
    Case = "case",
    /// Its cases cost what they cost by counting.
    Cost = "cost",
    /// Its frameworks are known, and compute.
    Framework = "framework",
    /// Its targets had no variables but those of a built-in suite.
    Environment = "environment",
    /// Its machine can be, and has the devices of its targets.
    Identity = "identity",
    /// Its chip is one whose vendor's figures are known.
    UnknownChip = "unknown-chip",
    /// Nothing disturbed its machine.
    Disturbed = "disturbed",
    /// Its cells have enough launches.
    Launches = "launches",
    /// Its launches have enough samples, which scatter, and are no copies of each other.
    Samples = "samples",
    /// Its times are as fine as the clock that it tells of.
    Quantised = "quantised",
    /// Its rounds, orders and workers fit together.
    Course = "course",
    /// Its moments follow each other, and leave time for what was measured.
    Clock = "clock",
    /// Its samples are in no other file.
    Copied = "copied",
    /// What has a time was checked, and was right.
    Check = "check",
    /// No check allowed more than this program would.
    Tolerance = "tolerance",
    /// Nothing is faster than the chip can be, by its vendor's word.
    Speed = "speed",
    /// Nothing is far faster than the best that the run itself measured.
    Ceiling = "ceiling",
    /// Nothing is shorter than the clock can tell.
    Resolution = "resolution",
    /// Its times are near those that the same machine and framework had before.
    Before = "before",
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn the_page_describes_every_rule() {
        let page = include_str!("../../../../suite/docs/VALIDATION.md");
        let missing: Vec<&str> =
            Rule::ALL.iter().map(|rule| rule.name()).filter(|name| !page.contains(&format!("| `{name}` |"))).collect();
        assert!(missing.is_empty(), "suite/docs/VALIDATION.md does not describe {missing:?}");
        let rows = page.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, Rule::ALL.len(), "the page has a row a rule, and no other");
        assert_eq!(serde_json::to_string(&Rule::UnknownChip).unwrap(), "\"unknown-chip\"");
    }
}
