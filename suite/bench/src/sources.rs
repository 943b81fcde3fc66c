//! What is shown, ranked and looked back on: results files and imported tables, named or found in folders. What was withdrawn from a
//! data tree is left out here, and so everywhere.

use anyhow::{Context, Result, bail};
use chipmark_results::contribution::{DataTree, Vouched, Withdrawal};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest first line that is looked at to tell what a file is, in bytes. That of an imported table is shorter.
const MAX_FIRST_BYTES: u64 = 64 << 10;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub path: PathBuf,
    /// Whether it was named itself, and not found in a folder.
    pub is_named: bool,
    /// Who vouches for it in the data tree that it lies in.
    pub vouched: Option<Vouched>,
}

/// Files by what they are, each kind in the order given; those of a folder in the order of their paths.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// Results files.
    pub results: Vec<Source>,
    /// Tables that others published.
    pub published: Vec<Source>,
    /// What was withdrawn, with where it is.
    pub withdrawn: Vec<(PathBuf, Withdrawal)>,
    /// Whether a folder is a data tree, or lies in one.
    pub is_data: bool,
    /// The data trees met, by their roots.
    trees: BTreeMap<PathBuf, DataTree>,
}

impl Sources {
    /// Of files and folders. In a folder, and the folders in it, every file ending in `.jsonl` counts; links are not followed.
    ///
    /// # Errors
    /// When a folder cannot be read or has no such file, unless it is a data tree, which may wait for its first; or when the lists of a
    /// data tree cannot be read.
    pub(crate) fn of(paths: &[PathBuf]) -> Result<Self> {
        let mut sources = Sources::default();
        for path in paths {
            if !path.is_dir() {
                sources.add(path.clone(), true)?;
            } else if !sources.add_folder(path)? && DataTree::root_of(path).is_none() {
                bail!("no file ending in .jsonl is in {}: `bench run --out {0}` writes one", path.display());
            }
        }
        Ok(sources)
    }

    /// Of one folder, which may have none.
    ///
    /// # Errors
    /// When it cannot be read, or the lists of a data tree cannot.
    pub(crate) fn in_folder(folder: &Path) -> Result<Self> {
        let mut sources = Sources::default();
        sources.add_folder(folder)?;
        Ok(sources)
    }

    /// Says whether it has any file.
    fn add_folder(&mut self, folder: &Path) -> Result<bool> {
        let mut found = jsonl_files(folder)?;
        self.is_data |= DataTree::root_of(folder).is_some();
        found.sort();
        let has_any = !found.is_empty();
        found.into_iter().try_for_each(|path| self.add(path, false))?;
        Ok(has_any)
    }

    fn add(&mut self, path: PathBuf, is_named: bool) -> Result<()> {
        let tree = match DataTree::root_of(&path) {
            Some(root) if !self.trees.contains_key(&root) => {
                let tree = DataTree::read(&root)?;
                Some(&*self.trees.entry(root).or_insert(tree))
            }
            Some(root) => self.trees.get(&root),
            None => None,
        };
        let listed = tree.and_then(|tree| Some((tree, tree.below(&path)?)));
        let vouched = listed.as_ref().and_then(|(tree, file)| tree.reference.of(file)).cloned();
        if let Some(withdrawal) = listed.and_then(|(tree, file)| tree.withdrawn.of(&file).cloned()) {
            self.withdrawn.push((path, withdrawal));
            return Ok(());
        }
        let source = Source { path, is_named, vouched };
        if is_imported(&source.path) {
            self.published.push(source);
        } else {
            self.results.push(source);
        }
        Ok(())
    }
}

/// The files ending in `.jsonl` of a folder and the folders in it. Links are not followed.
///
/// # Errors
/// When it, or a folder in it, cannot be read.
pub(crate) fn jsonl_files(folder: &Path) -> Result<Vec<PathBuf>> {
    fn add(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                add(&path, found)?;
            } else if path.extension().is_some_and(|ending| ending == "jsonl") {
                found.push(path);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    add(folder, &mut found).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    Ok(found)
}

/// Whether a file says in its first line that it is an imported table. One that cannot be read is left to who reads it.
fn is_imported(path: &Path) -> bool {
    #[derive(Deserialize)]
    struct Kind {
        record: String,
    }
    first_line::<Kind>(path, MAX_FIRST_BYTES).is_some_and(|kind| kind.record == "imported-table")
}

/// What a file's first line holds; nothing where it cannot be read, is longer than `most_bytes`, or holds something else.
pub(crate) fn first_line<T: DeserializeOwned>(path: &Path, most_bytes: u64) -> Option<T> {
    let mut line = Vec::new();
    BufReader::new(File::open(path).ok()?.take(most_bytes)).read_until(b'\n', &mut line).ok()?;
    serde_json::from_slice(&line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_their_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        };
        let table = write("deep/table.jsonl", "{\"record\": \"imported-table\", \"schema\": 1}\n");
        let run = write("run.jsonl", "{\"record\":\"run\",\"schema\":1}\n");
        let other = write("other.jsonl", "no JSON");
        write("notes.txt", "");
        let found = Sources::of(&[folder.path().to_owned()]).unwrap();
        let paths = |sources: Vec<Source>| sources.into_iter().map(|source| source.path).collect::<Vec<_>>();
        assert_eq!((paths(found.published), paths(found.results)), (vec![table], vec![other, run]));
        let named = Sources::of(&[folder.path().join("missing.jsonl")]).unwrap();
        assert_eq!(named.results.len(), 1, "whoever reads it says that it is not there");
        let empty = tempfile::tempdir().unwrap();
        assert!(Sources::of(&[empty.path().to_owned()]).unwrap_err().to_string().contains("bench run --out"));
    }

    #[test]
    fn what_was_withdrawn_is_left_out_however_it_is_given() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("chip/config");
        std::fs::create_dir_all(&config).unwrap();
        std::fs::write(folder.path().join("withdrawn.toml"), "").unwrap();
        let empty = Sources::of(&[folder.path().to_owned()]).unwrap();
        assert!(empty.is_data && empty.results.is_empty(), "a data tree may wait for its first file");
        for name in ["bad.jsonl", "good.jsonl"] {
            std::fs::write(config.join(name), "{\"record\":\"run\"}\n").unwrap();
        }
        let list =
            "[[withdrawn]]\nfile = \"chip/config/bad.jsonl\"\ndate = \"2026-03-02\"\nreason = \"the fan had failed\"\n";
        std::fs::write(folder.path().join("withdrawn.toml"), list).unwrap();
        for given in [folder.path(), &config, &config.join("bad.jsonl")] {
            let sources = Sources::of(&[given.to_owned()]).unwrap();
            let [(path, withdrawal)] = sources.withdrawn.as_slice() else { panic!("{sources:?}") };
            assert_eq!((path.ends_with("bad.jsonl"), withdrawal.reason.as_str()), (true, "the fan had failed"));
            assert!(sources.results.iter().all(|source| source.path.ends_with("good.jsonl")), "{sources:?}");
            assert_eq!(sources.is_data, given.is_dir());
        }
        std::fs::write(folder.path().join("withdrawn.toml"), "[[withdrawn]]\n").unwrap();
        let error = Sources::of(&[config]).unwrap_err().to_string();
        assert!(error.contains("withdrawn.toml:1: missing field"), "{error}");
    }
}
