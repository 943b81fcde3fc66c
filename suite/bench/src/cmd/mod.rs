//! The verbs, a file each. Only here and in the reports is anything printed for people.

mod ab;
mod check;
mod compare;
mod completions;
mod doctor;
mod history;
mod import;
mod list;
mod migrate;
mod plot;
mod rank;
mod report;
mod run;
mod selfcheck;
mod spec;
mod verdict;
mod verify;
mod worker;

use crate::Exit;
use crate::cli::{Cli, Verb};
use anyhow::Result;

/// Does a verb.
pub(crate) fn run(cli: Cli) -> Result<Exit> {
    match cli.verb {
        Verb::Run(args) => run::run(&args),
        Verb::List(args) => list::list(&args),
        Verb::Verify(args) => verify::verify(&args),
        Verb::Doctor(args) => doctor::doctor(&args),
        Verb::Report(args) => report::report(&args),
        Verb::Compare(args) => compare::compare(&args),
        Verb::Ab(args) => ab::ab(&args),
        Verb::Check(args) => check::check(&args),
        Verb::Rank(args) => rank::rank(&args),
        Verb::Import(args) => import::import(&args),
        Verb::Migrate(args) => migrate::migrate(&args),
        Verb::Plot(args) => plot::plot(&args),
        Verb::History(args) => history::history(&args),
        Verb::Selfcheck(args) => selfcheck::selfcheck(&args),
        Verb::Spec(args) => spec::spec(&args),
        Verb::Worker(args) => worker::worker(&args),
        Verb::Completions(args) => completions::completions(&args),
    }
}

/// Prints to stdout; a reader that has gone is an error like any other, not a panic.
pub(crate) fn print(text: &str) -> Result<()> {
    use std::io::Write;
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        stdout.write_all(b"\n")?;
    }
    Ok(stdout.flush()?)
}
