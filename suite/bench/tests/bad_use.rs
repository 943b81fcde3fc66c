//! What bad use gets from the command line, the suite file, the output folder and the results file: one clear line, an exit
//! code, and nothing half-written. What a bad worker gets is in `bad_worker.rs`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use rustix::process::Signal;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Done, Running, SUITE, Scene, bad_worker, is_complete, launches, listing, measured, records};

/// Runs `bench` with these arguments: it must refuse in one line that has all of these parts, and write nothing.
#[track_caller]
fn refused(args: &[&str], parts: &[&str]) {
    let scene = Scene::new();
    let before = listing(&scene.path(""));
    let line = scene.bench(args).usage_error();
    assert!(parts.iter().all(|part| line.contains(part)), "{args:?}: {line}");
    assert_eq!(listing(&scene.path("")), before, "{args:?}");
}

#[test]
fn unknown_names_are_answered_with_the_nearest() {
    refused(&["run", "--target", "candel"], &["unknown target 'candel'", "did you mean 'candle'"]);
    refused(&["verify", "--target", "candle:gpu"], &["unknown target 'candle:gpu'", "candle:cpu"]);
    refused(&["run", "--suite", "quik"], &["unknown suite 'quik'", "did you mean 'quick'"]);
    refused(&["run", "--case", "sofmax/64x64/f32"], &["unknown workload 'sofmax'", "did you mean 'softmax'"]);
    refused(&["run", "--case", "sofmax/*"], &["'sofmax/*' matches no case", "did you mean 'softmax/*'"]);
    refused(&["run", "--dtype", "f33"], &["--dtype", "unknown dtype 'f33'", "f32, f16, bf16"]);
    refused(&["run", "--case", "softmax/64x64/f33"], &["unknown dtype 'f33'", "f32, f16, bf16"]);
    refused(&["run", "--mode", "latancy"], &["--mode", "unknown mode 'latancy'", "latency, throughput"]);
    refused(&["run", "--tier", "tinny"], &["--tier", "unknown tier 'tinny'", "tiny, small, full"]);
    refused(&["run", "--format", "tabel"], &["--format", "'tabel'", "'table'"]);
    refused(&["list", "cazes"], &["'cazes'", "'cases'"]);
    refused(&["run", "--fromat", "json"], &["'--fromat'", "'--format'"]);
    refused(&["worker", "candel"], &["unknown worker 'candel'", "candle"]);
}

#[test]
fn values_that_cannot_be() {
    refused(&["run", "--rounds", "0"], &["--rounds", "1..=1000"]);
    refused(&["run", "--threads", "0"], &["--threads", "1..=4096"]);
    refused(&["run", "--budget", "soon"], &["--budget", "'soon'", "90s"]);
    refused(&["run", "--case", "softmax/0x4/f32"], &["'0x4' is not a shape"]);
    refused(&["run", "--case", "matmul/2x3@4x5/f32"], &["matmul: '2x3@4x5' does not fit"]);
    refused(&["spec", "gcn_epoch/dense-67n-262e-35f-7c/f32", "--mode", "throughput"], &["has no mode throughput"]);
    // A resumed run is the run it was.
    refused(&["run", "--resume", "x", "--rounds", "5"], &["--resume", "--rounds"]);
    refused(&["run", "--resume", "x", "--cell-timeout", "5s"], &["--resume", "--cell-timeout"]);
}

#[test]
fn a_choice_that_leaves_nothing() {
    refused(&["run", "--case", "gcn_epoch/*", "--dtype", "f16"], &["nothing is left to measure", "'quick'"]);
    refused(&["run", "--case", "gcn_epoch/*", "--mode", "throughput"], &["nothing is left to measure"]);
    refused(&["run", "--case", "host_to_device/4KiB/*"], &["matches no case of suite 'quick'", "--suite main"]);
    refused(&["run", "--case", "softmax/[/f32"], &["'softmax/[/f32' is not a pattern"]);
}

/// A suite file that differs from a good one in one place: the line with the mistake and the word for it must be named.
#[track_caller]
fn bad_suite(good: &str, bad: &str, parts: &[&str]) {
    assert_eq!(SUITE.matches(good).count(), 1, "{good}");
    let text = SUITE.replace(good, bad);
    let line = text[..text.find(bad).unwrap()].matches('\n').count() + 1;
    let scene = Scene::new();
    let path = scene.file("mine.toml", &text);
    let message = scene.bench(&["run", "--suite", path.to_str().unwrap()]).usage_error();
    assert!(message.contains(&format!("{}, line {line}: ", path.display())), "line {line}: {message}");
    assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    assert!(!scene.path("bench-results").exists());
}

#[test]
fn a_bad_suite_file_is_answered_with_line_and_key() {
    bad_suite("rounds = 2", "runds = 2", &["unknown field `runds`", "rounds"]);
    bad_suite("sample_s = 0.005", "sampel_s = 0.005", &["unknown field `sampel_s`"]);
    bad_suite("modes = [\"latency\"]", "modes = [\"latancy\"]", &["latancy", "latency"]);
    bad_suite("rounds = 2", "rounds = two", &[]);
    bad_suite("rounds = 2", "rounds = 0", &["rounds must be in 1..=1000"]);
    bad_suite("tier = \"tiny\"", "tier = \"tinny\"", &["tinny", "tiny"]);
    bad_suite("[[select]]", "[[select]", &[]);
    let cases = SUITE.lines().find(|line| line.starts_with("cases")).unwrap();
    bad_suite(cases, "cases = [\"softmax/64y64/f32\"]", &["'64y64' is not a shape"]);
    bad_suite(cases, "cases = [\"sofmax/64x64/f32\"]", &["unknown workload 'sofmax'; did you mean 'softmax'"]);
    bad_suite(cases, "cases = [\"matmul/2x3@4x5/f32\"]", &["'2x3@4x5' does not fit"]);
    bad_suite("[sampling]\nwarm_up_s = 0.001", "[sampling]\nwarm_up_s = -1.0", &["durations must be positive"]);
    bad_suite("[sampling]\nwarm_up_s = 0.001", "[sampling]\nwarm_up_s = nan", &["durations must be positive"]);
}

#[test]
fn a_suite_file_that_is_none() {
    let scene = Scene::new();
    for (content, part) in [(vec![0xff, 0xfe, 0x00], "UTF-8"), (vec![b'#'; 2 << 20], "larger than 1 MiB")] {
        let path = scene.file("mine.toml", content);
        let message = scene.bench(&["run", "--suite", path.to_str().unwrap()]).usage_error();
        assert!(message.contains(part) && message.contains("mine.toml"), "{message}");
    }
}

#[test]
fn an_output_folder_that_cannot_be_written() {
    let scene = Scene::new();
    let file = scene.file("file", "in the way");
    // The last one takes no folder from anybody, root included.
    for out in [file.clone(), file.join("below"), PathBuf::from("/dev/null/out")] {
        let before = listing(&scene.path(""));
        let mut command = scene.command(&["run", "--target", "bad", "--suite"]);
        command.arg(scene.suite()).arg("--worker").arg(bad_worker()).arg("--out").arg(&out);
        let message = Done::by(&mut command).usage_error();
        assert!(message.contains(out.to_str().unwrap()), "{message}");
        assert_eq!(listing(&scene.path("")), before);
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), "in the way");
}

/// A small file system of its own, unmounted with this.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where this process may not mount.
    fn mount(at: &Path) -> Option<Self> {
        std::fs::create_dir(at).unwrap();
        let mut command = Command::new("mount");
        let mounted = command.args(["-t", "tmpfs", "-o", "size=16k", "chipmark-test"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| SmallDisk(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// The error of a run whose results did not all fit, and what is left of them, which must be good and can be gone on with.
fn what_a_full_disk_leaves(scene: &Scene, done: Done, results: &Path) {
    let done = done.with_code(2);
    let last = done.stderr.lines().last().unwrap();
    assert!(last.starts_with("bench: ") && last.contains("cannot write to it: "), "{done:#?}");
    assert!(last.contains("it holds what was measured until then"), "{last}");
    let text = std::fs::read_to_string(results).unwrap();
    assert!(text.ends_with('\n'), "no half line: {}", text.lines().last().unwrap_or_default());
    let kept = measured(results);
    assert!(!kept.is_empty() && kept.len() < 120, "{}", kept.len());
    let elsewhere = scene.path("elsewhere.jsonl");
    std::fs::copy(results, &elsewhere).unwrap();
    let report = scene.bench(&["report", elsewhere.to_str().unwrap()]).with_code(0);
    assert!(report.stdout.contains("softmax"), "{report:#?}");
    assert_eq!(report.stderr, "", "the file is whole");
    scene.resume(&elsewhere).with_code(0);
    assert_eq!(measured(&elsewhere).len(), 120);
}

#[test]
fn a_full_disk() {
    let scene = Scene::new();
    let bench = scene.bad_run("", &["--rounds", "40"]);
    let disk = SmallDisk::mount(&scene.out());
    let mut command = if disk.is_some() {
        bench
    } else {
        // A limit on the size of files says no at the same place.
        let mut limited = Command::new("bash");
        limited.args(["-c", "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\""]).arg(bench.get_program());
        limited.args(bench.get_args());
        limited
    };
    let done = Done::by(&mut command);
    what_a_full_disk_leaves(&scene, done, &scene.results());
}

/// A finished run of the test suite.
fn finished(scene: &Scene) -> PathBuf {
    Done::by(&mut scene.bad_run("", &[])).with_code(0);
    scene.results()
}

/// Both readers of results files refuse this one in one line with all of these parts, and leave it as it is.
#[track_caller]
fn bad_file(scene: &Scene, content: &[u8], parts: &[&str]) {
    let path = scene.file("bad.jsonl", content);
    let out = scene.path("report");
    let report = scene.bench(&["report", path.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    for message in [report.usage_error(), scene.resume(&path).usage_error()] {
        assert!(message.contains(path.to_str().unwrap()), "{message}");
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    }
    assert!(!out.exists());
    assert_eq!(std::fs::read(path).unwrap(), content);
}

#[test]
fn a_results_file_that_is_none() {
    let scene = Scene::new();
    let good = std::fs::read_to_string(finished(&scene)).unwrap();
    let (header, rest) = good.split_once('\n').unwrap();
    bad_file(&scene, b"", &["is empty"]);
    bad_file(&scene, &[0, 159, 146, 150, b'\n', 0xff], &["not UTF-8"]);
    bad_file(&scene, b"hello\n", &["not a results file"]);
    bad_file(&scene, b"{}\n", &["not a results file", "record"]);
    bad_file(&scene, &header.as_bytes()[..header.len() / 2], &["ends within its header"]);
    bad_file(&scene, rest.as_bytes(), &["not a results file"]);
    let newer = good.replacen("\"schema\":2,", "\"schema\":99,\"surprise\":[],", 1);
    assert_ne!(newer, good);
    bad_file(&scene, newer.as_bytes(), &["newer bench", "schema 99"]);
    bad_file(&scene, format!("{good}{header}\n{rest}").as_bytes(), &["second run header"]);
    bad_file(&scene, good.replacen("\"record\":\"launch\"", "\"record\":\"launch", 1).as_bytes(), &[".jsonl:"]);
    refused(&["report", "nothing.jsonl"], &["nothing.jsonl", "no such file"]);
    refused(&["run", "--resume", "nothing.jsonl"], &["nothing.jsonl", "no such file"]);
}

#[test]
fn a_results_file_that_was_cut_off_is_read_and_gone_on_with() {
    let scene = Scene::new();
    let path = finished(&scene);
    let good = std::fs::read_to_string(&path).unwrap();
    // Within the last launch: after it comes the end of the run.
    let last = good.rfind("{\"record\":\"launch\"").unwrap();
    std::fs::write(&path, &good[..last + 40]).unwrap();
    let report = scene.bench(&["report", path.to_str().unwrap()]).with_code(0);
    assert!(report.stderr.contains("last line is cut off"), "{report:#?}");
    assert_eq!(measured(&path).len(), 5);
    scene.resume(&path).with_code(0);
    assert!(is_complete(&path));
    let after = measured(&path);
    assert!(after.len() == 6 && after.values().all(|&n| n == 1), "{after:?}");
}

#[test]
fn a_finished_run_has_nothing_to_go_on_with() {
    let scene = Scene::new();
    let path = finished(&scene);
    let before = records(&path);
    scene.resume(&path).with_code(0);
    let after = records(&path);
    assert_eq!(after[..before.len()], before[..]);
    assert!(after[before.len()..].iter().all(|record| record["record"] == "end"), "{:#?}", &after[before.len()..]);
    assert!(is_complete(&path));
}

#[test]
fn a_run_goes_on_only_where_it_was() {
    let scene = Scene::new();
    let good = std::fs::read_to_string(finished(&scene)).unwrap();
    let path = scene.file("moved.jsonl", good.replacen("\"chip\":\"", "\"chip\":\"Another ", 1));
    assert!(scene.resume(&path).usage_error().contains("a run of another machine (Another "));
    let path = scene.file(
        "upgraded.jsonl",
        good.replacen("\"framework\":\"Bad\",\"version\":\"1\"", "\"framework\":\"Bad\",\"version\":\"0\"", 1),
    );
    let message = scene.resume(&path).usage_error();
    assert!(message.contains("bad:cpu was measured with Bad 0 and here is 1"), "{message}");
    let message = scene.bench(&["run", "--resume", path.to_str().unwrap()]).usage_error();
    assert!(message.contains("unknown target 'bad:cpu'"), "{message}");
}

#[test]
fn two_runs_into_one_file() {
    let scene = Scene::new();
    let first = Running::start(&mut scene.bad_run("wait", &[]));
    let worker = scene.waiting_worker();
    let message = scene.resume(&scene.results()).usage_error();
    assert!(message.contains("another run is writing to this file"), "{message}");
    // The first one is not disturbed.
    support::send_signal(worker, Signal::KILL);
    first.done().with_code(0);
    assert!(is_complete(&scene.results()));
}

#[test]
fn a_case_that_needs_more_memory_than_there_is() {
    let scene = Scene::new();
    let case = "matmul/1000000x100000@100000x1000000/f32";
    for target in ["synthetic", "candle"] {
        let out = scene.path(target);
        let mut command = scene.command(&["run", "--target", target, "--case", case, "--out"]);
        let done = Done::by(command.arg(&out)).with_code(0);
        let path = support::results_in(&out);
        let rows = launches(&path, case);
        assert!(!rows.is_empty(), "{done:#?}");
        for row in rows {
            assert_eq!(row["outcome"], "out-of-memory");
            let reason = row["reason"].as_str().unwrap();
            // 2 · 4·10¹¹ + 4·10¹² bytes, three times.
            assert!(
                reason.starts_with("needs about 13.1 TiB, ") && reason.ends_with(" are free: not tried"),
                "{reason}"
            );
            assert!(row["worker"].is_null(), "no worker was asked");
        }
        assert!(done.stdout.contains("out-of-memory"), "{done:#?}");
    }
}

#[test]
fn a_run_to_publish_is_not_gone_on_with_where_something_disturbs() {
    let scene = Scene::new();
    Done::by(&mut scene.bad_run("", &[])).with_code(0);
    let text = std::fs::read_to_string(scene.results()).unwrap();
    assert!(text.contains("\"rounds\":2"));
    let publish = scene.file("publish.jsonl", text.replacen("\"rounds\":2", "\"profile\":\"publish\",\"rounds\":9", 1));
    // Nobody publishes beside a process that spins.
    let mut spin = Command::new("sh");
    let _spin = Running::start(spin.args(["-c", "while :; do :; done"]));
    let line = scene.resume(&publish).usage_error();
    assert!(line.contains("nothing to publish can be measured now: "), "{line}");
    assert!(line.contains("of a core: quit it"), "{line}");
}
