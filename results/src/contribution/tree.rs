//! A data tree: a folder of contributed files, `<chip>/<config>/<file>` below a root that holds the list of what was withdrawn or of what
//! is vouched for. It is told by these lists, so that any folder can be one.

use super::list::below;
use super::{REFERENCE, Reference, WITHDRAWN, Withdrawal, Withdrawn};
use crate::file_error::FileError;
use std::path::{Path, PathBuf};

/// How many folders there are from the root to that of a file: the root's own, the chip's, the configuration's.
const FOLDERS: usize = 3;

/// A data tree with its lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataTree {
    root: PathBuf,
    /// What was withdrawn.
    pub withdrawn: Withdrawn,
    /// What is vouched for.
    pub reference: Reference,
}

impl DataTree {
    /// The root of the tree that a file or folder is in, or is; none of what is in no tree, or is not there.
    #[must_use]
    pub fn root_of(path: &Path) -> Option<PathBuf> {
        let path = path.canonicalize().ok()?;
        let folder = if path.is_dir() { path.as_path() } else { path.parent()? };
        let is_root = |folder: &&Path| [WITHDRAWN, REFERENCE].iter().any(|list| folder.join(list).is_file());
        folder.ancestors().take(FOLDERS).find(is_root).map(Path::to_owned)
    }

    /// Reads the lists of a tree, by its root.
    ///
    /// # Errors
    /// The first fault of either list, as one line.
    pub fn read(root: &Path) -> Result<Self, FileError> {
        let whole = |error: std::io::Error| FileError::file(root, format!("cannot find the folder: {error}"));
        Ok(DataTree {
            withdrawn: Withdrawn::read(root)?,
            reference: Reference::read(root)?,
            root: root.canonicalize().map_err(whole)?,
        })
    }

    /// A file's path below the root, `/` between the parts; none of a file that is not in the tree.
    #[must_use]
    pub fn below(&self, file: &Path) -> Option<String> {
        below(&self.root, file)
    }

    /// Why a file counts nowhere, if it was withdrawn from the tree that it is in.
    ///
    /// # Errors
    /// The first fault of the tree's lists, as one line.
    pub fn withdrawal_of(file: &Path) -> Result<Option<Withdrawal>, FileError> {
        let Some(root) = DataTree::root_of(file) else { return Ok(None) };
        let tree = DataTree::read(&root)?;
        Ok(tree.below(file).and_then(|file| tree.withdrawn.of(&file).cloned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contribution::list::tests::folder;

    #[test]
    fn a_tree_is_told_by_its_lists_from_its_root_to_its_files() {
        let (folder, file) = folder();
        let path = folder.path().join(file);
        assert_eq!(DataTree::root_of(&path), None, "no list, no tree");
        let list = format!("[[withdrawn]]\nfile = \"{file}\"\ndate = \"2026-03-02\"\nreason = \"a fan had failed\"\n");
        std::fs::write(folder.path().join(WITHDRAWN), list).unwrap();
        let root = folder.path().canonicalize().unwrap();
        for within in [folder.path(), &path, path.parent().unwrap(), &folder.path().join("apple-m3-max/.")] {
            assert_eq!(DataTree::root_of(within).as_ref(), Some(&root), "{}", within.display());
        }
        let tree = DataTree::read(&root).unwrap();
        assert_eq!(tree.below(&path).as_deref(), Some(file));
        assert_eq!(DataTree::withdrawal_of(&path).unwrap().unwrap().reason, "a fan had failed");
        // Neither what is not there nor what lies deeper than a tree is belongs to it.
        assert_eq!(DataTree::root_of(&folder.path().join("none.jsonl")), None);
        let deep = folder.path().join("apple-m3-max/16-cpu/more");
        std::fs::create_dir(&deep).unwrap();
        assert_eq!(DataTree::root_of(&deep), None);
        let other = folder.path().join("apple-m3-max/16-cpu/other.jsonl");
        std::fs::write(&other, "").unwrap();
        assert_eq!(DataTree::withdrawal_of(&other), Ok(None));
    }
}
