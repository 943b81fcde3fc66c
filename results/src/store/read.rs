//! Reading a results file, line by line, bounded in every direction.

use super::line::{self, LineError};
use super::{MAX_FILE_BYTES, MAX_LINE_BYTES, ResultsFile, StoreError};
use crate::valid::Plan;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

/// Reads a results file and holds every record to the rules. A cut-off last line is left out and noted.
///
/// # Errors
/// When there is no such file, it is not a results file of a schema known here, or a line of it breaks the rules.
pub fn read(path: impl AsRef<Path>) -> Result<ResultsFile, StoreError> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => StoreError::NotFound { path: path.to_owned() },
        _ => StoreError::Io { path: path.to_owned(), doing: "read", source },
    })?;
    Ok(load(&file, path)?.file)
}

/// A file as read, and where its last good line ends.
pub(super) struct Loaded {
    pub(super) file: ResultsFile,
    pub(super) plan: Plan,
    pub(super) end_bytes: u64,
}

/// Reads an open file from where it stands.
pub(super) fn load(file: &File, path: &Path) -> Result<Loaded, StoreError> {
    let too_large = || StoreError::LargeFile { path: path.to_owned() };
    if file.metadata().is_ok_and(|metadata| metadata.len() > MAX_FILE_BYTES) {
        return Err(too_large());
    }
    let mut lines = Lines { input: BufReader::with_capacity(1 << 16, file), path, number: 0, end_bytes: 0 };

    let mut buffer = Vec::new();
    let torn = match lines.next(&mut buffer)? {
        Line::None => return Err(StoreError::Empty { path: path.to_owned() }),
        Line::Torn => true,
        Line::Whole => false,
    };
    if torn && buffer.starts_with(br#"{"record":"run""#) {
        return Err(StoreError::TornHeader { path: path.to_owned() });
    }
    let text = text(&buffer).ok_or(StoreError::NotText { path: path.to_owned(), line: 1 })?;
    let (run, plan) = line::header(text).map_err(|error| match error {
        LineError::Newer(schema) => StoreError::NewerSchema { path: path.to_owned(), schema },
        LineError::SecondHeader => StoreError::SecondHeader { path: path.to_owned(), line: 1 },
        LineError::Syntax(what) | LineError::Rule(what) => StoreError::NoHeader { path: path.to_owned(), what },
    })?;
    if torn {
        return Err(StoreError::TornHeader { path: path.to_owned() });
    }

    let mut file = ResultsFile::new(path.to_owned(), run);
    let mut end_bytes = lines.end_bytes;
    loop {
        match lines.next(&mut buffer)? {
            Line::None => break,
            Line::Torn => file.torn_tail = true,
            Line::Whole => {
                let bad = match self::text(&buffer).map(|text| line::record(text, &plan)) {
                    Some(Ok(record)) => {
                        record.into_iter().for_each(|record| file.keep(record));
                        end_bytes = lines.end_bytes;
                        if end_bytes > MAX_FILE_BYTES {
                            return Err(too_large());
                        }
                        continue;
                    }
                    Some(Err(LineError::Syntax(what))) => lines.bad(what),
                    None => StoreError::NotText { path: path.to_owned(), line: lines.number },
                    Some(Err(LineError::Rule(what))) => return Err(lines.bad(what)),
                    Some(Err(LineError::Newer(schema))) => {
                        return Err(StoreError::NewerSchema { path: path.to_owned(), schema });
                    }
                    Some(Err(LineError::SecondHeader)) => {
                        return Err(StoreError::SecondHeader { path: path.to_owned(), line: lines.number });
                    }
                };
                // A power cut can leave a last line of zeros or of old blocks, newline included.
                if !lines.at_end()? {
                    return Err(bad);
                }
                file.torn_tail = true;
            }
        }
    }
    Ok(Loaded { file, plan, end_bytes })
}

/// A line's text. A zero byte is valid UTF-8, but no text.
fn text(line: &[u8]) -> Option<&str> {
    std::str::from_utf8(line).ok().filter(|text| !text.contains('\0'))
}

enum Line {
    /// The file is at its end.
    None,
    /// A line with its newline.
    Whole,
    /// The rest of the file, without a newline.
    Torn,
}

struct Lines<'a> {
    input: BufReader<&'a File>,
    path: &'a Path,
    /// The number of the line last read, from 1.
    number: u64,
    /// Where it ends.
    end_bytes: u64,
}

impl Lines<'_> {
    fn next(&mut self, buffer: &mut Vec<u8>) -> Result<Line, StoreError> {
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

    fn at_end(&mut self) -> Result<bool, StoreError> {
        match self.input.fill_buf() {
            Ok(rest) => Ok(rest.is_empty()),
            Err(source) => Err(self.io(source)),
        }
    }

    fn io(&self, source: std::io::Error) -> StoreError {
        StoreError::Io { path: self.path.to_owned(), doing: "read", source }
    }

    fn bad(&self, what: String) -> StoreError {
        StoreError::BadLine { path: self.path.to_owned(), line: self.number, what }
    }
}
