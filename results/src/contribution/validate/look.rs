//! One file looked at: read, held to the rules that ask for nothing else, and what is kept of it to be set beside others.

use super::copies::fingerprints;
use super::finding::Findings;
use super::read::{Contributed, read};
use super::tree::Item;
use super::{Catalogue, before, clock, correctness, course, extent, header, identity, known, samples, speed};
use crate::cells::{CellResult, alone};
use std::path::PathBuf;

/// What came of a file, and what is kept of it.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub path: PathBuf,
    /// Whether it is to be judged.
    pub asked: bool,
    pub findings: Findings,
    /// The beginning of its content's hash, where it could be read.
    pub hash: Option<String>,
    /// Of its samples, for finding them in another file.
    pub fingerprints: Vec<u64>,
    /// Its times, by what they may be set beside; none of a file that was withdrawn.
    pub times: Vec<before::Time>,
}

/// Looks at a file.
pub(super) fn look(item: &Item, catalogue: &dyn Catalogue, now: jiff::Timestamp) -> Looked {
    let mut looked = Looked { path: item.path.clone(), asked: item.asked, ..Looked::default() };
    if let Some(wrong) = &item.wrong {
        looked.findings.add(wrong.clone());
        return looked;
    }
    let read = match read(&item.path) {
        Ok(read) => read,
        Err(finding) => {
            looked.findings.add(finding);
            return looked;
        }
    };
    let rows = alone(&read.file);
    looked.hash = read.place.as_ref().ok().map(|place| place.hash.clone());
    looked.fingerprints = fingerprints(&read.file.launches);
    if !item.withdrawn {
        looked.times = before::times(&read.file.run, &rows);
    }
    if item.asked {
        judge(&read, &rows, item, catalogue, now, &mut looked.findings);
    }
    looked
}

/// The rules that ask for nothing but the file and its place.
fn judge(
    read: &Contributed,
    rows: &[CellResult],
    item: &Item,
    catalogue: &dyn Catalogue,
    now: jiff::Timestamp,
    findings: &mut Findings,
) {
    header::check(read, item, findings);
    known::check(&read.file.run, catalogue, findings);
    identity::check(&read.file.run, findings);
    extent::check(read, rows, findings);
    samples::check(read, findings);
    course::check(read, findings);
    clock::check(read, now, findings);
    correctness::check(read, catalogue, findings);
    speed::check(read, rows, findings);
}
