//! `bench backend new` in a small workspace of the repository's kind: what it writes, and that a refusal is one line and writes
//! nothing. That the crate builds, conforms and verifies is for `scripts/check-new-backend` to show.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use support::{Done, Scene, listing};

const WORKSPACE: &str = r#"# Ours.
[workspace]
members = [
    "suite/core",
    "backends/candle", # Rust alone.
    "results",
]

[workspace.dependencies]
chipmark-core = { path = "suite/core" } # The trait.
"#;

/// A checkout as far as this command looks at it.
fn checkout() -> Scene {
    let scene = Scene::new();
    scene.file("Cargo.toml", WORKSPACE);
    for (member, package) in [("suite/core", "core"), ("backends/candle", "candle"), ("results", "results")] {
        fs::create_dir_all(scene.path(member)).unwrap();
        scene.file(&format!("{member}/Cargo.toml"), format!("[package]\nname = \"chipmark-{package}\"\n"));
    }
    scene
}

fn new(scene: &Scene, folder: &str, args: &[&str]) -> Done {
    let mut command: Command = scene.command(&["backend", "new"]);
    Done::by(command.args(args).current_dir(scene.path(folder)))
}

#[track_caller]
fn refused(scene: &Scene, args: &[&str], parts: &[&str]) {
    let before = listing(&scene.path(""));
    let manifest = fs::read(scene.path("Cargo.toml")).ok();
    let line = new(scene, "", args).usage_error();
    assert!(parts.iter().all(|part| line.contains(part)), "{args:?}: {line}");
    assert_eq!(listing(&scene.path("")), before, "{args:?}");
    assert_eq!(fs::read(scene.path("Cargo.toml")).ok(), manifest, "{args:?}");
}

#[test]
fn the_crate_and_its_place_in_the_workspace() {
    let scene = checkout();
    let before = listing(&scene.path(""));
    // From anywhere in the checkout.
    let done = new(&scene, "suite/core", &["tiny-grad"]).with_code(0);
    for line in [
        "cargo build --release -p chipmark-tiny-grad\n",
        "--worker target/release/bench-worker-tiny-grad --target tiny-grad\n",
        "grep -rn REPLACE: backends/tiny-grad\n",
    ] {
        assert!(done.stdout.contains(line), "{}", done.stdout);
    }
    let manifest = fs::read_to_string(scene.path("Cargo.toml")).unwrap();
    let candle = "    \"backends/candle\", # Rust alone.\n";
    assert_eq!(manifest, WORKSPACE.replace(candle, &format!("{candle}    \"backends/tiny-grad\",\n")));
    let read = |path: &str| fs::read_to_string(scene.path("backends/tiny-grad").join(path)).unwrap();
    for (path, part) in [
        ("Cargo.toml", "name = \"bench-worker-tiny-grad\""),
        ("README.md", "(../../suite/docs/adding/backend.md)"),
        ("src/lib.rs", "const NAME: &'static str = \"tiny-grad\";"),
        ("src/main.rs", "serve::<chipmark_tiny_grad::TinyGrad>()"),
        ("src/ops/mod.rs", "impl Sort for TinyGrad {}"),
        ("src/ops/arrange.rs", "impl Arrange for TinyGrad"),
        ("src/ops/elementwise.rs", "impl Elementwise for TinyGrad"),
        ("src/ops/linalg.rs", "impl Linalg for TinyGrad"),
        ("src/ops/norm.rs", "impl Norm for TinyGrad"),
        ("src/ops/reduce.rs", "impl Reduce for TinyGrad"),
        ("tests/conformance.rs", "type Tested = chipmark_tiny_grad::TinyGrad;"),
    ] {
        assert!(read(path).contains(part), "{path}: {}", read(path));
    }
    let after = listing(&scene.path(""));
    let files = after.iter().filter(|path| !before.contains(path) && scene.path("").join(path).is_file());
    assert_eq!(files.count(), 11, "{after:#?}");
    // The page that the skeleton leads to, in this very repository.
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/adding/backend.md");
    assert!(page.is_file(), "{}", page.display());
    // Once is enough.
    refused(&scene, &["tiny-grad"], &["a package chipmark-tiny-grad already, in backends/tiny-grad"]);
}

#[cfg(unix)]
#[test]
fn the_folder_is_as_open_as_any_other() {
    use std::os::unix::fs::PermissionsExt;
    let scene = checkout();
    new(&scene, "", &["sample"]).with_code(0);
    let mode = |path: &str| scene.path(path).metadata().unwrap().permissions().mode();
    assert_eq!(mode("backends/sample"), mode("backends/candle"));
}

#[test]
fn another_folder_of_the_checkout() {
    let scene = checkout();
    fs::create_dir_all(scene.path("more/backends")).unwrap();
    new(&scene, "", &["sample", "--dir", "more/backends"]).with_code(0);
    let manifest = fs::read_to_string(scene.path("Cargo.toml")).unwrap();
    assert_eq!(manifest, WORKSPACE.replace("    \"results\",\n", "    \"results\",\n    \"more/backends/sample\",\n"));
    let readme = fs::read_to_string(scene.path("more/backends/sample/README.md")).unwrap();
    assert!(readme.contains("(../../../suite/docs/adding/backend.md)"), "{readme}");
}

#[test]
fn names_and_folders_that_are_refused() {
    let scene = checkout();
    refused(&scene, &["Sample"], &["'Sample' cannot be a backend's name", "lower-case letters"]);
    refused(&scene, &["../sample"], &["'../sample' cannot be a backend's name"]);
    refused(&scene, &["match"], &["'match' cannot be a backend's name", "Rust keeps that word"]);
    refused(&scene, &["backend"], &["its type would be Backend"]);
    refused(&scene, &["candle"], &["a package chipmark-candle already, in backends/candle", "another name"]);
    refused(&scene, &["core"], &["a package chipmark-core already, in suite/core"]);
    for dir in ["nowhere", "..", "/tmp", ".", "Cargo.toml"] {
        refused(&scene, &["sample", "--dir", dir], &[&format!("--dir '{dir}' is no folder of the checkout")]);
    }
    fs::create_dir(scene.path("backends/sample")).unwrap();
    refused(&scene, &["sample"], &["backends/sample is there already"]);
    refused(&scene, &[], &["<NAME>"]);
}

#[test]
fn a_folder_that_is_no_checkout() {
    let scene = Scene::new();
    refused(&scene, &["sample"], &["is in no checkout of Chipmark", "clone of its repository"]);
    // Somebody else's workspace is none either.
    scene.file("Cargo.toml", "[workspace]\nmembers = []\n");
    refused(&scene, &["sample"], &["is in no checkout of Chipmark"]);
}

#[test]
fn a_workspace_that_cannot_be_read() {
    let scene = checkout();
    scene.file("Cargo.toml", format!("{WORKSPACE}\nmembers = [\n"));
    refused(&scene, &["sample"], &["Cargo.toml: line 1"]);
    scene.file("Cargo.toml", WORKSPACE.replace("members", "exclude"));
    refused(&scene, &["sample"], &["Cargo.toml lists no members of its workspace"]);
    scene.file("Cargo.toml", WORKSPACE.replace("\"results\"", "\"backends/sample\""));
    refused(&scene, &["sample"], &["cannot read", "backends/sample/Cargo.toml"]);
}

/// A folder in which not even root can write: nothing may have been said of the crate in the manifest before.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written() {
    let scene = checkout();
    std::os::unix::fs::symlink("/proc", scene.path("locked")).unwrap();
    let line = new(&scene, "", &["sample", "--dir", "locked"]).usage_error();
    assert!(line.contains("cannot write") && line.contains("locked/sample"), "{line}");
    assert_eq!(fs::read_to_string(scene.path("Cargo.toml")).unwrap(), WORKSPACE);
}
