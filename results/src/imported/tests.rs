use super::*;
use crate::store;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

const HEAD: &str = r#"{"record":"imported-table","schema":1,"source":{"title":"A page","url":"https://example.org/a","licence":"CC0","authors":"A"},"heading":"M1","machine":{"chip":"Apple M1"},"statistic":"mean"}"#;
const FIGURE: &str = r#"{"record":"imported","workload":"relu","case":"relu/2x2/f32","target":"mlx:gpu","mode":"latency","printed":"1.81","time_ns":1810000.0,"outcome":"imported","faults":["mask-all-ones"]}"#;

fn parsed(text: &str) -> Result<ImportedTable, String> {
    read::parse(Path::new("t.jsonl"), text).map_err(|error| error.to_string())
}

fn file(content: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.jsonl");
    fs::write(&path, content).unwrap();
    (folder, path)
}

#[test]
fn a_table_is_read_back_as_it_was_written() {
    let text = format!("{HEAD}\n{FIGURE}\n");
    let (_folder, path) = file(&text);
    let table = read(&path).unwrap();
    assert_eq!((table.path.as_path(), table.machine.chip.as_str()), (path.as_path(), "Apple M1"));
    assert_eq!(table.figures[0].faults, [Fault::MaskAllOnes].into());
    assert_eq!(table.text().unwrap(), text);
}

#[test]
fn unknown_keys_and_kinds_are_passed_over() {
    let head = HEAD.replace("\"schema\":1", "\"schema\":1,\"colour\":\"red\"").replace("\"A\"", "\"A\",\"pages\":3");
    let text =
        format!("{head}\n{}\n{{\"record\":\"note\",\"text\":\"x\"}}\n", FIGURE.replace("1.81", "1.81\",\"more\":\"1"));
    assert_eq!(parsed(&text).unwrap().figures.len(), 1);
}

#[test]
fn what_breaks_the_rules_is_said_with_its_line() {
    for (from, to, says) in [
        ("imported-table", "run", "t.jsonl:1: no imported table: the first line is a record of kind 'run'"),
        ("\"schema\":1", "\"schema\":0", "t.jsonl:1: its schema is not"),
        ("\"schema\":1", "\"schema\":2", "t.jsonl:1: written by a newer bench"),
        ("\"schema\":1", "\"schema\":\"one\"", "t.jsonl:1: invalid type"),
        ("https://example.org/a", "javascript:alert(1)", "t.jsonl:1: 'javascript:alert(1)' is no address"),
        ("https://example.org/a", "https://example.org/'><b>", "is no address"),
        ("A page", "", "t.jsonl:1: the title is empty"),
        ("A page", "A\\u202e page", "t.jsonl:1: the title has a character that is no plain text (U+202E)"),
        ("Apple M1", "Apple\\u0000", "t.jsonl:1: the chip has a character"),
        ("\"heading\":\"M1\"", "\"heading\":\"\\n\"", "t.jsonl:1: the heading is empty"),
        ("{\"chip\":\"Apple M1\"}", "{\"chip\":\"A\",\"memory_bytes\":-1}", "t.jsonl:1: invalid value"),
        ("{\"chip\":\"Apple M1\"}", "{\"chip\":\"A\",\"gpu_cores\":0}", "t.jsonl:1: no graphics processor"),
        ("\"statistic\":\"mean\"", "\"statistic\":\"best\"", "t.jsonl:1: unknown variant `best`"),
        ("\"imported\",\"workload\"", "\"imported-table\",\"workload\"", "t.jsonl:2: a second table"),
        ("1810000.0", "-1.0", "t.jsonl:2: relu/2x2/f32 mlx:gpu: -1.0 ns cannot be"),
        ("1810000.0", "0", "t.jsonl:2: relu/2x2/f32 mlx:gpu: 0.0 ns cannot be"),
        ("1810000.0", "1e300", "ns cannot be the time of a call"),
        ("1810000.0", "1e999", "t.jsonl:2: number out of range"),
        ("1810000.0", "NaN", "t.jsonl:2: expected value"),
        ("\"time_ns\":1810000.0,", "", "there is no time"),
        ("\"outcome\":\"imported\"", "\"outcome\":\"printed-as-nan\"", "there is a time, though"),
        ("\"outcome\":\"imported\"", "\"outcome\":\"ok\"", "t.jsonl:2: unknown variant `ok`"),
        ("mask-all-ones", "below-resolution", "do not go together"),
        ("mask-all-ones", "bad-luck", "t.jsonl:2: unknown variant `bad-luck`"),
        ("\"workload\":\"relu\"", "\"workload\":\"selu\"", "the case relu/2x2/f32 is none of the workload selu"),
        ("\"workload\":\"relu\"", "\"workload\":\"../relu\"", "t.jsonl:2: '../relu' is no workload's id"),
        ("mlx:gpu", "mlx", "t.jsonl:2: 'mlx' is not a target"),
        ("relu/2x2/f32", "relu", "t.jsonl:2: 'relu' is not a case id"),
        ("\"printed\":\"1.81\"", "\"printed\":\"\"", "t.jsonl:2: the printed text is empty"),
        ("{\"record\":\"imported\",", "[", "t.jsonl:2: it is no JSON object"),
        (",\"faults\":[\"mask-all-ones\"]}", "", "t.jsonl:2: EOF while parsing"),
    ] {
        let good = format!("{HEAD}\n{FIGURE}\n");
        let bad = good.replacen(from, to, 1);
        assert_ne!(good, bad, "{from}");
        let why = parsed(&bad).unwrap_err();
        assert!(why.contains(says) && !why.contains('\n') && why.len() < 400, "{why}\nnot: {says}");
    }
    assert!(parsed("").unwrap_err().contains("empty"));
    let twice = parsed(&format!("{HEAD}\n{FIGURE}\n{FIGURE}\n")).unwrap_err();
    assert_eq!(twice, "t.jsonl:3: relu/2x2/f32 mlx:gpu latency stands there twice");
}

#[test]
fn sizes_are_bounded() {
    let long = format!("{HEAD}\n{}\n", FIGURE.replace("1.81", &"x".repeat(MAX_LINE_BYTES)));
    assert_eq!(parsed(&long).unwrap_err(), "t.jsonl:2: the line is longer than 8 KiB");

    let mut text = format!("{HEAD}\n");
    for n in 0..=MAX_FIGURES {
        text += &format!("{}\n", FIGURE.replace("2x2", &format!("2x{}", n + 1)));
    }
    assert!(parsed(&text).unwrap_err().ends_with(":20002: the table has more than 20000 figures"));

    let (_folder, path) = file("x");
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
    assert!(read(&path).unwrap_err().to_string().ends_with("the file is larger than 8 MiB"));

    let (_folder, path) = file(b"a\nb\xff\n");
    assert!(read(&path).unwrap_err().to_string().ends_with("t.jsonl:2: not UTF-8 text"));
    assert!(read(Path::new("/no/such/file.jsonl")).unwrap_err().to_string().contains("cannot read it"));
}

#[test]
fn an_imported_table_and_a_results_file_are_not_taken_for_each_other() {
    let (_folder, path) = file(format!("{HEAD}\n{FIGURE}\n"));
    assert!(store::read(&path).unwrap_err().to_string().contains("not a results file"));
    let (_folder, path) = file(crate::fixture::text());
    assert!(
        read(&path).unwrap_err().to_string().contains("no imported table: the first line is a record of kind 'run'")
    );
}

#[test]
fn every_fault_has_a_name_and_a_sentence() {
    for fault in Fault::ALL {
        assert_eq!(serde_json::to_string(&fault).unwrap(), format!("\"{fault}\""));
        assert!(fault.about().ends_with('.') && fault.about().len() > 40 && !fault.about().contains("  "), "{fault}");
    }
    for statistic in [Statistic::Mean, Statistic::Median, Statistic::Minimum, Statistic::Unstated] {
        assert_eq!(serde_json::to_string(&statistic).unwrap(), format!("\"{}\"", statistic.name()));
    }
    for outcome in [ImportedOutcome::Imported, ImportedOutcome::PrintedAsNan, ImportedOutcome::BelowResolution] {
        assert_eq!(serde_json::to_string(&outcome).unwrap(), format!("\"{outcome}\""));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_with_anything_changed_never_panics_and_complains_in_one_line(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 1..6),
    ) {
        let mut text: Vec<char> = format!("{HEAD}\n{FIGURE}\n").chars().collect();
        for (at, c) in changes {
            let at = at.index(text.len());
            text[at] = c;
        }
        match parsed(&text.into_iter().collect::<String>()) {
            Err(why) => prop_assert!(!why.contains('\n') && why.len() < 1000, "{}", why),
            // Whatever can be read can be written.
            Ok(table) => prop_assert!(table.text().is_ok()),
        }
    }
}
