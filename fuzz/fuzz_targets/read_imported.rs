//! Any text as an imported table, and as the pages and TOML that tables are imported from: it is read or refused in one short line.
//! A table that was read can be written and read again.

#![no_main]

use chipmark_results::file_error::FileError;
use chipmark_results::imported::{self, mlx_benchmark, published};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(table) = ended(imported::parse(Path::new("fuzz.jsonl"), text)) {
        ended(table.text()).expect("what was read can be written");
    }
    let pages = ended(mlx_benchmark::parse(Path::new("fuzz.md"), text, &|_| true));
    let known = published::Known { is_case: &|_| true, is_workload: &|_| true };
    let tables = ended(published::parse(Path::new("fuzz.toml"), text, &known));
    for table in pages.into_iter().chain(tables).flatten() {
        ended(table.text());
    }
});

/// What came of it; an error is one short line.
fn ended<T>(result: Result<T, FileError>) -> Option<T> {
    if let Err(error) = &result {
        let said = error.to_string();
        assert!(said.chars().count() <= 400 && !said.chars().any(char::is_control), "{said:?}");
    }
    result.ok()
}
