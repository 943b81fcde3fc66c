//! A file of schema 1, kept as it was written, read and rewritten.

use super::*;
use crate::fixture;
use crate::store::{self, Writer};
use std::fs;

/// A small run of schema 1, with keys that nobody knows, and numbers written in ways of their own.
const V1: &str = concat!(
    r#"{"record":"run","schema":1,"run_id":"9f2c","started_at":"2026-02-01T12:00:00Z","harness_version":"0.1.0","suite":"quick","#,
    r#""command":["run"],"settings":{"tier":"small","rounds":1,"seed":18446744073709551615,"threads":null,"budget_s":1.20e2,"#,
    r#""sampling":{"warm_up_s":0.10,"max_warm_up_s":1.0,"sample_s":0.2,"min_samples":1,"max_samples":200,"min_block_s":0.01,"#,
    r#""max_block_s":0.5},"cell_timeout_s":60},"machine":{"chip":"AMD EPYC 7763","arch":"x86_64","physical_cores":64,"#,
    r#""logical_cores":128,"memory_bytes":1,"os":"Debian","os_version":"13","kernel":"6.12","energy_mj":7},"#,
    r#""state":{"zeta":{"b":1,"a":[0.10,1e2]},"gpus":[{"name":"NVIDIA H100","energy_mj":123456,"later":1.50},"#,
    r#"{"energy_mj":null,"name":"NVIDIA H100"}],"load_1m":0.5},"targets":[{"target":"tch:cuda:0","worker_version":"0.1.0","#,
    r#""arithmetic":true,"info":{"framework":"PyTorch","version":"2.9.0","binding":"tch","precision":"f32","build":{}}}],"#,
    r#""missing":[],"cases":[{"case":"matmul/8x8@8x8/f32","modes":["latency"],"cost":{"flop":1024,"bytes":768,"#,
    r#""working_set_bytes":768}}],"big":123456789012345678901234567890}"#,
    "\n",
    r#"{"record":"launch", "mode":"latency","case":"matmul/8x8@8x8/f32","target":"tch:cuda:0","round":0,"order":0,"#,
    r#""at":"2026-02-01T12:00:09Z","outcome":"ok","samples":{"calls":64,"block_ns":[ 10250000,10240000 ],"warm_up_ns":1,"#,
    r#""warm_up_calls":1},"energy_mj":5,"state":{"gpus":[{"energy_mj":5}]}}"#,
    "\n",
    r#"{"record":"weather","state":{"gpus":[{"energy_mj":5}]}}"#,
    "\n",
    r#"{"state":{"load_1m":1.80},"record":"round","round":0}"#,
    "\n",
    r#"{"record":"end","at":"2026-02-01T12:02:00Z","complete":true,"state":{"gpus":[{"name":"NVIDIA H100","energy_mj":223456}]}}"#,
    "\n",
);

/// A file with this content, deleted with the folder.
fn file_with(content: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    fs::write(&path, content).unwrap();
    (folder, path)
}

fn rewritten(content: &str) -> (Migrated, String) {
    let (_folder, path) = file_with(content);
    let older = Older::open(&path).unwrap().unwrap();
    assert_eq!(older.schema(), 1);
    let mut out = Vec::new();
    let migrated = older.write(&mut out).unwrap();
    (migrated, String::from_utf8(out).unwrap())
}

/// What is said of a file of schema 1 in which this is replaced, by the reader and by whoever rewrites it.
fn complaint(old: &str, new: &str) -> String {
    assert!(V1.contains(old), "{old}");
    let (folder, path) = file_with(&V1.replace(old, new));
    let said = store::read(&path).unwrap_err().to_string();
    let older = Older::open(&path).and_then(|older| older.unwrap().write(&mut Vec::new()));
    assert_eq!(older.unwrap_err().to_string(), said);
    assert!(!said.contains('\n'), "not one line: {said}");
    said.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn a_file_of_schema_1_is_read() {
    let file = store::read_bytes("run.jsonl", V1.as_bytes()).unwrap();
    assert_eq!(file.run.schema, SCHEMA);
    let energies: Vec<_> = file.run.state.gpus.iter().map(|gpu| gpu.energy_j).collect();
    assert_eq!(energies, [Some(123.456), None]);
    assert_eq!(file.ends[0].state.gpus[0].energy_j, Some(223.456));
    assert_eq!((file.run.settings.seed, file.run.settings.budget_s), (u64::MAX, Some(120.0)));
    assert_eq!((file.launches.len(), file.rounds.len(), file.torn_tail), (1, 1, false));
}

#[test]
fn nothing_but_the_schema_and_the_energies_changes() {
    let (migrated, text) = rewritten(V1);
    let expected = V1
        .replace("\"schema\":1", "\"schema\":2")
        .replace(r#""energy_mj":123456,"#, r#""energy_j":123.456,"#)
        .replace(r#""energy_mj":null"#, r#""energy_j":null"#)
        .replace(r#""energy_mj":223456"#, r#""energy_j":223.456"#);
    assert_eq!(text, expected);
    assert!(!migrated.torn_tail);
    let read = |text: &str| store::read_bytes("run.jsonl", text.as_bytes()).unwrap();
    assert_eq!((read(&text), &migrated.run), (read(V1), &read(V1).run));
    for line in text.lines() {
        crate::json_schema::check(&serde_json::from_str(line).unwrap()).unwrap();
    }
}

#[test]
fn what_is_rewritten_is_not_rewritten_again() {
    let (_folder, path) = file_with(&rewritten(V1).1);
    assert!(Older::open(&path).unwrap().is_none());
    let (_folder, path) = file_with(&fixture::text());
    assert!(Older::open(&path).unwrap().is_none());
}

#[test]
fn a_cut_off_last_line_stays_as_it_is() {
    for tail in ["{\"record\":\"end\",\"state\":{\"gpus\":[{\"energy_mj\":5}]", "\0\0\n", "xyz\n"] {
        let (migrated, text) = rewritten(&format!("{V1}{tail}"));
        assert!(migrated.torn_tail && text == rewritten(V1).1 + tail, "{tail}");
    }
}

#[test]
fn what_is_not_of_its_own_schema_is_said() {
    let energy = |value: &str| complaint("\"energy_mj\":223456", &format!("\"energy_mj\":{value}"));
    for value in ["\"much\"", "-1", "0.5", "[]"] {
        assert_eq!(energy(value), "run.jsonl:5: energy_mj is no number of millijoules", "{value}");
    }
    assert_eq!(complaint("\"state\":{\"load_1m\":1.80}", "\"state\":[1]"), "run.jsonl:4: state is no object");
    let said = complaint("\"gpus\":[{\"name\":\"NVIDIA H100\",\"energy_mj\":123456,", "\"gpus\":[5,{");
    assert!(said.ends_with("the first line is no run header (gpus is no list of objects)"), "{said}");
    let said = complaint("\"record\":\"end\",\"at\":", "\"record\":\"end\",\"at\":3,\"x\":");
    assert!(said.starts_with("run.jsonl:5: invalid type: integer `3`, expected a string"), "{said}");
    let said = complaint("{\"record\":\"weather\"", "{\"record\":\"weather");
    assert!(said.starts_with("run.jsonl:3: not a JSON record: "), "{said}");
}

#[test]
fn an_older_file_is_not_gone_on_with() {
    let (folder, path) = file_with(V1);
    let said = Writer::resume(&path).unwrap_err().to_string().replace(&format!("{}/", folder.path().display()), "");
    assert_eq!(
        said,
        "run.jsonl: a file of schema 1; to go on with it, bring it to schema 2 first: bench migrate --in-place run.jsonl"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), V1, "a refused file stays as it is");
    fs::write(&path, rewritten(V1).1).unwrap();
    let (mut writer, file) = Writer::resume(&path).unwrap();
    writer.append(&crate::record::Record::End(fixture::end())).unwrap();
    assert_eq!(file.ends.len() + 1, store::read(&path).unwrap().ends.len());
}

#[test]
fn what_is_no_older_file_is_refused() {
    let refused = |content: &str| {
        let (_folder, path) = file_with(content);
        Older::open(&path).unwrap_err()
    };
    assert!(matches!(refused("{\"record\":\"run\",\"schema\":99}\n"), StoreError::NewerSchema { schema: 99, .. }));
    assert!(matches!(refused("{\"record\":\"run\",\"schema\":0}\n"), StoreError::NoHeader { .. }));
    assert!(matches!(refused("{\"record\":\"imported-table\",\"schema\":1}\n"), StoreError::NoHeader { .. }));
    assert!(matches!(refused(""), StoreError::Empty { .. }));
    let (_folder, path) = file_with(V1);
    let _first = Older::open(&path).unwrap();
    assert!(matches!(Older::open(&path), Err(StoreError::Locked { .. })));
    let gone = Older::open(path.with_file_name("none.jsonl"));
    assert!(matches!(gone, Err(StoreError::NotFound { .. })));
}

#[test]
fn a_full_disk_is_said() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (_folder, path) = file_with(V1);
    let said = Older::open(&path).unwrap().unwrap().write(&mut Full).unwrap_err().to_string();
    assert!(said.contains("run.jsonl: cannot rewrite it: no storage space"), "{said}");
}
