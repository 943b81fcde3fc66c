//! Runs a tool of the operating system and takes what it prints, within a time. A tool that is missing, hangs or prints
//! without end is as good as absent: what it would have told stays unknown.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a tool may take. `system_profiler` needs about a second on a slow Mac.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// A list of all processes and a full profile of a machine's displays are far below this.
const OUTPUT_LIMIT_BYTES: u64 = 4 << 20;

/// Where the output of the system's tools comes from: the system, or what was recorded elsewhere.
pub trait Tools {
    /// What the program prints to its standard output, whatever its exit status: `sysctl` fails when it doesn't know one
    /// of the names it is asked for, having printed all others. None where it can't be run.
    fn output(&self, program: &str, arguments: &[&str]) -> Option<String>;
}

/// The tools of this system, five seconds each at most.
#[derive(Debug, Clone, Copy)]
pub struct SystemTools;

impl Tools for SystemTools {
    fn output(&self, program: &str, arguments: &[&str]) -> Option<String> {
        run(program, arguments, TIME_LIMIT)
    }
}

/// Runs a program with nothing on its standard input, and kills it when the time is over.
fn run(program: &str, arguments: &[&str], limit: Duration) -> Option<String> {
    let mut child = Command::new(program)
        .args(arguments)
        // Numbers with a decimal comma and translated words would be read as unknown.
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let stdout = child.stdout.take();
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.map(|pipe| pipe.take(OUTPUT_LIMIT_BYTES).read_to_end(&mut bytes));
        // Nobody listens any more when the time is over.
        let _ = send.send(read.and_then(Result::ok).map(|_| bytes));
    });
    let bytes = receive.recv_timeout(limit).ok().flatten();
    // Its output is closed or no longer wanted: either way there is nothing to wait for.
    let _ = child.kill();
    let _ = child.wait();
    bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn output_is_taken_whatever_the_status() {
        let limit = Duration::from_secs(20);
        assert_eq!(run("/bin/sh", &["-c", "echo known; echo unknown >&2; exit 1"], limit).as_deref(), Some("known\n"));
        assert_eq!(run("/bin/sh", &["-c", "echo $LC_ALL"], limit).as_deref(), Some("C\n"));
    }

    #[test]
    fn a_missing_tool_is_none() {
        assert_eq!(run("/no/such/tool", &[], TIME_LIMIT), None);
    }

    #[test]
    fn a_tool_that_hangs_is_killed() {
        let start = Instant::now();
        assert_eq!(run("/bin/sh", &["-c", "exec sleep 60"], Duration::from_millis(200)), None);
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn endless_output_is_cut() {
        let output = run("/bin/sh", &["-c", "exec yes"], Duration::from_secs(60)).unwrap();
        assert_eq!(output.len() as u64, OUTPUT_LIMIT_BYTES);
    }
}
