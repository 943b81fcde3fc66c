//! Properties of the reader and of what rewrites older files: any bytes end in a file or in one short line, what is written is read
//! back, and keys that nobody knows are passed over and kept.

mod arbitrary;

use super::{Older, ResultsFile, StoreError, Writer, read, read_bytes};
use crate::record::{Record, SCHEMA};
use crate::{fixture, json_schema};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

/// Keys whose values are maps of names: a name in them is never unknown.
const MAPS: [&str; 3] = ["env", "build", "joules"];

/// The fixture as schema 1 had it.
fn older_text() -> String {
    let schema = format!("\"schema\":{SCHEMA},");
    let text =
        fixture::text().replacen(&schema, "\"schema\":1,", 1).replace("\"energy_j\":123.456", "\"energy_mj\":123456");
    assert!(text.contains("\"schema\":1,") && text.contains("energy_mj") && !text.contains("energy_j\""));
    text
}

/// That reading ended well or in one line; what was read can be made into rows.
fn ends_well(read: Result<ResultsFile, StoreError>) -> Result<(), TestCaseError> {
    match read {
        Ok(file) => drop(crate::cells::cells(&file)),
        Err(error) => {
            let said = error.to_string();
            let length = said.chars().count();
            prop_assert!(length <= 400 && !said.chars().any(char::is_control), "{length} characters: {said}");
        }
    }
    Ok(())
}

/// A change of a file's bytes.
#[derive(Debug, Clone)]
enum Change {
    Overwrite(Index, Vec<u8>),
    Insert(Index, Vec<u8>),
    Remove(Index, Index),
    /// What is between two places, again at a third.
    Copy(Index, Index, Index),
    /// One line in the place of another.
    Line(Index, Index),
    Cut(Index),
}

fn change() -> impl Strategy<Value = Change> {
    // Bytes that matter to JSON, beside any.
    let byte = prop_oneof![any::<u8>(), prop::sample::select(b"{}[]\",:0-9.e\\\n\0 tn".to_vec())];
    let bytes = vec(byte, 1..8);
    let at = any::<Index>;
    prop_oneof![
        (at(), bytes.clone()).prop_map(|(at, bytes)| Change::Overwrite(at, bytes)),
        (at(), bytes).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (at(), at()).prop_map(|(from, to)| Change::Remove(from, to)),
        (at(), at(), at()).prop_map(|(from, to, at)| Change::Copy(from, to, at)),
        (at(), at()).prop_map(|(from, to)| Change::Line(from, to)),
        at().prop_map(Change::Cut),
    ]
}

fn apply(change: &Change, bytes: &mut Vec<u8>) {
    let place = |at: &Index, bytes: &[u8]| at.index(bytes.len() + 1);
    // Half of all ranges are short, so that something is left.
    let range = |from: &Index, to: &Index, bytes: &[u8]| {
        let start = place(from, bytes);
        let length = to.index(bytes.len() - start + 1);
        start..start + if length.is_multiple_of(2) { length } else { length.min(40) }
    };
    match change {
        Change::Overwrite(at, new) => {
            let at = place(at, bytes);
            let end = (at + new.len()).min(bytes.len());
            bytes.splice(at..end, new.iter().copied());
        }
        Change::Insert(at, new) => {
            let at = place(at, bytes);
            bytes.splice(at..at, new.iter().copied());
        }
        Change::Remove(from, to) => drop(bytes.drain(range(from, to, bytes))),
        Change::Copy(from, to, at) => {
            let copy = bytes[range(from, to, bytes)].to_vec();
            let at = place(at, bytes);
            bytes.splice(at..at, copy);
        }
        Change::Line(from, to) => {
            let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
            if !lines.is_empty() {
                let (from, to) = (from.index(lines.len()), to.index(lines.len()));
                lines[to] = lines[from];
                *bytes = lines.concat();
            }
        }
        Change::Cut(at) => bytes.truncate(place(at, bytes)),
    }
}

/// JSON of any kind, not deep.
fn json() -> impl Strategy<Value = Value> {
    let finite = prop::num::f64::NORMAL | prop::num::f64::ZERO;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        finite.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,6}", inner, 0..3).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// Calls `visit` with each object in which a key may be unknown.
fn objects(value: &mut Value, visit: &mut impl FnMut(&mut serde_json::Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| objects(item, visit)),
        Value::Object(map) => {
            let inner = map.iter_mut().filter(|(key, _)| !MAPS.contains(&key.as_str()));
            inner.for_each(|(_, value)| objects(value, visit));
            visit(map);
        }
        _ => {}
    }
}

/// Puts unknown keys into some of the objects of a file's lines.
fn with_unknown(text: &str, keys: &[(Index, String, Value)]) -> Vec<Value> {
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut count = 0;
    lines.iter_mut().for_each(|line| objects(line, &mut |_| count += 1));
    for (at, key, value) in keys {
        let (mut left, at) = (0, at.index(count));
        let mut insert = |map: &mut serde_json::Map<String, Value>| {
            if left == at {
                map.insert(format!("x-{key}"), value.clone());
            }
            left += 1;
        };
        lines.iter_mut().for_each(|line| objects(line, &mut insert));
    }
    lines
}

fn joined(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_end_in_one_line(bytes in vec(any::<u8>(), 0..2000)) {
        ends_well(read_bytes("run.jsonl", &bytes))?;
    }

    #[test]
    fn any_json_ends_in_one_line(mut header in json(), rest in vec(json(), 0..3), schema in 0u32..4) {
        if let Some(header) = header.as_object_mut() {
            header.extend([("record".to_owned(), "run".into()), ("schema".to_owned(), schema.into())]);
        }
        let good = fixture::text();
        let begun = format!("{}\n{}", good.lines().next().unwrap_or_default(), joined(&rest));
        ends_well(read_bytes("run.jsonl", (format!("{header}\n") + &joined(&rest)).as_bytes()))?;
        ends_well(read_bytes("run.jsonl", begun.as_bytes()))?;
    }

    #[test]
    fn a_file_changed_anyhow_is_read_or_ends_in_one_line(older in any::<bool>(), changes in vec(change(), 1..5)) {
        let mut bytes = if older { older_text() } else { fixture::text() }.into_bytes();
        for change in &changes {
            apply(change, &mut bytes);
        }
        ends_well(read_bytes("run.jsonl", &bytes))?;
    }

    #[test]
    fn a_value_of_any_kind_in_the_place_of_another_ends_in_one_line(
        older in any::<bool>(), at in any::<Index>(), key in any::<Index>(), value in json(),
    ) {
        let text = if older { older_text() } else { fixture::text() };
        let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut count = 0;
        lines.iter_mut().for_each(|line| objects(line, &mut |_| count += 1));
        let (mut left, at) = (0, at.index(count));
        let mut change = |map: &mut serde_json::Map<String, Value>| {
            let place = key.index(map.len().max(1));
            if let Some(changed) = map.values_mut().nth(place).filter(|_| left == at) {
                changed.clone_from(&value);
            }
            left += 1;
        };
        lines.iter_mut().for_each(|line| objects(line, &mut change));
        ends_well(read_bytes("run.jsonl", joined(&lines).as_bytes()))?;
        for line in &lines {
            if let Err(said) = json_schema::check(line) {
                prop_assert!(said.chars().count() <= 400 && !said.chars().any(char::is_control), "{said}");
            }
        }
    }

    #[test]
    fn keys_that_nobody_knows_are_passed_over(
        keys in vec((any::<Index>(), any::<String>(), json()), 1..6),
    ) {
        let lines = with_unknown(&fixture::text(), &keys);
        prop_assert_eq!(read_bytes("run.jsonl", joined(&lines).as_bytes()).unwrap(), fixture::file());
        for line in &lines {
            prop_assert_eq!(json_schema::check(line), Ok(()));
        }
    }
}

proptest! {
    // These write files.
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_and_passes_the_schema((run, records) in arbitrary::file()) {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("run.jsonl");
        let mut writer = Writer::create(&path, &run).unwrap();
        for record in &records {
            writer.append(record).unwrap();
        }
        let read = read(&path).unwrap();
        prop_assert_eq!(read, ResultsFile { path: path.clone(), ..fixture::file_of(run.clone(), records.clone()) });
        for record in std::iter::once(Record::Run(Box::new(run))).chain(records) {
            prop_assert_eq!(json_schema::check(&serde_json::to_value(&record).unwrap()), Ok(()));
        }
    }

    #[test]
    fn keys_that_nobody_knows_survive_a_migration(keys in vec((any::<Index>(), any::<String>(), json()), 1..6)) {
        let lines = with_unknown(&older_text(), &keys);
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("run.jsonl");
        std::fs::write(&path, joined(&lines))?;
        let mut out = Vec::new();
        Older::open(&path).unwrap().unwrap().write(&mut out).unwrap();
        prop_assert_eq!(read_bytes("run.jsonl", &out).unwrap(), fixture::file());
        // The same, worked out another way.
        let mut expected = lines;
        for line in &mut expected {
            if line["record"] == "run" {
                line["schema"] = SCHEMA.into();
            }
            objects(line, &mut |map| {
                if let Some(millijoules) = map.remove("energy_mj") {
                    map.insert("energy_j".to_owned(), (millijoules.as_f64().unwrap() / 1000.0).into());
                }
            });
        }
        let text = String::from_utf8(out).unwrap();
        let migrated: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        prop_assert_eq!(migrated, expected);
    }
}
