//! Targets with an environment, graphs that are given, and cases without code: from suite file and command line to the record.

mod support;

use serde_json::Value;
use std::fmt::Write;
use support::{Done, Scene, is_complete, measured, of_kind};

#[test]
fn a_suite_gives_targets_an_environment_and_what_came_of_it_is_recorded() {
    let scene = Scene::new();
    let targets = r#"
[[target]]
name = "candle:cpu"

[[target]]
name = "candle:cpu+alone"
env = { CHIPMARK_TEST = "1" }
threads = 1

[[target]]
name = "candle:cpu+elsewhere"
blas = "nonesuch"

[[target]]
name = "nowhere:cpu+x"
env = { X = "1" }
"#;
    scene.file("suite.toml", format!("{}{targets}", support::SUITE));
    let done = scene.bench(&["run", "--suite", "suite.toml", "--out", "out", "--rounds", "1", "--threads", "2"]);
    let done = done.with_code(0);
    let results = scene.results();
    assert!(is_complete(&results));
    let run = &of_kind(&results, "run")[0];
    let targets = run["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 2, "{targets:#?}");
    let alone = &targets[1];
    assert_eq!(alone["target"], "candle:cpu+alone");
    assert_eq!((&alone["threads"], &alone["env"]["CHIPMARK_TEST"]), (&Value::from(1), &Value::from("1")));
    let threads = |target: &Value| target["info"]["threads"].as_u64().unwrap();
    assert_eq!((threads(&targets[0]), threads(alone)), (2, 1), "as read back from each");
    let missing = run["missing"].to_string();
    assert!(
        missing.contains("candle:cpu+elsewhere") && missing.contains("BLAS 'nonesuch' is not in force"),
        "{missing}"
    );
    assert!(missing.contains("nowhere:cpu+x"), "{missing}");
    assert!(done.stdout.contains("candle:cpu+alone"), "{}", done.stdout);
    // Three cases on two targets, once each.
    assert_eq!(measured(&results).len(), 6);
    // A file's word alone sets no variables: it may be anybody's.
    let file = results.to_str().unwrap();
    for args in [vec!["check", "--baseline", file, "--out", "checked"], vec!["run", "--resume", file]] {
        let refused = scene.bench(&args).usage_error();
        assert!(refused.contains("would set CHIPMARK_TEST") && refused.contains("--trust-env"), "{refused}");
    }
    scene.bench(&["run", "--resume", file, "--trust-env"]).with_code(0);
    // Somebody who names a target gets that one, environment and all.
    let named = ["verify", "--suite", "suite.toml", "--target", "candle:cpu+alone"];
    let done = scene.bench(&named).with_code(0);
    assert!(done.stdout.contains("candle:cpu+alone") && !done.stdout.contains("candle:cpu "), "{}", done.stdout);
}

#[test]
fn a_target_that_does_not_take_the_threads_asked_for_is_not_measured() {
    let scene = Scene::new();
    let args = ["run", "--suite", "suite.toml", "--target", "reference", "--threads", "3", "--out", "out"];
    let refused = scene.bench(&args).usage_error();
    assert!(refused.contains("reference:cpu") && refused.contains("3 asked for, 1 in force"), "{refused}");
}

#[test]
fn cases_by_parts_are_measured_as_they_stand() {
    let scene = Scene::new();
    let case = "matmul[m=1|3,k=8,n=5,dtype=f32|bf16]";
    let args = ["run", "--suite", "suite.toml", "--target", "candle", "--case", case, "--rounds", "1", "--out", "out"];
    scene.bench(&args).with_code(0);
    let found = measured(&scene.results());
    let cells: Vec<&String> = found.keys().collect();
    assert_eq!(cells.len(), 4, "{cells:?}");
    for id in ["matmul/1x8@8x5/f32", "matmul/3x8@8x5/bf16"] {
        assert!(cells.iter().any(|cell| cell.contains(id)), "{id}: {cells:?}");
    }
    let misfit = scene.bench(&["run", "--case", "matmul[a=2x3,b=4x5]", "--out", "none"]).usage_error();
    assert!(misfit.contains("the last dimension of 2x3 and the last but one of 4x5 differ"), "{misfit}");
    assert!(!scene.path("none").exists(), "nothing is written for a case that does not fit");
}

#[test]
fn the_classic_suite_is_listed_whole() {
    let scene = Scene::new();
    let listed = scene.bench(&["list", "cases", "--suite", "mlx-benchmark", "--format", "json"]).with_code(0);
    let cases: Vec<Value> = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(cases.len(), 91);
}

#[test]
fn a_graph_of_files_is_trained_on() {
    let scene = Scene::new();
    let (mut content, mut cites) = (String::new(), String::new());
    for node in 0..40 {
        let words: Vec<&str> = (0..9).map(|w| if w % 3 == node % 3 { "1" } else { "0" }).collect();
        writeln!(content, "n{node}\t{}\tclass{}", words.join("\t"), node % 3).unwrap();
        writeln!(cites, "n{node}\tn{}\nn{node}\tn{}", (node + 1) % 40, (node + 3) % 40).unwrap();
    }
    std::fs::create_dir(scene.path("graph")).unwrap();
    scene.file("graph/cora.content", content);
    scene.file("graph/cora.cites", cites);
    let args = ["verify", "--target", "candle", "--cora", "graph", "--case", "gcn_epoch/cora-*", "--format", "json"];
    let verified: Value = serde_json::from_str(&scene.bench(&args).with_code(0).stdout).unwrap();
    let checks = verified["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 2, "dense and sparse");
    for check in checks {
        assert_eq!((&check["outcome"], &check["comparisons"][0]["case"]), (&Value::from("ok"), &check["case"]));
    }
    // So it is by two builds of a worker.
    let mut ab = scene.command(&["ab", "synthetic", "synthetic", "--cora", "graph", "--case", "gcn_epoch/cora-*"]);
    ab.args(["--mode", "latency", "--all", "--format", "json"]).env("CHIPMARK_SYNTHETIC", "wait=virtual");
    let compared: Value = serde_json::from_str(&Done::by(&mut ab).with_code(0).stdout).unwrap();
    let verdicts: Vec<&Value> = compared["rows"].as_array().unwrap().iter().map(|row| &row["verdict"]).collect();
    assert_eq!(verdicts, ["equivalent"; 2]);
    let bad = scene.bench(&["verify", "--target", "candle", "--cora", "nowhere"]).usage_error();
    assert!(bad.contains("nowhere/cora.content"), "{bad}");
}
