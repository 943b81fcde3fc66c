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
    for kind in ["index.html", "ops.html", "compare.html", "how.html", "runs.html", "published.html", "data/report.csv"]
    {
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
