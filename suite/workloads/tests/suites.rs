//! Suite files: the built-in ones are sound, and what is wrong with a file is said with its line.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chipmark_workloads::suite::BUILT_IN;
use chipmark_workloads::{Suite, SuiteError};

const GOOD: &str = r#"about = "a test"
tier = "tiny"
rounds = 2
[sampling]
warm_up_s = 0.1
max_warm_up_s = 0.5
sample_s = 0.2
min_samples = 5
max_samples = 100
min_block_s = 0.005
max_block_s = 0.1
[[select]]
cases = ["softmax/*"]
"#;

fn read(text: &str) -> Result<Suite, SuiteError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, text).unwrap();
    Suite::find(path.to_str().unwrap())
}

fn message(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn the_built_in_suites_are_sound() {
    for (name, _) in BUILT_IN {
        assert_eq!(Suite::find(name).unwrap().name, name);
    }
}

#[test]
fn a_file_is_a_suite_with_its_own_name() {
    assert_eq!(read(GOOD).unwrap().name, "mine");
}

#[test]
fn a_mistake_is_named_with_its_line_and_key() {
    let unknown = message(&GOOD.replace("tier =", "teir ="));
    assert!(unknown.contains("line 2") && unknown.contains("teir"), "{unknown}");
    let inner = message(&GOOD.replace("max_samples", "most_samples"));
    assert!(inner.contains("line 9") && inner.contains("most_samples"), "{inner}");
    let shape = message(&GOOD.replace("\"softmax/*\"", "\n  \"matmul/2x3@4x2/f32\","));
    assert!(shape.contains("line 14") && shape.contains("differ"), "{shape}");
    let syntax = message(&GOOD.replace("rounds = 2", "rounds = "));
    assert!(syntax.contains("line 3"), "{syntax}");
    let order = message(&GOOD.replace("max_warm_up_s = 0.5", "max_warm_up_s = 0.05"));
    assert!(order.contains("line 4") && order.contains("minimum"), "{order}");
    let rounds = message(&GOOD.replace("rounds = 2", "rounds = 0"));
    assert!(rounds.contains("line 3"), "{rounds}");
    assert!(message(&GOOD.replace("\"softmax/*\"", "")).contains("selects no case"));
}

#[test]
fn an_unknown_suite_names_the_nearest() {
    let error = Suite::find("quik").unwrap_err().to_string();
    assert!(error.contains("did you mean 'quick'"), "{error}");
}
