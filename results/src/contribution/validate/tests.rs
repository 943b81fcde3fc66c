//! Files held to the rules, alone and beside others. What each rule refuses is in `suite/bench/tests/validate.rs`, by the program itself.

use super::*;
use crate::contribution::Place;
use crate::fixture::{Cases, ContributedCase, contributed, matmuls};
use crate::record::{Launch, Record};
use proptest::prelude::*;
use std::fs;

/// A tree of contributed files.
struct Tree {
    folder: tempfile::TempDir,
    cases: Vec<ContributedCase>,
}

impl Tree {
    fn new() -> Self {
        Tree { folder: tempfile::tempdir().unwrap(), cases: matmuls(3) }
    }

    /// Puts a run where it belongs.
    fn put(&self, records: &[Record]) -> PathBuf {
        let text: String = records.iter().map(|record| serde_json::to_string(record).unwrap() + "\n").collect();
        let Record::Run(run) = &records[0] else { panic!("no header") };
        let path = self.folder.path().join(Place::of(run, text.as_bytes()).unwrap().path());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn run(&self, seed: u64) -> Vec<Record> {
        contributed(&self.cases, 12, seed)
    }

    fn validate(&self, asked: &[PathBuf]) -> Vec<FileFindings> {
        let now = "2026-03-02T00:00:00Z".parse().unwrap();
        validate(asked, self.folder.path(), &Cases::of(&self.cases), now).unwrap()
    }

    /// The rules that have something to say of one file.
    fn rules(&self, path: &Path) -> Vec<(Level, Rule)> {
        let found = self.validate(&[path.to_owned()]);
        found[0].findings.iter().map(|finding| (finding.level, finding.rule)).collect()
    }
}

/// The launches of a run.
fn launches(records: &mut [Record]) -> impl Iterator<Item = &mut Launch> {
    records.iter_mut().filter_map(|record| match record {
        Record::Launch(launch) => Some(&mut **launch),
        _ => None,
    })
}

fn header(records: &mut [Record]) -> &mut crate::record::Run {
    match &mut records[0] {
        Record::Run(run) => run,
        _ => panic!("no header"),
    }
}

#[test]
fn an_honest_tree_has_nothing_to_say() {
    let tree = Tree::new();
    for seed in 0..4 {
        tree.put(&tree.run(seed));
    }
    let found = tree.validate(&[tree.folder.path().to_owned()]);
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|file| file.findings.is_empty()), "{found:#?}");
}

#[test]
fn a_copy_under_another_name_is_found_with_what_it_was_made_of() {
    let tree = Tree::new();
    let original = tree.put(&tree.run(1));
    tree.put(&tree.run(2));
    let mut copy = tree.run(1);
    header(&mut copy).run_id = "mine".to_owned();
    for launch in launches(&mut copy).skip(1) {
        launch.samples.iter_mut().for_each(|samples| samples.block_ns[3] += 1);
    }
    let copy = tree.put(&copy);
    let found = tree.validate(std::slice::from_ref(&copy));
    let [finding] = &found[0].findings[..] else { panic!("{found:#?}") };
    assert_eq!((finding.level, finding.rule), (Level::Error, Rule::Copied));
    assert!(finding.message.contains(original.to_str().unwrap()), "{}", finding.message);
    assert_eq!(tree.rules(&original), [(Level::Error, Rule::Copied)], "which of the two it is nobody knows");
}

#[test]
fn the_same_file_twice_is_a_copy_and_not_misplaced_too() {
    let tree = Tree::new();
    let original = tree.put(&tree.run(1));
    let copy = original.with_file_name("2026-03-02-mlx-benchmark-0123456789ab.jsonl");
    fs::copy(&original, &copy).unwrap();
    assert_eq!(tree.rules(&copy), [(Level::Error, Rule::Copied)]);
}

#[test]
fn times_far_from_those_before_are_shown_to_a_reviewer() {
    let tree = Tree::new();
    let others: Vec<PathBuf> = (0..3).map(|seed| tree.put(&tree.run(seed))).collect();
    let mut slower = tree.run(3);
    for samples in launches(&mut slower).filter(|launch| launch.order == 0).filter_map(|launch| launch.samples.as_mut())
    {
        samples.calls /= 2;
    }
    let slower = tree.put(&slower);
    let found = tree.validate(std::slice::from_ref(&slower));
    let [finding] = &found[0].findings[..] else { panic!("{found:#?}") };
    assert_eq!((finding.level, finding.rule), (Level::Warning, Rule::Before));
    assert!(
        finding.message.starts_with("1 of 6 times") && finding.message.contains("(3): candle:cpu"),
        "{}",
        finding.message
    );
    let withdraw = |files: &[&PathBuf]| {
        let row = |file: &&PathBuf| {
            let file = file.strip_prefix(tree.folder.path()).unwrap().display();
            format!("[[withdrawn]]\nfile = \"{file}\"\ndate = \"2026-03-02\"\nreason = \"a fan had failed\"\n")
        };
        fs::write(tree.folder.path().join("withdrawn.toml"), files.iter().map(row).collect::<String>()).unwrap();
    };
    withdraw(&[&others[0], &others[1]]);
    let message = &tree.validate(std::slice::from_ref(&slower))[0].findings[0].message;
    assert!(message.contains("(1): candle:cpu"), "what was withdrawn says nothing: {message}");
    withdraw(&[&slower]);
    assert_eq!(tree.rules(&slower), [], "and is held against nothing");
    fs::write(tree.folder.path().join("withdrawn.toml"), "x = 1\n").unwrap();
    let now = jiff::Timestamp::UNIX_EPOCH;
    let error = validate(std::slice::from_ref(&slower), tree.folder.path(), &Cases::of(&tree.cases), now).unwrap_err();
    assert!(error.to_string().ends_with("withdrawn.toml:1: unknown field `x`, expected `withdrawn`"), "{error}");
    fs::remove_file(tree.folder.path().join("withdrawn.toml")).unwrap();
    let mut other = tree.run(3);
    header(&mut other).machine.memory_bytes = Some(32 << 30);
    launches(&mut other).for_each(|launch| launch.samples.iter_mut().for_each(|samples| samples.calls /= 2));
    fs::remove_file(slower).unwrap();
    assert_eq!(tree.rules(&tree.put(&other)), [], "of another machine nothing is known");
}

#[test]
fn a_run_that_its_budget_ended_needs_fewer_launches() {
    let tree = Tree::new();
    let cut = |rounds: u32, budget_s: Option<f64>| {
        let mut records = contributed(&tree.cases, rounds, 1);
        header(&mut records).settings.budget_s = budget_s;
        if let Some(Record::End(end)) = records.last_mut() {
            (end.complete, end.reason) = (false, Some("the time of the run was up".to_owned()));
        }
        let path = tree.put(&records);
        let rules = tree.rules(&path);
        fs::remove_file(path).unwrap();
        rules
    };
    let label = (Level::Label, Rule::Budget);
    assert_eq!(cut(5, Some(60.0)), [label]);
    assert_eq!(cut(4, Some(60.0)), [(Level::Error, Rule::Launches), label]);
    assert_eq!(cut(12, None), [(Level::Error, Rule::Complete)]);
}

#[test]
fn launches_that_came_to_nothing_count_as_tried() {
    let tree = Tree::new();
    let fail = |count: usize| {
        let mut records = tree.run(1);
        for launch in launches(&mut records).filter(|launch| launch.order == 0).take(count) {
            (launch.outcome, launch.samples) = (chipmark_core::Outcome::Crashed, None);
        }
        tree.rules(&tree.put(&records))
    };
    assert_eq!(fail(7), []);
    assert_eq!(fail(8).first(), Some(&(Level::Error, Rule::Launches)));
}

#[test]
fn a_run_that_was_gone_on_with_may_measure_anew() {
    let tree = Tree::new();
    let mut records = tree.run(1);
    let again: Vec<Record> = launches(&mut contributed(&tree.cases, 12, 2))
        .filter(|launch| launch.round == 11)
        .map(|launch| Record::Launch(Box::new(launch.clone())))
        .collect();
    let last = records.len() - 1;
    let Record::End(end) = records[last].clone() else { panic!("no end") };
    // The second half begins when the first has ended.
    let moved: Vec<Record> = again
        .into_iter()
        .enumerate()
        .map(|(at, record)| match record {
            Record::Launch(launch) => {
                let at = format!("2026-03-01T23:{at:02}:00Z");
                let order = launch.order + 1;
                Record::Launch(Box::new(Launch { at, order, ..*launch }))
            }
            other => other,
        })
        .collect();
    records.extend(moved);
    records.push(Record::End(crate::record::End { at: "2026-03-01T23:59:00Z".to_owned(), ..end }));
    assert_eq!(tree.rules(&tree.put(&records)), []);
}

/// What becomes of a file.
#[derive(Debug, Clone)]
enum Change {
    Byte(usize, u8),
    Cut(usize),
    Remove(usize, usize),
    Double(usize, usize),
    Insert(usize, Vec<u8>),
}

impl Change {
    fn apply(self, bytes: &mut Vec<u8>) {
        let len = bytes.len().max(1);
        match self {
            Change::Byte(at, byte) => bytes.iter_mut().skip(at % len).take(1).for_each(|old| *old = byte),
            Change::Cut(at) => bytes.truncate(at % len),
            Change::Remove(at, count) => {
                let (at, end) = (at % len, (at % len + count).min(bytes.len()));
                bytes.drain(at.min(end)..end);
            }
            Change::Double(at, count) => {
                let (at, end) = (at % len, (at % len + count).min(bytes.len()));
                let again = bytes[at.min(end)..end].to_vec();
                bytes.splice(end..end, again);
            }
            Change::Insert(at, what) => {
                let at = (at % len).min(bytes.len());
                bytes.splice(at..at, what);
            }
        }
    }
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let words = [
        "null",
        "-1",
        "1e999",
        "18446744073709551616",
        "\"nan\"",
        "[",
        "}",
        "\"",
        "\\u202e",
        "\u{feff}",
        "\n",
        "\r\n",
        "\0",
        "{\"record\":\"end\"}",
        "0",
        "99999999999999",
        "true",
    ];
    let word = prop::sample::select(words.map(|word| word.as_bytes().to_vec()).to_vec());
    let any = prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        any::<usize>().prop_map(Change::Cut),
        (any::<usize>(), 1..400usize).prop_map(|(at, count)| Change::Remove(at, count)),
        (any::<usize>(), 1..4000usize).prop_map(|(at, count)| Change::Double(at, count)),
        (any::<usize>(), word).prop_map(|(at, what)| Change::Insert(at, what)),
    ];
    prop::collection::vec(any, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_file_holds_there_are_lines_and_no_panic(changes in changes()) {
        let tree = Tree { cases: matmuls(1), ..Tree::new() };
        let path = tree.put(&contributed(&tree.cases, 5, 1));
        let mut bytes = fs::read(&path).unwrap();
        changes.into_iter().for_each(|change| change.apply(&mut bytes));
        fs::write(&path, bytes).unwrap();
        for file in tree.validate(std::slice::from_ref(&path)) {
            if file.count(Level::Error) == 0 {
                prop_assert!(crate::store::read(&path).is_ok_and(|read| !read.torn_tail), "it passes, and cannot be read");
            }
            for finding in file.findings {
                let is_line = finding.message.chars().all(|c| !c.is_control()) && finding.message.chars().count() <= 401;
                prop_assert!(is_line && !finding.message.is_empty(), "{finding:?}");
            }
        }
    }
}
