//! `bench report --parquet`: the samples of all files in one table, written whole or not at all, and over nothing but an earlier one.
//! What is in it is held against the records by the tests of the reports, and read by others with scripts/check-parquet.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::PathBuf;
use support::{Scene, listing, of_kind};

/// A results file of a few cells in each mode, of a device that takes as long as it is told.
fn results(scene: &Scene) -> PathBuf {
    let args = "run --target synthetic --case softmax/64x64/f32,matmul/64x64@64x64/f32 --tier full --rounds 1 --no-ceilings --out out \
                --mode latency,throughput,transfer";
    scene.bench(&args.split_whitespace().collect::<Vec<_>>()).with_code(0);
    scene.file("run.jsonl", std::fs::read(scene.results()).unwrap())
}

/// How many rows its samples make: there is a launch of each cell, and all are measured.
fn rows(results: &std::path::Path) -> usize {
    let durations = ["block_ns", "block4_ns", "upload_ns", "step_ns", "download_ns"];
    let launches = of_kind(results, "launch");
    assert_eq!(launches.len(), 6);
    let blocks =
        launches.iter().flat_map(|launch| durations.map(|key| launch["samples"][key].as_array().map_or(0, Vec::len)));
    blocks.sum()
}

#[test]
fn the_samples_of_all_files_are_one_table() {
    let scene = Scene::new();
    let results = results(&scene);
    let rows = rows(&results);
    let plain = scene.bench(&["report", "run.jsonl"]).with_code(0);
    let done = scene.bench(&["report", "run.jsonl", "--parquet", "samples.parquet"]).with_code(0);
    assert_eq!(done.stdout, plain.stdout, "the table is printed as ever");
    assert_eq!(done.stderr, format!("samples: samples.parquet ({rows} rows)\n"));
    let bytes = std::fs::read(scene.path("samples.parquet")).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));

    // An earlier table is replaced, by the same bytes if nothing else changed; together with a report, too.
    let args = ["report", "run.jsonl", "--parquet", "samples.parquet", "--out", "report", "--format", "csv"];
    let done = scene.bench(&args).with_code(0);
    assert!(done.stderr.lines().count() == 4 && done.stderr.contains("page:    "), "{done:#?}");
    assert_eq!(std::fs::read(scene.path("samples.parquet")).unwrap(), bytes);

    let two = scene.bench(&["report", "run.jsonl", "run.jsonl", "--parquet", "two.parquet"]).with_code(0);
    assert_eq!(two.stderr, format!("samples: two.parquet ({} rows)\n", 2 * rows));
}

#[test]
fn no_other_file_is_written_over() {
    let scene = Scene::new();
    let results = results(&scene);
    let content = std::fs::read(&results).unwrap();
    scene.file("short", "PA");
    std::fs::create_dir(scene.path("folder")).unwrap();
    let before = listing(&scene.path(""));
    for (place, why) in [
        ("run.jsonl", "no Parquet file"),
        ("short", "no Parquet file"),
        ("folder", "no Parquet file"),
        ("nowhere/samples.parquet", "no folder nowhere"),
        ("run.jsonl/samples.parquet", "no folder run.jsonl"),
    ] {
        let line = scene.bench(&["report", "run.jsonl", "--parquet", place]).usage_error();
        assert!(line.contains(place) && line.contains(why), "{place}: {line}");
    }
    // A file that cannot be read leaves nothing behind either.
    scene.bench(&["report", "nothing.jsonl", "--parquet", "samples.parquet"]).usage_error();
    assert_eq!(listing(&scene.path("")), before);
    assert_eq!(std::fs::read(&results).unwrap(), content);

    // An empty file is one that a script has made to be filled.
    let empty = scene.file("empty.parquet", "");
    scene.bench(&["report", "run.jsonl", "--parquet", "empty.parquet"]).with_code(0);
    assert!(std::fs::read(empty).unwrap().starts_with(b"PAR1"));
}
