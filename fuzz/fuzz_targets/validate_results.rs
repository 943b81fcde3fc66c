//! Any bytes as a file that somebody contributes: every rule has something to say of it in short lines, or nothing. A file that the
//! rules' own reader takes is one that every other command reads, too.

#![no_main]

use chipmark_results::contribution::validate::{Level, Rule, validate};
use chipmark_results::fixture::{Cases, matmuls};
use chipmark_results::store;
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::LazyLock;

/// A tree that has one file, in memory where the system has a folder for that.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
    tempfile::tempdir_in(folder).expect("a folder to write to").keep().join("fuzz.jsonl")
});

static CASES: LazyLock<Cases> = LazyLock::new(|| Cases::of(&matmuls(1)));

/// What the reader itself refuses by.
const READING: [Rule; 7] =
    [Rule::FileKind, Rule::Limits, Rule::Text, Rule::Schema, Rule::Record, Rule::Complete, Rule::Private];

fuzz_target!(|bytes: &[u8]| {
    std::fs::write(&*FILE, bytes).expect("the file can be written");
    let now = "2026-03-02T00:00:00Z".parse().expect("a time");
    let tree = FILE.parent().expect("a folder");
    let found = validate(&[FILE.clone()], tree, &*CASES, now).expect("one file is no tree of too many");
    for finding in found.iter().flat_map(|file| &file.findings) {
        let said = &finding.message;
        assert!(!said.is_empty() && said.chars().count() <= 401 && !said.chars().any(char::is_control), "{said:?}");
    }
    let mut findings = found.iter().flat_map(|file| &file.findings);
    let is_refused = findings.any(|finding| finding.level == Level::Error && READING.contains(&finding.rule));
    let read = store::read_bytes("fuzz.jsonl", bytes);
    assert!(is_refused || read.is_ok_and(|read| !read.torn_tail), "the rules' reader takes it, and no other");
});
