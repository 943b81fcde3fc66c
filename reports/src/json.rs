//! The report model as JSON, for programs that want what the tables show without computing it again.

use crate::model::Report;

/// The report as indented JSON, ending in a newline. `suite/docs/SCHEMA.md` describes it.
///
/// # Errors
/// None in practice: every part of the model has a JSON form.
pub fn json(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipmark_results::fixture;

    #[test]
    fn the_model_is_there_with_times_words_and_footnotes() {
        let value: serde_json::Value = serde_json::from_str(&json(&Report::new(&[fixture::file()])).unwrap()).unwrap();
        let run = &value["runs"][0];
        assert_eq!((&run["timed"], &run["planned"]), (&10.into(), &14.into()));
        assert_eq!(run["bare_waits"][1], serde_json::json!({ "target": fixture::TCH, "ns": 100.0 }));
        assert_eq!(run["disturbances"][1], "when it started: indexer takes 35% of a core");
        assert_eq!(run["vendor"][0]["rate"], 400.0);
        let matmul = &run["modes"][0]["workloads"][0]["cases"][0];
        assert_eq!(matmul["best"]["gflops"], 2_000_000.0 / 1010.0);
        let cell = &matmul["cells"][0];
        assert_eq!(cell["case"], fixture::MATMUL);
        assert_eq!(cell["target"], fixture::CANDLE);
        assert_eq!((&cell["outcome"], &cell["fastest"]), (&"ok".into(), &true.into()));
        assert_eq!(cell["estimate"]["launch_medians_ns"], serde_json::json!([1000.0, 1010.0, 1020.0]));
        let wrong = &run["modes"][0]["workloads"][2]["cases"][0]["cells"][1];
        assert_eq!((&wrong["outcome"], &wrong["estimate"]), (&"wrong".into(), &serde_json::Value::Null));
        let note = wrong["footnotes"][0].as_u64().unwrap();
        let note = &run["footnotes"][usize::try_from(note).unwrap()];
        assert_eq!(note, "wrong: element 17 of output 0 is 2 instead of 1");
    }
}
