//! What a bad worker gets: the cell that it spoils is a row with its outcome and reason, every other cell is measured, and
//! the file is good. A worker that is bad before it is asked for anything is bad use.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::{Done, Scene, bad_worker, is_complete, launches, measured};

/// How often a cell that fails is tried in the two rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tried {
    /// It would only fail again.
    Once,
    /// It died, and who knows of what.
    EveryRound,
}

/// Runs the test suite on a worker that spoils the softmax cell in this way.
#[track_caller]
fn spoils(bad: &str, outcome: &str, reason: &str, tried: Tried) {
    let scene = Scene::new();
    // What hangs must not hang for long; what does not has all the time of a busy machine.
    let timeout = if bad == "hang" { "1s" } else { "60s" };
    // Too little memory is a fact about the machine and no failure of the program's.
    let code = if outcome == "out-of-memory" { 0 } else { 4 };
    let done = Done::by(&mut scene.bad_run(bad, &["--cell-timeout", timeout])).with_code(code);

    let results = scene.results();
    assert!(is_complete(&results), "{bad}: {done:#?}");
    let spoiled = launches(&results, "softmax/");
    assert_eq!(spoiled.len(), if tried == Tried::Once { 1 } else { 2 }, "{bad}: {spoiled:#?}");
    for launch in &spoiled {
        assert_eq!(launch["outcome"], outcome, "{bad}: {launch:#}");
        assert!(launch["reason"].as_str().unwrap().contains(reason), "{bad}: {launch:#}");
        assert!(launch["samples"].is_null(), "{bad}");
    }
    let honest = measured(&results);
    assert_eq!(honest.len(), 4, "{bad}: two products in two rounds: {honest:?}");

    let line = done.stderr.lines().find(|line| line.starts_with("bad:cpu softmax/11x24/f32 latency: "));
    assert!(line.is_some_and(|line| line.contains(outcome) && line.contains(reason)), "{bad}: {done:#?}");
    let report = scene.bench(&["report", results.to_str().unwrap()]).with_code(0);
    assert!(report.stdout.contains(outcome), "{bad}: {report:#?}");
}

#[test]
fn that_dies_in_a_cell() {
    spoils("segfault", "crashed", "killed by signal 11 (SIGSEGV)", Tried::EveryRound);
    spoils("abort", "crashed", "killed by signal 6 (SIGABRT)", Tried::EveryRound);
    spoils("exit", "crashed", "exit code 7; its last words: fatal: the framework gave up", Tried::EveryRound);
    spoils("half-reply", "crashed", "exit code 0", Tried::EveryRound);
}

#[test]
fn that_hangs() {
    spoils("hang", "timed-out", "no answer within 1 s", Tried::Once);
}

#[test]
fn that_prints_noise() {
    spoils("noise", "failed", "no reply: Loading kernels…", Tried::Once);
    spoils("binary", "failed", "not UTF-8", Tried::Once);
    spoils("long-line", "failed", "a line of more than 4194304 bytes", Tried::Once);
    spoils("wrong-reply", "failed", "finish-proved", Tried::Once);
}

#[test]
fn that_lies() {
    spoils("lies-nothing", "failed", "there is no block of calls", Tried::Once);
    spoils("lies-no-time", "failed", "a block took no time", Tried::Once);
    spoils("lies-centuries", "failed", "18446744073709551615 ns cannot be", Tried::Once);
    spoils("lies-no-calls", "failed", "0 calls in a block cannot be", Tried::Once);
    spoils("lies-many", "failed", "more blocks than were asked for", Tried::Once);
}

#[test]
fn that_babbles() {
    spoils("babble", "failed", "more blocks than were asked for", Tried::Once);
}

#[test]
fn that_is_out_of_memory() {
    spoils("out-of-memory", "out-of-memory", "tried to allocate 64 GiB", Tried::Once);
}

#[test]
fn that_is_slow_but_right() {
    let scene = Scene::new();
    Done::by(&mut scene.bad_run("slow", &[])).with_code(0);
    assert_eq!(measured(&scene.results()).len(), 6);
}

/// A worker that is bad from the start: one line, and nothing is written.
#[track_caller]
fn refused(bad: &str, worker: &std::path::Path, parts: &[&str]) {
    let scene = Scene::new();
    let mut command = scene.command(&["run", "--target", "bad", "--suite"]);
    command.arg(scene.suite()).arg("--out").arg(scene.out()).arg("--worker").arg(worker).env("BAD", bad);
    let message = Done::by(&mut command).usage_error();
    assert!(message.contains(worker.to_str().unwrap()), "{message}");
    assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    assert!(!scene.out().exists());
}

#[test]
fn that_is_no_worker() {
    let scene = Scene::new();
    refused("", &scene.path("nowhere"), &["cannot start", "No such file"]);
    refused("", &scene.file("text", "no program"), &["cannot start"]);
    refused("", "/bin/echo".as_ref(), &["no reply"]);
    refused("", "/bin/false".as_ref(), &["exit code 1"]);
}

#[test]
fn that_cannot_be_talked_to() {
    refused("old-protocol", &bad_worker(), &["speaks protocol 99, this bench speaks 1"]);
    refused("dies-at-start", &bad_worker(), &["exit code 3", "libmissing.so.1: cannot open shared object file"]);
}

#[test]
fn that_dies_beside_one_that_lives() {
    // Its cells are rows, and the other target's are measured.
    let scene = Scene::new();
    let mut command = scene.command(&["run", "--target", "synthetic,bad", "--suite"]);
    command.arg(scene.suite()).arg("--out").arg(scene.out()).arg("--worker").arg(bad_worker()).env("BAD", "abort");
    Done::by(&mut command).with_code(4);
    let of_target = |target: &str, outcome: &str| {
        let launches = launches(&scene.results(), "");
        launches.iter().filter(|launch| launch["target"] == target && launch["outcome"] == outcome).count()
    };
    assert_eq!(of_target("synthetic:cpu", "ok"), 6);
    assert_eq!((of_target("bad:cpu", "ok"), of_target("bad:cpu", "crashed")), (4, 2));
}
