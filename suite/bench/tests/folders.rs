//! `bench report` of folders: what is shown, what is left out and told, and the site that is made of runs and published tables.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use chipmark_results::fixture::{self, COURSE, OTHER_CHIP, write_many};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use support::{Done, Scene, again, listing};

/// The fixture's text as the `n`th run.
fn run(n: u64) -> String {
    again(&fixture::text(), n, |_| ())
}

/// The published tables that are committed.
fn historical(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/historical").join(name).to_str().unwrap().to_owned()
}

/// The ids of the runs that a report shows.
fn shown(scene: &Scene, paths: &[&str]) -> Vec<String> {
    let done = scene.bench(&[&["report", "--format", "json"], paths].concat()).with_code(0);
    let json: Value = serde_json::from_str(&done.stdout).unwrap();
    let ids = json["runs"].as_array().unwrap().iter().map(|run| run["run"]["run_id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// What is said of files that are left out: a line each, and no other.
fn left_out(done: &Done) -> Vec<String> {
    assert!(done.stderr.lines().all(|line| line.starts_with("left out: ")), "{}", done.stderr);
    done.stderr.lines().map(str::to_owned).collect()
}

#[test]
fn a_folder_is_shown_run_by_run_in_the_order_of_its_paths_and_nothing_is_written() {
    let scene = Scene::new();
    for (name, n) in [("runs/b.jsonl", 1), ("runs/deep/er/c.jsonl", 2), ("runs/a.jsonl", 3), ("runs/notes.txt", 4)] {
        scene.file(name, run(n));
    }
    assert_eq!(shown(&scene, &["runs"]), ["run-03", "run-01", "run-02"]);
    assert_eq!(shown(&scene, &["runs/deep", "runs/a.jsonl"]), ["run-02", "run-03"]);
    let before = listing(&scene.path(""));
    let done = scene.bench(&["report", "runs"]).with_code(0);
    assert_eq!((done.stdout.matches("suite quick").count(), done.stderr.as_str()), (3, ""), "{}", done.stdout);
    assert_eq!(listing(&scene.path("")), before);
}

#[test]
fn a_torn_file_is_shown_up_to_the_tear_and_it_is_told() {
    let scene = Scene::new();
    let text = run(0);
    let last = text.rfind("{\"record\":\"launch\"").or_else(|| text.rfind("\"record\":\"launch\"")).unwrap();
    let start = text[..last].rfind('\n').unwrap() + 1;
    scene.file("torn/run.jsonl", &text[..last + 60]);
    scene.file("whole/run.jsonl", &text[..start]);
    let [torn, whole] =
        ["torn", "whole"].map(|folder| scene.bench(&["report", "--format", "csv", folder]).with_code(0));
    assert_eq!(torn.stdout, whole.stdout);
    assert_eq!(whole.stderr, "");
    let path = Path::new("torn").join("run.jsonl");
    assert!(torn.stderr.starts_with(&format!("{}: its last line is cut off", path.display())), "{}", torn.stderr);
    assert_eq!(torn.stderr.lines().count(), 1, "{}", torn.stderr);
}

/// Files that cannot be read, by name.
fn broken() -> Vec<(&'static str, Vec<u8>)> {
    let text = run(0);
    let (header, rest) = text.split_once('\n').unwrap();
    let table = std::fs::read_to_string(historical("gcn-article/m3-max.jsonl")).unwrap();
    vec![
        ("empty.jsonl", Vec::new()),
        ("text.jsonl", b"no JSON\n".to_vec()),
        ("bytes.jsonl", vec![0xff, 0xfe, b'\n']),
        ("no-header.jsonl", rest.as_bytes().to_vec()),
        ("half-a-header.jsonl", header.as_bytes()[..header.len() / 2].to_vec()),
        ("newer.jsonl", text.replacen("\"schema\":2", "\"schema\":99", 1).into_bytes()),
        ("impossible.jsonl", text.replace("\"block_ns\":[", "\"block_ns\":[-1,").into_bytes()),
        ("table.jsonl", table.replace("\"time_ns\":", "\"time_ns\":-").into_bytes()),
    ]
}

#[test]
fn what_cannot_be_read_is_left_out_of_a_folder_and_told() {
    let scene = Scene::new();
    scene.file("runs/good.jsonl", run(1));
    for (name, content) in broken() {
        scene.file(&format!("runs/{name}"), content);
    }
    let done = scene.bench(&["report", "runs"]).with_code(0);
    assert_eq!(done.stdout, scene.bench(&["report", "runs/good.jsonl"]).stdout);
    let told = left_out(&done);
    assert_eq!(told.len(), broken().len(), "{told:#?}");
    for (name, _) in broken() {
        assert_eq!(told.iter().filter(|line| line.contains(name)).count(), 1, "{name}: {told:#?}");
    }
    // On a site they are missing too.
    let done = scene.bench(&["report", "runs", &historical("gcn-article"), "--out", "site"]).with_code(0);
    assert!(done.stderr.contains("left out: ") && done.stderr.contains("site: "), "{}", done.stderr);
    assert_eq!(listing(&scene.path("site/runs")).len(), 1);

    std::fs::remove_file(scene.path("runs/good.jsonl")).unwrap();
    let done = scene.bench(&["report", "runs", "--out", "other"]).with_code(2);
    let last = done.stderr.lines().last().unwrap();
    assert!(last.starts_with("bench: there is nothing to show"), "{}", done.stderr);
    assert!(!scene.path("other").exists());
}

#[test]
fn a_file_that_is_named_must_be_readable_and_nothing_is_written_else() {
    let scene = Scene::new();
    scene.file("good/run.jsonl", run(1));
    for (name, content) in broken() {
        scene.file(name, content);
        for paths in [&[name][..], &["good", name], &["good/run.jsonl", name]] {
            let line = scene.bench(&[&["report", "--out", "site"], paths].concat()).usage_error();
            assert!(line.contains(name), "{line}");
        }
    }
    assert!(scene.bench(&["report", "nowhere.jsonl", "--out", "site"]).usage_error().contains("there is no such file"));
    assert!(!scene.path("site").exists());
}

#[test]
fn a_folder_without_results_is_said() {
    let scene = Scene::new();
    scene.file("notes/only.txt", "");
    let before = listing(&scene.path(""));
    let line = scene.bench(&["report", "notes", "--out", "site"]).usage_error();
    assert!(line.contains("no file ending in .jsonl is in notes") && line.contains("bench run --out notes"), "{line}");
    let line = scene.bench(&["report", &historical("gcn-article")]).usage_error();
    assert!(line.contains("shown on a site") && line.contains("--out"), "{line}");
    assert_eq!(listing(&scene.path("")), before);
    // Beside a run they are told, and no more.
    scene.file("run.jsonl", run(1));
    let done = scene.bench(&["report", "run.jsonl", &historical("gcn-article")]).with_code(0);
    assert!(done.stderr.starts_with("tables that others published are left out"), "{}", done.stderr);
}

#[test]
fn a_copy_of_a_run_is_shown_once() {
    let scene = Scene::new();
    for name in ["runs/a.jsonl", "runs/b.jsonl", "c.jsonl"] {
        scene.file(name, run(1));
    }
    assert_eq!(shown(&scene, &["runs"]), ["run-01"]);
    let told = left_out(&scene.bench(&["report", "runs"]).with_code(0));
    let [a, b] = ["a.jsonl", "b.jsonl"].map(|name| Path::new("runs").join(name));
    assert_eq!(told, [format!("left out: {}: a copy of the run in {}", b.display(), a.display())]);
    assert_eq!(shown(&scene, &["runs", "c.jsonl"]), ["run-01"; 2], "what is named is shown");
}

/// The files of a site by name, with their text.
fn pages(site: &Path) -> BTreeMap<PathBuf, String> {
    let files = listing(site).into_iter().filter(|path| path.is_file());
    files.map(|path| (path.strip_prefix(site).unwrap().to_owned(), std::fs::read_to_string(path).unwrap())).collect()
}

/// What a page refers to, by its links and its pictures.
fn references(page: &str) -> impl Iterator<Item = &str> {
    let of = |attribute| page.split(attribute).skip(1).filter_map(|rest: &str| rest.split('"').next());
    of(" href=\"").chain(of(" src=\""))
}

/// Asserts that every reference of every page leads to a file of the site, and to a place in it. Gives how many there are.
fn follow_all(pages: &BTreeMap<PathBuf, String>) -> usize {
    let mut count = 0;
    for (name, page) in pages.iter().filter(|(name, _)| name.extension().is_some_and(|ending| ending == "html")) {
        for reference in references(page).filter(|to| !to.starts_with("data:") && !to.starts_with("https://")) {
            let (path, place) =
                reference.split_once('#').map_or((reference, None), |(path, place)| (path, Some(place)));
            let mut to = if path.is_empty() { name.clone() } else { name.parent().unwrap().to_owned() };
            for part in Path::new(path).components() {
                match part {
                    Component::ParentDir => assert!(to.pop(), "{} leads out of the site: {reference}", name.display()),
                    part => to.push(part),
                }
            }
            let target = pages.get(&to);
            assert!(target.is_some(), "{} leads to {reference}: no such file", name.display());
            let target = target.unwrap();
            if let Some(place) = place.filter(|place| !place.is_empty()) {
                let is_there = target.contains(&format!(" id=\"{place}\""));
                assert!(is_there, "{} leads to {reference}: no such place", name.display());
            }
            count += 1;
        }
    }
    count
}

#[test]
fn a_site_of_folders_and_published_tables_has_every_page_and_no_dead_link() {
    let scene = Scene::new();
    std::fs::create_dir_all(scene.path("runs")).unwrap();
    write_many(&scene.path("runs"));
    let tables = ["gcn-article", "mlx-benchmark/m3-16gb-detailed.jsonl"].map(historical);
    let args = ["report", "runs", &tables[0], &tables[1], "--out", "site"];
    let done = scene.bench(&args).with_code(0);
    assert_eq!(done.stdout, "", "a table of a whole site is as long as it is");
    let pages = pages(&scene.path("site"));
    for name in [
        "index.html",
        "ops.html",
        "compare.html",
        "history.html",
        "runs.html",
        "published.html",
        "how.html",
        "data/report.csv",
        "ops/matmul.html",
        "ops/gcn-epoch.html",
    ] {
        assert!(pages.contains_key(Path::new(name)), "{name}: {:?}", pages.keys());
    }
    let count = |folder: &str| pages.keys().filter(|name| name.starts_with(folder)).count();
    assert_eq!((count("runs"), count("data")), (COURSE as usize + 1, COURSE as usize + 3));
    // Two machines were measured, and the tables have five others: one more is of a machine that was measured.
    assert_eq!(count("chips"), 7);
    assert!(count("compare") > 3 && count("ops") > 10, "{:?}", pages.keys());
    assert!(follow_all(&pages) > 1000);
    let html = pages.keys().filter(|name| name.extension().is_some_and(|ending| ending == "html")).count();
    assert!(done.stderr.contains(&format!("({html} pages, ")), "{}", done.stderr);
    assert!(pages[Path::new("index.html")].contains(OTHER_CHIP));
    let history = &pages[Path::new("history.html")];
    assert!(
        history.contains("id=\"shifts\"") && history.contains("<td><bdi>2026-03-09T12:00:00Z</bdi></td>"),
        "half-way"
    );
    // The raw samples are those that were given.
    let raw = pages.iter().find(|(_, text)| text.contains("\"run_id\":\"other\"")).unwrap().1;
    assert_eq!(*raw, std::fs::read_to_string(scene.path("runs/other.jsonl")).unwrap());
}

#[test]
fn a_later_site_in_the_same_folder_leaves_no_page_of_what_is_gone() {
    let scene = Scene::new();
    for n in 0..3 {
        let text = run(n).replace("Apple M3 Max", &format!("Apple M{n} Max"));
        scene.file(&format!("runs/{n}.jsonl"), text.replace("\"Apple M3\"", &format!("\"Apple M{n}\"")));
    }
    let report = || scene.bench(&["report", "runs", "--out", "site"]).with_code(0);
    report();
    let site = scene.path("site");
    let before = pages(&site);
    scene.file("site/mine.html", "<p>mine</p>");
    scene.file("site/runs/mine.txt", "mine");
    std::fs::remove_file(scene.path("runs/2.jsonl")).unwrap();
    report();
    let mut after = pages(&site);
    for mine in ["mine.html", "runs/mine.txt"] {
        assert!(after.remove(Path::new(mine)).is_some(), "{mine} is no page of a site");
    }
    assert!(after.keys().all(|name| before.contains_key(name)), "{:?}", after.keys());
    let gone: Vec<_> = before.keys().filter(|name| !after.contains_key(*name)).collect();
    assert_eq!(gone.iter().filter(|name| name.starts_with("chips")).count(), 1, "{gone:?}");
    assert!(after.values().all(|text| !text.contains("Apple M2")));
    follow_all(&after);

    // One run has a page, and no site; its raw samples may be what it was made of.
    std::fs::remove_file(scene.path("runs/1.jsonl")).unwrap();
    report();
    let left: Vec<PathBuf> = pages(&site).into_keys().filter(|name| !name.starts_with("data")).collect();
    let expected = ["index.html", "mine.html", "report.csv", "report.json", "runs/mine.txt"].map(PathBuf::from);
    assert_eq!(left, expected);
}

#[test]
fn a_folder_that_cannot_be_written_gets_one_line_and_its_files_stay() {
    let scene = Scene::new();
    scene.file("runs/a.jsonl", run(1));
    scene.file("runs/b.jsonl", run(2));
    scene.file("file", "mine");
    // Of a site, and of one run.
    for source in ["runs", "runs/a.jsonl"] {
        for out in ["file", "file/deeper"] {
            let done = scene.bench(&["report", source, "--out", out]).with_code(2);
            let line = done.stderr.strip_suffix('\n').unwrap();
            assert!(line.starts_with("bench: ") && line.contains(out) && line.contains("cannot"), "{line}");
            assert!(!line.contains('\n') && line.matches("os error").count() == 1, "{line}");
        }
    }
    assert_eq!(std::fs::read_to_string(scene.path("file")).unwrap(), "mine");

    // A folder stands where a page would: the pages before it are there, and nothing half-written.
    std::fs::create_dir_all(scene.path("taken/how.html/in-the-way")).unwrap();
    let done = scene.bench(&["report", "runs", "--out", "taken"]).with_code(2);
    assert!(done.stderr.starts_with("bench: ") && done.stderr.contains("how.html"), "{}", done.stderr);
    let is_whole = |path: &PathBuf| std::fs::read_to_string(path).unwrap().ends_with("</html>");
    let files: Vec<PathBuf> = listing(&scene.path("taken")).into_iter().filter(|path| path.is_file()).collect();
    assert!(files.iter().all(is_whole), "{files:?}");
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_read_only_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new();
    scene.file("runs/a.jsonl", run(1));
    scene.file("runs/b.jsonl", run(2));
    scene.file("site/index.html", "mine");
    let lock = |mode| std::fs::set_permissions(scene.path("site"), std::fs::Permissions::from_mode(mode)).unwrap();
    lock(0o555);
    // Root may write anywhere.
    let may_write = std::fs::write(scene.path("site/probe"), "").is_ok();
    let done = scene.bench(&["report", "runs", "--out", "site"]);
    lock(0o755);
    let page = std::fs::read_to_string(scene.path("site/index.html")).unwrap();
    if may_write {
        assert!(done.with_code(0).stderr.contains("site: ") && page != "mine");
    } else {
        let line = done.with_code(2).stderr;
        assert!(line.starts_with("bench: ") && line.contains("index.html") && line.lines().count() == 1, "{line}");
        assert_eq!((page.as_str(), listing(&scene.path("site")).len()), ("mine", 1));
    }
}
