//! Which files are looked at: those that were named, those of folders that were named, and those of the tree that they are to be part
//! of. Links are not followed.

use super::Rule;
use super::finding::Finding;
use crate::contribution::Withdrawn;
use crate::file_error::FileError;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The most files and folders that are looked at.
pub const MAX_FILES: usize = 20_000;

/// How deep folders may lie in a folder that was named. The tree has two levels of them.
pub const MAX_FOLDERS_DEEP: usize = 6;

/// Why nothing can be looked at. Displays as one line.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// A file or folder that is not there, or cannot be read.
    #[error("{}: cannot read it: {source}", crate::plain::shown(&path.to_string_lossy(), 300))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The list of what was withdrawn from the tree.
    #[error(transparent)]
    Withdrawn(#[from] FileError),
    /// Too many files.
    #[error("{}: there are more than {MAX_FILES} files", crate::plain::shown(&path.to_string_lossy(), 300))]
    Many {
        /// The folder.
        path: PathBuf,
    },
}

/// A file to look at.
#[derive(Debug)]
pub(super) struct Item {
    /// As it was named, or found in a folder that was.
    pub path: PathBuf,
    /// Its path under the tree's folder, if it is there.
    pub in_tree: Option<PathBuf>,
    /// Whether it was withdrawn from the tree, so that no other is held against it.
    pub withdrawn: bool,
    /// Whether it is to be judged. The others are there for comparison.
    pub asked: bool,
    /// What is wrong with it before it is read.
    pub wrong: Option<Finding>,
}

/// A path that was found, and what is wrong with it.
type Found = (PathBuf, Option<Finding>);

/// Every file once, those to be judged first, in the order named; those of a folder in the order of their paths.
pub(super) fn items(asked: &[PathBuf], data: &Path) -> Result<Vec<Item>, TreeError> {
    // What is not there is compared with nothing.
    let data = std::fs::canonicalize(data).ok();
    let withdrawn = data.as_deref().map(Withdrawn::read).transpose()?.unwrap_or_default();
    let withdrawn: HashSet<PathBuf> = withdrawn.list.into_iter().map(|withdrawal| withdrawal.file.into()).collect();
    let mut found: Vec<(Found, bool)> = Vec::new();
    for path in asked {
        let metadata =
            std::fs::symlink_metadata(path).map_err(|source| TreeError::Io { path: path.clone(), source })?;
        if metadata.is_dir() && !ends_in_jsonl(path) {
            found.extend(walk(path, data.as_deref())?.into_iter().map(|found| (found, true)));
        } else {
            found.push(((path.clone(), wrong_with(path, metadata.is_dir(), metadata.is_symlink())), true));
        }
    }
    if let Some(data) = &data {
        let beside = walk(data, Some(data))?.into_iter().filter(|(_, wrong)| wrong.is_none());
        found.extend(beside.map(|found| (found, false)));
    }
    let mut seen: HashSet<PathBuf> = HashSet::new();
    let mut items = Vec::new();
    for ((path, wrong), asked) in found {
        // A link is itself, not where it leads.
        let own = if wrong.is_none() { std::fs::canonicalize(&path).ok() } else { None };
        let own = own.or_else(|| std::path::absolute(&path).ok()).unwrap_or_else(|| path.clone());
        if !seen.insert(own.clone()) {
            continue;
        }
        let in_tree = data.as_deref().and_then(|data| own.strip_prefix(data).ok()).map(Path::to_owned);
        let withdrawn = in_tree.as_deref().is_some_and(|file| withdrawn.contains(file));
        items.push(Item { path, in_tree, withdrawn, asked, wrong });
    }
    Ok(items)
}

/// The files of a folder and the folders in it.
fn walk(folder: &Path, data: Option<&Path>) -> Result<Vec<Found>, TreeError> {
    // In the tree's own folder there may be pages and lists; in those of chips, results alone.
    let is_tree = |folder: &Path| {
        let own = std::fs::canonicalize(folder).ok();
        data.is_some_and(|data| own.is_some_and(|own| own != data && own.starts_with(data)))
    };
    let mut found: Vec<Found> = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = folders.pop() {
        let io = |source| TreeError::Io { path: folder.clone(), source };
        let is_tree = is_tree(&folder);
        for entry in std::fs::read_dir(&folder).map_err(io)? {
            let entry = entry.map_err(io)?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(io)?);
            seen += 1;
            if seen > MAX_FILES {
                return Err(TreeError::Many { path: folder.clone() });
            }
            if kind.is_dir() && !ends_in_jsonl(&path) {
                if depth < MAX_FOLDERS_DEEP {
                    folders.push((path, depth + 1));
                } else {
                    let what = format!("folders lie more than {MAX_FOLDERS_DEEP} deep in each other");
                    found.push((path, Some(Finding::error(Rule::Limits, None, &what))));
                }
            } else if is_tree || ends_in_jsonl(&path) || kind.is_symlink() {
                let wrong = wrong_with(&path, kind.is_dir(), kind.is_symlink());
                found.push((path, wrong));
            }
        }
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(found)
}

/// What is wrong with a file before it is opened. The two folders around it may be no links either.
fn wrong_with(path: &Path, is_folder: bool, is_link: bool) -> Option<Finding> {
    let wrong = |what: &str| Some(Finding::error(Rule::FileKind, None, what));
    if is_link {
        return wrong("a link, not a file; put the file itself there");
    }
    if is_folder {
        return wrong("a folder that is named like a results file");
    }
    if !ends_in_jsonl(path) {
        return wrong("no results file: its name does not end in .jsonl");
    }
    let around = path.ancestors().skip(1).take(2).filter(|folder| !folder.as_os_str().is_empty());
    let mut links = around.filter(|folder| std::fs::symlink_metadata(folder).is_ok_and(|found| found.is_symlink()));
    links.next().and_then(|_| wrong("it lies in a folder that is a link"))
}

fn ends_in_jsonl(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "jsonl")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(items: &[Item], folder: &Path) -> Vec<(String, bool, bool)> {
        let name = |item: &Item| item.path.strip_prefix(folder).unwrap_or(&item.path).to_string_lossy().into_owned();
        items.iter().map(|item| (name(item), item.asked, item.wrong.is_some())).collect()
    }

    #[test]
    fn each_file_is_looked_at_once_and_those_beside_for_comparison() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        for name in ["data/a/b/x.jsonl", "data/a/b/y.jsonl", "data/withdrawn.toml", "new/z.jsonl", "new/notes.txt"] {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let data = folder.join("data");
        let odd = folder.join("data/a/../a/b/x.jsonl");
        let items = items(&[folder.join("new"), data.join("a/b/x.jsonl"), odd], &data).unwrap();
        let row = |name: &str, asked| (name.to_owned(), asked, false);
        assert_eq!(
            names(&items, &folder),
            [row("new/z.jsonl", true), row("data/a/b/x.jsonl", true), row("data/a/b/y.jsonl", false)]
        );
        assert_eq!(items[0].in_tree, None);
        assert_eq!(items[1].in_tree.as_deref(), Some(Path::new("a/b/x.jsonl")));
        let missing = super::items(&[folder.join("none.jsonl")], &data).unwrap_err().to_string();
        assert!(missing.contains("none.jsonl: cannot read it"), "{missing}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_results_file_is_told_and_never_followed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let data = folder.join("data");
        fs::create_dir_all(data.join("a/b/c/d/e/f/g/h")).unwrap();
        fs::create_dir_all(data.join("a/folder.jsonl/deep")).unwrap();
        fs::write(data.join("a/notes.txt"), "").unwrap();
        fs::write(data.join("README.md"), "").unwrap();
        std::os::unix::fs::symlink("/", data.join("a/root")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", data.join("a/link.jsonl")).unwrap();
        std::os::unix::fs::symlink(data.join("a"), data.join("same")).unwrap();
        let of_tree = items(std::slice::from_ref(&data), &data).unwrap();
        let wrong = |name: &str| (format!("data/{name}"), true, true);
        assert_eq!(
            names(&of_tree, &folder),
            ["a/b/c/d/e/f/g", "a/folder.jsonl", "a/link.jsonl", "a/notes.txt", "a/root", "same"].map(wrong)
        );
        // Beside others, none of it is looked at.
        fs::write(folder.join("x.jsonl"), "").unwrap();
        assert_eq!(items(&[folder.join("x.jsonl")], &data).unwrap().len(), 1);
        // A file that is named through a link.
        fs::create_dir(data.join("a/b/config")).unwrap();
        fs::write(data.join("a/b/config/x.jsonl"), "").unwrap();
        std::os::unix::fs::symlink(data.join("a/b"), data.join("chip")).unwrap();
        let through = items(&[data.join("chip/config/x.jsonl")], &data).unwrap();
        assert!(through[0].wrong.is_some() && through[0].in_tree.is_none() == through[0].wrong.is_none());
    }
}
