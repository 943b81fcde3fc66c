//! `bench verify` finds the mistakes that a backend's author can make: each is planted in a backend that is otherwise the
//! reference itself, and the case that must see it does, and the others do not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::{Done, Scene, example};

/// Verifies these cases on a backend with this mistake.
fn verify(mistake: &str, what: &[&str], format: &str) -> Done {
    let scene = Scene::new();
    let mut command = scene.command(&["verify", "--target", "mistaken", "--format", format]);
    Done::by(command.args(what).arg("--worker").arg(example("mistaken-worker")).env("MISTAKE", mistake))
}

const CLASSIC: [&str; 4] = ["--suite", "mlx-benchmark", "--dtype", "f32,f16,bf16"];
/// Forward in every dtype, and trained in f32.
const LAYERS: [&str; 2] = ["--suite", "layers"];
const MESSAGES: [&str; 6] = ["--suite", "graphs", "--case", "message_passing/*", "--dtype", "f32,f16,bf16"];
/// Trained in f32.
const NETWORK: [&str; 2] = ["--case", "gcn_epoch/*"];
const ALL: [&[&str]; 4] = [&CLASSIC, &LAYERS, &MESSAGES, &NETWORK];

/// Each check's case, outcome and the whole of it.
fn checks(done: &Done) -> Vec<(String, String, Value)> {
    let all: Value = serde_json::from_str(&done.stdout).unwrap();
    let text = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    let checks = all["checks"].as_array().unwrap().iter();
    checks.map(|check| (text(check, "case"), text(check, "outcome"), check.clone())).collect()
}

/// Whether a case id begins so; and where there is a `*`, has somewhere what follows it.
fn is_of(case: &str, beginning: &str) -> bool {
    let (beginning, part) = beginning.split_once('*').unwrap_or((beginning, ""));
    case.starts_with(beginning) && case.contains(part)
}

/// The workloads, or beginnings of case ids, that go wrong with this mistake, in every dtype that they have, and no others.
fn goes_wrong(mistake: &str, wrong: &[&str]) {
    goes_wrong_in(&ALL, mistake, wrong);
}

fn goes_wrong_in(whats: &[&[&str]], mistake: &str, wrong: &[&str]) {
    let mut seen = Vec::new();
    for what in whats {
        let done = verify(mistake, what, "json");
        let checks = checks(&done);
        assert!(!checks.is_empty());
        for (case, outcome, check) in &checks {
            let is_wrong = wrong.iter().any(|beginning| is_of(case, beginning));
            assert_eq!(outcome, if is_wrong { "wrong" } else { "ok" }, "{mistake}: {check:#}");
        }
        done.with_code(if checks.iter().any(|(_, outcome, _)| outcome == "wrong") { 4 } else { 0 });
        seen.extend(checks.into_iter().map(|(case, ..)| case));
    }
    for beginning in wrong {
        assert!(seen.iter().any(|case| is_of(case, beginning)), "{mistake}: no case of {beginning}");
    }
}

/// In the table, too: the case, the word, and the element that is furthest off.
fn is_shown(mistake: &str, what: &[&str], case: &str) {
    let done = verify(mistake, what, "table").with_code(4);
    let row = done.stdout.lines().find(|line| line.contains(case)).unwrap();
    let (_, worst) = row.split_once(" wrong ").unwrap();
    let parts = ["element ", " of output ", " is ", ", the f64 reference has "];
    assert!(parts.iter().all(|part| worst.contains(part)), "{row}");
}

#[test]
fn the_backend_without_a_mistake_passes() {
    for what in ALL {
        let done = verify("none", what, "table").with_code(0);
        assert!(done.stdout.contains(" 0 wrong, 0 other"), "{}", done.stdout);
        assert!(done.stdout.contains("mistaken:cpu: finish waits for "), "{}", done.stdout);
    }
}

#[test]
fn an_axis_that_is_not_passed_on() {
    // The network is left out: there, what argmax makes of another axis does not even fit.
    goes_wrong_in(&[&CLASSIC, &LAYERS, &MESSAGES], "axis", &["softmax/", "argmax/", "sum/", "cumsum/", "sort/"]);
    is_shown("axis", &CLASSIC, "softmax/24x11/f32");
}

#[test]
fn a_result_that_is_thrown_away() {
    goes_wrong("discard", &["scatter/", "scatter_sum/", "scatter_max/", "message_passing/", "gcn_epoch/sparse"]);
    is_shown("discard", &NETWORK, "gcn_epoch/sparse");
}

#[test]
fn logits_and_probabilities_taken_for_each_other() {
    goes_wrong("logits", &["bce/", "gcn_epoch/"]);
    is_shown("logits", &NETWORK, "gcn_epoch/dense");
}

#[test]
fn a_mask_that_is_all_ones() {
    goes_wrong("mask", &["sdpa/", "causal_attention/", "attention/", "attention_train/", "gcn_epoch/"]);
    is_shown("mask", &NETWORK, "gcn_epoch/dense");
}

#[test]
fn an_addend_left_out() {
    // Residual connections, and the biases of convolutions and of the network.
    goes_wrong("addend", &["transformer/", "transformer_train/", "conv_block/", "conv_block_train/", "gcn_epoch/"]);
}

#[test]
fn a_bias_left_out() {
    let layers =
        ["linear", "mlp", "attention", "transformer"].map(|layer| [format!("{layer}/"), format!("{layer}_train/")]);
    goes_wrong("bias", &layers.as_flattened().iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn a_norm_without_its_weight_and_bias() {
    goes_wrong("affine", &["transformer/", "transformer_train/"]);
}

#[test]
fn scores_scaled_twice() {
    let [attention, transformer] = [["attention/", "attention_train/"], ["transformer/", "transformer_train/"]];
    goes_wrong("scale", &[&["sdpa/", "causal_attention/"], &attention[..], &transformer].concat());
}

#[test]
fn heads_that_take_turns() {
    // Where each has its own k and v, there are no turns to take.
    goes_wrong("heads", &["causal_attention/", "attention/*-groups", "attention_train/*-groups"]);
}

#[test]
fn a_parameter_that_is_not_trained() {
    let trained = ["linear_train/", "mlp_train/", "conv_block_train/", "attention_train/", "transformer_train/"];
    goes_wrong("gradient", &[&trained[..], &["gcn_epoch/"]].concat());
}

#[test]
fn work_that_finish_does_not_wait_for() {
    // Its values are right, whoever reads them waits; its times would all be wrong.
    goes_wrong("unfinished", &[""]);
    let done = verify("unfinished", &["--case", "matmul/*"], "table").with_code(4);
    let row = done.stdout.lines().find(|line| line.contains("matmul/")).unwrap();
    assert!(row.contains(" wrong ") && row.contains("its work is not waited for: finish returned after "), "{row}");
}

#[test]
fn f32_with_the_error_of_tf32_is_labelled() {
    let what = ["--suite", "mlx-benchmark", "--case", "matmul/*,linear/*,softmax/*", "--dtype", "f32,f16"];
    let done = verify("tf32", &what, "json").with_code(0);
    for (case, outcome, check) in checks(&done) {
        let multiplies = case.starts_with("matmul/") || case.starts_with("linear/");
        // f16 has eleven bits itself.
        let labelled = multiplies && case.ends_with("/f32");
        assert_eq!((outcome.as_str(), check["tf32"] == true), ("ok", labelled), "{check:#}");
    }
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
