//! A run whose time is short: what it does not come to says so, no part of it goes on past the end, and it can be gone on with.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use std::path::Path;
use support::{Done, Scene, is_complete, of_kind, records};

/// The cells of a results file in the CSV: outcome and flags of each.
fn cells(scene: &Scene, results: &Path) -> Vec<[String; 2]> {
    let csv = scene.bench(&["report", results.to_str().unwrap(), "--format", "csv"]).with_code(0).stdout;
    let mut lines = csv.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let column = |name: &str| head.iter().position(|column| column == name).unwrap();
    let (outcome, flags) = (column("outcome"), column("flags"));
    lines.map(|line| [line[outcome].clone(), line[flags].clone()]).collect()
}

#[test]
fn what_stayed_in_doubt_is_unconverged_and_a_resumed_run_goes_on_with_it() {
    let scene = Scene::new();
    // Four rounds of over a second each: too many for the time, too few to know anything to a hundredth, and too few to be void however
    // busy the machine is.
    let settings = "latency_us=50,noise=1,launch_noise=0.2";
    let args = "run --target synthetic --profile standard --rounds 4 --mode latency --case softmax/64x1000000/f32 --tier tiny \
                --budget 4s --out";
    let mut command = scene.command(&args.split_whitespace().collect::<Vec<_>>());
    let done = Done::by(command.arg(scene.out()).env("CHIPMARK_SYNTHETIC", settings)).with_code(0);
    let results = scene.results();
    assert!(!is_complete(&results));
    assert!(done.stderr.contains("the time was up; go on with: bench run --resume "), "{done:#?}");
    assert!(done.stdout.contains("the rounds ended before the ratio to the fastest was known"), "{done:#?}");
    let [[outcome, flags]] = cells(&scene, &results).try_into().unwrap();
    // A busy machine has flags of its own.
    assert!(outcome == "ok" && flags.split(' ').any(|flag| flag == "unconverged"), "{outcome} {flags}");

    let before = of_kind(&results, "launch").len();
    let mut command = scene.command(&["run", "--resume"]);
    let done = Done::by(command.arg(&results).env("CHIPMARK_SYNTHETIC", settings)).with_code(0);
    assert!(is_complete(&results));
    let after = of_kind(&results, "launch");
    let mut rounds: Vec<u64> = after.iter().map(|launch| launch["round"].as_u64().unwrap()).collect();
    rounds.sort_unstable();
    assert!(before < 4 && rounds == [0, 1, 2, 3], "none twice: {before} {rounds:?}");
    assert!(done.stdout.contains("the rounds ended before"), "{done:#?}");
}

#[test]
fn a_time_that_is_up_ends_checks_and_ceilings_too() {
    let scene = Scene::new();
    let mut command = scene.command(&["run", "--target", "candle:cpu", "--budget", "1ms", "--suite"]);
    let done = Done::by(command.arg(scene.suite()).arg("--out").arg(scene.out())).with_code(0);
    assert!(done.stderr.contains("the time was up after 0 of 3 checks"), "{done:#?}");
    assert!(done.stderr.contains("ceilings: there is no time for the rest"), "{done:#?}");
    let results = scene.results();
    for kind in ["check", "ceiling"] {
        assert!(of_kind(&results, kind).is_empty(), "{kind}");
    }
    assert!(of_kind(&results, "launch").iter().all(|launch: &Value| launch["outcome"] == "over-budget"));
    assert!(cells(&scene, &results).iter().all(|[outcome, _]| outcome == "over-budget"));
    assert_eq!(records(&results).pop().unwrap()["reason"], "the time of the run was up");

    Done::by(scene.command(&["run", "--no-ceilings", "--resume"]).arg(&results)).with_code(0);
    assert!(is_complete(&results));
    assert_eq!(of_kind(&results, "check").len(), 3);
    assert!(cells(&scene, &results).iter().all(|[outcome, _]| outcome == "ok"));
}
