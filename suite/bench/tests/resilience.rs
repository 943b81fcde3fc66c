//! Processes that are killed, and what is left of the run: workers, `bench` itself, Ctrl-C; how much memory the worst of workers
//! can make `bench` take; and that nothing is written outside the output folder.

mod support;

use rustix::process::Signal;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use support::{
    Done, Running, Scene, children, is_alive, is_complete, launches, listing, measured, of_kind, records, send_signal,
    wait_for,
};

/// Goes on with the run of the test suite: afterwards each of its three cells was measured once in each of the rounds.
#[track_caller]
fn goes_on(scene: &Scene, results: &Path, rounds: usize) {
    scene.resume(results).with_code(0);
    assert!(is_complete(results));
    let measured = measured(results);
    assert_eq!(measured.len(), 3 * rounds, "{measured:?}");
    assert!(measured.values().all(|&n| n == 1), "{measured:?}");
    // A number is never given twice, or a sample would be of two processes.
    let mut numbers = BTreeMap::new();
    of_kind(results, "worker").iter().for_each(|worker| *numbers.entry(worker["worker"].to_string()).or_insert(0) += 1);
    assert!(numbers.values().all(|&n| n == 1), "{numbers:?}");
}

#[test]
fn a_killed_worker_costs_one_launch() {
    let scene = Scene::new();
    let bench = Running::start(&mut scene.bad_run("wait", &[]));
    send_signal(scene.waiting_worker(), Signal::KILL);
    let done = bench.done().with_code(0);
    let results = scene.results();
    assert!(is_complete(&results));
    let softmax = launches(&results, "softmax/");
    let outcomes: Vec<&str> = softmax.iter().map(|launch| launch["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["crashed", "ok"]);
    assert!(softmax[0]["reason"].as_str().unwrap().contains("killed by signal 9 (SIGKILL"), "{:#}", softmax[0]);
    assert_eq!(measured(&results).len(), 5, "all but that one");
    assert!(done.stderr.contains("softmax/11x24/f32 latency: crashed: "), "{done:#?}");
    assert!(done.stdout.contains("1 of 2 launches"), "{done:#?}");
}

#[test]
fn a_killed_bench_leaves_a_good_file_that_can_be_gone_on_with() {
    let scene = Scene::new();
    let bench = Running::start(&mut scene.bad_run("wait", &[]));
    scene.waiting_worker();
    let results = scene.results();
    let before = records(&results);
    bench.signal(Signal::KILL);
    assert_eq!(bench.done().code, None);
    let report = scene.bench(&["report", results.to_str().unwrap()]).with_code(0);
    assert!(report.stdout.contains("the run ended before it"), "{report:#?}");
    goes_on(&scene, &results, 2);
    assert_eq!(records(&results)[..before.len()], before[..], "what was there has stayed");
}

#[test]
fn a_killed_bench_leaves_no_workers() {
    let scene = Scene::new();
    // Every call takes longer than this test: the worker is in the middle of one.
    let mut command = scene.command(&["run", "--target", "synthetic", "--suite"]);
    command.arg(scene.suite()).arg("--out").arg(scene.out()).env("CHIPMARK_SYNTHETIC", "latency_us=60000000");
    let bench = Running::start(&mut command);
    wait_for("a worker that measures", || {
        of_kind(&scene.started()?, "worker").into_iter().find(|worker| worker["purpose"] == "round")
    });
    let workers = children(bench.0.id());
    assert_eq!(workers.len(), 1);
    bench.signal(Signal::KILL);
    bench.done();
    let killed = Instant::now();
    wait_for("the worker to go", || (!workers.iter().any(|&pid| is_alive(pid))).then_some(()));
    assert!(killed.elapsed() < Duration::from_secs(5), "{:?}", killed.elapsed());
}

#[test]
fn an_interrupted_run_ends_its_file_and_can_be_gone_on_with() {
    for signal in [Signal::INT, Signal::TERM] {
        let scene = Scene::new();
        let bench = Running::start(&mut scene.bad_run("wait", &[]));
        let worker = scene.waiting_worker();
        bench.signal(signal);
        let done = bench.done().with_code(130);
        assert!(!is_alive(worker), "{signal:?}");
        let results = scene.results();
        assert!(done.stderr.contains(&format!("go on with: bench run --resume {}", results.display())), "{done:#?}");
        let last = records(&results).pop().unwrap();
        assert_eq!((&last["record"], &last["complete"]), (&"end".into(), &false.into()));
        assert_eq!(last["reason"], "it was interrupted");
        scene.bench(&["report", results.to_str().unwrap()]).with_code(0);
        goes_on(&scene, &results, 2);
    }
}

#[test]
fn an_interrupted_check_can_be_gone_on_with() {
    let scene = Scene::new();
    let mut command = scene.command(&["run", "--target", "candle", "--suite"]);
    command.arg(scene.suite()).args(["--rounds", "8", "--out"]).arg(scene.out());
    let bench = Running::start(&mut command);
    // The header is written, and the checks begin.
    wait_for("the run to start", || (!records(&scene.started()?).is_empty()).then_some(()));
    bench.signal(Signal::INT);
    let done = bench.done().with_code(130);
    let results = scene.results();
    assert_eq!(records(&results).pop().unwrap()["complete"], false, "{done:#?}");
    goes_on(&scene, &results, 8);
    assert_eq!(of_kind(&results, "check").len(), 3, "one a case");
}

/// The most memory that `bench` may take, in KiB.
#[cfg(target_os = "linux")]
const MOST_KIB: u64 = 100_000;

/// Runs to the end, and gives the most memory that the process itself has taken on the way, in KiB.
#[cfg(target_os = "linux")]
fn peak_kib(mut bench: Running) -> (u64, Done) {
    let status = format!("/proc/{}/status", bench.0.id());
    let mut peak_kib = 0;
    wait_for("the run to end", || {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak_kib = peak_kib.max(peak.unwrap_or(0));
        bench.0.try_wait().ok().flatten()
    });
    (peak_kib, bench.done())
}

#[cfg(target_os = "linux")]
#[test]
fn no_worker_makes_bench_swell() {
    for bad in ["long-line", "babble", "babble-large"] {
        let scene = Scene::new();
        let (peak_kib, done) = peak_kib(Running::start(&mut scene.bad_run(bad, &[])));
        assert!((1..MOST_KIB).contains(&peak_kib), "{bad}: {peak_kib} KiB");
        assert_eq!(done.code, Some(4), "{bad}: {done:#?}");
        assert_eq!(measured(&scene.results()).len(), 4, "{bad}: {done:#?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn no_worker_makes_bench_swell_that_babbles_when_it_is_not_its_turn() {
    // The other worker takes its time, and all the while nobody listens to this one. In one of the rounds it has its turn first.
    let scene = Scene::new();
    let mut command = scene.command(&["run", "--target", "bad,synthetic", "--suite"]);
    command.arg(scene.suite()).arg("--out").arg(scene.out()).arg("--worker").arg(support::bad_worker());
    command.env("BAD", "babble-later").env("CHIPMARK_SYNTHETIC", "latency_us=100000,wait=sleep");
    let (peak_kib, done) = peak_kib(Running::start(&mut command));
    assert!((1..MOST_KIB).contains(&peak_kib), "{peak_kib} KiB");
    let outcomes = |target: &str, case: &str| -> Vec<String> {
        let launches = launches(&scene.results(), case).into_iter().filter(|launch| launch["target"] == target);
        launches.map(|launch| launch["outcome"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(outcomes("synthetic:cpu", ""), ["ok"; 6], "{done:#?}");
    assert_eq!(outcomes("bad:cpu", "softmax/"), ["ok"; 2], "only then does it babble: {done:#?}");
}

#[test]
fn nothing_is_written_outside_the_output_folder() {
    let scene = Scene::new();
    let [home, work, temporary] = ["home", "work", "tmp"].map(|name| scene.path(name));
    for folder in [&home, &work, &temporary] {
        std::fs::create_dir(folder).unwrap();
    }
    let mut command = scene.command(&["run", "--target", "candle,synthetic", "--rounds", "1", "--suite"]);
    command.arg(scene.suite()).arg("--out").arg(scene.out());
    command.current_dir(&work).env("HOME", &home).env("TMPDIR", &temporary);
    for variable in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"] {
        command.env_remove(variable);
    }
    let before = std::fs::read(scene.suite()).unwrap();
    Done::by(&mut command).with_code(0);
    for folder in [&home, &work, &temporary] {
        assert_eq!(listing(folder), Vec::<std::path::PathBuf>::new());
    }
    assert_eq!(std::fs::read(scene.suite()).unwrap(), before);
    assert_eq!(std::fs::read_dir(scene.path("")).unwrap().count(), 5, "the folders, the suite and the output");
}
