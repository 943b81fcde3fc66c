//! The store: a results file is written a record at a time, so that whatever happens it stays valid up to the last
//! record, and read back as untrusted input. What the records mean is left to [`crate::cells`].

pub(crate) mod line;
mod lines;
mod migrate;
mod raw;
mod read;
mod write;

use crate::record::{Ceiling, Check, End, Launch, MemoryPass, Record, Round, Run, Worker};
use std::path::PathBuf;

pub use crate::error::StoreError;
pub use migrate::{Migrated, Older};
pub use read::{read, read_bytes};
pub use write::Writer;

/// The longest line that is read or written, its newline included, in bytes.
pub const MAX_LINE_BYTES: u64 = 16 << 20;

/// The largest file that is read or written, in bytes.
pub const MAX_FILE_BYTES: u64 = 4 << 30;

/// A results file, read and validated. The records of each kind are in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultsFile {
    /// Where it was read from.
    pub path: PathBuf,
    /// The header.
    pub run: Run,
    /// The worker processes.
    pub workers: Vec<Worker>,
    /// The checks.
    pub checks: Vec<Check>,
    /// The tries at what each target can reach at best.
    pub ceilings: Vec<Ceiling>,
    /// What cases need of memory.
    pub memory: Vec<MemoryPass>,
    /// The launches, measured or not.
    pub launches: Vec<Launch>,
    /// The rounds that are over.
    pub rounds: Vec<Round>,
    /// The ends: one for each time the run was started, unless it was killed.
    pub ends: Vec<End>,
    /// Whether the last line was cut off and left out, as a killed run leaves it.
    pub torn_tail: bool,
}

impl ResultsFile {
    /// A file of a header alone.
    #[must_use]
    pub fn new(path: PathBuf, run: Run) -> Self {
        ResultsFile {
            path,
            run,
            workers: Vec::new(),
            checks: Vec::new(),
            ceilings: Vec::new(),
            memory: Vec::new(),
            launches: Vec::new(),
            rounds: Vec::new(),
            ends: Vec::new(),
            torn_tail: false,
        }
    }

    /// Puts a record with those of its kind. A header is passed over: the file has its own.
    pub(crate) fn keep(&mut self, record: Record) {
        match record {
            Record::Run(_) => {}
            Record::Worker(worker) => self.workers.push(worker),
            Record::Check(check) => self.checks.push(check),
            Record::Ceiling(ceiling) => self.ceilings.push(*ceiling),
            Record::Memory(memory) => self.memory.push(memory),
            Record::Launch(launch) => self.launches.push(*launch),
            Record::Round(round) => self.rounds.push(round),
            Record::End(end) => self.ends.push(end),
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
