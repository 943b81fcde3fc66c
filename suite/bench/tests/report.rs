//! `bench report` and what else reads folders, on a data tree: contributors that agree confirm each other, what was withdrawn counts
//! nowhere and is told, and a list that cannot be read stops it with one line.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use chipmark_results::contribution::Place;
use chipmark_results::{fixture, store};
use serde_json::Value;
use std::fs;
use support::Scene;

/// A file of the data tree `data` from machine `machine`, its times `percent` of what they are elsewhere; its path below the tree.
fn contribute(scene: &Scene, machine: u64, contributor: Option<&str>, percent: u64) -> String {
    let plain = scene.path("plain.jsonl");
    fixture::write_large(&plain, 6, 8, machine, [1, 0]);
    let lines = fs::read_to_string(&plain).unwrap();
    let lines = lines.lines().map(|line| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        if record["record"] == "run" {
            record["contribution"]["machine_id"] = format!("{machine:032x}").into();
            record["contribution"]["contributor"] = contributor.into();
            record["started_at"] = format!("2026-03-{machine:02}T12:00:00Z").into();
        }
        for ns in record["samples"]["block_ns"].as_array_mut().into_iter().flatten() {
            *ns = (ns.as_u64().unwrap() * percent / 100).into();
        }
        record.to_string() + "\n"
    });
    let text: String = lines.collect();
    fs::write(&plain, &text).unwrap();
    let place = match store::read(&plain) {
        Ok(file) => Place::of(&file.run, text.as_bytes()).unwrap().path(),
        // What no reader takes still lies somewhere.
        Err(_) => "chip/config/hostile.jsonl".into(),
    };
    fs::remove_file(&plain).unwrap();
    let path = scene.path("data").join(&place);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    place.to_str().unwrap().to_owned()
}

/// The lists of a tree from which these files are withdrawn, and why.
fn withdraw(scene: &Scene, withdrawn: &[(&str, &str)]) {
    let row = |(file, reason): &(&str, &str)| {
        format!("[[withdrawn]]\nfile = \"{file}\"\ndate = \"2026-03-09\"\nreason = \"{reason}\"\n")
    };
    fs::write(scene.path("data/withdrawn.toml"), withdrawn.iter().map(row).collect::<String>()).unwrap();
}

/// The text of the site's page, or of the first in a folder of pages.
fn page(scene: &Scene, name: &str) -> String {
    let path = scene.path("site").join(name);
    let first = |path: &std::path::Path| fs::read_dir(path).unwrap().next().unwrap().unwrap().path();
    fs::read_to_string(if path.is_dir() { first(&path) } else { path }).unwrap()
}

#[test]
fn contributors_that_agree_confirm_each_other_and_one_alone_does_not() {
    let scene = Scene::new();
    let first = contribute(&scene, 1, Some("ada"), 100);
    withdraw(&scene, &[]);
    let done = scene.bench(&["report", "data", "--out", "site"]).with_code(0);
    assert!(done.stderr.contains("site:    "), "a data tree of one file is a site: {}", done.stderr);
    assert!(page(&scene, "runs.html").contains("<span class=\"trust community\">community</span>"));
    let table = scene.bench(&["report", "data"]).with_code(0).stdout;
    assert_eq!(table.lines().nth(2), Some("trust: community: contributed by ada"));

    contribute(&scene, 2, Some("bob"), 100);
    scene.bench(&["report", "data", "--out", "site"]).with_code(0);
    for name in ["index.html", "chips", "ops", "runs.html", "runs"] {
        assert!(page(&scene, name).contains("<span class=\"trust reproduced\">reproduced</span>"), "{name}");
    }
    let says = "contributed by ada; reproduced by 1 file from 1 other machine, in 12 of 12 cells";
    assert!(page(&scene, "runs.html").contains(says));
    let csv = scene.bench(&["report", "data", "--format", "csv"]).with_code(0).stdout;
    assert!(csv.lines().count() == 25 && csv.lines().skip(1).all(|line| line.ends_with(",reproduced")), "{csv}");

    let list =
        format!("[[reference]]\nfile = \"{first}\"\ndate = \"2026-03-09\"\nwho = \"us\"\nwhy = \"measured at hand\"\n");
    fs::write(scene.path("data/reference.toml"), list).unwrap();
    scene.bench(&["report", "data", "--out", "site"]).with_code(0);
    let runs = page(&scene, "runs.html");
    assert!(runs.contains("<span class=\"trust reference\">reference</span>") && runs.contains("measured at hand"));
    // What is vouched for is what the file held then.
    let path = scene.path("data").join(&first);
    fs::write(&path, fs::read_to_string(&path).unwrap() + "\n").unwrap();
    let error = scene.bench(&["report", "data", "--out", "site"]).usage_error();
    assert!(
        error.contains("reference.toml:1: ") && error.contains("holds something else than its name says"),
        "{error}"
    );
}

#[test]
fn what_was_withdrawn_counts_nowhere_and_is_listed_with_its_reason() {
    let scene = Scene::new();
    let good = contribute(&scene, 1, None, 100);
    let bad = contribute(&scene, 2, None, 50);
    withdraw(&scene, &[]);
    let times = |scene: &Scene| scene.bench(&["rank", "data", "--format", "csv"]).with_code(0).stdout;
    let with_both = times(&scene);
    withdraw(&scene, &[(&bad, "a fan had <b>failed</b>")]);
    let said = format!("left out: data/{bad}: withdrawn on 2026-03-09: a fan had <b>failed</b>");
    for args in [
        &["report", "data", "--out", "site"][..],
        &["report", "data", "--format", "csv"],
        &["rank", "data"],
        &["rank", &format!("data/{good}"), &format!("data/{bad}")],
        &["history", "data"],
        &["plot", "strip", "data", "--out", "x.svg"],
        &["plot", "history", "data", "--out", "x.svg"],
    ] {
        let done = scene.bench(args);
        let lines: Vec<&str> = done.stderr.lines().filter(|line| line.starts_with("left out:")).collect();
        assert_eq!(lines, [said.as_str()], "{args:?}");
    }
    assert_ne!(times(&scene), with_both);
    let runs = page(&scene, "runs.html");
    assert!(runs.contains(&format!("<bdi>{bad}</bdi>")) && runs.contains("a fan had &#60;b&#62;failed"), "{runs}");
    assert_eq!(runs.matches("<a href=\"runs/").count(), 1, "it has no page");
    let history: Value = serde_json::from_str(&scene.bench(&["history", "data", "--format", "json"]).stdout).unwrap();
    let series = history["series"].as_array().unwrap();
    assert!(series.len() == 12 && series.iter().all(|series| series["points"].as_array().unwrap().len() == 1));
    let csv = page(&scene, "data/report.csv");
    assert!(csv.lines().count() == 13 && !csv.contains("2026-03-02"), "{csv}");
    assert!(scene.path("data").join(&bad).is_file(), "the data stays");

    let [good, bad] = [good, bad].map(|file| format!("data/{file}"));
    for args in [&["compare", &good, &bad][..], &["compare", &bad, &good], &["check", "--baseline", &bad, &good]] {
        let error = scene.bench(args).usage_error();
        assert!(error.ends_with("withdrawn on 2026-03-09: a fan had <b>failed</b>"), "{error}");
    }
    let error = scene.bench(&["report", &bad]).with_code(2).stderr;
    assert!(error.ends_with("bench: there is nothing to show: every file was withdrawn\n"), "{error}");
}

#[test]
fn hostile_texts_stay_texts_or_are_refused_with_one_line() {
    let scene = Scene::new();
    contribute(&scene, 1, Some("ada"), 100);
    contribute(&scene, 2, Some("<script>alert(1)</script>"), 100);
    let bad = contribute(&scene, 3, None, 100);
    withdraw(&scene, &[(&bad, "</td><script>alert(1)</script>")]);
    let done = scene.bench(&["report", "data", "--out", "site"]).with_code(0);
    let line = done.stderr.lines().find(|line| line.contains("hostile.jsonl")).unwrap();
    assert!(
        line.starts_with("left out: data/chip/config/hostile.jsonl:1: ") && line.contains("contributor's name"),
        "{line}"
    );
    for entry in
        support::listing(&scene.path("site")).iter().filter(|path| path.extension().is_some_and(|e| e == "html"))
    {
        let page = fs::read_to_string(entry).unwrap();
        assert!(!page.contains("<script>alert") && page.matches("<script").count() == 1, "{}", entry.display());
    }
    assert!(page(&scene, "runs.html").contains("&#60;script&#62;alert(1)"));

    for (file, reason, says) in [
        (bad.as_str(), "\\u001b[31m", "withdrawn.toml:1: the reason has a character that is no plain text (U+001B)"),
        ("../../etc/passwd.jsonl", "x", "'../../etc/passwd.jsonl' is no path below this folder"),
        ("chip/config/none.jsonl", "x", "there is no file 'chip/config/none.jsonl' in this folder"),
    ] {
        withdraw(&scene, &[(file, reason)]);
        for args in [&["report", "data"][..], &["rank", "data"], &["history", "data"]] {
            let error = scene.bench(args).usage_error();
            assert!(error.contains(says), "{error}");
        }
    }
}

#[test]
fn a_data_tree_may_wait_for_its_first_file() {
    let scene = Scene::new();
    fs::create_dir_all(scene.path("data")).unwrap();
    let error = scene.bench(&["report", "data"]).usage_error();
    assert!(error.contains("no file ending in .jsonl"), "a folder like any other: {error}");
    withdraw(&scene, &[]);
    let error = scene.bench(&["report", "data"]).usage_error();
    assert!(error.contains("the data tree has no file yet"), "{error}");
    scene.file("own.jsonl", fixture::text());
    let done = scene.bench(&["report", "own.jsonl", "data", "--out", "site"]).with_code(0);
    assert!(
        done.stderr.starts_with("site:    ") && !page(&scene, "runs.html").contains("Withdrawn"),
        "{}",
        done.stderr
    );
}
