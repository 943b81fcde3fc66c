//! One line of a results file: told apart by its `record` key, then parsed as what it is and held to the rules.

use super::migrate;
use crate::one_line::{self, one_line};
use crate::record::{Ceiling, Check, End, Launch, MemoryPass, Record, Round, Run, SCHEMA, Worker};
use crate::valid::Plan;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a line is not taken.
#[derive(Debug)]
pub(crate) enum LineError {
    /// It is no JSON. As the last line of a file it was cut off, as a kill or a power cut leaves it.
    Syntax(String),
    /// It is JSON, but no record of this schema, or one that breaks the rules.
    Rule(String),
    /// A header of a newer schema.
    Newer(u64),
    /// A header where there is one already.
    SecondHeader,
}

/// What is looked at of a line before the rest.
#[derive(Deserialize)]
pub(crate) struct Kind {
    record: Option<Value>,
    schema: Option<Value>,
}

/// A line: its text, or the value that the text was parsed to.
pub(crate) trait Line {
    /// What is looked at first.
    fn kind(&self) -> Result<Kind, LineError>;
    /// What the line is.
    fn parse<T: DeserializeOwned>(&self) -> Result<T, LineError>;
}

impl Line for str {
    fn kind(&self) -> Result<Kind, LineError> {
        let kind = parse(self)?;
        // The parser takes a list for the fields in their order, too.
        if self.trim_start().starts_with('{') { Ok(kind) } else { Err(no_object()) }
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, LineError> {
        parse(self)
    }
}

impl Line for Value {
    fn kind(&self) -> Result<Kind, LineError> {
        if !self.is_object() {
            return Err(no_object());
        }
        Ok(Kind { record: self.get("record").cloned(), schema: self.get("schema").cloned() })
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, LineError> {
        T::deserialize(self).map_err(|error| LineError::Rule(one_line(&error.to_string())))
    }
}

fn no_object() -> LineError {
    LineError::Rule("it is no JSON object".to_owned())
}

/// A header as read.
pub(super) struct Header {
    pub(super) run: Run,
    pub(super) plan: Plan,
    /// The schema in which the file is written.
    pub(super) schema: u32,
    /// The line in the present schema, where it is not.
    pub(super) rewritten: Option<String>,
}

/// Reads a header of any schema known here. An older one is brought to the present schema first.
pub(super) fn header(text: &str) -> Result<Header, LineError> {
    let schema = schema(text)?;
    let rewritten =
        if schema < SCHEMA { Some(migrate::line(text, schema).map_err(LineError::Rule)?.into_owned()) } else { None };
    let (run, plan) = run(rewritten.as_deref().unwrap_or(text))?;
    Ok(Header { run, plan, schema, rewritten })
}

/// Reads a header of the present schema alone.
pub(crate) fn present_header<L: Line + ?Sized>(line: &L) -> Result<(Run, Plan), LineError> {
    match schema(line)? {
        SCHEMA => run(line),
        older => Err(LineError::Rule(format!("its schema is {older}; `bench migrate --in-place` makes it {SCHEMA}"))),
    }
}

fn run<L: Line + ?Sized>(line: &L) -> Result<(Run, Plan), LineError> {
    let run: Run = line.parse()?;
    let plan = Plan::of(&run).map_err(LineError::Rule)?;
    Ok((run, plan))
}

/// The schema that a header names. It is looked at before anything else: a newer header may hold what this program cannot parse.
fn schema<L: Line + ?Sized>(line: &L) -> Result<u32, LineError> {
    let kind = line.kind()?;
    match kind.record.as_ref().and_then(Value::as_str) {
        Some("run") => {}
        Some(other) => return Err(LineError::Rule(format!("a record of kind {}", quoted(other)))),
        None => return Err(LineError::Rule("it has no key 'record'".to_owned())),
    }
    let schema = kind.schema.as_ref().and_then(Value::as_u64).filter(|schema| *schema > 0);
    let schema = schema.ok_or_else(|| LineError::Rule("its schema is not a version number".to_owned()))?;
    u32::try_from(schema).ok().filter(|known| *known <= SCHEMA).ok_or(LineError::Newer(schema))
}

/// Reads any later line. A kind of record that this program does not know is `None`: a later program of the same schema
/// may add kinds, and promises that a reader loses nothing by passing over them.
pub(crate) fn record<L: Line + ?Sized>(line: &L, plan: &Plan) -> Result<Option<Record>, LineError> {
    let kind = line.kind()?;
    let record = match kind.record.as_ref().and_then(Value::as_str) {
        Some("run") => return Err(LineError::SecondHeader),
        Some("worker") => Record::Worker(line.parse::<Worker>()?),
        Some("check") => Record::Check(line.parse::<Check>()?),
        Some("ceiling") => Record::Ceiling(line.parse::<Box<Ceiling>>()?),
        Some("memory") => Record::Memory(line.parse::<MemoryPass>()?),
        Some("launch") => Record::Launch(line.parse::<Box<Launch>>()?),
        Some("round") => Record::Round(line.parse::<Round>()?),
        Some("end") => Record::End(line.parse::<End>()?),
        Some(_) => return Ok(None),
        None => return Err(LineError::Rule("the line has no key 'record'".to_owned())),
    };
    obeys(&record, plan).map_err(LineError::Rule)?;
    Ok(Some(record))
}

fn obeys(record: &Record, plan: &Plan) -> Result<(), String> {
    match record {
        Record::Run(_) | Record::Round(_) | Record::End(_) => Ok(()),
        Record::Worker(worker) => plan.worker(worker),
        Record::Check(check) => plan.check(check),
        Record::Ceiling(ceiling) => plan.ceiling(ceiling),
        Record::Memory(memory) => plan.memory(memory),
        Record::Launch(launch) => plan.launch(launch),
    }
}

/// Parses a text, which is a document of its own.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, LineError> {
    serde_json::from_str(text).map_err(|error| {
        let what = one_line::of_json(&error);
        match error.classify() {
            serde_json::error::Category::Data => LineError::Rule(what),
            _ => LineError::Syntax(format!("not a JSON record: {what}")),
        }
    })
}

fn quoted(text: &str) -> String {
    format!("'{}'", one_line(text))
}
