//! The pull request of a contribution: its steps shown, or done one by one with `git` and `gh`, once somebody said so.

use super::is_agreed;
use crate::cmd::print;
use crate::program::on_path;
use crate::submission::{PullRequest, Step};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

/// Refuses where the steps could not be done, before anything is written.
pub(super) fn check(request: Option<&PullRequest>, data: &Path) -> Result<()> {
    if request.is_none() {
        bail!("--open-pr: {} is not the folder results/data of a clone of this program", data.display());
    }
    for program in ["git", "gh"] {
        if on_path(program).is_none() {
            bail!(
                "--open-pr: there is no program {program} on PATH; without it the steps are shown, to be done by hand"
            );
        }
    }
    Ok(())
}

/// Shows the steps.
pub(super) fn show(request: &PullRequest) -> Result<()> {
    let mut text = format!("nothing has left this machine; to contribute it, in {}:\n", request.clone.display());
    for step in request.commit() {
        text += &format!("  {step}\n");
    }
    text += &format!("  {}\n", request.push());
    text += "or, where you may not write there, to a fork:\n";
    for step in request.push_to_fork() {
        text += &format!("  {step}\n");
    }
    text += &format!("then, or on the page whose address the push prints:\n  {}", request.open());
    print(&text)
}

/// Does the steps, each shown before, after asking unless that was said to be needless.
pub(super) fn open(request: &PullRequest, is_agreed_to: bool, file: &Path) -> Result<()> {
    if !is_agreed_to {
        show(request)?;
        if !is_agreed("do this now?")? {
            return Ok(());
        }
    }
    let mut ahead: Vec<Step> = request.commit();
    ahead.extend([request.push(), request.open()]);
    while !ahead.is_empty() {
        let step = ahead.remove(0);
        if is_done(&step, request)? {
            continue;
        }
        if step == request.push() {
            print("you may not write there: to a fork, then")?;
            ahead.splice(0..0, request.push_to_fork());
            continue;
        }
        let rest: Vec<String> = std::iter::once(&step).chain(&ahead).map(ToString::to_string).collect();
        bail!(
            "`{step}` failed; {} is where it was written: go on by hand in {} with: {}",
            file.display(),
            request.clone.display(),
            rest.join(" && ")
        );
    }
    Ok(())
}

fn is_done(step: &Step, request: &PullRequest) -> Result<bool> {
    print(&format!("$ {step}"))?;
    let status = Command::new(step.program).args(&step.arguments).current_dir(&request.clone).status();
    Ok(status.is_ok_and(|status| status.success()))
}
