//! `bench plot`: a picture of results files, or one line that says what there is to choose from, and no file.

mod support;

use chipmark_results::fixture;
use std::path::PathBuf;
use support::{Scene, again, listing};

/// The fixture's run as a file, and the same on another chip.
fn files(scene: &Scene) -> [PathBuf; 2] {
    let other = fixture::text().replace("\"Apple M3\"", "\"Apple M4\"").replace("Apple M3 Max", "Apple M4 Max");
    let other = other.replace("0123456789abcdef", "fedcba9876543210");
    [scene.file("a.jsonl", fixture::text()), scene.file("b.jsonl", other)]
}

#[test]
fn every_chart_can_be_drawn() {
    let scene = Scene::new();
    files(&scene);
    for args in [
        &["bars", "a.jsonl", "--workload", "matmul"][..],
        &["heat-map", "a.jsonl", "b.jsonl"],
        &["roofline", "a.jsonl", "--device", "cpu", "--dtype", "f32"],
        &["strip", "a.jsonl", "--case", "matmul/*"],
        &["strip", "a.jsonl", "--relative"],
        &["ratio-bars", "a.jsonl", "--target", "tch:cpu,candle:cpu"],
        &["ratio-bars", "a.jsonl", "b.jsonl"],
        &["scatter", "a.jsonl", "b.jsonl"],
        &["scatter", "a.jsonl", "--target", "candle:cpu,tch:cpu"],
        &["stages", "a.jsonl"],
    ] {
        for (out, more) in [("x.svg", &["--dark"][..]), ("x.png", &["--scale", "1"])] {
            let done = scene.bench(&[&["plot"], args, &["--out", out], more].concat()).with_code(0);
            assert!(
                done.stderr.contains(&format!("chart:   {out}")) && done.stderr.contains("shows: "),
                "{}",
                done.stderr
            );
        }
        let svg = std::fs::read_to_string(scene.path("x.svg")).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("role=\"img\"") && !svg.contains("=\"#222223\""), "{args:?}");
        assert!(std::fs::read(scene.path("x.png")).unwrap().starts_with(b"\x89PNG"), "{args:?}");
    }
}

#[test]
fn a_history_is_of_a_folder() {
    let scene = Scene::new();
    for n in 0..12 {
        scene.file(&format!("many/{n}.jsonl"), again(&fixture::text(), n, |_| ()));
    }
    let args = ["plot", "history", "many", "--case", "matmul/*", "--out", "x.svg"];
    scene.bench(&args).with_code(0);
    let svg = std::fs::read_to_string(scene.path("x.svg")).unwrap();
    assert!(svg.contains("2026-01-01") && svg.contains("candle:cpu") && svg.contains("tch:cpu"), "{svg}");
    assert_eq!(scene.bench(&[&args[..], &["--workload", "linear"]].concat()).usage_error().lines().count(), 1);
}

#[test]
fn what_cannot_be_drawn_is_said_in_one_line() {
    let scene = Scene::new();
    files(&scene);
    let before = listing(&scene.path(""));
    for (args, parts) in [
        (&["bars", "a.jsonl", "--out", "x.svg"][..], &["one workload", "--workload", "matmul, softmax"][..]),
        (&["bars", "a.jsonl", "--workload", "matmull", "--out", "x.svg"], &["no workload matmull", "matmul, softmax"]),
        (&["bars", "a.jsonl", "--workload", "conv2d", "--out", "x.svg"], &["no cell", "time"]),
        (&["bars", "a.jsonl", "b.jsonl", "--out", "x.svg"], &["one results file", "2 were given"]),
        (&["strip", "a.jsonl", "--target", "mlx:gpu", "--out", "x.svg"], &["no target mlx:gpu", "candle:cpu, tch:cpu"]),
        (&["strip", "a.jsonl", "--dtype", "f16", "--out", "x.svg"], &["in f16", "f32"]),
        (&["strip", "a.jsonl", "--device", "metal", "--out", "x.svg"], &["no device metal", "cpu"]),
        (&["strip", "a.jsonl", "--case", "nothing/*", "--out", "x.svg"], &["--case", "matmul/100x100@100x100/f32"]),
        (&["strip", "a.jsonl", "--mode", "throuput", "--out", "x.svg"], &["--mode", "throughput"]),
        (&["roofline", "a.jsonl", "--mode", "transfer", "--out", "x.svg"], &["latency or throughput"]),
        (&["scatter", "a.jsonl", "--target", "tch:cpu", "--out", "x.svg"], &["--target A,B", "tch:cpu"]),
        (&["ratio-bars", "a.jsonl", "--target", "tch:cpu", "--out", "x.svg"], &["two targets", "tch:cpu"]),
        (&["heat-map", "a.jsonl", "--out", "x.gif"], &["x.gif", ".svg or .png"]),
        (&["heat-map", "a.jsonl", "--out", "x"], &[".svg or .png"]),
        (&["heat-map", "a.jsonl"], &["--out"]),
        (&["heat-map", "--out", "x.svg"], &["FILE"]),
        (&["heatmap", "a.jsonl", "--out", "x.svg"], &["'heatmap'", "heat-map"]),
        (&["heat-map", "a.jsonl", "--out", "x.svg", "--scale", "2"], &["--scale", "PNG"]),
        (&["heat-map", "a.jsonl", "--out", "x.png", "--scale", "1000"], &["--scale 1000", "0.1 to 10"]),
        (&["heat-map", "missing.jsonl", "--out", "x.svg"], &["missing.jsonl", "no such file"]),
        (&["heat-map", "suite.toml", "--out", "x.svg"], &["suite.toml", "not a results file"]),
        (&["heat-map", "a.jsonl", "--out", "nowhere/x.svg"], &["cannot write nowhere"]),
        (&["history", "a.jsonl", "b.jsonl", "--out", "x.svg"], &["one folder"]),
        (&["bars", "a.jsonl", "--relative", "--out", "x.svg"], &["--relative", "strip"]),
    ] {
        let line = scene.bench(&[&["plot"], args].concat()).usage_error();
        assert!(parts.iter().all(|part| line.contains(part)), "{args:?}: {line}");
        assert_eq!(listing(&scene.path("")), before, "{args:?}");
    }
}
