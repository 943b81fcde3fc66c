use super::*;
use crate::imported::{Counts, ImportedOutcome};
use proptest::prelude::*;

const SEVEN: &str = "| Operation | mlx_gpu | mlx_cpu | mps | cpu | mlx_gpu/mps speedup | mlx_gpu/mlx_cpu speedup |\n\
                     |-----|----|----|----|----|----|----|\n";
const NINE: &str = "| Operation | mlx_gpu | mlx_gpu_compile | mlx_cpu | mps | cpu | mlx_gpu_compile/mlx_gpu speedup | \
                    mlx_gpu/mps speedup | mlx_gpu/mlx_cpu speedup |\n|--|--|--|--|--|--|--|--|--|\n";
const FOUR: &str = "| Operation | cpu | cuda | cuda/cpu speedup |\n|---|---|---|---|\n";

fn parsed(text: &str) -> Result<Vec<ImportedTable>, String> {
    parse(Path::new("page.md"), text, &|case| case.label != "999").map_err(|error| error.to_string())
}

#[track_caller]
fn one(text: &str) -> ImportedTable {
    let mut tables = parsed(text).unwrap();
    assert_eq!(tables.len(), 1);
    tables.remove(0)
}

#[track_caller]
fn refused(text: &str) -> String {
    let why = parsed(text).unwrap_err();
    assert!(why.starts_with("page.md:") && !why.contains('\n') && why.len() < 400, "{why}");
    why
}

fn with_faults(table: &ImportedTable) -> Vec<(String, String, Vec<&'static str>)> {
    let names = |figure: &Figure| figure.faults.iter().map(|fault| fault.name()).collect();
    table.figures.iter().map(|figure| (figure.subject(), figure.target.to_string(), names(figure))).collect()
}

#[test]
fn a_table_of_seven_columns_is_of_a_time_when_the_axis_was_passed() {
    let table = one(&format!(
        "# Title\n\nProse in `milliseconds`.\n\n* `cpu`: a bullet\n\n## Apple\n\n**M7 (cores: 4E+4P+8GPU)**\n\n{SEVEN}\
         | Argmax / dim=64x1024x128 axi=0  |   2.00 |  10.00 |   3.00 |  20.56 |    +50% |   +400% |\n\
         | BCE / dim=1000000 dim=1000000   |   2.00 |   1.00 |   2.00 |   1.00 |      0% |    -50% |\n\n"
    ));
    assert_eq!(table.path, Path::new("m7-4e-4p-8gpu-detailed.jsonl"));
    assert_eq!(table.heading, "M7 (cores: 4E+4P+8GPU)");
    assert_eq!(table.figures.len(), 8);
    let first = &table.figures[0];
    assert_eq!(first.case.as_ref().unwrap().to_string(), "argmax/64x1024x128-axis0/f32");
    assert_eq!((first.target.to_string().as_str(), first.mode), ("mlx:gpu", Mode::Latency));
    assert_eq!((first.printed.as_str(), first.time_ns), ("2.00", Some(2_000_000.0)));
    assert_eq!((first.outcome, first.faults.len()), (ImportedOutcome::Imported, 0));
    let targets: Vec<String> = table.figures.iter().take(4).map(|figure| figure.target.to_string()).collect();
    assert_eq!(targets, ["mlx:gpu", "mlx:cpu", "tch:mps", "tch:cpu"]);
    assert!(table.figures[4..].iter().all(|figure| figure.faults == [Fault::LogitsOnOneSide].into()));
    let counts = Counts { rows: 2, times: 8, faulty: 4, ..Counts::default() };
    assert_eq!(table.counts(), counts);
}

#[test]
fn a_table_of_nine_columns_has_the_known_faults() {
    let table = one(&format!(
        "**M7 Ultra (4E+16P+48GPU+64GB)** mlx: 0.29.3 torch: 2.8.0\n{NINE}\
         | Softmax / dim=64x1000000 axi=-1 | 2.00 | 1.00 | 4.00 | 2.00 | 2.00 | +100% | +0% | +100% |\n\
         | ScatterSum / dim=64x16 dim=10 | 0.00 | 0.00 | 0.00 | 0.39 | 0.00 | +33% | +18297% | -3% |\n\
         | ReLU / dim=128x16x1024 | 0.26 | 0.30 | 0.31 | 0.25 | 0.14 | -11% | -4% | +16% |\n"
    ));
    let said: Vec<(String, Vec<&str>)> =
        with_faults(&table).into_iter().map(|(_, target, faults)| (target, faults)).collect();
    let axis = vec!["axis-not-passed"];
    let scatter = vec!["scatter-discarded", "below-resolution"];
    let expected: Vec<(&str, Vec<&str>)> = vec![
        ("mlx:gpu", axis.clone()),
        ("mlx:gpu+compile", axis.clone()),
        ("mlx:cpu", axis),
        ("tch:mps", vec![]),
        ("tch:cpu", vec![]),
        ("mlx:gpu", scatter.clone()),
        ("mlx:gpu+compile", scatter.clone()),
        ("mlx:cpu", scatter),
        ("tch:mps", vec!["first-column-only"]),
        ("tch:cpu", vec!["first-column-only", "below-resolution"]),
    ];
    let said: Vec<(&str, Vec<&str>)> = said.iter().map(|(target, faults)| (target.as_str(), faults.clone())).collect();
    assert_eq!(said[..10], expected);
    assert!(table.figures[10..].iter().all(|figure| figure.faults.is_empty()));
    let zero = &table.figures[5];
    assert_eq!((zero.printed.as_str(), zero.time_ns, zero.outcome), ("0.00", None, ImportedOutcome::BelowResolution));
    let counts = Counts { rows: 3, times: 11, below_resolution: 4, faulty: 4, ..Counts::default() };
    assert_eq!(table.counts(), counts);
}

#[test]
fn a_card_s_table_has_nan_and_a_heading_that_is_not_bold() {
    let table = one(&format!(
        "## CUDA GPUs\n\nA100 80GB 80GB PCIe ((Server) / Some(R) Host CPU @ 3.10GHz, 754GB)\n\n{FOUR}\
         | ScatterMax / dim=64x16 dim=10 |    nan |    nan |    nan% |\n\
         | ScaledDotProductAttention / dim=2x3x4x5 dim=2x3x6x5 dim=2x3x6x5 | 10.00 | 1.00 | +900% |\n"
    ));
    assert_eq!(table.path, Path::new("a100-80gb-pcie-server-detailed.jsonl"));
    let targets: Vec<String> = table.figures.iter().map(|figure| figure.target.to_string()).collect();
    assert_eq!(targets, ["tch:cpu", "tch:cuda:0", "tch:cpu", "tch:cuda:0"]);
    let nan = &table.figures[1];
    assert_eq!((nan.printed.as_str(), nan.time_ns, nan.outcome), ("nan", None, ImportedOutcome::PrintedAsNan));
    assert_eq!(table.figures[3].faults, [Fault::MaskAllOnes].into());
    assert_eq!(table.machine.computes(chipmark_core::Device::Cpu), Some("Some(R) Host CPU @ 3.10GHz"));
    assert_eq!(table.machine.computes(chipmark_core::Device::Cuda(0)), Some("NVIDIA A100 80GB PCIe"));
    assert_eq!((table.counts().nan, table.counts().times), (2, 2));
}

#[test]
fn a_table_of_means_has_no_cases_and_may_stand_below_a_caption() {
    let table = one(&format!(
        "**M7 (RAM: 16GB)**  - mlx 0.2.0\n\n Average benchmark:\n{SEVEN}\
         | LayerNorm | 1.00 | 2.00 | 1.00 | 1.00 | 0% | +100% |\n| Sum | 1.00 | 2.00 | 1.00 | 1.00 | 0% | +99% |\n"
    ));
    assert_eq!(table.path, Path::new("m7-16gb-average.jsonl"));
    assert!(table.figures.iter().all(|figure| figure.case.is_none() && figure.faults.is_empty()));
    assert_eq!(table.figures[4].workload, "sum");
    let text = table.text().unwrap();
    assert!(text.contains(r#"{"record":"imported","workload":"sum","case":null,"target":"mlx:gpu","mode":"latency","printed":"1.00","time_ns":1000000.0,"outcome":"imported"}"#), "{text}");
}

#[test]
fn a_row_that_contradicts_itself_is_kept_and_marked_on_both_times() {
    let table = one(&format!(
        "**M7 (1GB)**\n{SEVEN}| ReLU / dim=2x2 | 1.00 | 3.00 | 2.00 | 9.00 | +50% | +200% |\n\
         | ReLU / dim=2x3 | 1.00 | 3.00 | 2.00 | 9.00 | nan% | +200% |\n"
    ));
    let contradicts: Vec<bool> =
        table.figures.iter().map(|figure| figure.faults.contains(&Fault::ContradictsSpeedUp)).collect();
    assert_eq!(
        contradicts,
        [true, false, true, false, true, false, true, false],
        "mlx_gpu and mps, whose +100% is +50%"
    );
    assert_eq!(table.counts().contradictions, 2);
    assert!(table.figures.iter().all(|figure| figure.time_ns.is_some()), "the times stay as printed");
}

#[test]
fn whatever_cannot_be_read_is_an_error_with_its_line() {
    let heading = "**M7 (1GB)**\n";
    let relu = "| ReLU / dim=2x2 | 1.00 | 3.00 | 2.00 | 9.00 | +100% | +200% |\n";
    assert_eq!(one(&format!("{heading}{SEVEN}{relu}")).figures.len(), 4);
    for (text, says) in [
        (format!("{heading}{}{relu}", SEVEN.replace("mps |", "npu |")), "page.md:2: unknown column 'npu'"),
        (
            format!("{heading}{}{relu}", SEVEN.replace("mlx_gpu/mps", "mlx_gpu/cuda")),
            "page.md:2: unknown column 'mlx_gpu/cuda",
        ),
        (format!("{heading}{}{relu}", SEVEN.replace("| mps |", "| cpu |")), "page.md:2: two columns are called 'cpu'"),
        (format!("{heading}{}{relu}", SEVEN.replace("Operation", "Op")), "page.md:2: a table's first column"),
        (format!("{heading}{}{relu}", SEVEN.replace("|-----|", "|")), "page.md:3: below a table's header"),
        (format!("{heading}{SEVEN}"), "page.md:2: a table without rows"),
        (format!("{heading}{SEVEN}{}", relu.replace("ReLU", "GeLU")), "page.md:4: unknown op 'GeLU'"),
        (
            format!("{heading}{SEVEN}{}", relu.replace("2x2", "999")),
            "page.md:4: 'ReLU / dim=999' would be relu/999/f32",
        ),
        (format!("{heading}{SEVEN}{}", relu.replace("2x2", "2y2")), "page.md:4: 'ReLU / dim=2y2' has shapes"),
        (format!("{heading}{SEVEN}{}", relu.replace("3.00", "3,00")), "page.md:4: '3,00' is no time"),
        (format!("{heading}{SEVEN}{}", relu.replace("3.00", "-3.00")), "page.md:4: '-3.00' is no time"),
        (format!("{heading}{SEVEN}{}", relu.replace("+200%", "2x")), "page.md:4: '2x' is no speed-up"),
        (format!("{heading}{SEVEN}{}", relu.replace("3.00 |", "")), "page.md:4: 6 cells in a table of 7 columns"),
        (format!("{heading}{SEVEN}{}", relu.trim_end().trim_end_matches('|')), "page.md:4: a row of a table ends"),
        (format!("{heading}{SEVEN}{relu}{}", relu.replace(" / dim=2x2", "")), "page.md:5: a table has a shape in each"),
        (format!("{heading}{SEVEN}{relu}{}", &relu[1..]), "page.md:5: a row of a table begins"),
        (format!("{SEVEN}{relu}"), "page.md:1: a table without a heading"),
        (format!("{heading}{SEVEN}{relu}\n{SEVEN}{relu}"), "page.md:6: a table without a heading"),
        (format!("{heading}# Next\n"), "page.md:1: a heading without a table"),
        (format!("{heading}{heading}{SEVEN}{relu}"), "page.md:1: a heading without a table"),
        (format!("{heading}{SEVEN}{relu}**M8 (1GB)**"), "page.md:5: a heading without a table"),
        (format!("{}{SEVEN}{relu}", heading.replace("1GB", "1XB")), "page.md:1: '1XB' is neither cores nor memory"),
        (format!("**M7 ({})**\n{SEVEN}{relu}", "x".repeat(10_000)), "page.md:1: the line is longer than 2000 bytes"),
        (format!("{heading}{SEVEN}| {} |\n", "x".repeat(10_000)), "page.md:4: the line is longer than 2000 bytes"),
        (format!("**<script> (1GB)**\n{SEVEN}{relu}"), "page.md:1: '<script>' is no chip's name"),
        (format!("**../../etc (1GB)**\n{SEVEN}{relu}"), "page.md:1: '../../etc' is no chip's name"),
        (format!("**M7\u{202e} (1GB)**\n{SEVEN}{relu}"), "page.md:1: the heading has a character"),
        (format!("****\n{SEVEN}{relu}"), "page.md:1: the heading is empty"),
        ("prose\n".to_owned(), "page.md: there is no table"),
        (String::new(), "page.md: there is no table"),
    ] {
        let why = refused(&text);
        assert!(why.starts_with(says), "{why}\nnot: {says}");
    }
}

#[test]
fn a_case_twice_in_a_table_cannot_be_written() {
    let relu = "| ReLU / dim=2x2 | 1.00 | 3.00 | 2.00 | 9.00 | +100% | +200% |\n";
    let why = one(&format!("**M7 (1GB)**\n{SEVEN}{relu}{relu}")).text().unwrap_err().to_string();
    assert!(why.contains("relu/2x2/f32 mlx:gpu latency stands there twice"), "{why}");
}

/// Lines that are nearly right, so that the parser is tried beyond its first check.
fn line() -> impl Strategy<Value = String> {
    let words = "|~| ~ | ~**~M7~ (~)~4E+~16GB~/~ / ~32Go~mlx~ 0.1.0~Operation~mlx_gpu~mlx_cpu~mps~cuda~ speedup~---~ReLU~Softmax~\
                 dim=~64x~10~ axi=~-1~0.00~1.81~nan~nan%~+58%~0%~<script>~../~\u{202e}~é~#~* ~\t~\0~99999999999999999999";
    let words = prop::sample::select(words.split('~').collect::<Vec<_>>());
    prop::collection::vec(words, 0..14).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused_in_one_line(text in any::<String>(), lines in prop::collection::vec(line(), 0..12)) {
        for text in [text, lines.join("\n"), format!("**M7 (1GB)**\n{FOUR}{}", lines.join("\n"))] {
            if let Err(why) = parsed(&text) {
                prop_assert!(!why.contains('\n') && why.len() < 1000, "{}", why);
            }
        }
    }

    #[test]
    fn any_cell_is_read_or_refused_in_one_line(op in "[ -~é]{0,40}", cells in prop::collection::vec("[ -~]{0,12}", 3)) {
        let text = format!("**M7 (1GB)**\n{FOUR}| {op} | {} |\n", cells.join(" | "));
        if let Err(why) = parsed(&text) {
            prop_assert!(!why.contains('\n') && why.len() < 1000, "{}", why);
        }
    }

    #[test]
    fn any_heading_is_read_or_refused_and_names_a_safe_file(heading in "[ -~é\u{202e}]{0,60}", chip in "M[1-9]( Pro)?") {
        for heading in [format!("**{heading}**"), format!("**{chip} ({heading})**"), format!("**{chip} (1GB)** {heading}")] {
            if let Ok(Heading { slug, .. }) = heading::parse(&heading) {
                prop_assert!(!slug.is_empty() && slug.len() <= 64);
                prop_assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", slug);
            }
        }
    }
}
