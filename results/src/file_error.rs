//! Why a file that people write or send is not taken: one clear line, naming the file and, where it helps, the line.

use std::path::{Path, PathBuf};

/// Why a file is not taken. Each displays as one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
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

impl FileError {
    pub(crate) fn file(path: &Path, what: impl Into<String>) -> Self {
        FileError::File { path: path.to_owned(), what: what.into() }
    }

    pub(crate) fn line(path: &Path, line: usize, what: impl Into<String>) -> Self {
        FileError::Line { path: path.to_owned(), line, what: what.into() }
    }

    pub(crate) fn io(path: &Path, error: &std::io::Error) -> Self {
        FileError::file(path, format!("cannot read it: {error}"))
    }
}
