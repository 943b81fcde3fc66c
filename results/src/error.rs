//! What can be wrong with a results file: one clear line each, naming the file and, where it helps, the line.

use crate::record::SCHEMA;
use std::path::PathBuf;

/// Why a results file cannot be read or written. Each displays as one line.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such file.
    #[error("{}: there is no such file", path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// A new run was to be written where a file is already.
    #[error("{}: the file exists already; resume it, or choose another name", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Another process is writing to it.
    #[error("{}: another run is writing to this file; two runs into one file are refused", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The system refused to open, read or lock it.
    #[error("{}: cannot {doing} it: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried, such as `read`.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// A record could not be written, as on a full disk. The file still ends with the record before it.
    #[error("{}: cannot write to it: {source}; it holds what was measured until then", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A record to be written breaks the rules of the file, which would make it unreadable. Nothing was written.
    #[error("{}: a record was not written: {what}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Which rule.
        what: String,
    },
    /// The file has no bytes.
    #[error("{}: the file is empty, not a results file", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is no text.
    #[error("{}:{line}: not UTF-8 text, so not a results file", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
    /// The first line is something else than a run's header.
    #[error("{}:1: not a results file: the first line is no run header ({what})", path.display())]
    NoHeader {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: String,
    },
    /// The file ends within its header: the run stopped before it measured anything.
    #[error("{}:1: the file ends within its header; nothing was measured, start the run anew", path.display())]
    TornHeader {
        /// The file.
        path: PathBuf,
    },
    /// A newer program wrote it.
    #[error("{}: written by a newer bench: schema {schema}, this one reads up to {SCHEMA}", path.display())]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema's version.
        schema: u64,
    },
    /// It is of an older schema, and can be read but not gone on with.
    #[error(
        "{0}: a file of schema {schema}; to go on with it, bring it to schema {SCHEMA} first: bench migrate --in-place {0}",
        path.display()
    )]
    OlderSchema {
        /// The file.
        path: PathBuf,
        /// Its schema's version.
        schema: u32,
    },
    /// A line that is no record, or one that breaks the rules.
    #[error("{}:{line}: {what}", path.display())]
    BadLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A second run's header: two files were joined.
    #[error("{}:{line}: a second run header; a results file holds one run", path.display())]
    SecondHeader {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
    /// A line longer than [`crate::store::MAX_LINE_BYTES`].
    #[error("{}:{line}: the line is longer than {} MiB", path.display(), crate::store::MAX_LINE_BYTES >> 20)]
    LongLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
    /// A file larger than [`crate::store::MAX_FILE_BYTES`].
    #[error("{}: the file is larger than {} GiB", path.display(), crate::store::MAX_FILE_BYTES >> 30)]
    LargeFile {
        /// The file.
        path: PathBuf,
    },
}
