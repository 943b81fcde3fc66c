//! `bench history`: a slowdown over the runs of a folder is found, is an exit code, and can be accepted.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::{Scene, again};

/// A folder of sixteen runs, of which the last eight took a fifth longer: one run of a constant device, its times stretched.
fn folder(scene: &Scene) {
    let args = "run --target synthetic --case softmax/* --tier tiny --rounds 1 --mode latency --out out";
    scene.bench(&args.split(' ').collect::<Vec<_>>()).with_code(0);
    let text = std::fs::read_to_string(scene.results()).unwrap();
    for n in 0..16u64 {
        // Some scatter from run to run.
        let percent = if n < 8 { 100 } else { 120 } + n * 7 % 3;
        let run = again(&text, n, |record| {
            if let Some(blocks) = record["samples"]["block_ns"].as_array_mut() {
                blocks.iter_mut().for_each(|ns| *ns = (1_000_000 * percent).into());
            }
        });
        scene.file(&format!("many/{}{n}.jsonl", if n < 8 { "" } else { "later/" }), run);
    }
}

#[test]
fn a_slowdown_is_found_and_can_be_accepted() {
    let scene = Scene::new();
    folder(&scene);
    std::fs::write(scene.path("many/broken.jsonl"), "nonsense\n").unwrap();
    let done = scene.bench(&["history", "many"]).with_code(1);
    assert!(done.stdout.contains("run-08") && done.stdout.contains("softmax"), "{}", done.stdout);
    let left_out: Vec<&str> = done.stderr.lines().filter(|line| line.starts_with("left out:")).collect();
    assert!(left_out.len() == 1 && left_out[0].contains("broken.jsonl"), "{}", done.stderr);

    let json: Value = serde_json::from_str(&scene.bench(&["history", "many", "--format", "json"]).stdout).unwrap();
    let shifts = json["series"].as_array().unwrap().iter().map(|series| &series["shifts"]);
    assert!(shifts.clone().all(|shifts| shifts.as_array().unwrap().len() == 1 && shifts[0]["at"] == 8), "{json:#}");

    scene.bench(&["history", "many", "--threshold", "50%"]).with_code(0);
    let wrong = scene.bench(&["history", "many", "--bless", "run-03", "--why", "x"]).with_code(2);
    assert!(wrong.stderr.contains("run-03") && !scene.path("many/blessed.toml").exists(), "{}", wrong.stderr);
    scene.bench(&["history", "many", "--bless", "run-08", "--why", "a safer kernel"]).with_code(0);
    let done = scene.bench(&["history", "many"]).with_code(0);
    assert!(done.stdout.contains("a safer kernel"), "{}", done.stdout);
}

#[test]
fn a_folder_without_results_is_said() {
    let scene = Scene::new();
    std::fs::create_dir_all(scene.path("empty")).unwrap();
    let done = scene.bench(&["history", "empty"]).with_code(2);
    assert!(done.stderr.contains("no results file can be read in"), "{}", done.stderr);
    let done = scene.bench(&["history", "nowhere"]).with_code(2);
    assert!(done.stderr.contains("nowhere") && done.stderr.lines().count() == 1, "{}", done.stderr);
    scene.bench(&["history", "empty", "--bless", "run"]).with_code(2);
}
