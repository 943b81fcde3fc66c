//! The verbs, a file each. Only here and in the reports is anything printed for people.

mod ab;
mod backend;
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
mod submit;
mod validate;
mod verdict;
mod verify;
mod worker;

use crate::Exit;
use crate::cli::{Cli, Verb};
use crate::sources::Sources;
use anyhow::{Result, bail};
use chipmark_results::contribution::DataTree;
use std::path::Path;

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
        Verb::Submit(args) => submit::submit(&args),
        Verb::Migrate(args) => migrate::migrate(&args),
        Verb::Plot(args) => plot::plot(&args),
        Verb::History(args) => history::history(&args),
        Verb::Validate(args) => validate::validate(&args),
        Verb::Selfcheck(args) => selfcheck::selfcheck(&args),
        Verb::Backend(args) => backend::backend(&args),
        Verb::Spec(args) => spec::spec(&args),
        Verb::Worker(args) => worker::worker(&args),
        Verb::Completions(args) => completions::completions(&args),
    }
}

/// What is left of sources once what was withdrawn is told.
fn told(sources: Sources) -> Sources {
    for (path, withdrawal) in &sources.withdrawn {
        eprintln!("left out: {}: withdrawn on {}: {}", path.display(), withdrawal.date, withdrawal.reason);
    }
    sources
}

/// Refuses a file that was withdrawn, where one cannot be left out.
fn refuse_withdrawn(path: &Path) -> Result<()> {
    match DataTree::withdrawal_of(path)? {
        Some(withdrawal) => bail!("{}: withdrawn on {}: {}", path.display(), withdrawal.date, withdrawal.reason),
        None => Ok(()),
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
