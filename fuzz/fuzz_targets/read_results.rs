//! Any bytes as a results file: it is read, and rows are made of it, or it is refused in one short line. Each of its lines is held
//! against the JSON schema, too.

#![no_main]

use chipmark_results::{cells, json_schema, store};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match store::read_bytes("fuzz.jsonl", bytes) {
        Ok(file) => drop(cells::cells(&file)),
        Err(error) => is_one_line(&error.to_string()),
    }
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Ok(record) = serde_json::from_slice(line)
            && let Err(said) = json_schema::check(&record)
        {
            is_one_line(&said);
        }
    }
});

fn is_one_line(said: &str) {
    assert!(said.chars().count() <= 400 && !said.chars().any(char::is_control), "{said:?}");
}
