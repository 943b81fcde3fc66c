//! The steps from a file in a clone to a pull request. Here they are words; whether they are done or only shown is the verb's.

use crate::cli::DATA;
use chipmark_results::contribution::Place;
use std::fmt;
use std::path::{Path, PathBuf};

/// What a fork's remote is called.
const FORK: &str = "fork";

/// A pull request that adds one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PullRequest {
    /// The clone's folder.
    pub clone: PathBuf,
    branch: String,
    file: String,
    title: String,
    body: String,
}

/// A program to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub program: &'static str,
    pub arguments: Vec<String>,
}

impl Step {
    fn new<const N: usize>(program: &'static str, arguments: [&str; N]) -> Self {
        Step { program, arguments: arguments.map(str::to_owned).to_vec() }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = std::iter::once(self.program).chain(self.arguments.iter().map(String::as_str));
        let line = shlex::try_join(words.clone());
        f.write_str(&line.unwrap_or_else(|_| words.collect::<Vec<_>>().join(" ")))
    }
}

/// The clone in which `data` is the folder of contributed results. Git need not be asked: its folder is there.
pub(crate) fn clone_of(data: &Path) -> Option<PathBuf> {
    let whole = std::path::absolute(data).ok()?;
    // It need not be there yet.
    let there = whole.ancestors().find(|folder| folder.exists())?;
    let rest = whole.strip_prefix(there).ok()?;
    let whole = there.canonicalize().ok()?.join(rest);
    let clone = whole.ancestors().find(|folder| folder.join(".git").exists())?;
    (whole.strip_prefix(clone).ok()? == Path::new(DATA)).then(|| clone.to_owned())
}

impl PullRequest {
    /// That of the file that belongs in this place; nothing where `data` is not in a clone.
    pub(crate) fn of(data: &Path, place: &Place) -> Option<Self> {
        let Place { chip, config, date, suite, hash } = place;
        let title = format!("Add {suite} on {chip} ({config}) of {date}");
        Some(PullRequest {
            clone: clone_of(data)?,
            branch: format!("submit-{date}-{suite}-{hash}"),
            file: Path::new(DATA).join(place.path()).to_str()?.to_owned(),
            body: format!("Measured with suite {suite} on {chip}, {config}; made by `bench submit`."),
            title,
        })
    }

    /// A branch from where the clone stands, with this file alone in its commit.
    pub(crate) fn commit(&self) -> Vec<Step> {
        vec![
            Step::new("git", ["checkout", "-b", &self.branch]),
            Step::new("git", ["add", "--", &self.file]),
            Step::new("git", ["commit", "-m", &self.title, "--", &self.file]),
        ]
    }

    /// To where the clone is from, for those who may write there.
    pub(crate) fn push(&self) -> Step {
        Step::new("git", ["push", "-u", "origin", &self.branch])
    }

    /// To a fork, for all others.
    pub(crate) fn push_to_fork(&self) -> Vec<Step> {
        vec![
            Step::new("gh", ["repo", "fork", "--remote", "--remote-name", FORK]),
            Step::new("git", ["push", "-u", FORK, &self.branch]),
        ]
    }

    /// The pull request itself.
    pub(crate) fn open(&self) -> Step {
        Step::new("gh", ["pr", "create", "--title", &self.title, "--body", &self.body])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        let [chip, config, date, suite, hash] =
            ["apple-m3-max", "16-cpu", "2026-03-01", "quick", "0123456789ab"].map(str::to_owned);
        Place { chip, config, date, suite, hash }
    }

    #[test]
    fn the_steps_are_ready_for_a_shell() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        let request = PullRequest::of(&folder.path().join(DATA), &place()).unwrap();
        assert_eq!(request.clone, folder.path().canonicalize().unwrap());
        let steps = request.commit().into_iter().chain([request.push()]).chain(request.push_to_fork());
        let lines: Vec<String> = steps.chain([request.open()]).map(|step| step.to_string()).collect();
        let branch = "submit-2026-03-01-quick-0123456789ab";
        let file = "results/data/apple-m3-max/16-cpu/2026-03-01-quick-0123456789ab.jsonl";
        let title = "'Add quick on apple-m3-max (16-cpu) of 2026-03-01'";
        assert_eq!(
            lines,
            [
                format!("git checkout -b {branch}"),
                format!("git add -- {file}"),
                format!("git commit -m {title} -- {file}"),
                format!("git push -u origin {branch}"),
                "gh repo fork --remote --remote-name fork".to_owned(),
                format!("git push -u fork {branch}"),
                format!(
                    "gh pr create --title {title} --body 'Measured with suite quick on apple-m3-max, 16-cpu; made by `bench submit`.'"
                ),
            ]
        );
    }

    #[test]
    fn elsewhere_there_is_no_pull_request() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(PullRequest::of(&folder.path().join(DATA), &place()), None);
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(PullRequest::of(&folder.path().join("data"), &place()), None);
        std::fs::create_dir_all(folder.path().join("sub").join(DATA)).unwrap();
        assert_eq!(PullRequest::of(&folder.path().join("sub").join(DATA), &place()), None);
    }
}
