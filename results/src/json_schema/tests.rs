//! The schema: what `bench` writes passes it, what is wrong fails with one line, and the published file is up to date.

use super::*;
use crate::fixture;

/// The lines of the fixture, as parsed.
fn lines() -> Vec<Value> {
    fixture::text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The first record of a kind.
fn first(kind: &str) -> Value {
    lines().into_iter().find(|record| record["record"] == kind).unwrap()
}

/// What is said once a record of a kind is changed so.
fn complaint(kind: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut record = first(kind);
    change(&mut record);
    let said = check(&record).unwrap_err();
    assert!(!said.contains('\n') && said.chars().count() <= 400, "{said}");
    assert!(!whole().is_valid(&record), "the schema as a whole lets pass what its parts do not: {said}");
    said
}

/// The schema as others use it: in one piece.
fn whole() -> jsonschema::Validator {
    jsonschema::validator_for(&schema()).unwrap()
}

#[test]
fn the_published_file_is_this_schema() {
    let published = include_str!("../../schema/results-v2.json");
    assert!(published == text(), "make it anew: bench list schema > results/schema/results-v{SCHEMA}.json");
}

#[test]
fn what_bench_writes_passes() {
    let whole = whole();
    for record in lines() {
        check(&record).unwrap();
        assert!(whole.is_valid(&record), "{record}");
    }
}

#[test]
fn every_kind_of_record_has_a_schema() {
    let schema = Schema::try_from(schema()).unwrap();
    let mut kinds = kinds(&schema);
    kinds.sort();
    assert_eq!(kinds, ["ceiling", "check", "end", "launch", "memory", "round", "run", "worker"]);
    assert_eq!(
        lines().iter().filter_map(|record| record["record"].as_str()).collect::<std::collections::HashSet<_>>().len(),
        8
    );
}

#[test]
fn what_is_missing_is_named() {
    for (kind, key) in [("run", "cases"), ("launch", "case"), ("launch", "outcome"), ("round", "state"), ("end", "at")]
    {
        let said = complaint(kind, |record| drop(record.as_object_mut().unwrap().remove(key)));
        assert_eq!(said, format!("\"{key}\" is a required property"));
    }
    let said = complaint("run", |record| record["settings"]["profile"] = "best".into());
    assert!(said.starts_with("/settings/profile: it is not one of \"quick\""), "{said}");
    let said = complaint("launch", |record| drop(record["samples"].as_object_mut().unwrap().remove("calls")));
    assert_eq!(said, "/samples: \"calls\" is a required property");
}

#[test]
fn what_is_of_another_type_is_named_with_its_place() {
    let said = complaint("launch", |record| record["samples"]["block_ns"][1] = "fast".into());
    assert_eq!(said, "/samples/block_ns/1: it is not of type \"integer\"");
    let said = complaint("launch", |record| record["samples"]["block_ns"][0] = (-5).into());
    assert_eq!(said, "/samples/block_ns/0: it is less than the minimum of 0");
    let said = complaint("launch", |record| record["round"] = (1u64 << 32).into());
    assert_eq!(said, "/round: it is greater than the maximum of 4294967295");
    let said = complaint("run", |record| record["machine"]["chip"] = Value::Null);
    assert_eq!(said, "/machine/chip: it is not of type \"string\"");
    let said = complaint("run", |record| record["targets"] = "candle:cpu".into());
    assert_eq!(said, "/targets: it is not of type \"array\"");
}

#[test]
fn words_that_are_none_are_told_with_those_that_are() {
    let said = complaint("launch", |record| record["outcome"] = "great".into());
    assert!(said.starts_with("/outcome: it is not one of \"ok\", \"unsupported\""), "{said}");
    let said = complaint("launch", |record| record["mode"] = "fastest".into());
    assert!(said.starts_with("/mode: it is not one of \"latency\""), "{said}");
    let said = complaint("launch", |record| record["samples"]["flags"] = json!(["fine"]));
    assert!(said.starts_with("/samples/flags/0: it is not one of \"never-warm\""), "{said}");
    for case in ["matmul", "a/b/c", "a/b c/f32", "a/b/f32/f32"] {
        let said = complaint("launch", |record| record["case"] = case.into());
        assert!(said.starts_with("/case: it does not match \"^["), "{said}");
    }
    for target in ["candle", "candle:tpu", "Candle:cpu", "candle:cuda:x", "mlx:gpu+jit+a+b"] {
        let said = complaint("launch", |record| record["target"] = target.into());
        assert!(said.starts_with("/target: it does not match \"^["), "{said}");
    }
    let said = complaint("launch", |record| record["case"] = format!("a/{}/f32", "x".repeat(200)).into());
    assert_eq!(said, "/case: it is longer than 200 characters");
    let said = complaint("check", |record| record["comparisons"][0]["comparison"]["error"] = "huge".into());
    assert!(said.starts_with("/comparisons/0/comparison/error: "), "{said}");
}

#[test]
fn every_written_target_and_float_passes() {
    for target in ["candle:cpu", "tch:cuda:0", "mlx:gpu+compile", "mlx:cpu+openblas", "tch:mps+jit+a-1", "a-b:metal"] {
        let mut launch = first("launch");
        launch["target"] = target.parse::<chipmark_core::Target>().unwrap().to_string().into();
        check(&launch).unwrap();
    }
    for error in [json!(0), json!(1e-300), json!("nan"), json!("inf"), json!("-inf")] {
        let mut checked = first("check");
        checked["comparisons"][0]["comparison"]["error"] = error;
        check(&checked).unwrap();
    }
}

#[test]
fn unknown_keys_and_kinds_pass() {
    let whole = whole();
    for mut record in lines() {
        record["later"] = json!({ "deep": [1, null, "x"] });
        for part in ["machine", "state", "samples"] {
            if record[part].is_object() {
                record[part]["later"] = 1.into();
            }
        }
        check(&record).unwrap();
        assert!(whole.is_valid(&record), "{record}");
    }
    let later = json!({ "record": "weather", "rain": true });
    check(&later).unwrap();
    assert!(whole.is_valid(&later));
}

#[test]
fn what_is_no_record_is_said() {
    for (value, said) in [
        (json!({}), "\"record\" is a required property"),
        (json!({ "record": 1 }), "/record: it is not of type \"string\""),
        (json!([1]), "it is not of type \"object\""),
        (Value::Null, "it is not of type \"object\""),
    ] {
        assert_eq!(check(&value).unwrap_err(), said);
        assert!(!whole().is_valid(&value), "{value}");
    }
}

#[test]
fn hostile_texts_make_one_short_line() {
    let name = format!("\n\u{1b}[31m{}", "x".repeat(10_000));
    let said = complaint("run", |record| record["targets"][0]["env"] = json!({ name.as_str(): 5 }));
    assert!(!said.contains('\u{1b}') && said.starts_with("/targets/0/env/"), "{said}");
    let said = complaint("launch", |record| record["outcome"] = name.into());
    assert!(!said.contains('x'), "{said}");
}

#[test]
fn descriptions_are_for_readers_of_the_file() {
    let text = text();
    assert!(!text.contains("[`"), "a link of the code's documentation leads nowhere");
    assert!(text.contains("`out-of-memory`: It needs, or needed, more memory than there is."));
}
