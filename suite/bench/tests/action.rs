//! What the GitHub action does beside building, with the real `bench` and a `gh` that only writes down what it is asked.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Done, Scene};

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/action")
}

/// The script as the action calls it, with nothing of a real job around.
fn action(scene: &Scene, step: &str, variables: &[(&str, &str)]) -> Done {
    let mut command = Command::new(script());
    command.arg(step).current_dir(scene.path("")).env("BENCH", env!("CARGO_BIN_EXE_bench")).env("OUT", "out");
    for variable in
        ["BASELINE", "BEFORE", "AFTER", "ARGUMENTS", "FRAMEWORKS", "GITHUB_STEP_SUMMARY", "CHIPMARK_SYNTHETIC"]
    {
        command.env_remove(variable);
    }
    command.env("GITHUB_OUTPUT", scene.path("github-output")).envs(variables.iter().copied());
    Done::by(&mut command)
}

fn read(scene: &Scene, name: &str) -> String {
    std::fs::read_to_string(scene.path(name)).unwrap()
}

/// A program of the scene's own.
fn program(scene: &Scene, name: &str, text: &str) -> PathBuf {
    let path = scene.path("bin").join(name);
    std::fs::create_dir_all(scene.path("bin")).unwrap();
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// A `gh` that appends its arguments to a file, and knows one comment if it is told so.
fn fake_gh(scene: &Scene) -> String {
    let text = "#!/bin/sh\necho \"$*\" >> \"$GH_LOG\"\ncase \"$*\" in *--paginate*) echo \"$GH_KNOWS\" ;; esac\n";
    program(scene, "gh", text);
    format!("{}:{}", scene.path("bin").display(), std::env::var("PATH").unwrap())
}

#[test]
fn it_measures_two_workers_keeps_the_code_and_writes_what_is_shown() {
    let scene = Scene::new();
    let suite = scene.suite();
    let arguments = format!(
        "--suite={}\n\n--env-a=CHIPMARK_SYNTHETIC=latency_us=50\n--env-b=CHIPMARK_SYNTHETIC=latency_us=60\n",
        suite.display()
    );
    let summary = scene.path("summary");
    let variables = [
        ("BEFORE", "synthetic"),
        ("AFTER", "synthetic"),
        ("ARGUMENTS", arguments.as_str()),
        ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()),
    ];
    // The step passes: the code is for the last one, after the comment.
    action(&scene, "measure", &variables).with_code(0);
    assert_eq!(read(&scene, "github-output"), "code=1\n");
    assert!(read(&scene, "out/comment.md").starts_with("<!-- chipmark -->\n"));
    assert!(read(&scene, "out/junit.xml").contains("<failure"));
    assert!(read(&scene, "summary").contains("regressed"));

    let path = fake_gh(&scene);
    let comment = |knows: &str, number: &str| {
        let log = scene.path("gh-log");
        let _ = std::fs::remove_file(&log);
        let variables = [
            ("PATH", path.as_str()),
            ("GH_LOG", log.to_str().unwrap()),
            ("GH_KNOWS", knows),
            ("GITHUB_REPOSITORY", "owner/name"),
            ("PULL_REQUEST", number),
        ];
        action(&scene, "comment", &variables)
    };
    comment("", "7").with_code(0);
    assert!(
        read(&scene, "gh-log")
            .contains("--method POST repos/owner/name/issues/7/comments --field body=@out/comment.md")
    );
    comment("4242", "7").with_code(0);
    assert!(read(&scene, "gh-log").contains("--method PATCH repos/owner/name/issues/comments/4242 --field"));
    let refused = comment("", "7; rm -rf /").with_code(2);
    assert!(refused.stderr.contains("not the number of a pull request"), "{}", refused.stderr);
    assert!(!scene.path("gh-log").exists());

    // What another program wrote there is not posted.
    scene.file("out/comment.md", "hello\n");
    comment("", "7").with_code(2);
    assert!(!scene.path("gh-log").exists());
}

#[test]
fn it_asks_for_one_way_of_comparing() {
    let scene = Scene::new();
    for variables in [&[][..], &[("BASELINE", "a.jsonl"), ("AFTER", "x")], &[("BEFORE", "x")]] {
        let done = action(&scene, "measure", variables).with_code(2);
        assert!(done.stderr.contains("give either 'baseline', or 'before' and 'after'"), "{}", done.stderr);
    }
    // A baseline that cannot be read: the code says so, and there is nothing to comment with.
    action(&scene, "measure", &[("BASELINE", "none.jsonl")]).with_code(0);
    assert_eq!(read(&scene, "github-output"), "code=2\n");
    let done = action(&scene, "comment", &[("PULL_REQUEST", "1"), ("GITHUB_REPOSITORY", "o/n")]).with_code(0);
    assert!(done.stdout.contains("nothing to say"), "{}", done.stdout);
}

#[test]
fn it_holds_a_measurement_against_a_baseline_of_this_machine() {
    let scene = Scene::new();
    let suite = scene.suite();
    let run = format!("run --suite {} --target synthetic --rounds 8 --out baseline", suite.display());
    let slow = |latency_us: u32| format!("latency_us={latency_us}");
    let mut command = scene.command(&run.split_whitespace().collect::<Vec<_>>());
    Done::by(command.current_dir(scene.path("")).env("CHIPMARK_SYNTHETIC", slow(50))).with_code(0);
    let baseline = support::results_in(&scene.path("baseline"));
    for (latency_us, code, verdict) in [(50, "code=0\n", "equivalent"), (80, "code=1\n", "**regressed**")] {
        let out = format!("out-{latency_us}");
        let settings = slow(latency_us);
        let variables = [
            ("BASELINE", baseline.to_str().unwrap()),
            ("ARGUMENTS", "--rounds=8\n--threshold=20%"),
            ("CHIPMARK_SYNTHETIC", settings.as_str()),
            ("OUT", out.as_str()),
        ];
        let _ = std::fs::remove_file(scene.path("github-output"));
        let done = action(&scene, "measure", &variables).with_code(0);
        assert_eq!(read(&scene, "github-output"), code, "{done:#?}");
        let comment = read(&scene, &format!("{out}/comment.md"));
        assert!(comment.contains(verdict), "{comment}");
        let comparison: serde_json::Value =
            serde_json::from_str(&read(&scene, &format!("{out}/comparison.json"))).unwrap();
        assert!(comparison["b"]["notices"].is_array() && comparison["b"]["state"].is_object(), "{comparison}");
    }
}

#[test]
fn it_sets_up_the_frameworks_that_it_is_asked_for_and_no_other() {
    let scene = Scene::new();
    let log = scene.path("setup-log");
    let setup = program(&scene, "setup", "#!/bin/sh\necho \"$*\" >> \"$SETUP_LOG\"\n");
    let asked = |frameworks: &str| {
        let _ = std::fs::remove_file(&log);
        let variables =
            [("SETUP", setup.to_str().unwrap()), ("SETUP_LOG", log.to_str().unwrap()), ("FRAMEWORKS", frameworks)];
        action(&scene, "frameworks", &variables)
    };
    asked("tch\n mlx ").with_code(0);
    assert_eq!(read(&scene, "setup-log"), "tch mlx\n");
    asked(" ").with_code(0);
    assert!(!log.exists());
    for bad in ["tch --no-build", "$(touch x)", "candle"] {
        let refused = asked(bad).with_code(2);
        assert!(refused.stderr.contains("takes tch and mlx"), "{}", refused.stderr);
        assert!(!log.exists());
    }
}
