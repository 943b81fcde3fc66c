//! One line of a results file: told apart by its `record` key, then parsed as what it is and held to the rules.

use super::migrate;
use crate::one_line::one_line;
use crate::record::{Ceiling, Check, End, Launch, MemoryPass, Record, Round, Run, SCHEMA, Worker};
use crate::valid::Plan;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Why a line is not taken.
#[derive(Debug)]
pub(super) enum LineError {
    /// It is no JSON. As the last line of a file it was cut off, as a kill or a power cut leaves it.
    Syntax(String),
    /// It is JSON, but no record of this schema, or one that breaks the rules.
    Rule(String),
    /// A header of a newer schema.
    Newer(u64),
    /// A header where there is one already.
    SecondHeader,
}

#[derive(Deserialize)]
struct Kind {
    record: Option<serde_json::Value>,
    schema: Option<serde_json::Value>,
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

/// Reads a header. The schema is looked at before anything else: a newer header may hold what this program cannot parse, and an older
/// one is brought to the present schema first.
pub(super) fn header(text: &str) -> Result<Header, LineError> {
    let kind = kind(text)?;
    match kind.record.as_ref().and_then(serde_json::Value::as_str) {
        Some("run") => {}
        Some(other) => return Err(LineError::Rule(format!("a record of kind {}", quoted(other)))),
        None => return Err(LineError::Rule("it has no key 'record'".to_owned())),
    }
    let schema = kind.schema.as_ref().and_then(serde_json::Value::as_u64).filter(|schema| *schema > 0);
    let schema = schema.ok_or_else(|| LineError::Rule("its schema is not a version number".to_owned()))?;
    let schema = u32::try_from(schema).ok().filter(|known| *known <= SCHEMA).ok_or(LineError::Newer(schema))?;
    let rewritten =
        if schema < SCHEMA { Some(migrate::line(text, schema).map_err(LineError::Rule)?.into_owned()) } else { None };
    let run: Run = parse(rewritten.as_deref().unwrap_or(text))?;
    let plan = Plan::of(&run).map_err(LineError::Rule)?;
    Ok(Header { run, plan, schema, rewritten })
}

/// Reads any later line. A kind of record that this program does not know is `None`: a later program of the same schema
/// may add kinds, and promises that a reader loses nothing by passing over them.
pub(super) fn record(text: &str, plan: &Plan) -> Result<Option<Record>, LineError> {
    let kind = kind(text)?;
    let record = match kind.record.as_ref().and_then(serde_json::Value::as_str) {
        Some("run") => return Err(LineError::SecondHeader),
        Some("worker") => Record::Worker(parse::<Worker>(text)?),
        Some("check") => Record::Check(parse::<Check>(text)?),
        Some("ceiling") => Record::Ceiling(parse::<Box<Ceiling>>(text)?),
        Some("memory") => Record::Memory(parse::<MemoryPass>(text)?),
        Some("launch") => Record::Launch(parse::<Box<Launch>>(text)?),
        Some("round") => Record::Round(parse::<Round>(text)?),
        Some("end") => Record::End(parse::<End>(text)?),
        Some(_) => return Ok(None),
        None => return Err(LineError::Rule("the line has no key 'record'".to_owned())),
    };
    obeys(&record, plan).map_err(LineError::Rule)?;
    Ok(Some(record))
}

fn kind(text: &str) -> Result<Kind, LineError> {
    let kind = parse(text)?;
    // The parser takes a list for the fields in their order, too.
    let is_object = text.trim_start().starts_with('{');
    if is_object { Ok(kind) } else { Err(LineError::Rule("it is no JSON object".to_owned())) }
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

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, LineError> {
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        // Every line of the file is a document of its own, so its line number is always 1 and would mislead.
        let place = format!(" at line {} column {}", error.line(), error.column());
        let what = match message.strip_suffix(&place) {
            Some(what) => format!("{} (column {})", one_line(what), error.column()),
            None => one_line(&message),
        };
        match error.classify() {
            serde_json::error::Category::Data => LineError::Rule(what),
            _ => LineError::Syntax(format!("not a JSON record: {what}")),
        }
    })
}

fn quoted(text: &str) -> String {
    format!("'{}'", one_line(text))
}
