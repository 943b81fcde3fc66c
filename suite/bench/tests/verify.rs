//! `bench verify` finds the mistakes that a backend's author can make: each is planted in a backend that is otherwise the
//! reference itself, and the case that must see it does, and the others do not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::{Done, Scene, example};

/// Verifies a few cases of each workload on a backend with this mistake.
fn verify(mistake: &str, format: &str) -> Done {
    let scene = Scene::new();
    let cases = "matmul/*,softmax/*,gcn_epoch/*,conv2d/100x28x28x3*";
    let mut command = scene.command(&["verify", "--target", "mistaken", "--case", cases, "--format", format]);
    Done::by(command.arg("--worker").arg(example("mistaken-worker")).env("MISTAKE", mistake))
}

/// The workloads, or beginnings of case ids, that go wrong with this mistake, and no others.
fn goes_wrong(mistake: &str, wrong: &[&str]) {
    let done = verify(mistake, "json").with_code(4);
    let all: Value = serde_json::from_str(&done.stdout).unwrap();
    let checks = all["checks"].as_array().unwrap();
    for beginning in ["matmul/", "softmax/", "gcn_epoch/dense", "gcn_epoch/sparse", "conv2d/"] {
        let of_case = |check: &&Value| check["case"].as_str().unwrap().starts_with(beginning);
        let checks: Vec<&Value> = checks.iter().filter(of_case).collect();
        assert!(!checks.is_empty(), "{mistake}: {beginning}");
        let expected = if wrong.contains(&beginning) { "wrong" } else { "ok" };
        for check in checks {
            assert_eq!(check["outcome"], expected, "{mistake}: {check:#}");
        }
    }
}

/// In the table, too: the case, the word, and the element that is furthest off.
fn is_shown(mistake: &str, case: &str) {
    let done = verify(mistake, "table").with_code(4);
    let row = done.stdout.lines().find(|line| line.contains(case)).unwrap();
    let (_, worst) = row.split_once(" wrong ").unwrap();
    let parts = ["element ", " of output ", " is ", ", the f64 reference has "];
    assert!(parts.iter().all(|part| worst.contains(part)), "{row}");
}

#[test]
fn the_backend_without_a_mistake_passes() {
    let done = verify("none", "table").with_code(0);
    assert!(done.stdout.contains(" 0 wrong, 0 other"), "{}", done.stdout);
    assert!(done.stdout.contains("mistaken:cpu: finish waits for "), "{}", done.stdout);
}

#[test]
fn an_axis_that_is_not_passed_on() {
    goes_wrong("axis", &["softmax/"]);
    is_shown("axis", "softmax/24x11/f32");
}

#[test]
fn a_result_that_is_thrown_away() {
    goes_wrong("discard", &["gcn_epoch/sparse"]);
    is_shown("discard", "gcn_epoch/sparse");
}

#[test]
fn logits_taken_as_log_probabilities() {
    goes_wrong("logits", &["gcn_epoch/dense", "gcn_epoch/sparse"]);
    is_shown("logits", "gcn_epoch/dense");
}

#[test]
fn a_dropout_that_drops_nothing() {
    goes_wrong("mask", &["gcn_epoch/dense", "gcn_epoch/sparse"]);
    is_shown("mask", "gcn_epoch/dense");
}

#[test]
fn work_that_finish_does_not_wait_for() {
    // Its values are right, whoever reads them waits; its times would all be wrong.
    goes_wrong("unfinished", &["matmul/", "softmax/", "gcn_epoch/dense", "gcn_epoch/sparse", "conv2d/"]);
    let done = verify("unfinished", "table").with_code(4);
    let row = done.stdout.lines().find(|line| line.contains("matmul/")).unwrap();
    assert!(row.contains(" wrong ") && row.contains("its work is not waited for: finish returned after "), "{row}");
}

#[test]
fn a_wrong_cell_gets_no_time() {
    let scene = Scene::new();
    let mut command = scene.command(&["run", "--target", "mistaken", "--suite"]);
    command.arg(scene.suite()).arg("--out").arg(scene.out()).arg("--worker").arg(example("mistaken-worker"));
    let done = Done::by(command.env("MISTAKE", "axis")).with_code(4);
    let softmax = support::launches(&scene.results(), "softmax/");
    assert!(!softmax.is_empty(), "{done:#?}");
    assert!(softmax.iter().all(|launch| launch["outcome"] == "wrong" && launch["samples"].is_null()), "{softmax:#?}");
    assert_eq!(support::measured(&scene.results()).len(), 4, "both products, in both rounds: {done:#?}");
}
