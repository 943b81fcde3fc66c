//! What is running and how long is left, on stderr: a bar for a person, a line now and then for a log.

use crate::text;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// How often a log gets a line.
const LOG_EVERY: Duration = Duration::from_secs(15);

/// The progress of one part of a run.
pub(crate) struct Progress {
    bar: ProgressBar,
    log: bool,
    title: String,
    total: u64,
    done: u64,
    last_line: Instant,
}

impl Progress {
    /// Starts a part of so many steps.
    pub(crate) fn start(title: &str, total: u64) -> Self {
        let log = !std::io::stderr().is_terminal();
        let target = if log { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:24}] {pos}/{len}  {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(title.to_owned());
        if log {
            eprintln!("{title}: {total} to do");
        }
        Progress { bar, log, title: title.to_owned(), total, done: 0, last_line: Instant::now() }
    }

    /// Says what is running now, and how long is left where that is known.
    pub(crate) fn now(&mut self, what: &str, left: Option<Duration>) {
        let left = left.map(|left| format!("about {} left", text::duration(left)));
        let message = [left.as_deref().unwrap_or(""), what].join("  ");
        self.bar.set_message(message.trim().to_owned());
        if self.log && self.last_line.elapsed() >= LOG_EVERY {
            self.last_line = Instant::now();
            eprintln!("{}: {}/{}, {}", self.title, self.done, self.total, message.trim());
        }
    }

    /// One step is done.
    pub(crate) fn step(&mut self) {
        self.done += 1;
        self.bar.inc(1);
    }

    /// A line that stays.
    pub(crate) fn say(&self, line: &str) {
        if self.log {
            eprintln!("{line}");
        } else {
            self.bar.println(line);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
