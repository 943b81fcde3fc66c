//! The table reads back as the records that it was made of, column by column, and its samples give the report's estimates.

use super::*;
use chipmark_core::{Cell, Inputs, Mode, Outcome};
use chipmark_results::cells::{CellResult, cells};
use chipmark_results::disturbance::disturbed_rounds;
use chipmark_results::estimate::median;
use chipmark_results::fixture;
use chipmark_results::record::{Check, Flag, Launch, Samples};
use parquet::basic::Encoding;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::printer::print_schema;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::{self, File};

type Fields = BTreeMap<String, Field>;

/// A block: its place, kind, calls, duration, what submitting took, and the time of a call.
type Block = (usize, &'static str, u64, u64, Option<u64>, Option<f64>);

/// The table of some files, written and opened again.
fn table(files: &[ResultsFile]) -> SerializedFileReader<File> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("samples.parquet");
    let rows = samples(files, &Report::new(files), &path).unwrap();
    let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
    assert_eq!(reader.metadata().file_metadata().num_rows(), i64::try_from(rows).unwrap());
    reader
}

fn read(files: &[ResultsFile]) -> Vec<Fields> {
    let rows = table(files).into_iter().map(Result::unwrap);
    rows.map(|row| row.get_column_iter().map(|(name, field)| (name.clone(), field.clone())).collect()).collect()
}

fn text(text: impl Display + Copy) -> Field {
    Field::Str(text.to_string())
}

fn whole(number: impl Into<i128>) -> Field {
    Field::Long(i64::try_from(number.into()).unwrap())
}

fn or_null<T>(value: Option<T>, field: impl Fn(T) -> Field) -> Field {
    value.map_or(Field::Null, field)
}

/// The fixture's run with all that can befall it: a void round, a cell that was measured again, a launch that is lost in noise, a worker
/// that was never asked, flags, and what is wrong in the end though it was timed.
fn eventful() -> ResultsFile {
    let mut file = fixture::file();
    file.run.settings.inputs = Inputs::Cold;
    file.run.targets[1].target = "tch:cuda:0+jit+openblas".parse().unwrap();
    let renamed = file.run.targets[1].target.clone();
    let is_second = |cell: &Cell| cell.target.framework == "tch";
    file.launches.iter_mut().filter(|launch| is_second(&launch.cell)).for_each(|l| l.cell.target = renamed.clone());
    file.checks.iter_mut().filter(|check| check.target.framework == "tch").for_each(|c| c.target = renamed.clone());
    file.checks.iter_mut().filter(|check| check.case.to_string() == fixture::MATMUL).for_each(|c| c.tf32 = true);

    file.rounds[1].void = Some("the canary spin took 10.0 % longer".to_owned());
    file.rounds[2].state.power_source = Some("battery".to_owned());
    let of = |mode| move |launch: &&mut Launch| launch.cell.mode == mode && launch.round == 0;
    let noisy = file.launches.iter_mut().find(of(Mode::Throughput)).unwrap().samples.as_mut().unwrap();
    noisy.block4_ns.clone_from(&noisy.block_ns);
    let again = file.launches.iter_mut().find(of(Mode::Latency)).unwrap().clone();
    let mut slower = again.clone();
    slower.at = "2026-03-02T00:00:00.125Z".to_owned();
    slower.worker = None;
    slower.order = 9;
    slower.samples.as_mut().unwrap().block_ns = vec![20_000, 20_020];
    slower.samples.as_mut().unwrap().flags = vec![Flag::NeverWarm, Flag::DispatchBound];
    file.launches.push(slower);
    file.launches.push(fixture::not_measured(again.cell, 0, Outcome::TimedOut, "it took too long"));
    let was_wrong = |check: &&mut Check| check.case.to_string() == fixture::SOFTMAX && check.target == renamed;
    let check = file.checks.iter_mut().find(was_wrong).unwrap();
    (check.outcome, check.reason) = (Outcome::Wrong, Some("checked anew, it is off".to_owned()));
    // Stages that did not come to an end.
    let transfer = file.launches.iter_mut().find(of(Mode::Transfer)).unwrap().samples.as_mut().unwrap();
    transfer.download_ns.pop();
    file
}

/// The rows that a file is to have, each as a table of names and values, straight from its records.
fn expected(file: &ResultsFile) -> Vec<Fields> {
    let mut rows = Vec::new();
    let results = cells(file);
    // The report has the modes in this order, and each of the fixture's cases is of another workload.
    for mode in Mode::ALL {
        for result in results.iter().filter(|result| result.cell.mode == mode) {
            let info = file.run.targets.iter().find(|info| info.target == result.cell.target).unwrap();
            let (case, target, machine) = (&result.cell.case, &info.target, &file.run.machine);
            let of_cell = Fields::from_iter(
                [
                    ("run_id", text("0123456789abcdef")),
                    ("started_at", Field::TimestampMicros(1_772_366_400_000_000)),
                    ("harness_version", text("0.1.0")),
                    ("suite", text("quick")),
                    ("chip", text("Apple M3 Max")),
                    ("gpu", text("Apple M3 Max GPU")),
                    ("gpu_cores", whole(40)),
                    ("memory_bytes", whole(machine.memory_bytes.unwrap())),
                    ("os", text("macOS 15.3")),
                    ("framework", text(&target.framework)),
                    ("version", text(&info.info.version)),
                    ("device", text(target.device)),
                    ("execution", text(target.execution)),
                    ("variant", or_null(target.variant.as_ref(), text)),
                    ("mode", text(mode)),
                    ("workload", text(&case.workload)),
                    ("case", text(case)),
                    ("dtype", text(case.dtype)),
                    ("inputs", text(file.run.settings.inputs)),
                    ("outcome", text(result.outcome)),
                ]
                .map(|(name, field)| (name.to_owned(), field)),
            );
            let launches: Vec<&Launch> = file.launches.iter().filter(|launch| launch.cell == result.cell).collect();
            for launch in &launches {
                let own = of_launch(file, launch, result).into_iter();
                rows.extend(own.map(|row| of_cell.clone().into_iter().chain(row).collect::<Fields>()));
            }
            if launches.is_empty() {
                let nothing = COLUMNS.iter().map(|column| (column.name.to_owned(), Field::Null));
                let own = [
                    ("counts", Field::Bool(false)),
                    ("flags", text("")),
                    ("reason", or_null(result.reason.as_ref(), text)),
                ];
                let own = own.map(|(name, field)| (name.to_owned(), field));
                rows.push(nothing.chain(of_cell).chain(own).collect());
            }
        }
    }
    rows
}

/// What the rows of a launch have beside what its cell's rows have.
fn of_launch(file: &ResultsFile, launch: &Launch, result: &CellResult) -> Vec<Fields> {
    let void = file.rounds.iter().any(|round| round.round == launch.round && round.void.is_some());
    let disturbed = disturbed_rounds(&file.run, &file.rounds).contains(&launch.round);
    // In `eventful` the successor is of a later day, and what is lost in noise has blocks of one length.
    let is_replaced = file.launches.iter().any(|other| {
        other.cell == launch.cell && other.round == launch.round && other.at > launch.at && other.outcome == Outcome::Ok
    });
    let samples = launch.samples.clone().unwrap_or_default();
    let is_noise = samples.block_ns == samples.block4_ns;
    let mut flags: Vec<&str> = Vec::new();
    for (flag, name) in
        [(Flag::NeverWarm, "never-warm"), (Flag::DispatchBound, "dispatch-bound"), (Flag::FewSamples, "few-samples")]
    {
        flags.extend(samples.flags.contains(&flag).then_some(name));
    }
    // By the check, of every launch of the case; they stand between the others.
    if launch.cell.case.to_string() == fixture::MATMUL && file.checks.iter().any(|check| check.tf32) {
        flags.push("tf32");
    }
    flags.extend(disturbed.then_some("disturbed"));
    let row = |sample: Option<Block>| {
        let counts = sample.is_some() && result.outcome == Outcome::Ok && !void && !is_replaced && !is_noise;
        Fields::from_iter(
            [
                ("round", whole(launch.round)),
                ("void", Field::Bool(void)),
                ("disturbed", Field::Bool(disturbed)),
                ("order", whole(launch.order)),
                ("worker", or_null(launch.worker, whole)),
                (
                    "launch_at",
                    Field::TimestampMicros(if launch.order == 9 {
                        1_772_409_600_125_000
                    } else {
                        1_772_366_460_000_000
                    }),
                ),
                ("block", or_null(sample, |(block, ..)| whole(block as u64))),
                ("kind", or_null(sample, |(_, kind, ..)| text(kind))),
                ("calls", or_null(sample, |(_, _, calls, ..)| whole(calls))),
                ("block_ns", or_null(sample, |(_, _, _, block_ns, ..)| whole(block_ns))),
                ("submit_ns", or_null(sample.and_then(|sample| sample.4), whole)),
                ("ns_per_call", or_null(sample.and_then(|sample| sample.5), Field::Double)),
                ("counts", Field::Bool(counts)),
                ("flags", text(flags.join(" ").as_str())),
                ("launch_outcome", text(launch.outcome)),
                ("reason", or_null(launch.reason.as_ref().or(result.reason.as_ref()), text)),
            ]
            .map(|(name, field)| (name.to_owned(), field)),
        )
    };
    let Samples { calls, block_ns, block4_ns, submit4_ns, upload_ns, step_ns, download_ns, .. } = &samples;
    let mut rows = Vec::new();
    for (at, &ns) in block_ns.iter().enumerate() {
        if launch.cell.mode == Mode::Throughput {
            let pair_s = (block4_ns[at] as f64 - ns as f64) / (3 * calls) as f64;
            rows.push(row(Some((at, "k", *calls, ns, None, None))));
            rows.push(row(Some((at, "4k", 4 * calls, block4_ns[at], Some(submit4_ns[at]), Some(pair_s)))));
        } else {
            rows.push(row(Some((at, "k", *calls, ns, None, Some(ns as f64 / *calls as f64)))));
        }
        for (kind, stage) in [("upload", upload_ns), ("step", step_ns), ("download", download_ns)] {
            rows.extend(stage.get(at).map(|&ns| row(Some((at, kind, *calls, ns, None, None)))));
        }
    }
    if rows.is_empty() { vec![row(None)] } else { rows }
}

#[test]
fn every_column_of_every_row_is_as_the_records_have_it() {
    for file in [fixture::file(), eventful()] {
        let (found, expected) = (read(std::slice::from_ref(&file)), expected(&file));
        assert_eq!(found.len(), expected.len());
        for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
            assert!(
                found.len() == names.len() && names.iter().all(|name| expected.contains_key(*name)),
                "{expected:?}"
            );
            assert_eq!(found, expected, "row {at}");
        }
    }
}

#[test]
fn what_counts_makes_the_reports_estimates() {
    let file = eventful();
    let rows = read(std::slice::from_ref(&file));
    let results = cells(&file);
    assert!(results.iter().any(|result| result.estimate.as_ref().is_some_and(|estimate| estimate.launches == 1)));
    for result in results {
        let target = &result.cell.target;
        let is_of_cell = |row: &&Fields| {
            row["case"] == text(&result.cell.case)
                && row["mode"] == text(result.cell.mode)
                && row["framework"] == text(&target.framework)
                && row["counts"] == Field::Bool(true)
        };
        let mut launches: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for row in rows.iter().filter(is_of_cell) {
            if let Field::Double(ns) = row["ns_per_call"] {
                launches.entry(row["round"].to_string()).or_default().push(ns);
            }
        }
        let samples = launches.values().map(Vec::len).sum::<usize>();
        let medians: Vec<f64> = launches.values().filter_map(|samples| median(samples)).collect();
        let estimate = result.estimate.as_ref();
        assert_eq!(median(&medians), estimate.map(|estimate| estimate.median_ns), "{}", result.cell);
        assert_eq!(samples, estimate.map_or(0, |estimate| estimate.samples), "{}", result.cell);
    }
}

#[test]
fn the_types_are_plain_and_texts_are_in_dictionaries() {
    let reader = table(&[fixture::file()]);
    let metadata = reader.metadata();
    let mut schema = Vec::new();
    print_schema(&mut schema, metadata.file_metadata().schema());
    let schema = String::from_utf8(schema).unwrap();
    for line in [
        "OPTIONAL BYTE_ARRAY run_id (STRING);",
        "OPTIONAL INT64 started_at (TIMESTAMP(MICROS,true));",
        "OPTIONAL INT64 memory_bytes;",
        "OPTIONAL INT64 block_ns;",
        "OPTIONAL DOUBLE ns_per_call;",
        "OPTIONAL BOOLEAN counts;",
    ] {
        assert!(schema.lines().any(|other| other.trim() == line), "{line}: {schema}");
    }
    let group = metadata.row_group(0);
    for (column, chunk) in COLUMNS.iter().zip(group.columns()) {
        assert_eq!(chunk.column_path().string(), column.name);
        assert_eq!(chunk.compression(), Compression::SNAPPY);
        let is_text = schema.contains(&format!(" {} (STRING)", column.name));
        let has_dictionary = chunk.encodings().any(|encoding| encoding == Encoding::RLE_DICTIONARY);
        assert!(has_dictionary || !is_text, "{}", column.name);
        assert!(!(has_dictionary && column.is_measured()), "{}", column.name);
    }
    let about: BTreeMap<_, _> = metadata
        .file_metadata()
        .key_value_metadata()
        .unwrap()
        .iter()
        .map(|pair| (pair.key.as_str(), pair.value.clone()))
        .collect();
    assert_eq!(about["chipmark.schema"].as_deref(), Some("2"));
    assert_eq!(about["chipmark.harness_version"].as_deref(), Some(env!("CARGO_PKG_VERSION")));
    assert!(about["chipmark.documentation"].as_ref().unwrap().starts_with("suite/docs/SCHEMA.md"));
}

#[test]
fn a_long_table_is_in_groups_and_equal_input_gives_equal_bytes() {
    let blocks = ROWS_A_GROUP + 10;
    let mut file = fixture::file();
    let long = file.launches.iter_mut().find(|launch| launch.cell.mode == Mode::Latency).unwrap();
    long.samples.as_mut().unwrap().block_ns = (1..=blocks as u64).collect();
    let files = [file, fixture::file()];
    let report = Report::new(&files);
    let write_to = |bytes: &mut Vec<u8>| write(&files, &report, bytes).unwrap();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let rows = write_to(&mut first);
    assert_eq!((write_to(&mut second), first == second), (rows, true));

    let reader = table(&files);
    assert_eq!(reader.metadata().num_row_groups(), 2);
    assert_eq!(reader.metadata().row_group(0).num_rows(), i64::try_from(ROWS_A_GROUP).unwrap());
    let found = read(&files);
    assert_eq!(found.len() as u64, rows);
    assert_eq!(found.len(), 2 * read(&[fixture::file()]).len() + blocks - 3, "three blocks were there before");
    for (at, row) in found.iter().take(blocks).enumerate() {
        assert_eq!((&row["block"], &row["block_ns"]), (&whole(at as u64), &whole(at as u64 + 1)));
    }
}

#[test]
fn texts_are_cleaned_and_otherwise_left_and_what_cannot_be_is_null() {
    let mut file = fixture::file();
    file.run.machine.chip = "=1+1\u{1b}[31m\u{202e}".to_owned();
    file.run.suite = "x".repeat(1000);
    file.run.started_at = "yesterday".to_owned();
    file.run.machine.memory_bytes = Some(u64::MAX);
    file.run.machine.gpus.clear();
    (file.run.machine.os, file.run.machine.os_version) = (String::new(), None);
    file.launches.iter_mut().for_each(|launch| launch.at = "-1".to_owned());
    file.launches.iter_mut().filter(|l| l.reason.is_some()).for_each(|l| l.reason = Some("a\nb\0".to_owned()));
    let rows = read(&[file]);
    for row in &rows {
        assert_eq!(row["chip"], text("=1+1 [31m"));
        assert_eq!(row["suite"], text(&("x".repeat(300) + "…")));
        for null in ["started_at", "launch_at", "memory_bytes", "gpu", "gpu_cores", "os"] {
            assert_eq!(row[null], Field::Null, "{null}");
        }
    }
    let crashed = rows.iter().find(|row| row["launch_outcome"] == text("crashed")).unwrap();
    assert_eq!((&crashed["reason"], &crashed["outcome"]), (&text("a b "), &text("ok")));
}

#[test]
fn a_run_without_launches_is_a_row_a_cell() {
    let rows = read(&[fixture::file_of(fixture::run(), Vec::new())]);
    assert_eq!(rows.len(), 14);
    assert!(rows.iter().all(|row| row["outcome"] == text("over-budget") && row["block_ns"] == Field::Null));
    assert_eq!(read(&[]).len(), 0);
}

#[test]
fn what_cannot_be_written_is_told_in_a_line_and_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nowhere/samples.parquet");
    let said = samples(&[], &Report::new(&[]), &path).unwrap_err().to_string();
    assert!(said.contains("samples.parquet: cannot write it: ") && !said.contains('\n'), "{said}");

    let there = folder.path().join("there");
    fs::write(&there, "old").unwrap();
    let failed = out::replace_by(&there, |file| {
        file.write_all(b"half of")?;
        Err::<(), _>(std::io::Error::other("the disk is full"))
    });
    assert_eq!(failed.unwrap_err().to_string(), "the disk is full");
    assert_eq!(fs::read_to_string(&there).unwrap(), "old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing half written is left");

    /// A disk that is full from the beginning.
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let files = [fixture::file()];
    let error = io_error(write(&files, &Report::new(&files), Full).unwrap_err());
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull, "{error}");
}

#[test]
fn the_schema_page_describes_every_column() {
    let page = include_str!("../../../../suite/docs/SCHEMA.md");
    let (_, section) = page.split_once("## `samples.parquet`").unwrap();
    let section = section.split("\n## ").next().unwrap();
    for column in &COLUMNS {
        assert!(section.contains(&format!("`{}`", column.name)), "{}", column.name);
    }
}
