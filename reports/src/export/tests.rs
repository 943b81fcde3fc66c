//! The exports of the fixture run read back as its timed cells, and as nothing else.

use super::*;
use crate::Report;
use chipmark_results::fixture;
use serde_json::{Value, json};

fn run() -> RunReport {
    Report::new(&[fixture::file()]).runs.remove(0)
}

#[test]
fn each_timed_cell_is_an_entry_for_github() {
    let run = run();
    let entries: Vec<Value> = serde_json::from_str(&github_action_benchmark(&run).unwrap()).unwrap();
    assert_eq!(entries.len(), run.timed);
    assert_eq!(
        entries[0],
        json!({
            "name": "matmul/100x100@100x100/f32 candle:cpu latency",
            "unit": "ns",
            "value": 1010.0,
            "range": "1000 … 1020",
            "extra": "candle 0.11.0 on Apple M3 Max\n3 launches, 9 samples\nwarm inputs\n\
                at the start: power ac · low-power mode off · thermal state nominal · governor performance · clock limit 4056 \
                of 4056 MHz · load 0.50 · free memory 32 GiB · GPU Apple M3 Max GPU at 1398 of 1398 MHz, 45 °C, 2 of 60 W, held \
                down by thermal\n\
                when it started: the clocks of Apple M3 Max GPU are held down (thermal)\n\
                when it started: indexer takes 35% of a core\n\
                when it ended: the clocks of Apple M3 Max GPU are held down (thermal)",
        })
    );
    let softmax = entries.iter().find(|entry| entry["name"] == "softmax/100x50/f32 tch:cpu latency").unwrap();
    let extra = softmax["extra"].as_str().unwrap();
    assert!(extra.contains("\nfew-samples\n1 of 3 launches: crashed"), "{extra}");
    assert!(!entries.iter().any(|entry| entry["name"].as_str().unwrap().starts_with("conv2d")), "it has no time");
    let mut names: Vec<&str> = entries.iter().map(|entry| entry["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), entries.len(), "a chart is found by its name");
}

#[test]
fn each_mode_is_a_measure_for_bencher() {
    let value: Value = serde_json::from_str(&bencher(&run()).unwrap()).unwrap();
    let metric = json!({ "value": 1010.0, "lower_value": 1000.0, "upper_value": 1020.0 });
    assert_eq!(
        value["matmul/100x100@100x100/f32 candle:cpu"],
        json!({
            "latency": metric,
            "throughput-time": metric,
            "transfer": metric,
            "first-call": { "value": 50500.0, "lower_value": 50000.0, "upper_value": 51000.0 },
        })
    );
    let benchmarks = value.as_object().unwrap();
    assert_eq!(benchmarks.len(), 4, "what has no time is not there");
    // What the format asks for: <https://bencher.dev/bmf.json>, and slugs of at most 64 characters.
    for (slug, metric) in benchmarks.values().flat_map(|measures| measures.as_object().unwrap()) {
        assert!(slug.len() <= 64 && metric["value"].is_number());
        let [value, lower, upper] = ["value", "lower_value", "upper_value"].map(|key| metric[key].as_f64().unwrap());
        assert!(lower <= value && value <= upper);
    }
}

#[test]
fn a_run_without_times_is_an_empty_export() {
    let file = fixture::file_of(fixture::run(), Vec::new());
    let run = Report::new(&[file]).runs.remove(0);
    assert_eq!(github_action_benchmark(&run).unwrap(), "[]\n");
    assert_eq!(bencher(&run).unwrap(), "{}\n");
}
