//! The program `bench`. This file reads the command line, does the verb, and turns errors into one line and an exit code.

mod canary;
mod cases;
mod ceilings;
mod checks;
mod chip_hint;
mod cli;
mod cmd;
mod consensus;
mod contributed;
mod doubt;
mod env_consent;
mod interrupt;
mod launch;
mod machine_id;
mod memory;
mod memory_pass;
mod new_backend;
mod order;
mod pace;
mod profile;
mod program;
mod progress;
mod rounds;
mod selfcheck;
mod session;
mod sources;
mod submission;
mod support;
mod targets;
mod text;
mod two_stages;
mod worker_process;

use clap::Parser;
use clap::error::ErrorKind;
use std::process::ExitCode;

/// The exit codes. They are part of the interface: CI decides by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, and nothing was wrong.
    Ok = 0,
    /// A regression is confirmed.
    Regressed = 1,
    /// Bad usage, bad input, or a file that cannot be written. What was written before is kept.
    Usage = 2,
    /// Too much doubt to say, or too little compared.
    Inconclusive = 3,
    /// A benchmark failed or was wrong, or a contributed file is not taken.
    Failed = 4,
    /// Stopped by Ctrl-C; what was measured is kept, and nothing lies half written.
    Interrupted = 130,
}

fn main() -> ExitCode {
    // A pipe closed by `head` ends the program quietly; the default would be a panic in println!.
    let result = match cli::Cli::try_parse() {
        Ok(cli) => cmd::run(cli),
        Err(error) if error.use_stderr() && error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Err(anyhow::anyhow!(cli::one_line(&error)))
        }
        // Help and the version are no errors.
        Err(text) => text.exit(),
    };
    let exit = result.unwrap_or_else(|error| {
        if !is_broken_pipe(&error) {
            eprintln!("bench: {}", line(&error));
        }
        Exit::Usage
    });
    ExitCode::from(exit as u8)
}

/// An error with its causes, but for those that it says itself.
fn line(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |line, cause| match line.as_str() {
        "" => cause,
        said if said.ends_with(&cause) => line,
        said => format!("{said}: {cause}"),
    })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{Context, anyhow};

    #[test]
    fn a_cause_is_said_once() {
        let cause = || std::io::Error::other("no space");
        assert_eq!(line(&anyhow!(cause()).context("x: cannot write it")), "x: cannot write it: no space");
        let written = chipmark_reports::ReportError::Write { path: "x".into(), source: cause() };
        assert_eq!(
            line(&Err::<(), _>(written).context("the site").unwrap_err()),
            "the site: x: cannot write it: no space"
        );
    }
}
