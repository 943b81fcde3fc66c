//! Reading a results file, line by line, bounded in every direction. A line of an older schema is brought to the present one before
//! it is parsed.

use super::line::{self, Header, LineError};
use super::lines::{Line, Lines};
use super::{MAX_FILE_BYTES, ResultsFile, StoreError, migrate};
use crate::record::{Record, Run, SCHEMA};
use crate::valid::Plan;
use std::borrow::Cow;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Reads a results file and holds every record to the rules. A cut-off last line is left out and noted.
///
/// # Errors
/// When there is no such file, it is not a results file of a schema known here, or a line of it breaks the rules.
pub fn read(path: impl AsRef<Path>) -> Result<ResultsFile, StoreError> {
    let path = path.as_ref();
    Ok(load(&open(path)?, path)?.file)
}

/// The same of a file whose content is in memory; `path` is what errors name.
///
/// # Errors
/// As [`read`], but for a file that is not there.
pub fn read_bytes(path: impl AsRef<Path>, content: &[u8]) -> Result<ResultsFile, StoreError> {
    Ok(load(content, path.as_ref())?.file)
}

/// Opens a file that is not too large.
pub(super) fn open(path: &Path) -> Result<File, StoreError> {
    let file = File::open(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => StoreError::NotFound { path: path.to_owned() },
        _ => StoreError::Io { path: path.to_owned(), doing: "read", source },
    })?;
    if file.metadata().is_ok_and(|metadata| metadata.len() > MAX_FILE_BYTES) {
        return Err(StoreError::LargeFile { path: path.to_owned() });
    }
    Ok(file)
}

/// A file as read, and where its last good line ends.
pub(super) struct Loaded {
    pub(super) file: ResultsFile,
    pub(super) plan: Plan,
    pub(super) end_bytes: u64,
    /// The schema in which it is written.
    pub(super) schema: u32,
}

/// Reads an open file from where it stands.
pub(super) fn load(input: impl Read, path: &Path) -> Result<Loaded, StoreError> {
    let (mut walk, run) = Walk::start(input, path)?;
    let mut file = ResultsFile::new(path.to_owned(), run);
    loop {
        match walk.next()? {
            Next::Record(record) => record.into_iter().for_each(|record| file.keep(*record)),
            Next::Torn => file.torn_tail = true,
            Next::End => break,
        }
    }
    let Walk { plan, end_bytes, schema, .. } = walk;
    Ok(Loaded { file, plan, end_bytes, schema })
}

/// A way through a file, a line at a time.
pub(super) struct Walk<'a, R> {
    lines: Lines<'a, R>,
    buffer: Vec<u8>,
    /// The line last read in the present schema, where it is not so in the file.
    rewritten: Option<String>,
    plan: Plan,
    /// The schema in which the file is written.
    pub(super) schema: u32,
    /// Where its last good line ends.
    end_bytes: u64,
}

/// What comes next in a file.
pub(super) enum Next {
    /// A line. A kind of record that this program does not know is none.
    Record(Option<Box<Record>>),
    /// A last line that was cut off.
    Torn,
    /// Nothing.
    End,
}

impl<'a, R: Read> Walk<'a, R> {
    /// Reads the header of an open file from where it stands.
    pub(super) fn start(input: R, path: &'a Path) -> Result<(Self, Run), StoreError> {
        let mut lines = Lines::new(input, path);
        let mut buffer = Vec::new();
        let torn = match lines.next(&mut buffer)? {
            Line::None => return Err(StoreError::Empty { path: path.to_owned() }),
            Line::Torn => true,
            Line::Whole => false,
        };
        if torn && buffer.starts_with(br#"{"record":"run""#) {
            return Err(StoreError::TornHeader { path: path.to_owned() });
        }
        let text = text_of(&buffer).ok_or(StoreError::NotText { path: path.to_owned(), line: 1 })?;
        let Header { run, plan, schema, rewritten } = line::header(text).map_err(|error| match error {
            LineError::Newer(schema) => StoreError::NewerSchema { path: path.to_owned(), schema },
            LineError::SecondHeader => StoreError::SecondHeader { path: path.to_owned(), line: 1 },
            LineError::Syntax(what) | LineError::Rule(what) => StoreError::NoHeader { path: path.to_owned(), what },
        })?;
        if torn {
            return Err(StoreError::TornHeader { path: path.to_owned() });
        }
        let end_bytes = lines.end_bytes;
        Ok((Walk { lines, buffer, rewritten, plan, schema, end_bytes }, run))
    }

    /// Reads the next line.
    pub(super) fn next(&mut self) -> Result<Next, StoreError> {
        self.rewritten = None;
        match self.lines.next(&mut self.buffer)? {
            Line::None => return Ok(Next::End),
            Line::Torn => return Ok(Next::Torn),
            Line::Whole => {}
        }
        let path = || self.lines.path.to_owned();
        let bad = match text_of(&self.buffer).map(|text| self.record(text)) {
            Some(Ok((record, rewritten))) => {
                self.rewritten = rewritten;
                self.end_bytes = self.lines.end_bytes;
                if self.end_bytes > MAX_FILE_BYTES {
                    return Err(StoreError::LargeFile { path: path() });
                }
                return Ok(Next::Record(record.map(Box::new)));
            }
            Some(Err(LineError::Syntax(what))) => self.lines.bad(what),
            None => StoreError::NotText { path: path(), line: self.lines.number },
            Some(Err(LineError::Rule(what))) => return Err(self.lines.bad(what)),
            Some(Err(LineError::Newer(schema))) => return Err(StoreError::NewerSchema { path: path(), schema }),
            Some(Err(LineError::SecondHeader)) => {
                return Err(StoreError::SecondHeader { path: path(), line: self.lines.number });
            }
        };
        // A power cut can leave a last line of zeros or of old blocks, newline included.
        if self.lines.at_end()? { Ok(Next::Torn) } else { Err(bad) }
    }

    /// A line's record, and the line in the present schema where it is not.
    fn record(&self, text: &str) -> Result<(Option<Record>, Option<String>), LineError> {
        if self.schema == SCHEMA {
            return Ok((line::record(text, &self.plan)?, None));
        }
        let text = migrate::line(text, self.schema).map_err(LineError::Rule)?;
        let record = line::record(&*text, &self.plan)?;
        Ok((record, matches!(text, Cow::Owned(_)).then(|| text.into_owned())))
    }

    /// The line last read, in the present schema, its newline with it.
    pub(super) fn bytes(&self) -> &[u8] {
        self.rewritten.as_ref().map_or(&self.buffer, |text| text.as_bytes())
    }
}

/// A line's text. A zero byte is valid UTF-8, but no text.
fn text_of(line: &[u8]) -> Option<&str> {
    std::str::from_utf8(line).ok().filter(|text| !text.contains('\0'))
}
