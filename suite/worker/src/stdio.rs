//! The protocol's own channel. A framework may print whatever it likes: it prints to stderr.

use crate::line;
use crate::protocol::{MAX_LINE_BYTES, Reply, Request};
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

/// Takes stdin and stdout away from everybody else in this process: stdout becomes a second name for stderr, stdin is
/// empty.
///
/// # Errors
/// When a descriptor cannot be copied.
pub(crate) fn take() -> io::Result<(File, File)> {
    let requests = rustix::io::dup(rustix::stdio::stdin())?;
    let replies = rustix::io::dup(rustix::stdio::stdout())?;
    let nothing = File::open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    Ok((requests.into(), replies.into()))
}

/// The replies' end.
pub(crate) struct Replies(pub(crate) File);

impl Replies {
    /// Writes one reply.
    ///
    /// # Errors
    /// When `bench` is gone.
    pub(crate) fn send(&mut self, reply: &Reply) -> io::Result<()> {
        let mut line = serde_json::to_vec(reply)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }
}

/// A request as it came in: or what was wrong with its line.
pub(crate) type Incoming = Result<Request, String>;

/// Reads requests on a thread of its own, so that the end of `bench` is noticed in the middle of a long cell.
pub(crate) fn read(requests: File) -> Receiver<Incoming> {
    let (send, receive) = sync_channel(64);
    let parent = rustix::process::getppid();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(requests);
        loop {
            let incoming = match line::read(&mut reader, MAX_LINE_BYTES) {
                Ok(line::Line::Text(text)) if text.trim().is_empty() => continue,
                Ok(line::Line::Text(text)) => {
                    serde_json::from_str(&text).map_err(|error| format!("not a request: {error}"))
                }
                Ok(line::Line::TooLong) => Err(format!("a request longer than {MAX_LINE_BYTES} bytes")),
                Ok(line::Line::NotText) => Err("a request that is not UTF-8".to_owned()),
                Ok(line::Line::End) | Err(_) => break,
            };
            if send.send(incoming).is_err() {
                return;
            }
        }
        drop(send);
        // Requests that came before the end are still served: a person may pipe them in. But nobody waits for a cell
        // whose asker has died.
        while rustix::process::getppid() == parent {
            std::thread::sleep(Duration::from_millis(200));
        }
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    });
    receive
}
