//! What the workflow does with contributed files: which it has validated, what it refuses itself, and what it tells the reviewer. Commits
//! are made in a repository of the test's own, and `bench` is a program that writes down what it is asked.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Done, Scene};

/// A repository with one results file in its first commit.
struct Proposed {
    scene: Scene,
}

impl Proposed {
    fn new() -> Self {
        let proposed = Proposed { scene: Scene::new() };
        proposed.git(&["init", "--quiet"]);
        proposed.write("results/data/apple-m1/8-cpu/old.jsonl", "{}\n");
        proposed.write("README.md", "read me\n");
        proposed.commit();
        proposed
    }

    fn git(&self, arguments: &[&str]) {
        std::fs::create_dir_all(self.path("")).unwrap();
        let mut command = Command::new("git");
        // Whose machine it is must not matter.
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        command.args(["-c", "user.name=test", "-c", "user.email=test@example.invalid"]);
        Done::by(command.args(arguments).current_dir(self.path(""))).with_code(0);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scene.path("proposed").join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "a change"]);
    }

    /// Commits what was changed and has it checked, by a `bench` that says this and ends so.
    fn check(&self, says: &str, code: i32) -> Checked {
        self.commit();
        let bench = self.scene.file("bench", format!(
            "#!/bin/sh\nfor argument; do printf '[%s]' \"$argument\"; done >>\"$LOG\"\necho >>\"$LOG\"\nprintf '%s\\n' '{says}'\nexit {code}\n"
        ));
        std::fs::set_permissions(&bench, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/check-results"));
        command.arg(self.path("")).env("BENCH", bench).env("LOG", self.scene.path("log"));
        command.env("OUT", self.scene.path("out")).env("GITHUB_STEP_SUMMARY", self.scene.path("summary"));
        let done = Done::by(&mut command);
        let read = |name: &str| std::fs::read_to_string(self.scene.path(name)).unwrap_or_default();
        Checked { done, asked: read("log"), summary: read("summary") }
    }
}

struct Checked {
    done: Done,
    asked: String,
    summary: String,
}

#[test]
fn what_is_added_or_changed_is_validated_and_its_verdict_kept() {
    let proposed = Proposed::new();
    proposed.write("results/data/apple-m1/8-cpu/-n ew; touch $(x).jsonl", "{}\n");
    proposed.write("results/data/apple-m1/8-cpu/old.jsonl", "{\"changed\":1}\n");
    let files = "[--][results/data/apple-m1/8-cpu/-n ew; touch $(x).jsonl][results/data/apple-m1/8-cpu/old.jsonl]";
    let good = proposed.check("{}", 0);
    good.done.with_code(0);
    assert_eq!(good.asked, format!("[validate][--strict][--json]{files}\n[validate][--strict]{files}\n"));
    assert!(good.summary.contains("Nothing is wrong (2 results files added or changed)."), "{}", good.summary);
    assert!(!good.summary.contains("For the reviewer"), "{}", good.summary);
    assert_eq!(std::fs::read_to_string(proposed.scene.path("out/validation.json")).unwrap(), "{}\n");

    proposed.write("results/data/apple-m1/8-cpu/old.jsonl", "{\"changed\":2}\n");
    let bad = proposed.check("old.jsonl: </pre><script>&", 1);
    bad.done.with_code(1);
    assert!(
        bad.summary.contains("This cannot be taken as it is (1 results files added or changed)."),
        "{}",
        bad.summary
    );
    assert!(bad.summary.contains("old.jsonl: &lt;/pre&gt;&lt;script&gt;&amp;\n"), "{}", bad.summary);
}

#[test]
fn links_and_programs_are_refused_without_asking() {
    let proposed = Proposed::new();
    symlink("/etc/passwd", proposed.path("results/data/apple-m1/link.jsonl")).unwrap();
    let program = proposed.write("results/data/apple-m1/program.jsonl", "#!/bin/sh\n");
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let checked = proposed.check("", 0);
    checked.done.with_code(1);
    assert_eq!(checked.asked, "", "bench opens neither");
    let listed = "<pre>\nresults/data/apple-m1/link.jsonl\nresults/data/apple-m1/program.jsonl\n</pre>";
    assert!(checked.summary.contains(listed), "{}", checked.summary);
}

#[test]
fn the_reviewer_is_told_what_is_not_validated() {
    let proposed = Proposed::new();
    std::fs::remove_file(proposed.path("results/data/apple-m1/8-cpu/old.jsonl")).unwrap();
    proposed.write("results/data/withdrawn.toml", "x = 1\n");
    proposed.write(".github/workflows/validate.yml", "on: push\n");
    let checked = proposed.check("", 0);
    checked.done.with_code(0);
    assert_eq!(checked.asked, "");
    for (about, path) in [
        ("are removed", "results/data/apple-m1/8-cpu/old.jsonl"),
        ("not validated", "results/data/withdrawn.toml"),
        ("outside results/data", ".github/workflows/validate.yml"),
    ] {
        assert!(
            checked.summary.contains(&format!("{about}**\n\n<pre>\n{path}\n</pre>")),
            "{about}: {}",
            checked.summary
        );
    }
}

#[test]
fn a_commit_with_nothing_to_be_held_against_is_an_error() {
    let scene = Proposed::new();
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/check-results"));
    // The first commit has no parent: that must not pass for one that changes nothing.
    let done = Done::by(command.arg(scene.path("")).env("BENCH", "/bin/false"));
    assert!(done.code != Some(0) && !done.stdout.contains("Nothing is wrong"), "{done:?}");
}
