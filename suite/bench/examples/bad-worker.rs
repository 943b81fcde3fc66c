//! A worker for the tests that speaks the protocol by hand, quickly and with made-up times, and misbehaves as the
//! environment variable `BAD` says: at its start, or in the middle of every cell whose case has `softmax` in its name. All
//! other cells are measured as by an honest worker.

use chipmark_core::{BackendInfo, CaseId, Device, DeviceStatus, Execution, Mode, Outcome, Samples};
use chipmark_worker::protocol::{Block, PROTOCOL, Reply, Request};
use rustix::process::{Signal, getpid, getppid, kill_process};
use std::io::{self, BufRead, Write};
use std::time::Duration;

/// The cells in which the misbehaviour shows.
const VICTIM: &str = "softmax";
/// The blocks of an honest launch, and the made-up time of the first of them.
const BLOCKS: u64 = 5;
const BLOCK_NS: u64 = 1_000_000;

fn main() -> io::Result<()> {
    let bad = std::env::var("BAD").unwrap_or_default();
    if bad == "dies-at-start" {
        eprintln!("libmissing.so.1: cannot open shared object file");
        std::process::exit(3);
    }
    let protocol = if bad == "old-protocol" { 99 } else { PROTOCOL };
    let executions = vec![Execution::Eager];
    send(&Reply::Hello { protocol, worker: "bad".to_owned(), version: "1".to_owned(), arithmetic: false, executions })?;
    for line in io::stdin().lock().lines() {
        let reply = match serde_json::from_str(&line?).map_err(io::Error::other)? {
            Request::Devices => Reply::Devices { devices: vec![DeviceStatus { device: Device::Cpu, why_not: None }] },
            Request::Open { .. } => opened(),
            Request::Measure { case, mode, .. } => match misbehaviour(&bad, &case, mode)? {
                Some(instead) => instead,
                None => {
                    for number in 0..BLOCKS {
                        send(&Reply::Block(block(BLOCK_NS + number, mode)))?;
                    }
                    measured(1)
                }
            },
            Request::Quit => return Ok(()),
            other => Reply::Error { outcome: Outcome::Unsupported, message: format!("{other:?} is not for me") },
        };
        send(&reply)?;
    }
    Ok(())
}

/// Does what is asked for, and gives the reply that ends the cell. Where there is none, the cell is then measured as by an
/// honest worker.
fn misbehaviour(bad: &str, case: &CaseId, mode: Mode) -> io::Result<Option<Reply>> {
    if case.workload != VICTIM {
        return Ok(None);
    }
    let block = |ns| Reply::Block(block(ns, mode));
    match bad {
        "" => {}
        "slow" => std::thread::sleep(Duration::from_millis(300)),
        "exit" => {
            send(&block(BLOCK_NS))?;
            eprintln!("fatal: the framework gave up");
            std::process::exit(7);
        }
        "abort" => std::process::abort(),
        "segfault" => loop {
            // Twice, for the first is taken by the handler with which Rust's runtime looks for a stack's end.
            kill_process(getpid(), Signal::SEGV)?;
        },
        "hang" => forever(),
        "out-of-memory" => {
            let message = "out of memory in softmax: tried to allocate 64 GiB".to_owned();
            return Ok(Some(Reply::Error { outcome: Outcome::OutOfMemory, message }));
        }
        "noise" => print("Loading kernels…\n".as_bytes())?,
        "binary" => print(b"\x00\xff\xfe\x80\n")?,
        "long-line" => long_line()?,
        "wrong-reply" => return Ok(Some(Reply::FinishProved { share: 1.0 })),
        "half-reply" => {
            print(br#"{"type":"measured","sam"#)?;
            std::process::exit(0);
        }
        "lies-nothing" => return Ok(Some(measured(1))),
        "lies-no-time" => send(&block(0))?,
        "lies-centuries" => send(&block(u64::MAX))?,
        "lies-no-calls" => {
            send(&block(BLOCK_NS))?;
            return Ok(Some(measured(0)));
        }
        "lies-many" => {
            for _ in 0..1000 {
                send(&block(BLOCK_NS))?;
            }
        }
        "babble" => loop {
            send(&block(123_456_789_012))?;
            eprintln!("{}", "chatter ".repeat(100));
        },
        "babble-large" => babble_large()?,
        "babble-later" => {
            send(&block(BLOCK_NS))?;
            send(&measured(1))?;
            babble_large()?;
        }
        "wait" => wait()?,
        other => return Err(io::Error::other(format!("BAD={other} is no misbehaviour"))),
    }
    Ok(None)
}

/// The first worker to come here says so in the file that `BAD_PID_FILE` names, and waits to be killed.
fn wait() -> io::Result<()> {
    let path = std::env::var("BAD_PID_FILE").map_err(io::Error::other)?;
    match std::fs::File::create_new(path) {
        Ok(mut file) => {
            writeln!(file, "{}", getpid().as_raw_nonzero())?;
            forever();
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Hangs, deaf to its stdin, until it is killed. A child of nobody ends, so that a failed test leaves nothing behind.
fn forever() -> ! {
    let parent = getppid();
    while getppid() == parent {
        std::thread::sleep(Duration::from_secs(1));
    }
    std::process::exit(0)
}

/// Lines just short of the limit, each of them a block by the rules, until nobody reads them.
fn babble_large() -> io::Result<()> {
    let why = "x".repeat(4_000_000);
    let line = format!("{{\"type\":\"block\",\"block_ns\":{BLOCK_NS},\"why\":\"{why}\"}}\n");
    loop {
        print(line.as_bytes())?;
    }
}

fn long_line() -> io::Result<()> {
    let chunk = [b'x'; 1 << 20];
    for _ in 0..100 {
        print(&chunk)?;
    }
    print(b"\n")
}

fn opened() -> Reply {
    let info = BackendInfo {
        framework: "Bad".to_owned(),
        version: "1".to_owned(),
        binding: "none".to_owned(),
        precision: "none: nothing is computed".to_owned(),
        ..BackendInfo::default()
    };
    Reply::Opened { info, timer_resolution_ns: 1, bare_finish_ns: vec![20, 21, 22] }
}

fn block(block_ns: u64, mode: Mode) -> Block {
    let four = (mode == Mode::Throughput).then(|| block_ns.saturating_mul(4));
    Block { block_ns, block4_ns: four, submit4_ns: four, ..Block::default() }
}

fn measured(calls: u64) -> Reply {
    Reply::Measured { samples: Box::new(Samples { calls, ..Samples::default() }) }
}

fn send(reply: &Reply) -> io::Result<()> {
    let mut line = serde_json::to_vec(reply)?;
    line.push(b'\n');
    print(&line)
}

/// Writes to stdout past any buffer: what a real framework prints comes in any pieces, too.
fn print(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}
