//! The id by which contributed files tell that they are of one machine: random, kept in the user's own data folder, and derived
//! from nothing. Who removes it is another machine from then on.

use anyhow::{Context, Result, bail};
use chipmark_results::contribution::Contribution;
use etcetera::BaseStrategy;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// More than an id and the end of its line.
const MAX_BYTES: u64 = 64;

/// The id of this machine, as it is kept or will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MachineId {
    /// 32 hexadecimal digits.
    pub text: String,
    /// Where it is kept.
    pub path: PathBuf,
    is_new: bool,
}

impl MachineId {
    /// The id that is kept, or a new one, which is kept only once somebody says so.
    pub(crate) fn find() -> Result<Self> {
        let base = etcetera::choose_base_strategy().context("there is no folder to keep a machine id in")?;
        Self::in_folder(&base.data_dir().join("chipmark"))
    }

    fn in_folder(folder: &Path) -> Result<Self> {
        let path = folder.join("machine-id");
        match path.metadata() {
            Ok(_) => Ok(MachineId { text: read(&path)?, path, is_new: false }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Ok(MachineId { text: uuid::Uuid::new_v4().simple().to_string(), path, is_new: true })
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Keeps a new id, readable for its owner alone.
    pub(crate) fn keep(&self) -> Result<()> {
        if !self.is_new {
            return Ok(());
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(folder)?;
            // A temporary file is its owner's alone.
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            writeln!(file, "{}", self.text)?;
            file.as_file().sync_all()?;
            file.persist_noclobber(&self.path)?;
            Ok(())
        };
        match write() {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                bail!("{}: another program made the machine's id meanwhile: say it again", self.path.display())
            }
            written => written.with_context(|| format!("cannot keep the machine's id in {}", self.path.display())),
        }
    }
}

/// The id in a file, which may be anything.
fn read(path: &Path) -> Result<String> {
    let mut text = String::new();
    let is_read =
        path.is_file() && File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text)).is_ok();
    let id = Contribution { machine_id: text.trim_end().to_owned(), contributor: None };
    if !is_read || id.check().is_err() {
        bail!("{}: it is no machine id of 32 hexadecimal digits; remove it, and a new one is made", path.display());
    }
    Ok(id.machine_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_random_and_kept_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("share/chipmark");
        let [first, second] = [(); 2].map(|()| MachineId::in_folder(&kept).unwrap());
        assert_ne!(first.text, second.text, "nothing to derive it from");
        assert!(!kept.exists(), "nobody said that it is to be kept");
        first.keep().unwrap();
        let again = MachineId::in_folder(&kept).unwrap();
        assert_eq!((&again.text, again.is_new), (&first.text, false));
        again.keep().unwrap();
        let why = second.keep().unwrap_err().to_string();
        assert!(why.contains("meanwhile"), "{why}");
        assert_eq!(MachineId::in_folder(&kept).unwrap().text, first.text);
        let names: Vec<_> = std::fs::read_dir(&kept).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["machine-id"], "nothing half-written");
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(first.path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_id_is_no_id() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("machine-id");
        for bad in ["", "0123", &"g".repeat(32), &"0".repeat(33), &"0".repeat(10_000), "\u{0}"] {
            std::fs::write(&path, bad).unwrap();
            let why = MachineId::in_folder(folder.path()).unwrap_err().to_string();
            assert!(why.starts_with(&path.display().to_string()) && why.contains("remove it"), "{why}");
        }
        std::fs::write(&path, [0xff; 32]).unwrap();
        assert!(MachineId::in_folder(folder.path()).is_err());
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(MachineId::in_folder(folder.path()).is_err());
        let beside = tempfile::tempdir().unwrap();
        std::fs::write(beside.path().join("machine-id"), format!("{}\n", "a1".repeat(16))).unwrap();
        assert_eq!(MachineId::in_folder(beside.path()).unwrap().text, "a1".repeat(16));
    }
}
