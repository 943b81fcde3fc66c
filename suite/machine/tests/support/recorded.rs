//! What the tools of a Mac printed, in place of the tools of this machine.

use chipmark_machine::tool::Tools;
use std::collections::HashMap;

/// What each tool printed, by its name and arguments as far as they differ.
#[derive(Default)]
pub(crate) struct Recorded(HashMap<String, String>);

impl Recorded {
    pub(crate) fn with(mut self, tool: &str, output: &str) -> Recorded {
        self.0.insert(tool.to_owned(), output.to_owned());
        self
    }
}

impl Tools for Recorded {
    fn output(&self, program: &str, arguments: &[&str]) -> Option<String> {
        let name = program.rsplit('/').next()?;
        let full = format!("{name} {}", arguments.join(" "));
        self.0.get(full.trim()).or_else(|| self.0.get(name)).cloned()
    }
}
