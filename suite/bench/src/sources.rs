//! What a report is made of: results files and imported tables, named or found in folders.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
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
}

/// Files by what they are, each kind in the order given; those of a folder in the order of their paths.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// Results files.
    pub results: Vec<Source>,
    /// Tables that others published.
    pub published: Vec<Source>,
}

impl Sources {
    /// Of files and folders. In a folder, and the folders in it, every file ending in `.jsonl` counts; links are not followed.
    ///
    /// # Errors
    /// When a folder cannot be read or has no such file.
    pub(crate) fn of(paths: &[PathBuf]) -> Result<Self> {
        let mut sources = Sources::default();
        for path in paths {
            if path.is_dir() {
                let mut found = Vec::new();
                jsonl_files(path, &mut found).with_context(|| format!("cannot read the folder {}", path.display()))?;
                if found.is_empty() {
                    bail!("no file ending in .jsonl is in {}: `bench run --out {0}` writes one", path.display());
                }
                found.sort();
                found.into_iter().for_each(|path| sources.add(Source { path, is_named: false }));
            } else {
                sources.add(Source { path: path.clone(), is_named: true });
            }
        }
        Ok(sources)
    }

    fn add(&mut self, source: Source) {
        if is_imported(&source.path) { self.published.push(source) } else { self.results.push(source) }
    }
}

/// The files ending in `.jsonl` of a folder and the folders in it. Links are not followed.
pub(crate) fn jsonl_files(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            jsonl_files(&path, found)?;
        } else if path.extension().is_some_and(|ending| ending == "jsonl") {
            found.push(path);
        }
    }
    Ok(())
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
}
