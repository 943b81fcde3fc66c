//! Good use, end to end: the verbs do what their help says, and what they print and write can be read by others.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use std::io::Write;
use std::process::Stdio;
use support::{Done, Scene, is_complete, measured, of_kind, records};

fn json(done: &Done) -> Value {
    serde_json::from_str(&done.stdout).unwrap()
}

#[test]
fn a_run_checks_measures_and_reports() {
    let scene = Scene::new();
    let args =
        "run --target candle --case softmax/*,matmul/* --tier tiny --rounds 2 --mode latency --threads 1 --out out";
    let done = scene.bench(&args.split(' ').collect::<Vec<_>>()).with_code(0);
    let results = scene.results();
    assert!(is_complete(&results));

    let run = &of_kind(&results, "run")[0];
    let given: Vec<&str> = run["command"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
    assert_eq!(given.join(" "), args);
    assert_eq!(run["settings"]["threads"], 1);
    assert_eq!(run["targets"][0]["info"]["threads"], 1, "as read back from candle");
    assert_eq!(run["settings"]["rounds"], 2);
    assert!(!run["machine"]["chip"].as_str().unwrap().is_empty());

    let cases = run["cases"].as_array().unwrap();
    let checks = of_kind(&results, "check");
    assert!(cases.len() >= 5 && checks.len() == cases.len());
    assert!(checks.iter().all(|check| check["outcome"] == "ok" && !check["comparisons"][0].is_null()), "{checks:#?}");
    let measured = measured(&results);
    assert!(measured.len() == 2 * cases.len() && measured.values().all(|&n| n == 1), "{measured:?}");
    let workers = of_kind(&results, "worker");
    let of_rounds = workers.iter().filter(|worker| worker["purpose"] == "round").count();
    assert_eq!(of_rounds, 2, "a fresh process each round");

    // What it says is there is there.
    let folder = results.parent().unwrap();
    for (word, ending) in [("results:", "jsonl"), ("CSV:", "csv"), ("JSON:", "json"), ("page:", "html")] {
        let line = done.stderr.lines().find(|line| line.starts_with(word)).unwrap();
        let path = scene.path(line.trim_start_matches(word).trim());
        assert_eq!(path.parent(), Some(folder), "{line}");
        assert_eq!(path.extension().unwrap(), ending, "{line}");
        assert!(path.metadata().unwrap().len() > 0, "{line}");
    }
    for case in cases {
        let case = case["case"].as_str().unwrap();
        let label = case.split('/').nth(1).unwrap();
        assert!(done.stdout.contains(label), "{case} is not in the table:\n{}", done.stdout);
    }
    let csv = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let csv = csv.filter(|path| path.extension().is_some_and(|e| e == "csv")).collect::<Vec<_>>();
    assert_eq!(csv.len(), 1);
    assert_eq!(std::fs::read_to_string(&csv[0]).unwrap().lines().count(), 1 + cases.len(), "a head and a row a cell");

    // All of it can be made again from the results file alone.
    let again = scene.path("again");
    let report = scene.bench(&["report", results.to_str().unwrap(), "--out", again.to_str().unwrap()]).with_code(0);
    assert_eq!(report.stdout, done.stdout);
    assert_eq!(std::fs::read_dir(&again).unwrap().count(), 3, "CSV, JSON and page");
    let as_csv = scene.bench(&["report", results.to_str().unwrap(), "--format", "csv"]).with_code(0);
    assert_eq!(as_csv.stdout, std::fs::read_to_string(&csv[0]).unwrap());
}

#[test]
fn json_on_stdout_is_json_and_nothing_else() {
    let scene = Scene::new();
    let done = Done::by(&mut scene.bad_run("", &["--format", "json"])).with_code(0);
    assert!(done.stdout.contains("softmax/11x24/f32"));
    assert!(json(&done).is_object() || json(&done).is_array());
    assert!(done.stderr.contains("targets: bad:cpu"), "the rest goes to stderr: {done:#?}");
}

#[test]
fn two_files_make_one_report() {
    let scene = Scene::new();
    Done::by(&mut scene.bad_run("", &[])).with_code(0);
    let first = scene.file("first.jsonl", std::fs::read(scene.results()).unwrap());
    std::fs::remove_dir_all(scene.out()).unwrap();
    Done::by(&mut scene.bad_run("", &[])).with_code(0);
    let paths = [first, scene.results()].map(|path| path.to_str().unwrap().to_owned());
    let done = scene.bench(&["report", &paths[0], &paths[1], "--format", "csv"]).with_code(0);
    assert_eq!(done.stdout.lines().count(), 1 + 2 * 3, "{}", done.stdout);
}

#[test]
fn a_dry_run_shows_the_plan_and_writes_nothing() {
    let scene = Scene::new();
    let run = ["run", "--target", "candle", "--suite", "suite.toml", "--dry-run"];
    let table = scene.bench(&run).with_code(0);
    assert!(table.stdout.contains("softmax/11x24/f32"), "{table:#?}");
    for part in ["for the checks", "for the ceilings", "for the rounds"] {
        assert!(table.stdout.contains(part), "{part}: {table:#?}");
    }
    let standard = scene.bench(&[&run[..], &["--profile", "standard"]].concat()).with_code(0);
    assert!(standard.stdout.contains("8 to 20 rounds") && standard.stdout.contains("for the memory"), "{standard:#?}");
    assert!(table.stdout.contains("3 cases, 3 cells, 2 rounds; about "), "{table:#?}");
    let plan = json(&scene.bench(&[&run[..], &["--format", "json"]].concat()).with_code(0));
    assert_eq!(plan["cases"].as_array().unwrap().len(), 3);
    assert!(plan["estimated_s"].as_f64().unwrap() > 0.0);
    assert_eq!(std::fs::read_dir(scene.path("")).unwrap().count(), 1, "the suite file alone");
}

#[test]
fn a_budget_ends_a_run_and_says_what_it_did_not_reach() {
    let scene = Scene::new();
    let done = Done::by(&mut scene.bad_run("slow", &["--rounds", "100", "--budget", "1s"])).with_code(0);
    let last = records(&scene.results()).pop().unwrap();
    assert_eq!(last["reason"], "the time of the run was up", "{done:#?}");
    assert!(done.stderr.contains("the time was up; go on with: bench run --resume "), "{done:#?}");
}

#[test]
fn what_was_checked_at_a_smaller_shape_alone_says_so() {
    let scene = Scene::new();
    // Larger than what the reference is asked for.
    let args =
        "run --target candle:cpu --tier full --mode latency --rounds 1 --no-ceilings --case copy/256MiB/f32 --out out";
    let table = scene.bench(&args.split(' ').collect::<Vec<_>>()).with_code(0);
    assert!(table.stdout.contains("checked at a smaller shape alone"), "{table:#?}");
    let csv = scene.bench(&["report", scene.results().to_str().unwrap(), "--format", "csv"]).with_code(0);
    assert!(csv.stdout.contains("reduced-check"), "{csv:#?}");
}

#[test]
fn cold_inputs_take_turns_and_are_told() {
    let scene = Scene::new();
    let args = "run --target synthetic --case softmax/*,gcn_epoch/* --tier tiny --rounds 1 --mode latency,first-call --inputs cold --out out";
    scene.bench(&args.split(' ').collect::<Vec<_>>());
    let results = scene.results();
    assert_eq!(of_kind(&results, "run")[0]["settings"]["inputs"], "cold");
    let launches = of_kind(&results, "launch");
    let of = |workload: &str, mode: &str| {
        let is_it = |launch: &&Value| launch["case"].as_str().unwrap().starts_with(workload) && launch["mode"] == mode;
        let found: Vec<Value> = launches.iter().filter(is_it).cloned().collect();
        assert!(!found.is_empty(), "{workload} {mode}");
        found
    };
    assert!(of("softmax", "latency").iter().all(|launch| launch["samples"]["input_sets"].as_u64() > Some(1)));
    for launch in of("softmax", "first-call").iter().chain(&of("gcn_epoch", "latency")) {
        assert_eq!(launch["outcome"], "unsupported");
        assert!(launch["reason"].as_str().unwrap().contains("cold ones"), "{launch}");
    }
}

#[test]
fn lists_are_tables_and_json() {
    let scene = Scene::new();
    for (what, column, value) in [
        ("workloads", "workload", "softmax"),
        ("cases", "case", "softmax/64x1000000/f32"),
        ("targets", "target", "candle:cpu"),
        ("suites", "suite", "quick"),
        ("modes", "mode", "first-call"),
    ] {
        let table = scene.bench(&["list", what]).with_code(0);
        assert!(table.stdout.contains(value), "{table:#?}");
        let rows = json(&scene.bench(&["list", what, "--format", "json"]).with_code(0));
        let rows = rows.as_array().unwrap();
        assert!(rows.iter().any(|row| row[column] == value), "{what}: {rows:#?}");
        assert_eq!(table.stdout.lines().count(), rows.len() + 1, "{what}: a head and a line a row");
    }
    let cases = scene.bench(&["list", "cases", "--suite", "suite.toml"]).with_code(0);
    assert_eq!(cases.stdout.lines().count(), 4, "{}", cases.stdout);
}

#[test]
fn all_known_frameworks_are_listed_usable_or_with_the_reason() {
    let scene = Scene::new();
    let rows = json(&scene.bench(&["list", "targets", "--format", "json"]).with_code(0));
    for framework in ["candle", "tch", "mlx", "reference", "synthetic"] {
        let of_framework = |row: &&Value| row["target"].as_str().unwrap().split(':').next() == Some(framework);
        let row = rows.as_array().unwrap().iter().find(of_framework).unwrap_or_else(|| panic!("{framework}: {rows:#}"));
        assert!(row["usable"] == "yes" || row["usable"] == "no", "{row:#}");
        assert!(!row["program_or_why_not"].as_str().unwrap().is_empty(), "{row:#}");
    }
}

#[test]
fn a_worker_can_be_driven_by_hand() {
    let scene = Scene::new();
    let case = "softmax/64x64/f32";
    let requests = scene.bench(&["spec", case, "--seconds", "0.02"]).with_code(0).stdout;
    let mut worker = scene.command(&["worker", "candle"]);
    worker.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut worker = worker.spawn().unwrap();
    worker.stdin.take().unwrap().write_all(requests.as_bytes()).unwrap();
    let done = Done::of(worker.wait_with_output().unwrap()).with_code(0);
    let replies: Vec<Value> = done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut types: Vec<&str> = replies.iter().map(|reply| reply["type"].as_str().unwrap()).collect();
    types.dedup();
    assert_eq!(types, ["hello", "opened", "checked", "block", "measured"]);
    let hello = &replies[0];
    assert_eq!((&hello["protocol"], &hello["worker"]), (&1.into(), &"candle".into()));
}

#[test]
fn a_worker_that_is_asked_nonsense_says_so_and_goes_on() {
    let scene = Scene::new();
    let mut worker = scene.command(&["worker", "synthetic"]);
    worker.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut worker = worker.spawn().unwrap();
    let requests = "nonsense\n{\"type\":\"check\",\"case\":\"softmax/2x2/f32\"}\n\n{\"type\":\"devices\"}\n";
    worker.stdin.take().unwrap().write_all(requests.as_bytes()).unwrap();
    let done = Done::of(worker.wait_with_output().unwrap()).with_code(0);
    let replies: Vec<Value> = done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<&str> = replies.iter().map(|reply| reply["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["hello", "error", "error", "devices"], "{done:#?}");
    assert!(replies[1]["message"].as_str().unwrap().starts_with("not a request"), "{}", replies[1]);
    assert!(replies[2]["message"].as_str().unwrap().starts_with("no device is open"), "{}", replies[2]);
}

#[test]
fn completions_help_and_version() {
    let scene = Scene::new();
    let script = scene.bench(&["completions", "bash"]).with_code(0).stdout;
    assert!(script.contains("complete -F _bench") && script.contains("--resume"), "{script}");
    let help = scene.bench(&["--help"]).with_code(0);
    for verb in ["run", "list", "verify", "doctor", "report", "submit", "spec", "worker", "completions"] {
        assert!(help.stdout.contains(&format!("\n  {verb} ")), "{verb}: {}", help.stdout);
    }
    assert!(scene.bench(&["--version"]).with_code(0).stdout.starts_with("bench "));
    assert!(scene.bench(&[] as &[&str]).with_code(2).stderr.contains("Usage: bench"));
}

#[test]
fn the_doctor_speaks_json_too() {
    let scene = Scene::new();
    let all = json(&scene.bench(&["doctor", "--target", "candle,synthetic", "--format", "json"]).with_code(0));
    let targets: Vec<&str> = all["targets"].as_array().unwrap().iter().map(|t| t["target"].as_str().unwrap()).collect();
    assert!(targets.contains(&"candle:cpu") && targets.contains(&"synthetic:cpu"), "{targets:?}");
    assert!(!all["machine"]["chip"].as_str().unwrap().is_empty());
    let table = scene.bench(&["doctor", "--target", "candle"]).with_code(0).stdout;
    for part in ["machine\n", "targets\n", "candle:cpu: ", "threads", "precision", "what would disturb a measurement\n"]
    {
        assert!(table.contains(part), "{part}: {table}");
    }
}

#[test]
fn a_chip_that_the_user_names_is_recorded_as_given_with_the_detected_one_beside_it() {
    let scene = Scene::new();
    let doctor = |arguments: &[&str]| {
        let all = ["doctor", "--target", "synthetic"].iter().chain(arguments);
        scene.bench(&all.collect::<Vec<_>>()).with_code(0)
    };
    let detected = json(&doctor(&["--format", "json"]))["machine"]["chip"].as_str().unwrap().to_owned();
    let machine = json(&doctor(&["--format", "json", "--chip", "M3 Max"]))["machine"].clone();
    assert_eq!(machine["chip"], "M3 Max");
    assert_eq!(machine["chip_given"], true);
    assert_eq!(machine["chip_detected"], detected.as_str());

    let table = doctor(&["--chip", "M3 Max"]);
    assert!(table.stdout.contains(&format!("M3 Max (given; detected: {detected})")), "{}", table.stdout);
    assert!(
        table.stderr.contains("there is no chip 'M3 Max'") && table.stderr.contains("did you mean 'Apple M3 Max'?")
    );
    assert!(!doctor(&["--chip", "Apple M3 Max"]).stderr.contains("did you mean"), "it is known");

    let plan = ["run", "--dry-run", "--suite", "quick", "--tier", "tiny", "--target", "synthetic", "--chip", "Aple M3"];
    assert!(scene.bench(&plan).with_code(0).stderr.contains("did you mean 'Apple M3'?"));
}
