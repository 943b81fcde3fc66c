//! Holds `suite/docs/SCHEMA.md` against the types: every key that a file can hold is described there, and its examples
//! are records, which pass the JSON schema.

use crate::record::{Energy, Record};
use crate::{fixture, json_schema, store};
use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../suite/docs/SCHEMA.md");

/// Every key of a JSON value, but not the names within a map of names.
fn keys(value: &serde_json::Value, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                found.insert(key.clone());
                if !["build", "env", "joules"].contains(&key.as_str()) {
                    keys(value, found);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn every_key_is_described() {
    let mut run = fixture::run();
    // What the fixture leaves out, because it would disturb a measurement.
    run.machine.hypervisor = Some("KVM".to_owned());
    run.machine.translated = true;
    run.stage = Some(crate::record::Stage::Decision);
    run.settings.tf32 = true;
    (run.settings.ceilings, run.settings.memory) = (true, true);
    run.settings.cora = Some("cora".into());
    run.settings.profile = Some(crate::record::Profile::Standard);
    run.settings.min_rounds = Some(8);
    run.settings.precision = Some(0.01);
    run.targets[0].threads = Some(2);
    run.targets[0].env.insert("LD_PRELOAD".to_owned(), "libopenblas.so.0".to_owned());
    let mut found = BTreeSet::new();
    for mut record in std::iter::once(Record::Run(Box::new(run))).chain(fixture::records()) {
        match &mut record {
            Record::Check(check) => check.tf32 = true,
            Record::Ceiling(ceiling) => ceiling.tf32 = true,
            Record::Round(round) => round.void = Some("disturbed".to_owned()),
            Record::Launch(launch) => {
                launch.samples.iter_mut().for_each(|samples| samples.traces = Some(1));
                let joules = [("package-0".to_owned(), 1.5)].into();
                launch.energy = Some(Energy { calls: 10, duration_ns: 1_000_000, joules });
            }
            _ => {}
        }
        let value = serde_json::to_value(record).unwrap();
        json_schema::check(&value).unwrap();
        keys(&value, &mut found);
    }
    assert!(found.len() > 90, "{}", found.len());
    let missing: Vec<_> = found.iter().filter(|key| !PAGE.contains(&format!("`{key}`"))).collect();
    assert!(missing.is_empty(), "suite/docs/SCHEMA.md does not describe {missing:?}");
}

#[test]
fn its_examples_make_a_file() {
    let blocks = PAGE.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.map(|block| serde_json::from_str::<serde_json::Value>(block).unwrap().to_string() + "\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("example.jsonl");
    std::fs::write(&path, lines.collect::<String>()).unwrap();
    let file = store::read(&path).unwrap();
    assert!(!file.torn_tail);
    assert_eq!((file.workers.len(), file.checks.len(), file.launches.len(), file.rounds.len()), (1, 1, 2, 1));
    assert_eq!((file.ceilings.len(), file.memory.len(), file.ends.len()), (1, 1, 1));
    // Nothing in them is passed over as unknown.
    let text = std::fs::read_to_string(&path).unwrap();
    for line in text.lines() {
        let given: serde_json::Value = serde_json::from_str(line).unwrap();
        json_schema::check(&given).unwrap();
        let record: Record = serde_json::from_str(line).unwrap();
        let (mut asked, mut kept) = (BTreeSet::new(), BTreeSet::new());
        keys(&given, &mut asked);
        keys(&serde_json::to_value(record).unwrap(), &mut kept);
        assert!(asked.is_subset(&kept), "{:?}", asked.difference(&kept).collect::<Vec<_>>());
    }
}
