//! Putting a contribution in its place: whole, over nothing that is there, and gone again if it is found wrong.

use crate::contributed::findings;
use crate::sources::{first_line, jsonl_files};
use anyhow::{Context, Result, bail};
use chipmark_reports::out::create;
use chipmark_results::contribution::Place;
use chipmark_results::contribution::validate::Finding;
use chipmark_results::store::MAX_LINE_BYTES;
use serde::Deserialize;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A file in its place, which goes with this unless it is kept.
#[derive(Debug)]
pub(crate) struct Put {
    /// Where it is.
    pub path: PathBuf,
    /// The folders that were made for it, the innermost first.
    folders: Vec<PathBuf>,
    is_kept: bool,
}

impl Put {
    /// Writes it into its place under `data`.
    pub(crate) fn new(data: &Path, place: &Place, run_id: &str, text: &str) -> Result<Self> {
        let path = data.join(place.path());
        let folder = path.parent().unwrap_or(data).to_owned();
        if let Some(other) = same_run(&folder, run_id)? {
            bail!("{}: it holds this run already", other.display());
        }
        let folders: Vec<PathBuf> = folder
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
            .map(Path::to_owned)
            .collect();
        let mut put = Put { path, folders, is_kept: false };
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        create(&put.path, text.as_bytes()).map_err(|error| {
            // It is another's.
            put.is_kept = error.kind() == ErrorKind::AlreadyExists;
            anyhow::Error::new(error).context(format!("cannot write {}", put.path.display()))
        })?;
        Ok(put)
    }

    /// Leaves it where it is.
    pub(crate) fn keep(mut self) -> PathBuf {
        self.is_kept = true;
        std::mem::take(&mut self.path)
    }
}

impl Drop for Put {
    fn drop(&mut self) {
        if !self.is_kept {
            let _ = std::fs::remove_file(&self.path);
            for folder in &self.folders {
                let _ = std::fs::remove_dir(folder);
            }
        }
    }
}

/// What is found wrong with a file where it lies, and what a reviewer will be told.
pub(crate) fn found(file: &Path, data: &Path) -> Result<Vec<Finding>> {
    let files = findings(&[file.to_owned()], data)?;
    Ok(files.into_iter().flat_map(|file| file.findings).collect())
}

/// The file of a folder that holds a run of this id.
fn same_run(folder: &Path, run_id: &str) -> Result<Option<PathBuf>> {
    #[derive(Deserialize)]
    struct Head {
        run_id: String,
    }
    if !folder.is_dir() {
        return Ok(None);
    }
    let is_same = |path: &PathBuf| first_line::<Head>(path, MAX_LINE_BYTES).is_some_and(|head| head.run_id == run_id);
    Ok(jsonl_files(folder)?.into_iter().find(is_same))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipmark_results::contribution::validate::Rule;
    use chipmark_results::fixture;

    fn parts() -> (Place, String) {
        let text = fixture::text();
        (Place::of(&fixture::run(), text.as_bytes()).unwrap(), text)
    }

    #[test]
    fn what_is_not_kept_is_gone_with_the_folders_made_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("results/data");
        let (place, text) = parts();
        let put = Put::new(&data, &place, "0123456789abcdef", &text).unwrap();
        let wrong = found(&put.path, &data).unwrap();
        assert!(wrong.iter().any(|finding| finding.rule == Rule::Contribution), "{wrong:?}");
        assert!(wrong.iter().all(|finding| finding.rule != Rule::Place), "{wrong:?}");
        assert_eq!(std::fs::read_to_string(&put.path).unwrap(), text);
        drop(put);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

        let kept = Put::new(&data, &place, "0123456789abcdef", &text).unwrap().keep();
        assert!(kept.starts_with(&data) && kept.is_file());
        let why = Put::new(&data, &place, "0123456789abcdef", &text).unwrap_err().to_string();
        assert!(why.ends_with("it holds this run already") && !why.contains('\n'), "{why}");
        // Even if what it holds cannot be told.
        std::fs::write(&kept, "other").unwrap();
        assert!(Put::new(&data, &place, "0123456789abcdef", &text).is_err());
        assert_eq!(std::fs::read_to_string(&kept).unwrap(), "other");
    }

    #[test]
    fn what_does_not_belong_there_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let (place, text) = parts();
        let other = Place { hash: "0".repeat(12), ..place };
        let put = Put::new(folder.path(), &other, "x", &text).unwrap();
        let wrong = found(&put.path, folder.path()).unwrap();
        assert!(wrong.iter().any(|finding| finding.rule == Rule::Place), "{wrong:?}");
    }
}
