//! The JSON schema of one line of a results file, generated from the record types and published as
//! `results/schema/results-v2.json`, and the check of a line against it. It tells types, keys and words apart; the rules between
//! records are [`crate::valid`]'s, and whether a file can be read is the [store](crate::store)'s to say.

use crate::one_line::one_line;
use crate::record::{Record, SCHEMA};
use jsonschema::ValidatorMap;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{Schema, SchemaGenerator};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The schema: JSON Schema of draft 2020-12. Keys and kinds of record that it does not know pass, as they do in a reader.
#[must_use]
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with_transform(RecursiveTransform(list_words))
        .with_transform(RecursiveTransform(bound_integers));
    let mut schema = SchemaGenerator::new(settings).into_root_schema_for::<Record>();
    schema.insert("$id".to_owned(), format!("urn:chipmark:results-v{SCHEMA}").into());
    schema.insert("title".to_owned(), format!("One line of a Chipmark results file, schema {SCHEMA}").into());
    let known: Vec<Value> = kinds(&schema).into_iter().map(Value::String).collect();
    if let Some(records) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        records.push(json!({
            "description": "A kind of record that a later program of the same schema added. A reader passes over it.",
            "type": "object",
            "properties": { "record": { "type": "string", "not": { "enum": known } } },
            "required": ["record"],
        }));
    }
    schema.to_value()
}

/// The schema as its file holds it.
#[must_use]
pub fn text() -> String {
    format!("{:#}\n", schema())
}

/// Checks one line of a results file, as parsed.
///
/// # Errors
/// One line of bounded length: where the record departs from the schema, as a JSON pointer, and how.
pub fn check(record: &Value) -> Result<(), String> {
    let checks = CHECKS.as_ref().map_err(Clone::clone)?;
    let kind = record.get("record").and_then(Value::as_str);
    let pointer = kind.and_then(|kind| checks.pointers.get(kind)).unwrap_or(&checks.other);
    let validator = checks.validators.get(pointer).ok_or_else(|| format!("the schema has no {pointer}"))?;
    validator.validate(record).map_err(|error| {
        // The value itself is left out: it may be anything, and long.
        let what = error.masked_with("it").to_string();
        match error.instance_path().as_str() {
            "" => one_line(&what),
            place => one_line(&format!("{}: {what}", one_line(place))),
        }
    })
}

/// The schema, compiled once. A record is held against that of its own kind, so that the complaint is about what is wrong in it,
/// and not that it is none of them all.
struct Checks {
    validators: ValidatorMap,
    /// Where in the schema each kind of record is.
    pointers: HashMap<String, String>,
    /// Where all other kinds are.
    other: String,
}

static CHECKS: LazyLock<Result<Checks, String>> = LazyLock::new(|| {
    let mut schema = Schema::try_from(schema()).map_err(|error| error.to_string())?;
    RecursiveTransform(null_first).transform(&mut schema);
    let pointer = |at: usize| format!("#/oneOf/{at}");
    let kinds = kinds(&schema);
    let other = pointer(kinds.len());
    let pointers = kinds.into_iter().enumerate().map(|(at, kind)| (kind, pointer(at))).collect();
    let validators = jsonschema::options().build_map(schema.as_value()).map_err(|error| error.to_string())?;
    Ok(Checks { validators, pointers, other })
});

/// The kinds of record, in the schema's order.
fn kinds(schema: &Schema) -> Vec<String> {
    let records = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let kind = |record: &Value| record.pointer("/properties/record/const").and_then(Value::as_str).map(str::to_owned);
    records.filter_map(kind).collect()
}

/// Words that are each a schema of their own, for the sake of their descriptions, become one list: a complaint then names them.
fn list_words(schema: &mut Schema) {
    let Some(options) = schema.get("oneOf").and_then(Value::as_array) else { return };
    let word = |option: &Value| Some((option.get("const")?.as_str()?.to_owned(), option.get("description")?.clone()));
    let Some(words) = options.iter().map(word).collect::<Option<Vec<_>>>() else { return };
    let mut about: Vec<String> =
        schema.get("description").and_then(Value::as_str).map(str::to_owned).into_iter().collect();
    about.extend(words.iter().map(|(word, about)| format!("`{word}`: {}", about.as_str().unwrap_or_default())));
    schema.remove("oneOf");
    schema.insert("type".to_owned(), "string".into());
    schema.insert("description".to_owned(), about.join("\n").into());
    schema.insert("enum".to_owned(), words.into_iter().map(|(word, _)| word).collect());
}

/// A number of 32 bits has a largest one.
fn bound_integers(schema: &mut Schema) {
    if schema.get("format").is_some_and(|format| format == "uint32") {
        schema.insert("maximum".to_owned(), u32::MAX.into());
    }
}

/// Of what may be null or something else, null is looked at first. It says the same; but a complaint is then about what is wrong
/// within the other, where "any of both" could only be told that it is neither, and would gather everything wrong with it: of a
/// hostile list millions.
fn null_first(schema: &mut Schema) {
    let null = json!({ "type": "null" });
    match schema.get("anyOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([other, last]) if *last == null => {
            let other = other.clone();
            schema.remove("anyOf");
            schema.insert("if".to_owned(), null);
            schema.insert("else".to_owned(), other);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
