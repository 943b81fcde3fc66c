//! The files of a site: each written whole, all of them known, so that the next site takes away what it has no longer.

use crate::ReportError;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The list of a site's files, one on each line.
const LIST: &str = ".chipmark-site";

/// The longest list that is believed, in bytes.
const MAX_LIST_BYTES: u64 = 16 << 20;

/// A site that is being written.
pub(super) struct Files<'d> {
    dir: &'d Path,
    earlier: BTreeSet<String>,
    written: Mutex<Written>,
}

/// What was written so far.
#[derive(Default)]
struct Written {
    names: BTreeSet<String>,
    bytes: u64,
}

impl<'d> Files<'d> {
    pub(super) fn new(dir: &'d Path) -> Result<Self, ReportError> {
        std::fs::create_dir_all(dir).map_err(|source| ReportError::Write { path: dir.to_owned(), source })?;
        Ok(Files { dir, earlier: earlier(dir), written: Mutex::default() })
    }

    /// Writes a file, beside its place and then into it. Several may be written at a time.
    pub(super) fn put(&self, name: &str, content: &str) -> Result<(), ReportError> {
        let write = |path: &Path| {
            let folder = path.parent().unwrap_or(self.dir);
            std::fs::create_dir_all(folder)?;
            let mut file = crate::out::beside(folder)?;
            file.write_all(content.as_bytes())?;
            file.persist(path)?;
            Ok(())
        };
        let path = self.dir.join(name);
        write(&path).map_err(|source| ReportError::Write { path, source })?;
        let mut written = self.written();
        written.names.insert(name.to_owned());
        written.bytes += content.len() as u64;
        Ok(())
    }

    /// Copies a file. One that lies there already, being its own source, stays.
    pub(super) fn copy(&self, name: &str, from: &Path) -> Result<(), ReportError> {
        let copy = |path: &Path| -> std::io::Result<()> {
            let folder = path.parent().unwrap_or(self.dir);
            std::fs::create_dir_all(folder)?;
            if path.canonicalize().ok().is_some_and(|there| from.canonicalize().is_ok_and(|from| from == there)) {
                return Ok(());
            }
            let mut file = crate::out::beside(folder)?;
            std::io::copy(&mut std::fs::File::open(from)?, &mut file)?;
            file.persist(path)?;
            Ok(())
        };
        let path = self.dir.join(name);
        copy(&path).map_err(|source| ReportError::Write { path, source })?;
        self.written().names.insert(name.to_owned());
        Ok(())
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many pages were written.
    pub(super) fn pages(&self) -> usize {
        self.written().names.iter().filter(|name| name.ends_with(".html")).count()
    }

    /// How many bytes were written, copies left out.
    pub(super) fn bytes(&self) -> u64 {
        self.written().bytes
    }

    /// Takes away what an earlier site had and this one has not, and says where the first page is.
    pub(super) fn finish(self) -> Result<PathBuf, ReportError> {
        let list: String = {
            let names = &self.written().names;
            take_away(self.dir, self.earlier.difference(names));
            names.iter().map(|name| format!("{name}\n")).collect()
        };
        self.put(LIST, &list)?;
        Ok(self.dir.join("index.html"))
    }
}

/// Takes away the pages of an earlier site in a folder that shows a single run now, but for `kept`. Raw samples stay: they may be the
/// only ones, and what is shown now may come of them.
pub(crate) fn end_site(dir: &Path, kept: &[&str]) {
    let earlier = earlier(dir);
    if earlier.is_empty() {
        return;
    }
    take_away(dir, earlier.iter().filter(|name| !kept.contains(&name.as_str()) && !name.ends_with(".jsonl")));
    let _ = std::fs::remove_file(dir.join(LIST));
}

/// Takes files away, and the folders that are empty then. Any may be gone already.
fn take_away<'n>(dir: &Path, names: impl Iterator<Item = &'n String>) {
    for name in names {
        let path = dir.join(name);
        let _ = std::fs::remove_file(&path);
        if let Some(folder) = path.parent().filter(|folder| *folder != dir) {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// The files of the site that was there before. The list is outside input: a name that leads out of the folder is passed over.
fn earlier(dir: &Path) -> BTreeSet<String> {
    let path = dir.join(LIST);
    let is_small = std::fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() <= MAX_LIST_BYTES);
    let text = is_small.then(|| std::fs::read_to_string(&path).ok()).flatten().unwrap_or_default();
    let stays_within = |name: &&str| {
        let path = Path::new(name);
        !name.is_empty() && path.components().all(|part| matches!(part, Component::Normal(_)))
    };
    text.lines().filter(stays_within).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_site_had_goes_and_any_other_file_stays() {
        let outside = tempfile::tempdir().unwrap();
        let dir = outside.path().join("site");
        let first = Files::new(&dir).unwrap();
        first.put("chips/a.html", "a").unwrap();
        first.put("chips/b.html", "b").unwrap();
        first.finish().unwrap();
        std::fs::write(dir.join("mine.txt"), "mine").unwrap();
        let second = Files::new(&dir).unwrap();
        second.put("chips/b.html", "b2").unwrap();
        second.finish().unwrap();
        assert!(!dir.join("chips/a.html").exists());
        assert_eq!(std::fs::read_to_string(dir.join("chips/b.html")).unwrap(), "b2");
        assert!(dir.join("mine.txt").exists());
    }

    #[test]
    fn a_site_that_ends_leaves_what_is_kept_and_raw_samples() {
        let outside = tempfile::tempdir().unwrap();
        let dir = outside.path();
        let site = Files::new(dir).unwrap();
        for name in ["index.html", "chips/a.html", "data/run.jsonl"] {
            site.put(name, "").unwrap();
        }
        site.finish().unwrap();
        end_site(dir, &["index.html"]);
        let is_there = |name: &str| dir.join(name).exists();
        assert_eq!(["index.html", "data/run.jsonl", "chips", LIST].map(is_there), [true, true, false, false]);
        // A folder without a site loses nothing.
        end_site(dir, &[]);
        assert!(is_there("index.html"));
    }

    #[test]
    fn a_list_that_leads_out_of_the_folder_takes_nothing_away() {
        let outside = tempfile::tempdir().unwrap();
        let dir = outside.path().join("site");
        std::fs::create_dir_all(&dir).unwrap();
        let kept = outside.path().join("kept");
        std::fs::write(&kept, "kept").unwrap();
        std::fs::write(dir.join(LIST), format!("../kept\n{}\n./../kept\n", kept.display())).unwrap();
        Files::new(&dir).unwrap().finish().unwrap();
        assert!(kept.exists());
    }
}
