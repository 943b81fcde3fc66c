//! Writing a results file: one writer at a time, one write per record, and never a line that could not be read back.

use super::line::{self, LineError};
use super::read::load;
use super::{MAX_FILE_BYTES, MAX_LINE_BYTES, ResultsFile, StoreError};
use crate::record::{Record, Run, SCHEMA};
use crate::valid::Plan;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Appends records to a results file, which it holds locked until it is dropped.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: File,
    plan: Plan,
    /// Where the last whole line ends.
    end_bytes: u64,
}

impl Writer {
    /// Makes a new file, locks it and writes its header. Leaves no file behind when that fails.
    ///
    /// # Errors
    /// When the file exists, cannot be made, or the header cannot be written or breaks the rules.
    pub fn create(path: impl AsRef<Path>, run: &Run) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let plan = Plan::of(run).map_err(|what| StoreError::Refused { path: path.to_owned(), what })?;
        let file =
            OpenOptions::new().append(true).create_new(true).open(path).map_err(|source| match source.kind() {
                ErrorKind::AlreadyExists => StoreError::Exists { path: path.to_owned() },
                _ => StoreError::Io { path: path.to_owned(), doing: "create", source },
            })?;
        let started = lock(&file, path).and_then(|()| {
            let mut writer = Writer { path: path.to_owned(), file, plan, end_bytes: 0 };
            let text = writer.text_of(&Record::Run(Box::new(run.clone())))?;
            line::header(text.as_str()).map_err(|error| writer.refused(error))?;
            writer.put(&text)?;
            Ok(writer)
        });
        if let Err(StoreError::Write { .. } | StoreError::Refused { .. }) = started {
            // The file is ours and holds nothing.
            let _ = std::fs::remove_file(path);
        }
        started
    }

    /// Locks a file that a run left behind, reads and validates it, cuts off a torn last line, and goes on at its end.
    ///
    /// # Errors
    /// When the file is not there, is locked, cannot be written, or is not a valid results file.
    pub fn resume(path: impl AsRef<Path>) -> Result<(Self, ResultsFile), StoreError> {
        let path = path.as_ref();
        let io = |doing, source| StoreError::Io { path: path.to_owned(), doing, source };
        let file = OpenOptions::new().read(true).append(true).open(path).map_err(|source| match source.kind() {
            ErrorKind::NotFound => StoreError::NotFound { path: path.to_owned() },
            _ => io("write to", source),
        })?;
        lock(&file, path)?;
        let loaded = load(&file, path)?;
        if loaded.schema < SCHEMA {
            return Err(StoreError::OlderSchema { path: path.to_owned(), schema: loaded.schema });
        }
        if loaded.file.torn_tail {
            file.set_len(loaded.end_bytes).map_err(|source| io("cut the torn last line off", source))?;
        }
        let writer = Writer { path: path.to_owned(), file, plan: loaded.plan, end_bytes: loaded.end_bytes };
        Ok((writer, loaded.file))
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends one record as one line, handed to the system before this returns: what was appended survives the death of
    /// this process. The record is held to the same rules as when it is read.
    ///
    /// # Errors
    /// When the record breaks the rules or the line cannot be written whole. The file then ends with the record before.
    pub fn append(&mut self, record: &Record) -> Result<(), StoreError> {
        let text = self.text_of(record)?;
        line::record(text.as_str(), &self.plan).map_err(|error| self.refused(error))?;
        self.put(&text)
    }

    /// Makes the system put on the disk what was appended: it then survives a power cut.
    ///
    /// # Errors
    /// When the system cannot.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        self.file.sync_data().map_err(|source| StoreError::Write { path: self.path.clone(), source })
    }

    fn text_of(&self, record: &Record) -> Result<String, StoreError> {
        let mut text = serde_json::to_string(record)
            .map_err(|error| StoreError::Refused { path: self.path.clone(), what: error.to_string() })?;
        text.push('\n');
        let limit = |what: &str| Err(StoreError::Refused { path: self.path.clone(), what: what.to_owned() });
        if text.len() as u64 > MAX_LINE_BYTES {
            return limit("it is too long");
        }
        if self.end_bytes + text.len() as u64 > MAX_FILE_BYTES {
            return limit("the file would become too large");
        }
        Ok(text)
    }

    fn put(&mut self, text: &str) -> Result<(), StoreError> {
        self.end_bytes = put_whole(&mut self.file, self.end_bytes, text.as_bytes())
            .map_err(|source| StoreError::Write { path: self.path.clone(), source })?;
        Ok(())
    }

    fn refused(&self, error: LineError) -> StoreError {
        let what = match error {
            LineError::Syntax(what) | LineError::Rule(what) => what,
            LineError::Newer(schema) => format!("schema {schema} is newer than this program"),
            LineError::SecondHeader => "the file has its header already".to_owned(),
        };
        StoreError::Refused { path: self.path.clone(), what }
    }
}

/// Locks a file for this process alone. A file system without locks is written without one.
pub(super) fn lock(file: &File, path: &Path) -> Result<(), StoreError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(source)) if source.kind() == ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(source)) => Err(StoreError::Io { path: path.to_owned(), doing: "lock", source }),
    }
}

/// What [`put_whole`] needs of a file: a seam, so that a disk that fills up within a line can be tested.
pub(super) trait Tail: Write {
    fn cut(&mut self, length_bytes: u64) -> io::Result<()>;
    fn length(&self) -> io::Result<u64>;
}

impl Tail for File {
    fn cut(&mut self, length_bytes: u64) -> io::Result<()> {
        self.set_len(length_bytes)
    }

    fn length(&self) -> io::Result<u64> {
        self.metadata().map(|metadata| metadata.len())
    }
}

/// Appends a whole line or nothing to a file that ends at `end_bytes`; gives the new end.
pub(super) fn put_whole(file: &mut impl Tail, end_bytes: u64, line: &[u8]) -> io::Result<u64> {
    // What an earlier failure left and could not be cut off then.
    if file.length()? > end_bytes {
        file.cut(end_bytes)?;
    }
    let written = file.write_all(line).and_then(|()| file.flush());
    if let Err(error) = written {
        // The first error tells the cause; if cutting fails too, the next write tries again and a reader skips the tail.
        let _ = file.cut(end_bytes);
        return Err(error);
    }
    Ok(end_bytes + line.len() as u64)
}

/// A writer on a file that is open already, past its header: for tests of files that cannot be made or resumed.
#[cfg(all(test, target_os = "linux"))]
pub(super) fn writer_of(file: File, path: &Path, run: &Run) -> Writer {
    Writer { path: path.to_owned(), file, plan: Plan::of(run).unwrap_or_default(), end_bytes: 0 }
}
