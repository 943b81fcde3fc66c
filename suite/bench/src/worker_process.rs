//! A worker process: started, asked, waited for no longer than its time, and ended. Nothing that it does or says can stop
//! or swell `bench`: lines are bounded, silence is timed, its last words are kept.

use crate::interrupt::interrupted;
use crate::program::Program;
use chipmark_core::{Execution, Outcome};
use chipmark_worker::line::{self, Line};
use chipmark_worker::protocol::{MAX_LINE_BYTES, PROTOCOL, Reply, Request};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The time for a worker to say hello: libraries of hundreds of megabytes are loaded from a cold disk.
const HELLO: Duration = Duration::from_secs(60);
/// How often an interruption is looked for.
const TICK: Duration = Duration::from_millis(100);
/// What is kept of a worker's stderr.
const TAIL_LINES: usize = 20;
const TAIL_LINE_BYTES: usize = 500;
/// Variables by which the frameworks' libraries are told their number of threads.
const THREAD_VARIABLES: [&str; 6] = [
    "RAYON_NUM_THREADS",
    "CANDLE_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
];

/// Why a worker did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkerError {
    #[error("cannot start {program}: {why}")]
    Start { program: String, why: String },
    #[error("{program} speaks protocol {theirs}, this bench speaks {PROTOCOL}: build both from the same version")]
    Protocol { program: String, theirs: u32 },
    #[error("the worker {what}{tail}")]
    Died { what: String, tail: String },
    #[error("no answer within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    #[error("the worker said something that is no reply: {0}")]
    Noise(String),
    #[error("{message}")]
    Refused { outcome: Outcome, message: String },
    #[error("stopped by Ctrl-C")]
    Interrupted,
}

impl WorkerError {
    /// What a cell's outcome is when this happens to it.
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            WorkerError::Died { .. } => Outcome::Crashed,
            WorkerError::TimedOut(_) => Outcome::TimedOut,
            WorkerError::Refused { outcome, .. } => *outcome,
            _ => Outcome::Failed,
        }
    }

    /// Whether the worker lives on and can be asked again.
    pub(crate) fn worker_lives(&self) -> bool {
        matches!(self, WorkerError::Refused { .. })
    }
}

/// What a worker says first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hello {
    pub worker: String,
    pub version: String,
    pub arithmetic: bool,
    pub executions: Vec<Execution>,
}

type Tail = Arc<Mutex<VecDeque<String>>>;

/// A running worker. Ended when dropped.
pub(crate) struct WorkerProcess {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<Line>,
    tail: Tail,
}

impl WorkerProcess {
    /// Starts a program and hears its hello.
    pub(crate) fn start(
        program: &Program,
        env: &BTreeMap<String, String>,
        threads: Option<usize>,
    ) -> Result<(Self, Hello), WorkerError> {
        let failed = |why: String| WorkerError::Start { program: program.shown(), why };
        let mut command = program.command().map_err(|e| failed(e.to_string()))?;
        // The order in which the driver numbers cards: by default CUDA puts the fastest first, and `cuda:0` would not be the card
        // whose energy is counted as `nvidia-0`.
        command.env("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
        if let Some(threads) = threads {
            command.envs(THREAD_VARIABLES.map(|name| (name, threads.to_string())));
        }
        // Last: what a suite sets stands.
        command.envs(env);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own: Ctrl-C reaches `bench` alone, and what a worker starts ends with it.
            .process_group(0)
            .spawn()
            .map_err(|e| failed(e.to_string()))?;
        let stdin = child.stdin.take();
        let lines = child.stdout.take().map(read_lines).ok_or_else(|| failed("it has no stdout".to_owned()))?;
        let tail = child.stderr.take().map(keep_tail).unwrap_or_default();
        let mut process = WorkerProcess { child, stdin, lines, tail };
        match process.receive(Instant::now() + HELLO, HELLO)? {
            Reply::Hello { protocol, .. } if protocol != PROTOCOL => {
                Err(WorkerError::Protocol { program: program.shown(), theirs: protocol })
            }
            Reply::Hello { worker, version, arithmetic, executions, .. } => {
                Ok((process, Hello { worker, version, arithmetic, executions }))
            }
            other => Err(WorkerError::Noise(shorten(&format!("{other:?} instead of a hello")))),
        }
    }

    /// Asks and waits for the one reply.
    pub(crate) fn ask(&mut self, request: &Request, within: Duration) -> Result<Reply, WorkerError> {
        self.ask_streaming(request, within, |_| true)
    }

    /// Asks and waits for the last reply; blocks on the way are handed over, and one that is not taken ends the worker.
    pub(crate) fn ask_streaming(
        &mut self,
        request: &Request,
        within: Duration,
        mut on_block: impl FnMut(chipmark_worker::protocol::Block) -> bool,
    ) -> Result<Reply, WorkerError> {
        let deadline = Instant::now() + within;
        let mut line = serde_json::to_vec(request).map_err(|e| WorkerError::Noise(e.to_string()))?;
        line.push(b'\n');
        let written = self.stdin.as_mut().map(|stdin| stdin.write_all(&line).and_then(|()| stdin.flush()));
        if !matches!(written, Some(Ok(()))) {
            return Err(self.died());
        }
        loop {
            match self.receive(deadline, within)? {
                Reply::Block(block) => {
                    if !on_block(block) {
                        self.end();
                        return Err(WorkerError::Noise("more blocks than were asked for".to_owned()));
                    }
                }
                Reply::Error { outcome, message } => {
                    return Err(WorkerError::Refused { outcome, message: shorten(&message) });
                }
                reply => return Ok(reply),
            }
        }
    }

    fn receive(&mut self, deadline: Instant, within: Duration) -> Result<Reply, WorkerError> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                self.end();
                return Err(WorkerError::TimedOut(within));
            }
            if interrupted() {
                self.end();
                return Err(WorkerError::Interrupted);
            }
            let line = match self.lines.recv_timeout(left.min(TICK)) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => Line::End,
            };
            let noise = match line {
                Line::Text(text) => match serde_json::from_str::<Reply>(&text) {
                    Ok(reply) => return Ok(reply),
                    Err(_) => shorten(&text),
                },
                Line::TooLong => format!("a line of more than {MAX_LINE_BYTES} bytes"),
                Line::NotText => "a line that is not UTF-8".to_owned(),
                Line::End => return Err(self.died()),
            };
            self.end();
            return Err(WorkerError::Noise(noise));
        }
    }

    /// The worker is gone: how, and what it said last.
    fn died(&mut self) -> WorkerError {
        // It has closed its stdout; give it a moment to be gone, and its stderr to be read.
        let status = (0..20).find_map(|_| match self.child.try_wait() {
            Ok(Some(status)) => Some(status),
            _ => {
                std::thread::sleep(Duration::from_millis(50));
                None
            }
        });
        std::thread::sleep(Duration::from_millis(20));
        let what = status.map_or_else(|| "closed its stdout and lives on".to_owned(), describe);
        self.end();
        let lines: Vec<String> = self.tail.lock().map(|tail| tail.iter().cloned().collect()).unwrap_or_default();
        let tail = lines.last().map(|last| format!("; its last words: {last}")).unwrap_or_default();
        WorkerError::Died { what, tail }
    }

    fn end(&mut self) {
        drop(self.stdin.take());
        if let Some(group) = rustix::process::Pid::from_raw(self.child.id().cast_signed()) {
            // The worker may be gone, and its children not.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        self.end();
    }
}

/// How a process ended, for people.
fn describe(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => {
            let name = match signal {
                4 => " (SIGILL: an instruction this processor lacks)",
                6 => " (SIGABRT)",
                7 | 10 => " (SIGBUS)",
                8 => " (SIGFPE)",
                9 => " (SIGKILL: by somebody, or for want of memory)",
                11 => " (SIGSEGV)",
                15 => " (SIGTERM)",
                _ => "",
            };
            format!("was killed by signal {signal}{name}")
        }
        (None, Some(code)) => format!("ended with exit code {code}"),
        (None, None) => "ended".to_owned(),
    }
}

fn shorten(text: &str) -> String {
    let one_line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    if text.chars().count() > 300 { one_line + "…" } else { one_line }
}

fn read_lines(stdout: impl Read + Send + 'static) -> Receiver<Line> {
    // Bounded: a worker that babbles waits for us, and not we for memory. A few, for each may be of MAX_LINE_BYTES.
    let (send, receive) = sync_channel(4);
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stdout);
        while let Ok(line) = line::read(&mut reader, MAX_LINE_BYTES) {
            let end = line == Line::End;
            if send.send(line).is_err() || end {
                return;
            }
        }
    });
    receive
}

fn keep_tail(stderr: impl Read + Send + 'static) -> Tail {
    let tail = Tail::default();
    let kept = Arc::clone(&tail);
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stderr);
        loop {
            let mut line = Vec::new();
            let within = (&mut reader).take(TAIL_LINE_BYTES as u64).read_until(b'\n', &mut line);
            if !matches!(within, Ok(1..)) {
                return;
            }
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if let (false, Ok(mut tail)) = (text.is_empty(), kept.lock()) {
                if tail.len() == TAIL_LINES {
                    tail.pop_front();
                }
                tail.push_back(shorten(&text));
            }
        }
    });
    tail
}
