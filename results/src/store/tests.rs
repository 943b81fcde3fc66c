//! The store against good files, bad ones of each kind, cut-off ones, full disks and second writers.

use super::*;
use crate::fixture::{self, CANDLE, MATMUL};
use crate::record::Samples;
use chipmark_core::{Mode, Outcome};
use proptest::prelude::*;
use std::fs;
use std::io::Write;
#[cfg(target_os = "linux")]
use std::path::Path;

/// A file with this content, deleted with the folder.
fn file_with(content: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    fs::write(&path, content).unwrap();
    (folder, path)
}

/// What reading this content says, without the folder; one line in any case.
fn complaint(content: impl AsRef<[u8]>) -> String {
    let (folder, path) = file_with(content);
    let said = read(&path).unwrap_err().to_string();
    assert!(!said.contains('\n'), "not one line: {said}");
    said.replace(&format!("{}/", folder.path().display()), "")
}

/// The good file with one line changed; lines count from 1.
fn with_line(number: usize, line: &str) -> String {
    let mut lines: Vec<String> = fixture::text().lines().map(str::to_owned).collect();
    lines[number - 1] = line.to_owned();
    lines.join("\n") + "\n"
}

/// The number of the first launch's line, and the launch.
fn first_launch() -> (usize, serde_json::Value) {
    let text = fixture::text();
    let (at, line) = text.lines().enumerate().find(|(_, line)| line.contains(r#""record":"launch""#)).unwrap();
    (at + 1, serde_json::from_str(line).unwrap())
}

/// What reading says once the first launch is changed so.
fn with_launch(change: impl Fn(&mut serde_json::Value)) -> String {
    let (number, mut launch) = first_launch();
    change(&mut launch);
    complaint(with_line(number, &launch.to_string()))
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let mut writer = Writer::create(&path, &fixture::run()).unwrap();
    for record in fixture::records() {
        writer.append(&record).unwrap();
    }
    writer.sync().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), fixture::text());
    assert_eq!(read(&path).unwrap(), ResultsFile { path, ..fixture::file() });
}

#[test]
fn every_append_is_in_the_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let mut writer = Writer::create(&path, &fixture::run()).unwrap();
    assert_eq!(read(&path).unwrap().launches.len(), 0);
    for (at, record) in fixture::records().iter().enumerate() {
        writer.append(record).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), at + 2);
    }
}

#[test]
fn no_file_an_empty_one_and_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let said = read(folder.path().join("none.jsonl")).unwrap_err().to_string();
    assert!(said.ends_with("none.jsonl: there is no such file"), "{said}");
    assert_eq!(complaint(""), "run.jsonl: the file is empty, not a results file");
    let said = read(folder.path()).unwrap_err().to_string();
    assert!(said.contains(": cannot read it: "), "{said}");
}

#[test]
fn binary_files() {
    assert_eq!(complaint(b"\x7fELF\x02\x01\x01\0\0\0\n"), "run.jsonl:1: not UTF-8 text, so not a results file");
    assert_eq!(complaint([0xff; 5000]), "run.jsonl:1: not UTF-8 text, so not a results file");
    let mut middle = fixture::text().into_bytes();
    let second_line = fixture::text().find('\n').unwrap() + 1;
    middle[second_line + 3] = 0xff;
    assert_eq!(complaint(middle), "run.jsonl:2: not UTF-8 text, so not a results file");
}

#[test]
fn other_files_have_no_header() {
    let none = "run.jsonl:1: not a results file: the first line is no run header";
    assert_eq!(complaint("a,b\n1,2\n"), format!("{none} (not a JSON record: expected value (column 1))"));
    assert_eq!(complaint("{}\n"), format!("{none} (it has no key 'record')"));
    assert_eq!(complaint("[\"run\",1]\n"), format!("{none} (it is no JSON object)"));
    assert_eq!(complaint("{\"record\":\"end\"}\n"), format!("{none} (a record of kind 'end')"));
    assert_eq!(complaint("{\"record\":\"run\"}\n"), format!("{none} (its schema is not a version number)"));
    assert_eq!(
        complaint("{\"record\":\"run\",\"schema\":-1}\n"),
        format!("{none} (its schema is not a version number)")
    );
    assert!(complaint("{\"record\":\"run\",\"schema\":1}\n").starts_with(&format!("{none} (missing field ")));
}

#[test]
fn a_newer_schema_is_told_before_the_rest_is_looked_at() {
    let said = complaint("{\"record\":\"run\",\"schema\":3,\"cases\":\"elsewhere\"}\n");
    assert_eq!(said, "run.jsonl: written by a newer bench: schema 3, this one reads up to 2");
}

#[test]
fn a_header_that_ends_within_itself() {
    let header = serde_json::to_string(&Record::Run(Box::new(fixture::run()))).unwrap();
    for cut in [20, header.len() / 2, header.len()] {
        let torn = "run.jsonl:1: the file ends within its header; nothing was measured, start the run anew";
        assert_eq!(complaint(&header[..cut]), torn);
    }
}

#[test]
fn headers_that_break_the_rules() {
    let header = |change: fn(&mut Run)| {
        let mut run = fixture::run();
        change(&mut run);
        complaint(serde_json::to_string(&Record::Run(Box::new(run))).unwrap() + "\n")
    };
    let twice = header(|run| run.targets.extend_from_within(..1));
    assert!(twice.ends_with("(the target candle:cpu stands in the header twice)"), "{twice}");
    let twice = header(|run| run.cases.extend_from_within(..1));
    assert!(twice.ends_with(&format!("(the case {MATMUL} stands in the header twice)")), "{twice}");
    let twice = header(|run| run.cases[0].modes.push(Mode::Latency));
    assert!(twice.ends_with(&format!("(a mode of {MATMUL} stands in the header twice)")), "{twice}");
    let many = header(|run| {
        let target = run.targets.remove(0);
        run.targets = (0..2000)
            .map(|n| crate::record::TargetInfo { target: format!("cuda:cuda:{n}").parse().unwrap(), ..target.clone() })
            .collect();
        let case = run.cases.remove(1);
        run.cases = (0..2000)
            .map(|n| crate::record::PlannedCase { case: format!("op/{n}/f32").parse().unwrap(), ..case.clone() })
            .collect();
    });
    assert!(many.ends_with("(the header plans 4000000 cells; at most 1000000 are believed)"), "{many}");
}

#[test]
fn settings_that_no_run_can_have_are_refused() {
    // As text: a run that was read must not be able to hold them.
    let header = |change: &dyn Fn(&mut serde_json::Value)| {
        let text = fixture::text();
        let mut run: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        change(&mut run);
        let (folder, path) = file_with(format!("{run}\n"));
        let said = read(&path).unwrap_err().to_string();
        assert_eq!(Writer::resume(&path).unwrap_err().to_string(), said);
        assert!(!said.contains('\n'), "not one line: {said}");
        drop(folder);
        said
    };
    let setting = |key: &'static str, value: serde_json::Value| {
        header(&move |run: &mut serde_json::Value| run["settings"][key] = value.clone())
    };
    for seconds in [-1.0, 0.0, 1e300] {
        assert!(setting("cell_timeout_s", seconds.into()).contains("settings: a cell timeout of"), "{seconds}");
        assert!(setting("budget_s", seconds.into()).contains("settings: a budget of"), "{seconds}");
    }
    assert!(setting("rounds", 0.into()).contains("settings: 0 rounds; they must be 1 to 1000"));
    assert!(setting("rounds", u32::MAX.into()).contains("settings: 4294967295 rounds"));
    assert!(setting("min_rounds", 4.into()).contains("settings: at least 4 rounds of 3 at most"));
    assert!(setting("precision", 1.5.into()).contains("settings: a precision of 1.5"));
    assert!(setting("threads", 0.into()).contains("settings: 0 threads"));
    for (key, value) in [
        ("warm_up_s", -1.0),
        ("max_warm_up_s", 1e300),
        ("sample_s", 0.0),
        ("precision", 2.0),
        ("min_block_s", 1.0),
        ("max_block_s", -1.0),
    ] {
        let said = header(&|run: &mut serde_json::Value| run["settings"]["sampling"][key] = value.into());
        assert!(said.contains("settings: sampling: durations must be positive"), "{key}: {said}");
    }
    for (key, value) in [("min_samples", 0), ("min_samples", 101), ("max_samples", u32::MAX)] {
        let said = header(&|run: &mut serde_json::Value| run["settings"]["sampling"][key] = value.into());
        assert!(said.contains("settings: sampling:"), "{key}: {said}");
    }
    let said = header(&|run: &mut serde_json::Value| run["targets"][0]["threads"] = 100_000.into());
    assert!(said.contains("candle:cpu: 100000 threads"), "{said}");
    let said = header(&|run: &mut serde_json::Value| run["targets"][0]["env"] = serde_json::json!({ "A=B": "1" }));
    assert!(said.contains("candle:cpu: 'A=B' is not the name of a variable"), "{said}");
}

#[test]
fn a_worker_s_number_leaves_room_for_the_next() {
    let text = fixture::text();
    let (at, line) = text.lines().enumerate().find(|(_, line)| line.contains(r#""record":"worker""#)).unwrap();
    let mut worker: serde_json::Value = serde_json::from_str(line).unwrap();
    worker["worker"] = u32::MAX.into();
    let said = complaint(with_line(at + 1, &worker.to_string()));
    assert!(said.ends_with(": a worker of number 4294967295 cannot be"), "{said}");
}

#[test]
fn a_bad_line_in_the_middle_is_named() {
    let said = complaint(with_line(3, "{\"record\":\"check\""));
    assert!(said.starts_with("run.jsonl:3: not a JSON record: EOF while parsing"), "{said}");
    assert_eq!(complaint(with_line(3, "{}")), "run.jsonl:3: the line has no key 'record'");
    let said = complaint(with_line(4, "{\"record\":\"end\",\"at\":3}"));
    assert!(said.starts_with("run.jsonl:4: invalid type: integer `3`, expected a string"), "{said}");
}

#[test]
fn a_second_header_is_refused() {
    let header = fixture::text().lines().next().unwrap().to_owned();
    assert_eq!(complaint(with_line(5, &header)), "run.jsonl:5: a second run header; a results file holds one run");
    let said = complaint(fixture::text() + &fixture::text());
    assert!(said.ends_with(": a second run header; a results file holds one run"), "{said}");
}

#[test]
fn records_of_cells_that_are_not_planned_are_refused() {
    let said = with_launch(|launch| launch["case"] = "matmul/other/f32".into());
    assert!(said.ends_with(": the case matmul/other/f32 is not in the run's header"), "{said}");
    let said = with_launch(|launch| launch["target"] = "mlx:gpu".into());
    assert!(said.ends_with(": the target mlx:gpu is not in the run's header"), "{said}");
    let said = with_launch(|launch| {
        launch["case"] = fixture::SOFTMAX.into();
        launch["mode"] = "transfer".into();
    });
    assert!(said.ends_with(": the run has no mode transfer for the case softmax/100x50/f32"), "{said}");
    let said = complaint(with_line(2, r#"{"record":"check","case":"no/no/f32","target":"candle:cpu","outcome":"ok"}"#));
    assert_eq!(said, "run.jsonl:2: the case no/no/f32 is not in the run's header");
}

#[test]
fn samples_that_cannot_be_are_refused() {
    let cell = format!("{CANDLE} {MATMUL} latency");
    for (change, complaint) in [
        (r#"{"calls":0}"#, "0 calls in a block cannot be"),
        (r#"{"calls":9000000000000000000}"#, "9000000000000000000 calls in a block cannot be"),
        (r#"{"block_ns":[]}"#, "there is no block of calls"),
        (r#"{"block_ns":[5,0]}"#, "a block took no time"),
        (r#"{"block_ns":[5,18446744073709551615]}"#, "a block of 18446744073709551615 ns cannot be"),
        (r#"{"upload_ns":[18446744073709551615]}"#, "a block of 18446744073709551615 ns cannot be"),
        (r#"{"submit4_ns":[5]}"#, "0 blocks of 4k calls, but 1 times of submitting them"),
    ] {
        let said = with_launch(|launch| {
            let change: serde_json::Map<_, _> = serde_json::from_str(change).unwrap();
            launch["samples"].as_object_mut().unwrap().extend(change);
        });
        assert!(said.ends_with(&format!(": {cell}: {complaint}")), "{said}");
    }
    let negative = with_launch(|launch| launch["samples"]["block_ns"] = serde_json::json!([-5]));
    assert!(negative.contains("invalid value: integer `-5`, expected u64"), "{negative}");
    let pairs = with_launch(|launch| launch["mode"] = "throughput".into());
    assert!(pairs.ends_with("throughput: 3 blocks of k calls, but 0 of 4k"), "{pairs}");
}

#[test]
fn samples_stand_exactly_with_ok() {
    let said = with_launch(|launch| launch["outcome"] = "wrong".into());
    assert!(said.ends_with(": the outcome is wrong, yet there are samples"), "{said}");
    let said = with_launch(|launch| {
        launch.as_object_mut().unwrap().remove("samples");
    });
    assert!(said.ends_with(": the outcome is ok, but there are no samples"), "{said}");
}

#[test]
fn a_line_that_is_too_long_is_not_read_to_its_end() {
    let long = format!("{}\n", "x".repeat(usize::try_from(MAX_LINE_BYTES).unwrap()));
    let second = fixture::text().lines().next().unwrap().to_owned() + "\n" + &long;
    assert_eq!(complaint(second), "run.jsonl:2: the line is longer than 16 MiB");
    assert_eq!(complaint(long), "run.jsonl:1: the line is longer than 16 MiB");
}

#[test]
fn a_file_that_is_too_large_is_not_read_at_all() {
    let (_folder, path) = file_with(fixture::text());
    // Sparse: it takes no room.
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
    let said = read(&path).unwrap_err().to_string();
    assert!(said.ends_with("run.jsonl: the file is larger than 4 GiB"), "{said}");
}

#[test]
fn hostile_text_in_a_complaint_stays_one_short_line() {
    let kind = format!("\u{1b}[31m\n{}", "x".repeat(10_000));
    let line = serde_json::json!({ "record": kind }).to_string() + "\n";
    let said = complaint(line);
    assert!(said.len() < 400 && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn unknown_keys_and_kinds_of_the_same_schema_are_passed_over() {
    let mut text = String::new();
    for line in fixture::text().lines() {
        let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
        record["later"] = serde_json::json!({ "deep": [1, 2, 3] });
        if record["samples"].is_object() {
            record["samples"]["humidity"] = 0.5.into();
        }
        if record["machine"].is_object() {
            record["machine"]["npu"] = "x".into();
        }
        text += &format!("{record}\n");
        text += "{\"record\":\"canary\",\"round\":0,\"spin_ns\":12}\n";
    }
    let (_folder, path) = file_with(text);
    assert_eq!(read(&path).unwrap(), ResultsFile { path, ..fixture::file() });
}

#[test]
fn a_torn_last_line_is_left_out_and_said() {
    let (_folder, path) = file_with(fixture::text() + "{\"record\":\"laun");
    let file = read(&path).unwrap();
    assert!(file.torn_tail);
    assert_eq!(file.launches, fixture::file().launches);
    // As after a power cut: zeros, and old blocks with a newline.
    for tail in [&b"\0\0\0\0\0"[..], b"\0\0\0\n", b"\xff\xfe\n", b"xyz\n"] {
        let (_folder, path) = file_with([fixture::text().as_bytes(), tail].concat());
        assert!(read(&path).unwrap().torn_tail, "{tail:?}");
    }
}

#[test]
fn resume_cuts_the_torn_line_off_and_goes_on() {
    for tail in ["", "{\"record\":\"laun", "\0\0\0\n"] {
        let (_folder, path) = file_with(fixture::text() + tail);
        let (mut writer, file) = Writer::resume(&path).unwrap();
        assert_eq!(file.torn_tail, !tail.is_empty());
        assert_eq!(file.launches, fixture::file().launches);
        writer.append(&Record::End(fixture::end())).unwrap();
        drop(writer);
        let again = read(&path).unwrap();
        assert!(!again.torn_tail);
        assert_eq!(again.ends.len(), 2);
    }
}

#[test]
fn resume_refuses_what_read_refuses() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Writer::resume(folder.path().join("none")), Err(StoreError::NotFound { .. })));
    let (_folder, path) = file_with("{\"record\":\"run\",\"schema\":3}\n");
    assert!(matches!(Writer::resume(&path), Err(StoreError::NewerSchema { schema: 3, .. })));
    let bad = with_line(3, "{}");
    let (_folder, path) = file_with(&bad);
    assert!(matches!(Writer::resume(&path), Err(StoreError::BadLine { line: 3, .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), bad, "a refused file stays as it is");
}

#[test]
fn two_runs_into_one_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let writer = Writer::create(&path, &fixture::run()).unwrap();
    let again = Writer::create(&path, &fixture::run()).unwrap_err().to_string();
    assert!(again.ends_with("run.jsonl: the file exists already; resume it, or choose another name"), "{again}");
    let resumed = Writer::resume(&path).unwrap_err().to_string();
    assert!(
        resumed.ends_with(": another run is writing to this file; two runs into one file are refused"),
        "{resumed}"
    );
    assert!(read(&path).is_ok(), "reading is allowed meanwhile");
    drop(writer);
    assert!(Writer::resume(&path).is_ok());
}

#[test]
fn of_many_that_would_resume_a_file_one_does() {
    let (_folder, path) = file_with(fixture::text());
    let (start, done) = (std::sync::Barrier::new(8), std::sync::Barrier::new(8));
    let won = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    let writer = Writer::resume(&path);
                    done.wait();
                    writer.is_ok()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|&won| won).count()
    });
    assert_eq!(won, 1);
}

#[test]
fn a_file_that_cannot_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let said = Writer::create(folder.path().join("no/folder/run.jsonl"), &fixture::run()).unwrap_err().to_string();
    assert!(said.contains("run.jsonl: cannot create it: "), "{said}");
}

#[test]
fn a_record_that_breaks_the_rules_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let mut writer = Writer::create(&path, &fixture::run()).unwrap();
    let before = fs::read_to_string(&path).unwrap();
    let cell = fixture::cell(MATMUL, CANDLE, Mode::Latency);
    let bad = [
        Record::Launch(Box::new(fixture::measured(cell.clone(), 0, Samples::default()))),
        Record::Launch(Box::new(fixture::not_measured(cell, 0, Outcome::Ok, ""))),
        Record::Launch(Box::new(fixture::not_measured(
            fixture::cell("a/b/f32", CANDLE, Mode::Latency),
            0,
            Outcome::Failed,
            "",
        ))),
        Record::Run(Box::new(fixture::run())),
    ];
    for record in bad {
        let said = writer.append(&record).unwrap_err().to_string();
        assert!(said.contains("run.jsonl: a record was not written: "), "{said}");
    }
    let mut end = fixture::end();
    end.reason = Some("x".repeat(usize::try_from(MAX_LINE_BYTES).unwrap()));
    let said = writer.append(&Record::End(end)).unwrap_err().to_string();
    assert!(said.ends_with("a record was not written: it is too long"), "{said}");
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
}

#[test]
fn a_header_that_breaks_the_rules_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let run = Run { schema: 9, ..fixture::run() };
    assert!(matches!(Writer::create(&path, &run), Err(StoreError::Refused { .. })));
    assert!(!path.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named() {
    let path = Path::new("/dev/full");
    let file = fs::OpenOptions::new().append(true).open(path).unwrap();
    let mut writer = write::writer_of(file, path, &fixture::run());
    let said = writer.append(&Record::End(fixture::end())).unwrap_err().to_string();
    let expected =
        "/dev/full: cannot write to it: No space left on device (os error 28); it holds what was measured until then";
    assert_eq!(said, expected);
}

/// A disk with room for so many bytes.
struct SmallDisk {
    content: Vec<u8>,
    room_bytes: usize,
    can_cut: bool,
}

impl Write for SmallDisk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = self.room_bytes.saturating_sub(self.content.len()).min(bytes.len());
        if room == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.content.extend_from_slice(&bytes[..room]);
        Ok(room)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl write::Tail for SmallDisk {
    fn cut(&mut self, length_bytes: u64) -> std::io::Result<()> {
        if !self.can_cut {
            return Err(std::io::ErrorKind::PermissionDenied.into());
        }
        self.content.truncate(usize::try_from(length_bytes).unwrap());
        Ok(())
    }

    fn length(&self) -> std::io::Result<u64> {
        Ok(self.content.len() as u64)
    }
}

#[test]
fn a_disk_that_fills_up_within_a_line_leaves_the_lines_before() {
    let mut disk = SmallDisk { content: Vec::new(), room_bytes: 10, can_cut: true };
    let end = write::put_whole(&mut disk, 0, b"first\n").unwrap();
    let error = write::put_whole(&mut disk, end, b"second\n").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    assert_eq!(disk.content, b"first\n");

    // Where the rest of a line cannot be cut off at once, no later line is written behind it.
    disk.can_cut = false;
    assert!(write::put_whole(&mut disk, end, b"second\n").is_err());
    assert_eq!(disk.content, b"first\nseco");
    disk.room_bytes = 100;
    assert!(write::put_whole(&mut disk, end, b"third\n").is_err());
    disk.can_cut = true;
    write::put_whole(&mut disk, end, b"third\n").unwrap();
    assert_eq!(disk.content, b"first\nthird\n");
}

fn is_start_of(part: &ResultsFile, whole: &ResultsFile) -> bool {
    part.run == whole.run
        && whole.workers.starts_with(&part.workers)
        && whole.checks.starts_with(&part.checks)
        && whole.launches.starts_with(&part.launches)
        && whole.ends.starts_with(&part.ends)
}

#[test]
fn a_file_cut_at_any_byte_reads_as_a_start_of_itself_or_says_why_not() {
    let text = fixture::text();
    let header = text.find('\n').unwrap();
    let whole = fixture::file();
    let (_folder, path) = file_with(&text);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    for cut in (0..text.len()).rev() {
        file.set_len(cut as u64).unwrap();
        match read(&path) {
            Ok(part) => {
                assert!(cut > header, "no header at {cut}");
                assert!(is_start_of(&part, &whole), "cut at {cut}");
                assert_eq!(part.torn_tail, text.as_bytes()[cut - 1] != b'\n', "cut at {cut}");
            }
            Err(error) => assert!(cut <= header, "cut at {cut}: {error}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_with_any_bytes_changed_never_panics_and_complains_in_one_line(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = fixture::text().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let (_folder, path) = file_with(bytes);
        if let Err(error) = read(&path) {
            let said = error.to_string();
            prop_assert!(!said.contains('\n') && said.len() < 1000, "{}", said);
        } else {
            // Whatever can be read can be made into rows.
            let rows = crate::cells::cells(&read(&path).unwrap());
            prop_assert!(rows.iter().all(|row| row.estimate.is_some() == (row.outcome == Outcome::Ok)));
        }
    }
}
