//! The lines of a file, each bounded.

use super::{MAX_LINE_BYTES, StoreError};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// What was read.
pub(super) enum Line {
    /// The file is at its end.
    None,
    /// A line with its newline.
    Whole,
    /// The rest of the file, without a newline.
    Torn,
}

/// A file's lines, from where it stands.
pub(super) struct Lines<'a, R> {
    input: BufReader<R>,
    pub(super) path: &'a Path,
    /// The number of the line last read, from 1.
    pub(super) number: u64,
    /// Where it ends.
    pub(super) end_bytes: u64,
}

impl<'a, R: Read> Lines<'a, R> {
    pub(super) fn new(input: R, path: &'a Path) -> Self {
        Lines { input: BufReader::with_capacity(1 << 16, input), path, number: 0, end_bytes: 0 }
    }

    /// Puts the next line into the buffer in place of what is there.
    pub(super) fn next(&mut self, buffer: &mut Vec<u8>) -> Result<Line, StoreError> {
        buffer.clear();
        self.number += 1;
        let read_bytes = (&mut self.input).take(MAX_LINE_BYTES + 1).read_until(b'\n', buffer);
        let read_bytes = read_bytes.map_err(|source| self.io(source))? as u64;
        if read_bytes > MAX_LINE_BYTES {
            return Err(StoreError::LongLine { path: self.path.to_owned(), line: self.number });
        }
        self.end_bytes += read_bytes;
        Ok(match buffer.last() {
            None => Line::None,
            Some(b'\n') => Line::Whole,
            Some(_) => Line::Torn,
        })
    }

    /// Whether there is nothing left.
    pub(super) fn at_end(&mut self) -> Result<bool, StoreError> {
        match self.input.fill_buf() {
            Ok(rest) => Ok(rest.is_empty()),
            Err(source) => Err(self.io(source)),
        }
    }

    fn io(&self, source: std::io::Error) -> StoreError {
        StoreError::Io { path: self.path.to_owned(), doing: "read", source }
    }

    /// That the line last read is bad.
    pub(super) fn bad(&self, what: String) -> StoreError {
        StoreError::BadLine { path: self.path.to_owned(), line: self.number, what }
    }
}
