//! Suite files: the built-in ones are sound, and what is wrong with a file is said with its line.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chipmark_workloads::suite::BUILT_IN;
use chipmark_workloads::{Suite, SuiteError, catalogue};

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
    for &(name, _) in BUILT_IN {
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

#[test]
fn parts_and_their_mistakes() {
    let parts =
        "workload = \"matmul\"\nparts = { m = [1, 2, 4], k = 8, n = [16, \"32\"], dtype = [\"f32\", \"bf16\"] }";
    let suite = read(&GOOD.replace("cases = [\"softmax/*\"]", parts)).unwrap();
    let cases = suite.select[0].spelled_out().unwrap();
    assert_eq!(cases.len(), 3 * 2 * 2);
    assert_eq!(
        (cases[0].to_string(), cases[11].to_string()),
        ("matmul/1x8@8x16/f32".into(), "matmul/4x8@8x32/bf16".into())
    );

    let wrong = message(&GOOD.replace("cases = [\"softmax/*\"]", &parts.replace("k = 8", "kk = 8")));
    assert!(wrong.contains("line 13") && wrong.contains("matmul is written by a, b, or by m, k, n"), "{wrong}");
    let misfit = parts
        .replace("matmul", "conv2d")
        .replace("m = [1, 2, 4], k = 8, n = [16, \"32\"]", "image = \"1x2x2x3\", filter = \"1x3x3x3\"");
    let misfit = message(&GOOD.replace("cases = [\"softmax/*\"]", &misfit));
    assert!(misfit.contains("line 13") && misfit.contains("larger than the images"), "{misfit}");
    let orphan = message(&GOOD.replace("cases = [\"softmax/*\"]", "cases = [\"softmax/*\"]\nparts = { m = 1 }"));
    assert!(orphan.contains("parts need their workload"), "{orphan}");
    let from = message(&GOOD.replace("cases =", "from = \"nowhere\"\ncases ="));
    assert!(from.contains("'nowhere' is no built-in suite"), "{from}");
}

#[test]
fn targets_with_an_environment_have_a_name_for_it() {
    let target =
        "\n[[target]]\nname = \"mlx:cpu+openblas\"\nenv = { LD_PRELOAD = \"libopenblas.so.0\" }\nblas = \"openblas\"\n";
    let suite = read(&format!("{GOOD}{target}")).unwrap();
    assert_eq!(suite.targets[0].name.variant.as_deref(), Some("openblas"));
    assert_eq!(suite.targets[0].env["LD_PRELOAD"], "libopenblas.so.0");
    let plain = message(&format!("{GOOD}{}", target.replace("+openblas", "")));
    assert!(plain.contains("line 16") && plain.contains("give it a name, such as mlx:cpu+mine"), "{plain}");
    let twice = message(&format!("{GOOD}{target}{target}"));
    assert!(twice.contains("mlx:cpu+openblas is there twice"), "{twice}");
    let unknown = message(&format!("{GOOD}{}", target.replace("mlx:cpu+openblas", "mlx")));
    assert!(unknown.contains("line 16") && unknown.contains("is not a target"), "{unknown}");
}

#[test]
fn the_catalogue_is_what_the_suites_spell_out() {
    let all = catalogue(None);
    let mut ids: Vec<String> = all.iter().map(|info| info.case.to_string()).collect();
    assert!(ids.contains(&"matmul/16x4096@4096x14336/bf16".to_owned()));
    assert!(ids.contains(&"linear/100x1024x512@512x1024/f32".to_owned()));
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
    let classic = catalogue(Some("mlx-benchmark"));
    assert!(!classic.is_empty() && classic.iter().all(|info| all.contains(info)));
}
