//! What there is to say of a file: findings, one line each, and how rules put many of a kind into one.

use super::Rule;
use crate::plain::shown;
use serde::Serialize;
use std::path::PathBuf;

/// The longest message, in characters.
const MAX_MESSAGE_CHARS: usize = 400;

/// What a finding means for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The file is not taken.
    Error,
    /// It may be as it says; somebody has to look.
    Warning,
    /// What a reviewer should know; nothing is wrong.
    Label,
}

impl Level {
    /// The name as it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Label => "label",
        }
    }
}

/// One thing to say of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it means for the file.
    pub level: Level,
    /// The rule.
    pub rule: Rule,
    /// The line of the file, from 1; none where it is about the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// One line of bounded length. What it quotes of the file is shown harmlessly.
    pub message: String,
}

impl Finding {
    pub(super) fn new(level: Level, rule: Rule, line: Option<u64>, message: &str) -> Self {
        Finding { level, rule, line, message: shown(message, MAX_MESSAGE_CHARS) }
    }

    pub(super) fn error(rule: Rule, line: Option<u64>, message: &str) -> Self {
        Finding::new(Level::Error, rule, line, message)
    }
}

/// All that there is to say of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileFindings {
    /// The file, as it was named or found.
    pub path: PathBuf,
    /// Errors first.
    pub findings: Vec<Finding>,
}

impl FileFindings {
    /// How many findings of a level there are.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }
}

/// The findings of a file as they come.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    pub(super) fn error(&mut self, rule: Rule, line: Option<u64>, message: &str) {
        self.add(Finding::error(rule, line, message));
    }

    pub(super) fn label(&mut self, rule: Rule, message: &str) {
        self.add(Finding::new(Level::Label, rule, None, message));
    }

    /// Takes back what was said by a rule.
    pub(super) fn drop(&mut self, rule: Rule) {
        self.0.retain(|finding| finding.rule != rule);
    }

    /// Errors first, the rest in the order found.
    pub(super) fn into_sorted(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| finding.level);
        self.0
    }
}

/// Many of a kind as one finding: the first of them, and how many more there are.
#[derive(Debug, Default)]
pub(super) struct Tally {
    first: Option<(Option<u64>, String)>,
    more: usize,
}

impl Tally {
    pub(super) fn add(&mut self, line: Option<u64>, message: impl FnOnce() -> String) {
        match self.first {
            None => self.first = Some((line, message())),
            Some(_) => self.more += 1,
        }
    }

    /// Tells them, if there are any; `of` is what the others are of, such as `launches`.
    pub(super) fn tell(self, findings: &mut Findings, level: Level, rule: Rule, of: &str) {
        if let Some((line, first)) = self.first {
            let more = if self.more == 0 { String::new() } else { format!("; and {} more {of}", self.more) };
            // The count must not fall to the bound.
            let first = shown(&first, MAX_MESSAGE_CHARS - 60);
            findings.add(Finding::new(level, rule, line, &(first + &more)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_bounded_line_whatever_it_quotes() {
        let finding = Finding::error(Rule::Record, Some(1), &format!("a\n\u{1b}[31m\u{202e}{}", "x".repeat(100_000)));
        assert!(finding.message.starts_with("a\u{fffd}\u{fffd}[31m\u{fffd}xxx"), "{}", finding.message);
        assert_eq!(finding.message.chars().count(), MAX_MESSAGE_CHARS + 1);
    }

    #[test]
    fn many_of_a_kind_are_one_line() {
        let mut findings = Findings::default();
        let mut tally = Tally::default();
        for line in 7..10 {
            tally.add(Some(line), || "x".repeat(1000));
        }
        tally.tell(&mut findings, Level::Warning, Rule::Samples, "launches");
        Tally::default().tell(&mut findings, Level::Error, Rule::Samples, "launches");
        findings.error(Rule::Place, None, "elsewhere");
        let found = findings.into_sorted();
        assert_eq!(found.iter().map(|finding| finding.level).collect::<Vec<_>>(), [Level::Error, Level::Warning]);
        assert_eq!(found[1].line, Some(7));
        assert!(found[1].message.ends_with("x…; and 2 more launches"), "{}", found[1].message);
    }
}
