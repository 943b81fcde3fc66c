//! A comparison as JSON, for programs that want what the tables show without computing it again.

use super::GateView;
use crate::text::clean_all;
use chipmark_results::compare::Comparison;
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of the form. It changes when a key is renamed, removed, or means something else; keys may be added.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    counts: BTreeMap<&'static str, usize>,
    gate: Option<&'a GateView>,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

/// The comparison as indented JSON, ending in a newline. `suite/docs/CI.md` describes it.
///
/// # Errors
/// None in practice: every part of a comparison has a JSON form.
pub fn json(comparison: &Comparison, gate: Option<&GateView>) -> Result<String, serde_json::Error> {
    let counts = comparison.counts().into_iter().map(|(verdict, n)| (verdict.name(), n)).collect();
    let mut value = serde_json::to_value(Document { schema: SCHEMA, counts, gate, comparison })?;
    clean_all(&mut value);
    let mut text = serde_json::to_string_pretty(&value)?;
    text.push('\n');
    Ok(text)
}
