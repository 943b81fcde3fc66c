//! `bench selfcheck`: it finds what is there, and it can fail.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::Scene;

fn selfcheck(args: &str) -> (Value, i32) {
    let scene = Scene::new();
    let args = format!("selfcheck --format json --cells 40 {args}");
    let done = scene.bench(&args.split_whitespace().collect::<Vec<_>>());
    (serde_json::from_str(&done.stdout).unwrap(), done.code.unwrap())
}

fn found(out: &Value, what: &str) -> f64 {
    let promises = out["promises"].as_array().unwrap();
    let promise = promises.iter().find(|promise| promise["what"].as_str().unwrap().contains(what)).unwrap();
    promise["found"].as_f64().unwrap()
}

#[test]
fn on_a_quiet_device_every_slowdown_is_found_and_no_other() {
    let (out, _) = selfcheck("--noise 0.2% --launch-noise 0.2% --drift 1%");
    assert_eq!(found(&out, "slowed by 2%"), 1.0);
    assert_eq!(found(&out, "slowed by 5%"), 1.0);
    assert!(found(&out, "equal devices called different") <= 0.025);
    assert!(found(&out, "known time in one launch") < 0.002);
    let same = &out["findings"]["same"];
    assert_eq!(same["same"], 40);
    assert_eq!(out, selfcheck("--noise 0.2% --launch-noise 0.2% --drift 1%").0, "by its seed, the same each time");
    let other = selfcheck("--noise 0.2% --launch-noise 0.2% --drift 1% --seed 2").0;
    assert_ne!(other["findings"]["same"], *same, "another seed draws anew");
}

#[test]
fn what_cannot_be_found_is_a_promise_not_kept() {
    let (out, code) = selfcheck("--launch-noise 20%");
    assert!(found(&out, "slowed by 2%") < 0.5);
    assert_eq!(code, 4);
}

#[test]
fn the_power_against_the_rounds_is_drawn_where_it_is_asked_for() {
    let scene = Scene::new();
    let path = scene.path("curve.svg");
    let args = ["selfcheck", "--format", "json", "--cells", "20", "--curve", path.to_str().unwrap()];
    let done = scene.bench(&args);
    let out: Value = serde_json::from_str(&done.stdout).unwrap();
    let picture = std::fs::read_to_string(&path).unwrap();
    assert!(picture.starts_with("<svg xmlns=") && picture.ends_with("</svg>\n"), "{picture}");
    assert_eq!(picture.matches("<circle").count(), out["findings"]["curve"].as_array().unwrap().len());

    let nowhere = scene.path("none/curve.svg");
    let done = scene.bench(&["selfcheck", "--cells", "20", "--curve", nowhere.to_str().unwrap()]).with_code(2);
    assert!(done.stderr.contains("curve.svg") && done.stdout.is_empty(), "{done:?}");
}

#[test]
fn there_is_no_csv_of_it() {
    let said = Scene::new().bench(&["selfcheck", "--format", "csv"]).usage_error();
    assert!(said.contains("as a table or as JSON"), "{said}");
}
