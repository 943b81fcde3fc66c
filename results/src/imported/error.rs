//! Why something cannot be imported, or an imported table not be read: one clear line each, naming the file and, where it
//! helps, the line.

use std::path::{Path, PathBuf};

/// Why a file cannot be imported or read. Each displays as one line.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file as a whole cannot be read, or is not what it should be.
    #[error("{}: {what}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A line is not what it should be.
    #[error("{}:{line}: {what}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
}

impl ImportError {
    pub(super) fn file(path: &Path, what: impl Into<String>) -> Self {
        ImportError::File { path: path.to_owned(), what: what.into() }
    }

    pub(super) fn line(path: &Path, line: usize, what: impl Into<String>) -> Self {
        ImportError::Line { path: path.to_owned(), line, what: what.into() }
    }

    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        ImportError::file(path, format!("cannot read it: {error}"))
    }
}
