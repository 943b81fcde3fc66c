//! The page of how it is measured, and what every word and mark means.

use super::shell::Shell;
use crate::words;
use askama::Template;
use chipmark_core::{Mode, Outcome};
use chipmark_results::contribution::Trust;
use chipmark_results::record::Flag;

#[derive(Template)]
#[template(path = "site/how.html")]
pub(super) struct How {
    shell: Shell,
    modes: Vec<(&'static str, &'static str)>,
    outcomes: Vec<(&'static str, &'static str)>,
    flags: Vec<(&'static str, &'static str)>,
    trust: Vec<(&'static str, &'static str)>,
}

impl How {
    pub(super) fn new(shell: Shell) -> Self {
        How {
            shell,
            modes: Mode::ALL.into_iter().map(|mode| (mode.name(), mode.about())).collect(),
            outcomes: Outcome::ALL.into_iter().map(|outcome| (outcome.name(), words::outcome_about(outcome))).collect(),
            trust: Trust::ALL.into_iter().map(|trust| (trust.name(), words::trust_about(trust))).collect(),
            flags: Flag::ALL.into_iter().map(|flag| (words::flag(flag), words::flag_about(flag))).collect(),
        }
    }
}
