//! The site: complete, linked, proof against what files may hold, and honest about what was published by others.

use super::*;
use chipmark_results::fixture;
use chipmark_results::imported::{Fault, Figure, ImportedOutcome, PublishedMachine, Source, Statistic};
use chipmark_results::store::ResultsFile;
use std::collections::BTreeMap;

mod trust;

fn figure(case: &str, target: &str, ms: f64, faults: &[Fault]) -> Figure {
    let case: chipmark_core::CaseId = case.parse().unwrap();
    Figure {
        workload: case.workload.clone(),
        case: Some(case),
        target: target.parse().unwrap(),
        mode: chipmark_core::Mode::Latency,
        printed: ms.to_string(),
        time_ns: Some(ms * 1e6),
        outcome: ImportedOutcome::Imported,
        faults: faults.iter().copied().collect(),
    }
}

fn table(chip: &str) -> ImportedTable {
    ImportedTable {
        path: PathBuf::from("table.jsonl"),
        source: Source {
            title: "A table".to_owned(),
            url: "https://example.org/table".to_owned(),
            licence: "MIT".to_owned(),
            authors: "its authors".to_owned(),
        },
        heading: chip.to_owned(),
        machine: PublishedMachine {
            chip: chip.to_owned(),
            cores: Some("4E+4P".to_owned()),
            ..PublishedMachine::default()
        },
        versions: BTreeMap::from([("mlx".to_owned(), "0.5.0".to_owned())]),
        statistic: Statistic::Mean,
        figures: vec![
            figure("softmax/4x4/f32", "mlx:gpu", 0.001, &[Fault::AxisNotPassed]),
            figure("relu/4x4/f32", "mlx:gpu", 0.5, &[]),
            figure("relu/4x4/f32", "tch:cpu", 2.0, &[]),
        ],
    }
}

fn on(chip: &str, run_id: &str) -> ResultsFile {
    let mut file = fixture::file();
    chip.clone_into(&mut file.run.machine.chip);
    run_id.clone_into(&mut file.run.run_id);
    file
}

/// The pages by name.
fn site(files: &[ResultsFile], published: &[ImportedTable]) -> (tempfile::TempDir, BTreeMap<String, String>) {
    let folder = tempfile::tempdir().unwrap();
    let report = Report::new(files);
    let material = Material { report: &report, raw: &[], published, history: None, withdrawn: &[] };
    let written = write_site(&material, folder.path().join("site")).unwrap();
    assert!(written.start.is_file());
    let mut pages = BTreeMap::new();
    let mut folders = vec![folder.path().join("site")];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(&at).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let name = entry.path().strip_prefix(folder.path().join("site")).unwrap().to_string_lossy().into_owned();
            pages.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
    (folder, pages)
}

fn links(page: &str) -> impl Iterator<Item = &str> {
    page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next())
}

#[test]
fn every_link_leads_to_a_page_and_to_a_place_on_it() {
    let (_folder, pages) =
        site(&[on("Apple M3 Max", "1"), on("Apple M4", "2")], &[table("Apple M1"), table("Apple M2")]);
    for kind in [
        "index.html",
        "ops.html",
        "compare.html",
        "how.html",
        "runs.html",
        "published.html",
        "data/report.csv",
        "data/published.csv",
    ] {
        assert!(pages.contains_key(kind), "{kind}: {:?}", pages.keys());
    }
    for (name, page) in pages.iter().filter(|(name, _)| name.ends_with(".html")) {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in links(page).filter(|link| !link.starts_with("data:")) {
            let (path, place) = link.split_once('#').map_or((link, None), |(path, place)| (path, Some(place)));
            let to = match path.strip_prefix("../") {
                Some(path) if !folder.is_empty() => path.to_owned(),
                None if path.is_empty() => name.clone(),
                _ => [folder, path].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/"),
            };
            let target = pages.get(&to).unwrap_or_else(|| panic!("{name} leads to {link}, which is not there"));
            if let Some(place) = place {
                assert!(target.contains(&format!("id=\"{place}\"")), "{name} leads to {link}: no such place");
            }
        }
    }
}

#[test]
fn what_others_published_is_hollow_marked_and_never_the_fastest() {
    let (_folder, pages) = site(&[], &[table("Apple M1")]);
    let chip = pages.iter().find(|(name, _)| name.starts_with("chips/")).unwrap().1;
    assert!(chip.contains("<span class=\"time published\">500 µs</span>"), "{chip}");
    assert!(!chip.contains("time fastest"));
    assert!(chip.contains("<span class=\"tag\">axis-not-passed</span>"));
    let op = &pages["ops/softmax.html"];
    assert!(op.contains("The axis was never passed to MLX"));
    let start = &pages["index.html"];
    assert!(start.contains("<span class=\"badge\">published</span>"));
    assert!(start.contains("4.00×"), "2 ms over 0.5 ms; the softmax is known to be wrong");
    assert!(!pages.contains_key("data/report.jsonl"));
    let csv = &pages["data/published.csv"];
    assert_eq!(csv.lines().count(), 4, "a head and a row a figure: {csv}");
    for page in ["runs.html", "published.html"] {
        assert!(pages[page].contains("href=\"data/published.csv\""), "{page}");
    }
    assert!(chip.contains("<title>4x4 · f32, mlx:gpu\n500 µs; published, not measured here</title>"), "{chip}");
    assert!(op.contains("\n1.00 µs; published, not measured here, axis-not-passed</title>"), "{op}");
}

#[test]
fn machines_of_one_name_are_told_apart_in_charts() {
    let mut other = table("Apple M1");
    other.machine.cores = Some("8E+8P".to_owned());
    other.path = PathBuf::from("other.jsonl");
    let (_folder, pages) = site(&[], &[table("Apple M1"), other, table("Apple M2")]);
    for chart in [&pages["index.html"], &pages["ops/relu.html"]] {
        let tips: Vec<&str> = chart.split("<title>").skip(1).filter_map(|tip| tip.split('\n').next()).collect();
        let distinct: std::collections::HashSet<&str> = tips.iter().copied().collect();
        assert_eq!(tips.len(), distinct.len(), "{tips:?}");
        for name in ["Apple M1, 4E+4P · mlx:gpu", "Apple M1, 8E+8P · mlx:gpu", "Apple M2 · mlx:gpu"] {
            assert!(distinct.contains(name), "{name} is not in {distinct:?}");
        }
    }
}

#[test]
fn a_history_has_a_chart_and_a_table_of_its_runs() {
    let runs: Vec<ResultsFile> = (0..12)
        .map(|n| {
            // From the seventh run on it takes a quarter longer.
            let ns = if n < 6 { 1000.0 } else { 1250.0 } + f64::from(n % 3);
            let mut file = fixture::rounds(&[[ns, 2000.0], [ns + 4.0, 2000.0], [ns + 8.0, 2000.0]]);
            file.run.run_id = format!("run-{n:02}");
            file.run.started_at = format!("2026-01-{:02}T00:00:00Z", n + 1);
            file
        })
        .collect();
    let mut collected = chipmark_results::history::Collected::default();
    runs.iter().for_each(|file| collected.add(file).unwrap());
    let history = History::of(collected.series(), 0.03, &chipmark_results::history::Blessings::default());
    let folder = tempfile::tempdir().unwrap();
    let report = Report::new(&runs);
    let material = Material { report: &report, raw: &[], published: &[], history: Some(&history), withdrawn: &[] };
    write_site(&material, folder.path()).unwrap();
    let page = std::fs::read_to_string(folder.path().join("history.html")).unwrap();
    let (_, course) = page.split_once("id=\"course-1\"").unwrap();
    let course = course.split("</section>").next().unwrap();
    assert_eq!(course.matches("<svg").count(), 1);
    assert_eq!(course.matches("<tr>").count(), 1 + 12, "a head and a row a run: {course}");
    for text in [
        "matmul/100x100@100x100/f32, candle:cpu, latency from run to run, on Apple M3</figcaption>",
        "<bdi>2026-01-07T00:00:00Z</bdi></a></th><td><bdi>Apple M3</bdi></td><td><bdi>0.11.0</bdi></td>\
         <td class=\"n\">1.25 µs</td><td>1.25 µs – 1.26 µs</td><td></td><td><strong>+24.9%</strong></td>",
        "<title>candle:cpu\n2026-01-07T00:00:00Z, version 0.11.0: 1.25 µs ±0.3%, launches from 1.25 µs to 1.26 µs</title>",
    ] {
        assert!(course.contains(text), "{text} is not in {course}");
    }
    assert_eq!(course.matches("<strong>").count(), 1, "one shift");
    for link in links(course) {
        assert!(folder.path().join(link).is_file(), "{link}");
    }
}

#[test]
fn hostile_texts_stay_texts_and_change_no_path() {
    let long = "x".repeat(10_000);
    for chip in ["<script>alert(1)</script>", "../../etc", "", "\u{202e}םולש", "\"onmouseover=\"alert(1)", &long] {
        let (folder, pages) = site(&[on(chip, chip)], &[table(chip)]);
        let beside: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(beside, ["site"], "nothing lies outside of the site");
        for (name, page) in &pages {
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "-./".contains(c)), "{name}");
            assert!(name.len() < 150, "{name}");
            if name.ends_with(".html") {
                assert!(!page.contains("<script>alert"), "{name}");
                assert_eq!(page.matches("<script").count(), 1, "{name}: our own alone");
                assert!(!page.contains("\"onmouseover="), "{name}");
                assert!(page.len() < 600_000, "{name} has {} bytes", page.len());
            }
        }
    }
}

#[test]
fn the_same_files_make_the_same_site_and_the_frame_of_a_page_is_small() {
    let make = || site(&[on("Apple M3 Max", "1")], &[table("Apple M1")]).1;
    let pages = make();
    assert_eq!(pages, make());
    assert!(pages["how.html"].len() < 60_000, "{}", pages["how.html"].len());
}

#[test]
fn a_later_run_stands_for_its_machine_and_the_earlier_keeps_its_page() {
    let earlier = on("Apple M3 Max", "1");
    let mut later = on("Apple M3 Max", "2");
    "2026-04-01T12:00:00Z".clone_into(&mut later.run.started_at);
    let (_folder, pages) = site(&[later, earlier], &[]);
    assert_eq!(pages.keys().filter(|name| name.starts_with("chips/")).count(), 1);
    assert_eq!(pages.keys().filter(|name| name.starts_with("runs/")).count(), 2);
    let chip = pages.iter().find(|(name, _)| name.starts_with("chips/")).unwrap().1;
    let table = chip.split("id=\"figures-of-chip\"").nth(1).unwrap();
    assert!(table.contains("<bdi>2026-04-01</bdi>") && !table.contains("<bdi>2026-03-01</bdi>"));
}

#[test]
fn the_policy_lets_our_script_run_alone() {
    let (_folder, pages) = site(&[on("Apple M3 Max", "1")], &[]);
    for (name, page) in pages.iter().filter(|(name, _)| name.ends_with(".html")) {
        assert!(page.contains("default-src &#39;none&#39;") && page.contains("script-src &#39;sha256-"), "{name}");
        assert!(!page.contains("unsafe-eval") && !page.contains("script-src &#39;unsafe-inline"), "{name}");
    }
}
