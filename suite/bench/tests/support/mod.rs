//! What the tests of the program share: a folder of their own, `bench` run in it, its results read back as plain JSON, and
//! processes looked at from outside.

#![allow(dead_code, reason = "each test file uses its own part")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A suite of three cases at tiny shapes, sampled for milliseconds: with [`BAD`](bad_worker) two honest cells and one that is
/// not.
pub(crate) const SUITE: &str = r#"
about = "for tests"
tier = "tiny"
rounds = 2

[sampling]
warm_up_s = 0.001
max_warm_up_s = 0.01
sample_s = 0.005
min_samples = 3
max_samples = 50
min_block_s = 0.0005
max_block_s = 0.01

[[select]]
cases = ["matmul/32x1x1000@32x1000x128/f32", "softmax/64x1000000/f32", "matmul/1000000x64@64x1024/f32"]
modes = ["latency"]
"#;

/// How long something may take that takes no time: enough for a machine that is busy with other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A folder to work in, with the test suite's file in it.
pub(crate) struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let scene = Scene { folder: tempfile::tempdir().unwrap() };
        std::fs::write(scene.suite(), SUITE).unwrap();
        scene
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn suite(&self) -> PathBuf {
        self.path("suite.toml")
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.path("out")
    }

    /// Writes a file, in a folder that is made if it is not there, and gives its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// `bench` with these arguments, to be run in the folder.
    pub(crate) fn command<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
        command.args(args).current_dir(self.folder.path());
        for variable in ["BAD", "BAD_PID_FILE", "MISTAKE", "CHIPMARK_SYNTHETIC"] {
            command.env_remove(variable);
        }
        command
    }

    /// Runs `bench` to its end.
    pub(crate) fn bench<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Done {
        Done::of(self.command(args).stdin(Stdio::null()).output().unwrap())
    }

    /// `bench run` of the test suite on the bad worker, which will misbehave as told.
    pub(crate) fn bad_run(&self, bad: &str, more: &[&str]) -> Command {
        let mut command = self.command(&["run", "--target", "bad", "--suite"]);
        command.arg(self.suite()).arg("--out").arg(self.out()).arg("--worker").arg(bad_worker());
        command.args(more).env("BAD", bad).env("BAD_PID_FILE", self.path("pid"));
        command
    }

    /// `bench run --resume` of a results file, on a worker that does not misbehave.
    pub(crate) fn resume(&self, results: &Path) -> Done {
        let mut command = self.command(&["run", "--resume"]);
        Done::of(command.arg(results).arg("--worker").arg(bad_worker()).stdin(Stdio::null()).output().unwrap())
    }

    /// The results file of the one run in the output folder.
    pub(crate) fn results(&self) -> PathBuf {
        results_in(&self.out())
    }

    /// The results file of the one run in the output folder, once there is one.
    pub(crate) fn started(&self) -> Option<PathBuf> {
        let run = std::fs::read_dir(self.out()).ok()?.next()?.unwrap().path();
        Some(run.join("results.jsonl")).filter(|results| results.is_file())
    }

    /// Waits for the worker that was told to `wait`, and gives its number.
    pub(crate) fn waiting_worker(&self) -> u32 {
        let file = self.path("pid");
        wait_for("the worker to hang", || {
            std::fs::read_to_string(&file).ok()?.trim_end_matches(' ').strip_suffix('\n')?.parse().ok()
        })
    }
}

/// The results file of the one run in a folder.
pub(crate) fn results_in(out: &Path) -> PathBuf {
    let runs: Vec<PathBuf> = std::fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(runs.len(), 1, "one run in {}: {runs:?}", out.display());
    runs[0].join("results.jsonl")
}

/// What a program that has ended leaves.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    pub(crate) fn of(output: Output) -> Self {
        Done {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a command to its end.
    pub(crate) fn by(command: &mut Command) -> Self {
        Done::of(command.stdin(Stdio::null()).output().unwrap())
    }

    #[track_caller]
    pub(crate) fn with_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Bad use: exit code 2, nothing on stdout, on stderr one line from `bench` and no other. Gives the line.
    #[track_caller]
    pub(crate) fn usage_error(self) -> String {
        let done = self.with_code(2);
        assert_eq!(done.stdout, "", "{done:#?}");
        let line = done.stderr.strip_suffix('\n').unwrap_or_default();
        assert!(line.starts_with("bench: ") && !line.contains('\n'), "{done:#?}");
        line.to_owned()
    }
}

/// A program that is running, killed if the test ends first.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        Running(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        send_signal(self.0.id(), signal);
    }

    /// Waits for its end.
    pub(crate) fn done(mut self) -> Done {
        let read = |pipe: Option<Box<dyn std::io::Read + Send>>| {
            std::thread::spawn(move || pipe.map(|pipe| std::io::read_to_string(pipe).unwrap()).unwrap_or_default())
        };
        let stdout = read(self.0.stdout.take().map(|pipe| Box::new(pipe) as _));
        let stderr = read(self.0.stderr.take().map(|pipe| Box::new(pipe) as _));
        let code = self.0.wait().unwrap().code();
        Done { code, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn send_signal(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

/// Looks until there is something to see.
#[track_caller]
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The worker that misbehaves.
pub(crate) fn bad_worker() -> PathBuf {
    example("bad-worker")
}

/// A program that cargo builds from `examples/` with the tests.
pub(crate) fn example(name: &str) -> PathBuf {
    // target/PROFILE/deps/TEST is this program.
    let test = std::env::current_exe().unwrap();
    let path = test.parent().unwrap().parent().unwrap().join("examples").join(name);
    // Cargo builds it with all tests, but not for one test file alone.
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name).with_extension("rs");
    let time = |path: &Path| path.metadata().and_then(|metadata| metadata.modified()).ok();
    let is_fresh = time(&path) >= time(&source);
    assert!(is_fresh, "{} is missing or older than its source: build it with cargo build --examples", path.display());
    path
}

/// The whole lines of a results file, as JSON.
pub(crate) fn records(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The text of a run's file as that of another run, the `n`th, on a day of its own: its records changed by `edit`.
pub(crate) fn again(text: &str, n: u64, mut edit: impl FnMut(&mut Value)) -> String {
    let line = |line: &str| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        if record["record"] == "run" {
            record["run_id"] = format!("run-{n:02}").into();
            record["started_at"] = format!("2026-01-{:02}T00:00:00.000Z", n + 1).into();
        }
        edit(&mut record);
        record.to_string() + "\n"
    };
    text.lines().map(line).collect()
}

/// The records of one kind.
pub(crate) fn of_kind(path: &Path, kind: &str) -> Vec<Value> {
    records(path).into_iter().filter(|record| record["record"] == kind).collect()
}

/// The launches of the cases whose id has this beginning.
pub(crate) fn launches(path: &Path, beginning: &str) -> Vec<Value> {
    let of_case = |launch: &Value| launch["case"].as_str().unwrap().starts_with(beginning);
    of_kind(path, "launch").into_iter().filter(of_case).collect()
}

/// How many launches came out ok, by case, mode, target and round; of rounds that count.
pub(crate) fn measured(path: &Path) -> BTreeMap<String, usize> {
    let rounds = of_kind(path, "round");
    let is_void = |launch: &Value| rounds.iter().any(|r| r["round"] == launch["round"] && !r["void"].is_null());
    let mut measured = BTreeMap::new();
    for launch in of_kind(path, "launch").iter().filter(|launch| launch["outcome"] == "ok" && !is_void(launch)) {
        let key = ["case", "mode", "target", "round"].map(|key| launch[key].to_string()).join(" ");
        *measured.entry(key).or_default() += 1;
    }
    measured
}

/// Whether the last record is an end, and says that nothing is missing.
pub(crate) fn is_complete(path: &Path) -> bool {
    let last = records(path).pop().unwrap();
    last["record"] == "end" && last["complete"] == true
}

/// Whether a process is there and not just a remainder that nobody has collected.
pub(crate) fn is_alive(pid: u32) -> bool {
    let state = state_and_parent(pid).map(|(state, _)| state);
    state.is_some_and(|state| !state.starts_with('Z'))
}

/// The processes that a process has started and that live.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    all_processes()
        .into_iter()
        .filter(|&pid| is_alive(pid) && state_and_parent(pid).is_some_and(|(_, p)| p == parent))
        .collect()
}

#[cfg(target_os = "linux")]
fn state_and_parent(pid: u32) -> Option<(String, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

#[cfg(target_os = "linux")]
fn all_processes() -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

#[cfg(not(target_os = "linux"))]
fn state_and_parent(pid: u32) -> Option<(String, u32)> {
    let output = Command::new("ps").args(["-o", "state=,ppid=", "-p", &pid.to_string()]).output().unwrap();
    let text = String::from_utf8(output.stdout).ok()?;
    let mut fields = text.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

#[cfg(not(target_os = "linux"))]
fn all_processes() -> Vec<u32> {
    let output = Command::new("ps").args(["-A", "-o", "pid="]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}

/// Every file and folder under a folder.
pub(crate) fn listing(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(listing(&path));
        }
        found.push(path);
    }
    found
}
