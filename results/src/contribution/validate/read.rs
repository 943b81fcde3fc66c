//! Reads a contributed file, once and within bounds of its own, narrower than the store's. The first line that is not what it should
//! be ends it: what follows cannot be judged.

use super::finding::Finding;
use super::{Rule, strict, text};
use crate::contribution::{Place, PlaceError};
use crate::json_schema;
use crate::plain::quoted;
use crate::record::{Record, SCHEMA, Samples};
use crate::store::ResultsFile;
use crate::store::line::{self, LineError};
use crate::valid::Plan;
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The largest file, in bytes.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// The longest line, its newline included, in bytes.
pub const MAX_LINE_BYTES: usize = 4 << 20;

/// How deep objects and lists may lie in each other.
pub const MAX_DEPTH: usize = 16;

/// The most records.
pub const MAX_RECORDS: usize = 500_000;

/// The most timed blocks in all launches together.
pub const MAX_BLOCKS: usize = 8_000_000;

/// A contributed file.
#[derive(Debug)]
pub(super) struct Contributed {
    /// Its records.
    pub file: ResultsFile,
    /// The lines on which they stand.
    pub lines: Lines,
    /// Whether its last record is an end.
    pub ends_with_end: bool,
    /// Where it belongs.
    pub place: Result<Place, PlaceError>,
}

/// The lines of a file's records, from 1, in step with them.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub workers: Vec<u64>,
    pub checks: Vec<u64>,
    pub launches: Vec<u64>,
    pub rounds: Vec<u64>,
    pub ends: Vec<u64>,
}

/// Reads a file that somebody else wrote.
pub(super) fn read(path: &Path) -> Result<Contributed, Finding> {
    let content = content(path)?;
    let mut reader = Reader::default();
    for (number, line) in (1..).zip(lines(&content)) {
        reader.line(path, number, line).map_err(|(rule, what)| Finding::error(rule, Some(number), &what))?;
    }
    let Some((file, _)) = reader.file else {
        return Err(Finding::error(Rule::Record, None, "the file is empty, not a results file"));
    };
    let place = Place::of(&file.run, &content);
    Ok(Contributed { file, lines: reader.lines, ends_with_end: reader.ends_with_end, place })
}

/// The bytes of a regular file that is not too large.
fn content(path: &Path) -> Result<Vec<u8>, Finding> {
    let of_kind = |what: &str| Err(Finding::error(Rule::FileKind, None, what));
    let cannot = |error: std::io::Error| Finding::error(Rule::FileKind, None, &format!("cannot read it: {error}"));
    let metadata = std::fs::symlink_metadata(path).map_err(cannot)?;
    if metadata.is_symlink() {
        return of_kind("a link, not a file; put the file itself there");
    }
    if !metadata.is_file() {
        return of_kind("not a regular file");
    }
    let mut content = Vec::new();
    if metadata.len() <= MAX_FILE_BYTES {
        let file = File::open(path).map_err(cannot)?;
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut content).map_err(cannot)?;
    }
    if metadata.len().max(content.len() as u64) > MAX_FILE_BYTES {
        let what = format!("the file is larger than {} MiB", MAX_FILE_BYTES >> 20);
        return Err(Finding::error(Rule::Limits, None, &what));
    }
    Ok(content)
}

/// The lines of a file, their ends with them.
fn lines(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr::memchr_iter(b'\n', content).map(|at| at + 1);
    let last = (!content.is_empty() && !content.ends_with(b"\n")).then_some(content.len());
    let mut start = 0;
    ends.chain(last).filter_map(move |end| content.get(std::mem::replace(&mut start, end)..end))
}

#[derive(Default)]
struct Reader {
    file: Option<(ResultsFile, Plan)>,
    lines: Lines,
    ends_with_end: bool,
    records: usize,
    blocks: usize,
}

type Wrong = (Rule, String);

impl Reader {
    fn line(&mut self, path: &Path, number: u64, line: &[u8]) -> Result<(), Wrong> {
        if line.len() > MAX_LINE_BYTES {
            return Err((Rule::Limits, format!("the line is longer than {} MiB", MAX_LINE_BYTES >> 20)));
        }
        let (text, torn) = text_of(line)?;
        if number == 1 && text.starts_with('\u{feff}') {
            return Err((Rule::Text, "the file begins with a byte-order mark".to_owned()));
        }
        if torn {
            return Err((Rule::Complete, "the file is cut off within its last line".to_owned()));
        }
        if is_deep(text) {
            return Err((Rule::Limits, format!("it is nested more than {MAX_DEPTH} deep")));
        }
        let mut value = strict::value(text).map_err(wrong)?;
        text::check(&value)?;
        match &mut self.file {
            None => {
                check_version(&value)?;
                let (run, plan) = line::present_header(&value).map_err(|error| match wrong(error) {
                    (Rule::Record, what) => (Rule::Record, format!("the first line is no run header: {what}")),
                    other => other,
                })?;
                json_schema::check(&value).map_err(|what| (Rule::Schema, what))?;
                self.file = Some((ResultsFile::new(path.to_owned(), run), plan));
            }
            Some((_, plan)) => {
                let record = line::record(&value, plan).map_err(wrong)?.ok_or_else(|| unknown(&value))?;
                strict::outline(&mut value);
                json_schema::check(&value).map_err(|what| (Rule::Schema, what))?;
                self.keep(number, record)?;
            }
        }
        Ok(())
    }

    fn keep(&mut self, number: u64, mut record: Record) -> Result<(), Wrong> {
        self.records += 1;
        if self.records > MAX_RECORDS {
            return Err((Rule::Limits, format!("the file has more than {MAX_RECORDS} records")));
        }
        self.ends_with_end = matches!(record, Record::End(_));
        match &mut record {
            Record::Worker(_) => self.lines.workers.push(number),
            Record::Check(_) => self.lines.checks.push(number),
            Record::Round(_) => self.lines.rounds.push(number),
            Record::End(_) => self.lines.ends.push(number),
            Record::Launch(launch) => {
                self.lines.launches.push(number);
                if let Some(samples) = &mut launch.samples {
                    self.blocks += blocks(samples);
                    // Most of a launch's numbers, and no rule asks for them.
                    samples.bare_finish_ns = Vec::new();
                }
            }
            Record::Run(_) | Record::Ceiling(_) | Record::Memory(_) => {}
        }
        if self.blocks > MAX_BLOCKS {
            return Err((Rule::Limits, format!("the file has more than {MAX_BLOCKS} timed blocks")));
        }
        if let Some((file, _)) = &mut self.file {
            file.keep(record);
        }
        Ok(())
    }
}

/// How many durations of blocks there are in a launch.
fn blocks(samples: &Samples) -> usize {
    let Samples { block_ns, block4_ns, submit4_ns, upload_ns, step_ns, download_ns, .. } = samples;
    [block_ns, block4_ns, submit4_ns, upload_ns, step_ns, download_ns].into_iter().map(Vec::len).sum()
}

/// The text of a line without its end, and whether it has none.
fn text_of(line: &[u8]) -> Result<(&str, bool), Wrong> {
    let text = std::str::from_utf8(line).map_err(|_| (Rule::Text, "not UTF-8 text".to_owned()))?;
    if text.contains('\0') {
        return Err((Rule::Text, "a zero byte, so no text".to_owned()));
    }
    let whole = text.strip_suffix('\n');
    if whole.is_some_and(|text| text.ends_with('\r')) {
        return Err((
            Rule::Text,
            "the line ends as on Windows (CR LF); results files end lines by LF alone".to_owned(),
        ));
    }
    Ok((whole.unwrap_or(text), whole.is_none()))
}

/// Whether objects and lists lie deeper in each other than [`MAX_DEPTH`].
fn is_deep(text: &str) -> bool {
    // Most lines have few brackets in all.
    if memchr::memchr2_iter(b'{', b'[', text.as_bytes()).take(MAX_DEPTH + 1).count() <= MAX_DEPTH {
        return false;
    }
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    text.bytes().any(|byte| {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = byte == b'\\' && !escaped;
            return false;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_DEPTH
    })
}

/// A header of another schema is refused before the rest of it is looked at.
fn check_version(header: &Value) -> Result<(), Wrong> {
    let is_header = header.get("record").and_then(Value::as_str) == Some("run");
    match header.get("schema") {
        Some(schema) if is_header && schema.as_u64() != Some(u64::from(SCHEMA)) => {
            let found = quoted(&schema.to_string());
            let what =
                format!("its schema is {found}, not {SCHEMA}; `bench migrate --in-place` brings an older one to it");
            Err((Rule::Schema, what))
        }
        _ => Ok(()),
    }
}

fn wrong(error: LineError) -> Wrong {
    match error {
        LineError::Syntax(what) | LineError::Rule(what) => (Rule::Record, what),
        LineError::Newer(schema) => (Rule::Schema, format!("its schema is {schema}; this bench knows up to {SCHEMA}")),
        LineError::SecondHeader => (Rule::Record, "a second run header; a results file holds one run".to_owned()),
    }
}

fn unknown(value: &Value) -> Wrong {
    let kind = value.get("record").and_then(Value::as_str).unwrap_or_default();
    (Rule::Record, format!("a record of kind {}, which this bench does not know", quoted(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart_and_none_is_lost() {
        for (content, expected) in
            [("", vec![]), ("a", vec!["a"]), ("a\n\nbc\n", vec!["a\n", "\n", "bc\n"]), ("\na", vec!["\n", "a"])]
        {
            let found: Vec<&[u8]> = lines(content.as_bytes()).collect();
            assert_eq!(found, expected.iter().map(|line| line.as_bytes()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn depth_is_counted_outside_texts() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(!is_deep(&nested(MAX_DEPTH)) && is_deep(&nested(MAX_DEPTH + 1)));
        assert!(is_deep(&format!("{{\"a\\\"\": {}}}", nested(MAX_DEPTH))));
        assert!(!is_deep(&format!("[\"{}\\\"{}\"]", "[".repeat(99), "{".repeat(99))));
        assert!(!is_deep(&"[]".repeat(1000)), "beside each other");
    }
}
