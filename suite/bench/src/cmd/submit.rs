//! `bench submit`: a run becomes a contribution. What would become public is shown and asked about before anything is written,
//! and nothing leaves this machine unless that is asked for.

mod pull_request;
mod summary;

use crate::Exit;
use crate::cli::Submit as Args;
use crate::interrupt;
use crate::machine_id::MachineId;
use crate::submission::{PullRequest, Put, Submission, found, newest};
use anyhow::{Context, Result, bail};
use chipmark_reports::text::clean;
use chipmark_results::contribution::validate::{Finding, Level};
use chipmark_results::contribution::{Point, Readiness};
use chipmark_results::store;
use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use summary::{Whole, summary};

/// The longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: u64 = 100;

pub(crate) fn submit(args: &Args) -> Result<Exit> {
    let path = match &args.file {
        Some(path) => path.clone(),
        None => newest()?,
    };
    let file = store::read(&path)?;
    let id = MachineId::find()?;
    let submission = Submission::of(&file, &id, args.contributor.as_deref())?;
    if args.show {
        super::print(&submission.text)?;
        return Ok(Exit::Ok);
    }
    refuse_unready(&submission.readiness, &path)?;
    if !args.yes && !std::io::stdin().is_terminal() {
        bail!(
            "nobody can be asked here: look at what would become public with `bench submit {} --show`, then say --yes",
            path.display()
        );
    }
    let request = PullRequest::of(&args.data, &submission.place);
    if args.open_pr {
        pull_request::check(request.as_ref(), &args.data)?;
    }
    let preview = if args.yes { None } else { Some(preview(&submission.text)?) };
    let whole = preview.as_ref().map_or(Whole::WhereItBelongs, |preview| Whole::Until(preview.path()));
    super::print(&summary(&submission, &id, (&path, &args.data), &whole))?;
    if !args.yes && !is_agreed("write it there?")? {
        super::print("nothing was written")?;
        return Ok(Exit::Ok);
    }
    drop(preview);

    let Some((written, remarks)) = put(&submission, &id, &args.data, &path)? else { return Ok(Exit::Interrupted) };
    super::print(&format!("written: {}", written.display()))?;
    for Finding { level, rule, message, .. } in remarks {
        super::print(&format!("a reviewer will see: {}: {message} [{rule}]", level.name()))?;
    }
    match request {
        Some(request) if args.open_pr => pull_request::open(&request, args.yes, &written)?,
        Some(request) => pull_request::show(&request)?,
        None => super::print(
            "it is in no clone of this program: copy it to the same place under results/data of one, and open a pull request",
        )?,
    }
    Ok(Exit::Ok)
}

/// Says what readers will be told, and refuses a run that lacks something.
fn refuse_unready(readiness: &Readiness, path: &Path) -> Result<()> {
    let say = |word: &str, points: &[Point]| {
        points.iter().for_each(|point| eprintln!("{word}: {}", clean(&point.to_string())));
    };
    say("note", &readiness.notes);
    say("missing", &readiness.missing);
    match readiness.missing.len() {
        0 => Ok(()),
        1 => bail!("{} cannot be submitted: one thing is missing", path.display()),
        n => bail!("{} cannot be submitted: {n} things are missing", path.display()),
    }
}

/// Puts it in its place for good, if nothing is wrong with it there: where it went, and what a reviewer will be told. Nothing where
/// somebody stopped the program meanwhile, which takes it away again.
fn put(submission: &Submission, id: &MachineId, data: &Path, path: &Path) -> Result<Option<(PathBuf, Vec<Finding>)>> {
    let held: Arc<Mutex<Option<Put>>> = Arc::default();
    let to_undo = Arc::clone(&held);
    interrupt::undo(move || drop(lock(&to_undo).take()));
    let place = {
        let mut held = lock(&held);
        let put = held.insert(Put::new(data, &submission.place, &submission.public.run.run_id, &submission.text)?);
        put.path.clone()
    };
    let remarks = found(&place, data).and_then(|findings| refuse_wrong(findings, path));
    let remarks = remarks.and_then(|remarks| id.keep().map(|()| remarks));
    let put = lock(&held).take();
    let remarks = remarks?;
    Ok(put.map(|put| (put.keep(), remarks)))
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Refuses a file that no reviewer could take; of others, what there is to say.
fn refuse_wrong(findings: Vec<Finding>, path: &Path) -> Result<Vec<Finding>> {
    let (errors, remarks): (Vec<_>, Vec<_>) = findings.into_iter().partition(|finding| finding.level == Level::Error);
    let Some(first) = errors.first() else { return Ok(remarks) };
    let more = if errors.len() == 1 { String::new() } else { format!("; and {} more", errors.len() - 1) };
    bail!("{} cannot be submitted: {} [{}]{more}", path.display(), first.message, first.rule)
}

/// A file with all of it, for whoever is asked, gone with the answer.
fn preview(text: &str) -> Result<tempfile::NamedTempFile> {
    let write = || -> std::io::Result<tempfile::NamedTempFile> {
        let mut file = tempfile::Builder::new().prefix("chipmark-submit-").suffix(".jsonl").tempfile()?;
        file.write_all(text.as_bytes())?;
        file.flush()?;
        Ok(file)
    };
    write().context("cannot write a file to be looked at")
}

/// Asks on the terminal. What is no clear yes is a no.
fn is_agreed(question: &str) -> Result<bool> {
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().lock().take(MAX_ANSWER_BYTES).read_line(&mut answer).context("cannot read the answer")?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_one() {
        assert!(["y\n", "Y", " yes \n"].into_iter().all(is_yes));
        assert!(!["", "\n", "n", "yesterday", "ja", "y n"].into_iter().any(is_yes));
    }

    #[test]
    fn what_is_looked_at_is_all_of_it_and_gone_afterwards() {
        let file = preview("all\nof it\n").unwrap();
        let path = file.path().to_owned();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "all\nof it\n");
        drop(file);
        assert!(!path.exists());
    }
}
