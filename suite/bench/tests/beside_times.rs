//! What a run measures beside times: ceilings and memory.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::{Done, Scene, of_kind, records};

/// One product of 8 MiB, and one row too small to notice.
const CASES: &str = "matmul/1024x1024@1024x1024/f32,softmax/64x1000/f32";

fn run(scene: &Scene, more: &[&str]) -> Value {
    let mut command = scene.command(&["run", "--target", "candle:cpu", "--tier", "full", "--mode", "latency"]);
    command.args(["--rounds", "1", "--format", "json", "--case", CASES, "--suite"]).arg(scene.suite());
    let done = Done::by(command.arg("--out").arg(scene.out()).args(more)).with_code(0);
    serde_json::from_str(&done.stdout).unwrap()
}

#[test]
fn rates_are_shares_of_what_the_device_reached_and_memory_is_what_calls_added() {
    let scene = Scene::new();
    let report = run(&scene, &["--memory"]);
    let path = scene.results();

    let ceilings = of_kind(&path, "ceiling");
    for workload in ["copy/", "triad/", "sum_all/", "matmul/512x512@512x512/"] {
        let tried = ceilings.iter().find(|ceiling| ceiling["case"].as_str().unwrap().starts_with(workload)).unwrap();
        assert_eq!(tried["outcome"], "ok", "{tried}");
    }
    let reached = &report["runs"][0]["ceilings"][0];
    assert_eq!((&reached["place"], &reached["dtype"]), (&"cpu".into(), &"f32".into()));
    let best = reached["gflops"]["rate"].as_f64().unwrap();
    let cells = cells(&report);
    let product = cells.iter().find(|cell| cell["case"].as_str().unwrap().starts_with("matmul")).unwrap();
    let share = product["shares"]["gflops_of_measured"].as_f64().unwrap();
    let by_hand = product["gflops"].as_f64().unwrap() / best;
    assert!((share - by_hand).abs() < 1e-9 && share > 0.1 && share < 3.0, "{share} {by_hand}");

    // The product's output is 4 MiB, and is made anew in every call; the row of softmax is 256 kB.
    let passes = of_kind(&path, "memory");
    assert_eq!(passes.len(), 2);
    let added = |cell: &Value| {
        let memory = &cell["memory"];
        memory["process_peak_bytes"].as_u64().unwrap() - memory["before_bytes"].as_u64().unwrap()
    };
    if cfg!(target_os = "linux") {
        let bytes = added(product);
        assert!((4 << 20..64 << 20).contains(&bytes), "{bytes}");
    }
    // Each in a process of its own.
    let workers = records(&path).into_iter().filter(|record| record["purpose"] == "memory").count();
    assert_eq!(workers, 2);
}

#[test]
fn neither_is_measured_where_it_is_not_wanted() {
    let scene = Scene::new();
    let report = run(&scene, &["--no-ceilings"]);
    assert!(of_kind(&scene.results(), "ceiling").is_empty() && of_kind(&scene.results(), "memory").is_empty());
    assert!(cells(&report).iter().all(|cell| cell["shares"].is_null() && cell["memory"].is_null()));
}

fn cells(report: &Value) -> Vec<Value> {
    let modes = report["runs"][0]["modes"].as_array().unwrap().iter();
    let workloads = modes.flat_map(|mode| mode["workloads"].as_array().unwrap());
    let cases = workloads.flat_map(|workload| workload["cases"].as_array().unwrap());
    cases.flat_map(|case| case["cells"].as_array().unwrap()).cloned().collect()
}
