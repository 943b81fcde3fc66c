//! `bench compare`, `bench check`, `bench ab` and `bench rank` as a CI uses them: exit codes, verdicts, waivers, and input that
//! is not what it should be. The synthetic backend says how long things take, and lives in virtual time, so that the answer is known
//! whatever else the machine does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Done, Scene, results_in};

/// Every op takes 50 µs, or a fifth longer, with the noise of a calm machine.
const QUIET: &str = "latency_us=50,noise=0.02,launch_noise=0.01,wait=virtual";
const SLOW: &str = "latency_us=50,noise=0.02,launch_noise=0.01,wait=virtual,slowdown=1.2";
/// What counts as a change.
const RULE: [&str; 2] = ["--threshold", "10%"];

/// Runs the test suite on the synthetic backend with settings, for eight rounds unless `more` says otherwise: the results file.
fn run(scene: &Scene, name: &str, settings: &str, more: &[&str]) -> PathBuf {
    let out = scene.path(name);
    let mut command = scene.command(&["run", "--target", "synthetic", "--suite"]);
    command.arg(scene.suite()).arg("--out").arg(&out).args(more);
    if !more.contains(&"--rounds") {
        command.args(["--rounds", "8"]);
    }
    Done::by(command.env("CHIPMARK_SYNTHETIC", settings)).with_code(0);
    results_in(&out)
}

fn with(command: &mut Command, paths: &[&Path]) -> Done {
    Done::by(command.args(paths))
}

fn compare(scene: &Scene, a: &Path, b: &Path) -> Done {
    with(scene.command(&["compare", "--format", "json"]).args(RULE), &[a, b])
}

fn rows(done: &Done) -> Vec<Value> {
    serde_json::from_str::<Value>(&done.stdout).unwrap()["rows"].as_array().unwrap().clone()
}

fn verdicts(done: &Done) -> Vec<String> {
    rows(done).iter().map(|row| row["verdict"].as_str().unwrap().to_owned()).collect()
}

/// A copy of a results file with a text replaced everywhere.
fn doctored(scene: &Scene, name: &str, from: &Path, replace: (&str, &str)) -> PathBuf {
    let text = std::fs::read_to_string(from).unwrap();
    assert!(text.contains(replace.0), "{} is in the file", replace.0);
    scene.file(name, text.replace(replace.0, replace.1))
}

fn one_line(done: Done) -> String {
    let said = done.with_code(2).stderr;
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 1, "{said}");
    lines[0].to_owned()
}

#[test]
fn equal_runs_pass_and_a_slower_one_does_not() {
    let scene = Scene::new();
    let a = run(&scene, "a", QUIET, &[]);
    let b = run(&scene, "b", QUIET, &["--seed", "2"]);
    let slow = run(&scene, "slow", SLOW, &["--seed", "3"]);

    let same = compare(&scene, &a, &b).with_code(0);
    assert!(verdicts(&same).iter().all(|verdict| verdict == "equivalent"), "{:?}", verdicts(&same));
    let worse = compare(&scene, &a, &slow).with_code(1);
    assert!(verdicts(&worse).iter().all(|verdict| verdict == "regressed"), "{:?}", verdicts(&worse));
    for row in rows(&worse) {
        let ratio = row["ratio"].as_f64().unwrap();
        assert!((1.17..1.23).contains(&ratio), "{ratio}");
    }
    let better = compare(&scene, &slow, &a).with_code(0);
    assert!(verdicts(&better).iter().all(|verdict| verdict == "improved"), "{:?}", verdicts(&better));

    // The same through the gate, with the files that a CI wants.
    let mut check =
        scene.command(&["check", "--markdown", "c.md", "--junit", "j.xml", "--json", "c.json", "--baseline"]);
    let done = with(check.arg(&a).args(RULE), &[&slow]).with_code(1);
    assert!(done.stdout.contains("regressed"), "{}", done.stdout);
    assert!(std::fs::read_to_string(scene.path("c.md")).unwrap().starts_with("<!-- chipmark -->\n"));
    assert!(std::fs::read_to_string(scene.path("j.xml")).unwrap().contains("<failure"));
    let json: Value = serde_json::from_slice(&std::fs::read(scene.path("c.json")).unwrap()).unwrap();
    assert_eq!(json["gate"]["result"], "regression");

    // Who is fastest is the same question over many files.
    let ranking = with(&mut scene.command(&["rank", "--format", "json"]), &[&a, &b]).with_code(0);
    assert!(ranking.stdout.contains("synthetic:cpu"), "{}", ranking.stdout);
}

#[test]
fn what_is_waived_passes_with_its_reason_until_its_day() {
    let scene = Scene::new();
    let a = run(&scene, "a", QUIET, &[]);
    let slow = run(&scene, "slow", SLOW, &["--seed", "3"]);
    let waived = |text: &str| {
        scene.file("waivers.toml", text);
        let mut check = scene.command(&["check", "--format", "json", "--waivers", "waivers.toml"]);
        with(check.args(RULE).arg("--baseline").arg(&a), &[&slow])
    };
    let done = waived("[[waiver]]\ncase = \"*\"\nwhy = \"rounds correctly now\"\n").with_code(0);
    let json: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(json["gate"]["waived"].as_array().unwrap().len(), 3);
    assert_eq!(json["gate"]["waived"][0]["why"], "rounds correctly now");

    // A day that is over, a case that is another, a waiver that nobody needs.
    waived("[[waiver]]\ncase = \"*\"\nwhy = \"then\"\nuntil = \"2020-01-01\"\n").with_code(1);
    let done = waived("[[waiver]]\ncase = \"conv2d/*\"\nwhy = \"other\"\n").with_code(1);
    let json: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(json["gate"]["unused_waivers"].as_array().unwrap().len(), 1);
    let said = one_line(waived("[[waiver]]\ncase = \"*\"\n"));
    assert!(said.contains("waivers.toml") && said.contains("why"), "{said}");
}

#[test]
fn too_few_launches_and_too_few_cells_are_no_pass() {
    let scene = Scene::new();
    let a = run(&scene, "a", QUIET, &["--rounds", "2"]);
    let slow = run(&scene, "slow", SLOW, &["--rounds", "2", "--seed", "3"]);
    // Two launches beside two: no order of them is rare.
    let mut check = scene.command(&["check", "--format", "json"]);
    let done = with(check.args(RULE).arg("--baseline").arg(&a), &[&slow]).with_code(3);
    assert!(verdicts(&done).iter().all(|verdict| verdict == "inconclusive"), "{:?}", verdicts(&done));

    // Of three cells one was measured again: missing is not equal.
    let whole = run(&scene, "whole", QUIET, &[]);
    let part = run(&scene, "part", QUIET, &["--case", "softmax/*", "--seed", "2"]);
    let check = |more: &[&str]| {
        let mut command = scene.command(&["check", "--format", "json"]);
        with(command.args(more).args(RULE).arg("--baseline").arg(&whole), &[&part])
    };
    let done = check(&[]).with_code(3);
    assert_eq!(verdicts(&done).iter().filter(|verdict| *verdict == "missing").count(), 2);
    check(&["--min-coverage", "30%"]).with_code(0);

    // Nobody asked for a coverage: that nothing was answered is no pass either.
    compare(&scene, &a, &slow).with_code(3);
    let mut lenient = scene.command(&["compare", "--format", "json", "--min-coverage", "0%"]);
    with(lenient.args(RULE), &[&a, &slow]).with_code(0);
}

/// `bench check` that measures, on the synthetic backend with settings.
fn check_now(scene: &Scene, baseline: &Path, settings: &str, more: &[&str]) -> Done {
    let mut command = scene.command(&["check", "--format", "json", "--rounds", "8", "--out", "checked"]);
    command
        .args(RULE)
        .args(["--detect", "20%"])
        .args(more)
        .arg("--baseline")
        .arg(baseline)
        .env("CHIPMARK_SYNTHETIC", settings);
    Done::by(&mut command)
}

#[test]
fn a_check_measures_in_two_stages_and_decides() {
    let scene = Scene::new();
    let baseline = run(&scene, "baseline", QUIET, &["--rounds", "20"]);

    let same = check_now(&scene, &baseline, QUIET, &[]).with_code(0);
    let json: Value = serde_json::from_str(&same.stdout).unwrap();
    assert_eq!((&json["stages"]["candidates"], &json["stages"]["fresh_rounds"]), (&0.into(), &0.into()));
    assert_eq!(json["gate"]["coverage"], 1.0);

    let slower = check_now(&scene, &baseline, &format!("{SLOW},slow_op=softmax"), &[]).with_code(1);
    let json: Value = serde_json::from_str(&slower.stdout).unwrap();
    assert!(json["stages"]["fresh_rounds"].as_u64().unwrap() >= 10, "{}", json["stages"]);
    assert!(slower.stderr.contains("fresh rounds decide"), "{}", slower.stderr);
    for row in rows(&slower) {
        let slowed = row["case"].as_str().unwrap().starts_with("softmax");
        assert_eq!(row["verdict"] == "regressed", slowed, "{row}");
        // A row that was looked at again is of the fresh rounds alone; the others are of the first.
        assert_eq!(row["b"]["launches"].as_u64().unwrap() > 8, slowed, "{row}");
        assert_eq!(row["set_aside"], !slowed);
    }

    // The time is up before the fresh rounds, in the machine's own time: it may be slower, and nobody knows.
    let late = check_now(&scene, &baseline, "latency_us=50,slowdown=4", &["--budget", "1s"]);
    let late = late.with_code(3);
    assert!(
        rows(&late).iter().all(|row| row["verdict"] == "inconclusive" || row["verdict"] == "missing"),
        "{}",
        late.stdout
    );
}

#[test]
fn a_baseline_that_cannot_be_used_is_refused_before_anything_is_measured() {
    let scene = Scene::new();
    let foreign = run(&scene, "foreign", QUIET, &["--rounds", "2"]);
    let machine = support::records(&foreign)[0]["machine"]["arch"].as_str().unwrap().to_owned();
    let foreign = doctored(&scene, "foreign.jsonl", &foreign, (&format!("\"arch\":\"{machine}\""), "\"arch\":\"vax\""));
    let said = one_line(check_now(&scene, &foreign, QUIET, &[]));
    assert!(said.contains("another machine") && said.contains("vax"), "{said}");
    assert!(!scene.path("checked").exists(), "nothing was measured");
    let a = run(&scene, "a", QUIET, &["--rounds", "2"]);
    let said = one_line(with(scene.command(&["check", "--baseline"]).arg(&a), &[&a]));
    assert!(said.contains("the same run"), "{said}");
}

#[test]
fn what_fails_now_is_a_failure_and_not_a_gap() {
    let scene = Scene::new();
    let a = run(&scene, "a", QUIET, &[]);
    let b = run(&scene, "b", QUIET, &["--seed", "2"]);
    // Every launch of one op came to nothing.
    let text = std::fs::read_to_string(&b).unwrap();
    let line = |line: &str| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        if record["record"] == "launch" && record["case"].as_str().unwrap().starts_with("softmax") {
            record["outcome"] = "crashed".into();
            record["reason"] = "signal 11".into();
            record.as_object_mut().unwrap().remove("samples");
        }
        record.to_string() + "\n"
    };
    let failed = scene.file("failed.jsonl", text.lines().map(line).collect::<String>());
    let done = compare(&scene, &a, &failed).with_code(4);
    let row = rows(&done).into_iter().find(|row| row["verdict"] == "failed").unwrap();
    assert_eq!(row["reason"], "crashed: signal 11");
    with(scene.command(&["check"]).args(RULE).arg("--baseline").arg(&a), &[&failed]).with_code(4);
    scene.file("waivers.toml", "[[waiver]]\ncase = \"softmax/*\"\nwhy = \"known\"\n");
    let mut waived = scene.command(&["compare", "--waivers", "waivers.toml", "--min-coverage", "10%"]);
    with(waived.args(RULE), &[&a, &failed]).with_code(0);
}

#[test]
fn other_machines_and_versions_are_told() {
    let scene = Scene::new();
    let a = run(&scene, "a", QUIET, &["--chip", "Apple M3 Max"]);
    let b = run(&scene, "b", QUIET, &["--chip", "Apple M1", "--seed", "2"]);
    // Another name is no other machine, as long as it is known what was detected.
    with(scene.command(&["check", "--format", "json", "--baseline"]).arg(&a), &[&b]).with_code(0);
    let unknown = ("\"chip_detected\"", "\"chip_forgotten\"");
    let [a, b] = [("a.jsonl", &a), ("b.jsonl", &b)].map(|(name, file)| doctored(&scene, name, file, unknown));
    let check = |more: &[&str]| {
        let mut command = scene.command(&["check", "--format", "json"]);
        with(command.args(more).args(RULE).arg("--baseline").arg(&a), &[&b])
    };
    let said = one_line(check(&[]));
    assert!(said.contains("Apple M3 Max") && said.contains("Apple M1") && said.contains("--other-machine"), "{said}");
    check(&["--other-machine"]).with_code(0);

    let version = |file: &Path| {
        let header = support::records(file)[0].clone();
        header["targets"][0]["info"]["version"].as_str().unwrap().to_owned()
    };
    let then = format!("\"version\":\"{}\"", version(&a));
    let newer = doctored(
        &scene,
        "newer.jsonl",
        &run(&scene, "c", QUIET, &["--chip", "Apple M3 Max", "--seed", "4"]),
        (&then, "\"version\":\"99.0.0\""),
    );
    let done = compare(&scene, &a, &newer).with_code(0);
    assert!(done.stdout.contains("99.0.0"), "the other version is named");
}

#[test]
fn files_that_are_not_what_they_should_be_get_one_line() {
    let scene = Scene::new();
    let a = run(&scene, "a", QUIET, &[]);
    let refused = |b: &Path| one_line(compare(&scene, &a, b));
    assert!(refused(&a).contains("the same run"));
    assert!(refused(&scene.path("none.jsonl")).contains("none.jsonl"));
    assert!(refused(&scene.file("text.jsonl", "not JSON\n")).contains("text.jsonl"));
    assert!(refused(&scene.file("empty.jsonl", "")).contains("empty.jsonl"));
    let newer = doctored(&scene, "schema.jsonl", &a, ("\"schema\":2", "\"schema\":99"));
    assert!(refused(&newer).contains("99"));
    let negative = doctored(&scene, "negative.jsonl", &a, ("\"block_ns\":[", "\"block_ns\":[-1,"));
    assert!(refused(&negative).contains("negative.jsonl"));

    // A torn last line, as a crash leaves it, is no reason not to read the rest.
    let b = run(&scene, "b", QUIET, &["--seed", "2"]);
    let text = std::fs::read_to_string(&b).unwrap();
    let torn = scene.file("torn.jsonl", &text[..text.trim_end().len() - 20]);
    compare(&scene, &a, &torn).with_code(0);
}

#[test]
fn two_builds_of_a_worker_are_told_apart_where_they_differ_and_nowhere_else() {
    let scene = Scene::new();
    let mut command = scene.command(&["ab", "synthetic", "synthetic", "--threshold", "1%", "--detect", "3%"]);
    command.args(["--format", "json", "--suite"]).arg(scene.suite()).arg("--out").arg(scene.out());
    command.args(["--env-a", "CHIPMARK_SYNTHETIC=latency_us=300,noise=0.01,launch_noise=0.003,wait=virtual"]);
    let settings = "latency_us=300,noise=0.01,launch_noise=0.003,wait=virtual,slowdown=1.03,slow_op=softmax";
    command.args(["--env-b", &format!("CHIPMARK_SYNTHETIC={settings}")]);
    let done = Done::by(&mut command).with_code(1);
    for row in rows(&done) {
        let slowed = row["case"].as_str().unwrap().starts_with("softmax");
        assert_eq!(row["verdict"] == "regressed", slowed, "{row}");
    }
}
