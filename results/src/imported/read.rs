//! Reading imported tables, bounded in every direction.

use super::valid::{self, Seen};
use super::{Figure, ImportedTable, MAX_FILE_BYTES, MAX_LINE_BYTES, PublishedMachine, Source, Statistic};
use crate::file_error::FileError;
use crate::one_line;
use crate::plain::quoted;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Reads an imported table and holds every line to the rules. Keys and kinds of lines that this program does not know are
/// passed over.
///
/// # Errors
/// When there is no such file, it is no imported table of a schema known here, or a line of it breaks the rules.
pub fn read(path: impl AsRef<Path>) -> Result<ImportedTable, FileError> {
    let path = path.as_ref();
    parse(path, &text_of(path)?)
}

/// The text of a file of at most [`MAX_FILE_BYTES`].
///
/// # Errors
/// When it cannot be read, is larger, or is no UTF-8 text.
pub fn text_of(path: &Path) -> Result<String, FileError> {
    let file = File::open(path).map_err(|error| FileError::io(path, &error))?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| FileError::io(path, &error))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(FileError::file(path, format!("the file is larger than {} MiB", MAX_FILE_BYTES >> 20)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        FileError::line(path, line, "not UTF-8 text")
    })
}

/// What a line is, before anything else of it is looked at.
#[derive(Deserialize)]
struct Kind {
    record: Option<String>,
    schema: Option<u64>,
}

#[derive(Deserialize)]
struct Head {
    source: Source,
    heading: String,
    machine: PublishedMachine,
    #[serde(default)]
    versions: BTreeMap<String, String>,
    statistic: Statistic,
}

/// Reads a table's text; `path` is what errors name.
///
/// # Errors
/// As [`read`], but for a file that is not there.
pub fn parse(path: &Path, text: &str) -> Result<ImportedTable, FileError> {
    let mut lines = (1..).zip(text.lines());
    let Some((_, first)) = lines.next() else {
        return Err(FileError::file(path, "the file is empty, not an imported table"));
    };
    let mut table = head(path, first).map_err(|what| FileError::line(path, 1, what))?;
    let mut seen = Seen::default();
    for (number, line) in lines {
        let figure = figure(line).and_then(|figure| {
            figure.as_ref().map_or(Ok(()), |figure| seen.add(figure))?;
            Ok(figure)
        });
        table.figures.extend(figure.map_err(|what| FileError::line(path, number, what))?);
    }
    Ok(table)
}

fn head(path: &Path, line: &str) -> Result<ImportedTable, String> {
    let kind: Kind = json(line)?;
    match kind.record.as_deref() {
        Some("imported-table") => {}
        Some(other) => return Err(format!("no imported table: the first line is a record of kind {}", quoted(other))),
        None => return Err("no imported table: the first line has no key 'record'".to_owned()),
    }
    valid::schema(kind.schema.unwrap_or_default())?;
    let Head { source, heading, machine, versions, statistic } = json(line)?;
    let path = PathBuf::from(path);
    let table = ImportedTable { path, source, heading, machine, versions, statistic, figures: Vec::new() };
    valid::head(&table)?;
    Ok(table)
}

/// A figure; none where the line is of a kind that this program does not know.
fn figure(line: &str) -> Result<Option<Figure>, String> {
    let kind: Kind = json(line)?;
    match kind.record.as_deref() {
        Some("imported") => {}
        Some("imported-table") => return Err("a second table; a file holds one".to_owned()),
        Some(_) => return Ok(None),
        None => return Err("the line has no key 'record'".to_owned()),
    }
    let figure: Figure = json(line)?;
    valid::figure(&figure)?;
    Ok(Some(figure))
}

fn json<T: DeserializeOwned>(line: &str) -> Result<T, String> {
    if line.len() > MAX_LINE_BYTES {
        return Err(format!("the line is longer than {} KiB", MAX_LINE_BYTES >> 10));
    }
    // The parser takes a list for the fields in their order, too.
    if !line.trim_start().starts_with('{') {
        return Err("it is no JSON object".to_owned());
    }
    serde_json::from_str(line).map_err(|error| one_line::of_json(&error))
}
