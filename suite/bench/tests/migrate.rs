//! `bench migrate`: files of older schemas are rewritten whole or not at all, and what is of no older schema is left alone.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use chipmark_results::contribution::{Contribution, Place};
use chipmark_results::record::{Record, Run};
use chipmark_results::{fixture, store};
use std::path::{Path, PathBuf};
use support::{Done, Scene, listing};

/// The fixture as schema 1 had it, with a key that nobody knows; by a contributor where asked.
fn older(contributed: bool) -> String {
    let contribution =
        Contribution { machine_id: "0123456789abcdef".repeat(2), contributor: Some("somebody".to_owned()) };
    let run = Run { contribution: contributed.then_some(contribution), ..fixture::run() };
    let records = std::iter::once(Record::Run(Box::new(run))).chain(fixture::records());
    let text: String = records.map(|record| serde_json::to_string(&record).unwrap() + "\n").collect();
    let text = text.replacen("\"schema\":2,", "\"schema\":1,\"later\":1.50,", 1);
    let older = text.replace("\"energy_j\":123.456", "\"energy_mj\":123456");
    assert!(older != text && older.contains("\"schema\":1,"));
    older
}

/// What it is once it is rewritten.
fn newer(contributed: bool) -> String {
    older(contributed)
        .replacen("\"schema\":1,", "\"schema\":2,", 1)
        .replace("\"energy_mj\":123456", "\"energy_j\":123.456")
}

fn migrate(scene: &Scene, args: &[&str]) -> Done {
    scene.bench(&[&["migrate"][..], args].concat())
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// The place of a text under a tree.
fn place(tree: &Path, text: &str) -> PathBuf {
    let run = store::read_bytes("any", text.as_bytes()).unwrap().run;
    tree.join(Place::of(&run, text.as_bytes()).unwrap().path())
}

#[test]
fn an_older_file_is_rewritten_and_keeps_what_nobody_knows() {
    let scene = Scene::new();
    let path = scene.file("old.jsonl", older(false));
    let said = migrate(&scene, &["--in-place", "old.jsonl"]).with_code(0).stdout;
    assert_eq!(said, "old.jsonl: schema 1 to 2\n");
    assert_eq!(read(&path), newer(false));
    let again = migrate(&scene, &["--in-place", "old.jsonl"]).with_code(0).stdout;
    assert_eq!(again, "old.jsonl: already schema 2\n");
    assert_eq!(read(&path), newer(false));
}

#[test]
fn an_older_file_can_be_used_without() {
    let scene = Scene::new();
    scene.file("old.jsonl", older(false));
    scene.file("new.jsonl", newer(false));
    let report = |name: &str| scene.bench(&["report", name]).with_code(0).stdout;
    assert_eq!(report("old.jsonl"), report("new.jsonl"));
    let refused = scene.bench(&["run", "--resume", "old.jsonl"]).usage_error();
    assert!(refused.contains("bench migrate --in-place old.jsonl"), "{refused}");
    assert_eq!(read(&scene.path("old.jsonl")), older(false));
}

#[test]
fn another_folder_gets_the_files_as_they_lie() {
    let scene = Scene::new();
    std::fs::create_dir_all(scene.path("many/deep")).unwrap();
    scene.file("many/a.jsonl", older(false));
    scene.file("many/deep/b.jsonl", older(false) + "{\"record\":");
    scene.file("many/new.jsonl", newer(false));
    scene.file("many/broken.jsonl", "nonsense\n");
    let done = migrate(&scene, &["many", "--out", "out"]).with_code(0);
    assert_eq!(read(&scene.path("out/a.jsonl")), newer(false));
    assert_eq!(read(&scene.path("out/deep/b.jsonl")), newer(false) + "{\"record\":");
    assert!(
        done.stdout.contains("many/deep/b.jsonl: schema 1 to 2, now out/deep/b.jsonl; its last line is cut off"),
        "{done:?}"
    );
    assert!(done.stderr.starts_with("left out: many/broken.jsonl:1:"), "{done:?}");
    assert_eq!(listing(&scene.path("out")).len(), 3, "two files and a folder");
    assert_eq!(read(&scene.path("many/a.jsonl")), older(false), "the old ones stay");
    let again = migrate(&scene, &["many/a.jsonl", "--out", "out"]).usage_error();
    assert!(again.contains("out/a.jsonl is there already"), "{again}");
}

#[test]
fn a_contributed_file_in_its_place_moves_to_its_new_one() {
    let scene = Scene::new();
    let (before, after) = (older(true), newer(true));
    let (from, to) = (place(&scene.path("data"), &before), place(&scene.path("data"), &after));
    assert!(from != to && from.parent() == to.parent());
    std::fs::create_dir_all(from.parent().unwrap()).unwrap();
    std::fs::write(&from, &before).unwrap();
    let said = migrate(&scene, &["--in-place", "data"]).with_code(0).stdout;
    let name = |path: &Path| path.strip_prefix(scene.path("")).unwrap().display().to_string();
    assert_eq!(
        said,
        format!("{}: schema 1 to 2, now {}; its name tells its content, so it has another\n", name(&from), name(&to))
    );
    assert_eq!(read(&to), after);
    assert!(!from.exists());

    // One whose name is its user's choice keeps it.
    let own = scene.file("own.jsonl", &before);
    migrate(&scene, &["--in-place", "own.jsonl"]).with_code(0);
    assert_eq!(read(&own), after);

    // And under another folder.
    std::fs::write(&from, &before).unwrap();
    std::fs::remove_file(&to).unwrap();
    migrate(&scene, &["data", "--out", "out"]).with_code(0);
    assert_eq!(read(&place(&scene.path("out"), &after)), after);
    assert!(from.exists());
}

#[test]
fn what_cannot_be_rewritten_stays_as_it_is() {
    let scene = Scene::new();
    let refused = |text: &str, words: &str| {
        let path = scene.file("bad.jsonl", text);
        let said = migrate(&scene, &["--in-place", "bad.jsonl"]).usage_error();
        assert!(said.contains("bad.jsonl") && said.contains(words), "{said}");
        assert_eq!(read(&path), text);
    };
    refused(&older(false).replacen("\"schema\":1,", "\"schema\":99,", 1), "newer bench: schema 99");
    refused(&older(false).replacen("\"outcome\":\"ok\"", "\"outcome\":\"fine\"", 1), ":2: ");
    refused(&older(false).replacen("\"energy_mj\":123456", "\"energy_mj\":-1", 1), "energy_mj is no number");
    refused("", "is empty");
    refused("{\"record\":\"imported-table\",\"schema\":1}\n", "imported table");
    let said = migrate(&scene, &["--in-place", "none.jsonl"]).usage_error();
    assert!(said.contains("none.jsonl: there is no such file"), "{said}");
    let said = migrate(&scene, &["bad.jsonl"]).usage_error();
    assert!(said.contains("--out <DIR>|--in-place"), "{said}");
    #[cfg(unix)]
    {
        scene.file("old.jsonl", older(false));
        std::os::unix::fs::symlink("old.jsonl", scene.path("link.jsonl")).unwrap();
        let said = migrate(&scene, &["--in-place", "link.jsonl"]).usage_error();
        assert!(said.contains("a link"), "{said}");
    }
    assert!(
        std::fs::read_dir(scene.path("")).unwrap().all(|entry| !entry
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with(".chipmark-"))
    );
}

#[test]
fn a_file_that_is_written_to_is_refused() {
    let scene = Scene::new();
    let path = scene.file("old.jsonl", older(false));
    let file = std::fs::File::open(&path).unwrap();
    file.lock().unwrap();
    let said = migrate(&scene, &["--in-place", "old.jsonl"]).usage_error();
    assert!(said.contains("another run is writing to this file"), "{said}");
}

#[test]
fn the_schema_can_be_printed() {
    let scene = Scene::new();
    let printed = scene.bench(&["list", "schema"]).with_code(0).stdout;
    assert_eq!(printed, include_str!("../../../results/schema/results-v2.json"));
}
