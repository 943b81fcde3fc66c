//! `bench import`: published tables become records whole or not at all, each of a case of the suite that it is of; and what is
//! committed of them is what the program makes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use chipmark_core::CaseId;
use chipmark_results::chips;
use chipmark_results::imported::{self, Counts, Figure, ImportedOutcome, ImportedTable, mlx_benchmark};
use chipmark_workloads::registry::describe;
use chipmark_workloads::suite::catalogue;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use support::{Scene, listing};

const PAGE: &str = "**M7 Pro (2E+8P+16GPU+16GB) - mlx: 0.5.0**\n\n\
    | Operation | mlx_gpu | mps | mlx_gpu/mps speedup |\n|---|---|---|---|\n\
    | Argmax / dim=64x1024x128 axi=0 | 2.00 | 3.00 | +50% |\n\
    | ReLU / dim=128x16x1024 | 0.00 | nan | nan% |\n\
    | ReLU / dim=64x128x1024 | 1.00 | 3.00 | +50% |\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn historical() -> PathBuf {
    root().join("results/historical")
}

/// The published pages, where there is a copy in `shared/` in or beside the workspace.
fn pages() -> Option<[PathBuf; 2]> {
    let folders = ["shared", "../shared"].map(|shared| root().join(shared).join("data/mlx-benchmark"));
    let Some(folder) = folders.into_iter().find(|folder| folder.is_dir()) else {
        println!("left out: no copy of mlx-benchmark's pages in shared/data/mlx-benchmark");
        return None;
    };
    Some(["average_benchmark.md", "detailed_benchmark.md"].map(|name| folder.join(name)))
}

fn of_suite() -> HashSet<CaseId> {
    catalogue(Some("mlx-benchmark")).into_iter().map(|info| info.case).collect()
}

/// The names and contents of a folder's files that end in `.jsonl`.
fn contents(folder: &Path) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    files
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// The tables of a folder and the folders in it, in the order of their paths.
fn tables(folder: &Path) -> Vec<ImportedTable> {
    let mut paths = listing(folder);
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    paths.sort();
    paths.iter().map(|path| imported::read(path).unwrap()).collect()
}

#[test]
fn a_page_becomes_a_file_for_each_table_and_a_line_of_summary() {
    let scene = Scene::new();
    scene.file("page.md", PAGE);
    let done = scene.bench(&["import", "mlx-benchmark", "page.md"]).with_code(0);
    let [summary, total] = done.stdout.lines().collect::<Vec<_>>()[..] else { panic!("{}", done.stdout) };
    let counted =
        "rows 3, times 4, nan 1, below the resolution 1, times with faults 2, rows that contradict their speed-ups 1";
    assert!(summary.contains("Apple M7 Pro") && summary.contains(counted), "{summary}");
    assert!(total.starts_with("in all 1: ") && total.contains(counted), "{total}");
    let folder = scene.path("results/historical/mlx-benchmark");
    let tables = tables(&folder);
    assert_eq!(tables[0].path, folder.join("m7-pro-2e-8p-16gpu-16gb-detailed.jsonl"));
    assert_eq!(tables[0].figures.len(), 6);
    // Once more: the file is replaced.
    scene.bench(&["import", "mlx-benchmark", "page.md"]).with_code(0);
    assert_eq!(contents(&folder).len(), 1);
}

#[test]
fn what_cannot_be_read_leaves_nothing_behind() {
    let scene = Scene::new();
    scene.file("good.md", PAGE);
    for (from, to, says) in [
        ("mps |", "npu |", "bad.md:3: unknown column 'npu'"),
        ("ReLU", "GeLU", "bad.md:6: unknown op 'GeLU'"),
        (
            "128x16x1024",
            "128x16x1025",
            "bad.md:6: 'ReLU / dim=128x16x1025' would be relu/128x16x1025/f32, which is no case",
        ),
        ("| nan% |", "| nan% | 1 |", "bad.md:6: 5 cells in a table of 4 columns"),
        ("M7 Pro", "../../etc", "bad.md:1: '../../etc' is no chip's name"),
    ] {
        scene.file("bad.md", PAGE.replacen(from, to, 1));
        let why = scene.bench(&["import", "mlx-benchmark", "good.md", "bad.md", "--out", "out"]).usage_error();
        assert!(why.contains(says), "{why}");
    }
    scene.file("bad.md", PAGE);
    let why = scene.bench(&["import", "mlx-benchmark", "good.md", "bad.md", "--out", "out"]).usage_error();
    assert!(why.contains("would both be m7-pro-2e-8p-16gpu-16gb-detailed.jsonl"), "{why}");
    scene.file("bad.md", b"\xff");
    let why = scene.bench(&["import", "mlx-benchmark", "bad.md", "--out", "out"]).usage_error();
    assert!(why.contains("bad.md:1: not UTF-8 text"), "{why}");
    let why = scene.bench(&["import", "mlx-benchmark", "absent.md", "--out", "out"]).usage_error();
    assert!(why.contains("absent.md: cannot read it"), "{why}");
    assert!(!scene.out().exists());
}

#[test]
fn a_table_of_any_source_is_imported_beside_its_file() {
    let scene = Scene::new();
    let text = "[source]\ntitle = \"T\"\nurl = \"https://example.org\"\nlicence = \"CC0\"\nauthors = \"A\"\n\n\
        [[table]]\nheading = \"M7\"\nchip = \"Apple M7\"\nfigures = [\n\
        { case = \"relu/128x16x1024/f32\", target = \"mlx:gpu\", printed = \"1.5\" },\n\
        { workload = \"softmax\", target = \"mlx:gpu\", printed = \"2.5\" },\n]\n";
    scene.file("table.toml", text);
    let done = scene.bench(&["import", "table", "table.toml"]).with_code(0);
    assert!(done.stdout.starts_with("m7.jsonl: Apple M7: rows 2, times 2"), "{}", done.stdout);
    assert!(scene.path("m7.jsonl").is_file());
    for (from, to, says) in [
        ("relu/", "rely/", "table.toml:11: unknown case 'rely/128x16x1024/f32'"),
        ("\"softmax\"", "\"softmix\"", "table.toml:12: unknown workload 'softmix'"),
    ] {
        scene.file("table.toml", text.replace(from, to));
        let why = scene.bench(&["import", "table", "table.toml", "--out", "out"]).usage_error();
        assert!(why.contains(says) && !scene.out().exists(), "{why}");
    }
}

#[test]
fn what_is_committed_of_mlx_benchmark_is_what_the_program_makes() {
    let Some([average, detailed]) = pages() else { return };
    let scene = Scene::new();
    let mut command = scene.command(&["import", "mlx-benchmark", "--out", "out"]);
    let done = support::Done::by(command.arg(average).arg(detailed)).with_code(0);
    assert_eq!(done.stdout.lines().count(), 43, "{}", done.stdout);
    let (made, committed) = (contents(&scene.out()), contents(&historical().join("mlx-benchmark")));
    assert_eq!(made.keys().collect::<Vec<_>>(), committed.keys().collect::<Vec<_>>());
    for (name, text) in made {
        assert!(committed[&name] == text, "{name}: import it again");
    }
}

#[test]
fn every_row_of_the_pages_is_taken() {
    let Some(pages) = pages() else { return };
    let cases = of_suite();
    for (page, rows) in pages.iter().zip([431, 1707]) {
        let text = fs::read_to_string(page).unwrap();
        let tables = mlx_benchmark::parse(page, &text, &|case| cases.contains(case)).unwrap();
        assert_eq!(tables.len(), 21);
        let taken: usize = tables.iter().map(|table| table.counts().rows).sum();
        // A row is a line with bars that is neither a header nor the dashes below it.
        let printed = text.lines().filter(|line| line.trim_start().starts_with('|')).count() - 2 * tables.len();
        assert_eq!((taken, printed), (rows, rows), "{}", page.display());
    }
}

#[test]
fn the_articles_times_are_what_the_program_makes() {
    let folder = historical().join("gcn-article");
    let scene = Scene::new();
    let mut command = scene.command(&["import", "table", "--out", "out"]);
    support::Done::by(command.arg(folder.join("gcn-article.toml"))).with_code(0);
    assert!(contents(&scene.out()) == contents(&folder), "import the article's times again");
    assert_eq!(contents(&folder).len(), 5);
}

#[test]
fn what_is_committed_is_of_known_cases_and_chips_and_never_one_machine_twice() {
    let tables = tables(&historical());
    let cases = of_suite();
    let mut total = Counts::default();
    let mut machines = BTreeSet::new();
    for table in &tables {
        let is_suite = table.source.title == "mlx-benchmark";
        for figure in &table.figures {
            let known = |case: &CaseId| if is_suite { cases.contains(case) } else { describe(case).is_ok() };
            assert!(figure.case.as_ref().is_none_or(known), "{}: {}", table.path.display(), figure.subject());
            assert!(describe_workload(&figure.workload), "{}", figure.workload);
        }
        // A measured machine of that chip has this name too.
        let chip = &table.machine.chip;
        let names_one = chips::all().iter().any(|known| known.name.starts_with(chip.as_str()));
        assert!(names_one || table.machine.known_chip().is_some(), "{chip}");
        if is_suite {
            let is_average = table.figures.iter().all(|figure| figure.case.is_none());
            assert!(machines.insert((is_average, table.path.clone())));
            total += table.counts();
        }
    }
    // The figures in HISTORICAL.md.
    let page = fs::read_to_string(root().join("suite/docs/HISTORICAL.md")).unwrap();
    for (is_average, kind) in [(false, "detailed"), (true, "average")] {
        let of_kind = |table: &&ImportedTable| {
            table.source.title == "mlx-benchmark"
                && table.figures.iter().all(|figure| figure.case.is_none()) == is_average
        };
        let mut counts = Counts::default();
        tables.iter().filter(of_kind).for_each(|table| counts += table.counts());
        let Counts { rows, times, nan, below_resolution, faulty, contradictions } = counts;
        let line =
            format!("| {kind} | 21 | {rows} | {times} | {nan} | {below_resolution} | {faulty} | {contradictions} |");
        assert!(page.contains(&line), "HISTORICAL.md should have the line\n{line}");
    }
    assert_eq!(total.rows, 1707 + 431);
}

/// The pages were made by one run each, so that a mean is the mean of what stands in the other page, to within their digits.
#[test]
fn means_are_of_the_times_beside_them() {
    let tables = tables(&historical().join("mlx-benchmark"));
    let by_path: BTreeMap<&Path, &ImportedTable> = tables.iter().map(|table| (table.path.as_path(), table)).collect();
    let mut compared = 0;
    for (path, average) in &by_path {
        let Some(stem) = path.to_str().unwrap().strip_suffix("-average.jsonl") else { continue };
        let detailed = by_path[Path::new(&format!("{stem}-detailed.jsonl"))];
        assert_eq!(average.machine.chip, detailed.machine.chip);
        for mean in &average.figures {
            let of = |figure: &&Figure| figure.workload == mean.workload && figure.target == mean.target;
            let of: Vec<&Figure> = detailed.figures.iter().filter(of).collect();
            let is_nan = |figure: &Figure| figure.outcome == ImportedOutcome::PrintedAsNan;
            assert_eq!(of.iter().any(|figure| is_nan(figure)), is_nan(mean), "{stem}: {}", mean.subject());
            if !is_nan(mean) {
                let total: f64 = of.iter().map(|figure| figure.time_ns.unwrap_or_default()).sum();
                let off_ns = total / of.len() as f64 - mean.time_ns.unwrap_or_default();
                assert!(off_ns.abs() <= 10_001.0, "{stem}: {} {}: {off_ns} ns", mean.subject(), mean.target);
                compared += 1;
            }
        }
    }
    assert!(compared > 1700, "{compared}");
}

fn describe_workload(name: &str) -> bool {
    chipmark_workloads::registry::workload(name).is_ok()
}
