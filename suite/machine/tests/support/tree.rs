//! A Linux machine laid out as files in a folder.

use chipmark_machine::linux;
use chipmark_results::machine::Machine;
use std::fs;
use tempfile::TempDir;

/// A machine as files under a root.
pub(crate) struct Tree(pub(crate) TempDir);

impl Tree {
    pub(crate) fn new(files: &[(&str, &str)]) -> Tree {
        let tree = Tree(tempfile::tempdir().expect("a folder to lay the machine out in"));
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        let folder = path.parent().expect("it lies under the root");
        fs::create_dir_all(folder).and_then(|()| fs::write(&path, format!("{text}\n"))).expect("the folder is ours");
    }

    /// What a program that was built for `arch` finds.
    pub(crate) fn machine_for(&self, arch: &str) -> Machine {
        linux::machine(self.0.path(), arch)
    }
}
