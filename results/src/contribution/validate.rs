//! Whether contributed files can be believed. They are untrusted: each is read once, within bounds, and held to the rules, a group a
//! file. Some hold for a file alone; some need what the tree holds beside it. `suite/docs/VALIDATION.md` has the list.

mod before;
mod catalogue;
mod clock;
mod copies;
mod correctness;
mod course;
mod extent;
mod finding;
mod header;
mod identity;
mod known;
mod look;
mod read;
mod rule;
mod samples;
mod speed;
mod strict;
mod text;
mod tree;

pub use catalogue::{CaseFacts, Catalogue};
pub use extent::{LEAST_LAUNCHES, LEAST_LAUNCHES_IN_BUDGET, LEAST_SAMPLES};
pub use finding::{FileFindings, Finding, Level};
pub(super) use identity::is_unknown_chip;
pub use read::{MAX_BLOCKS, MAX_DEPTH, MAX_FILE_BYTES, MAX_LINE_BYTES, MAX_RECORDS};
pub use rule::Rule;
pub use text::MAX_TEXT_BYTES;
pub use tree::{MAX_FILES, MAX_FOLDERS_DEEP, TreeError};

use look::{Looked, look};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Holds files, and those of folders, to the rules. The tree under `data` is what they are to be part of: copies and earlier results
/// are looked for there; it need not exist. `now` is what no run may have started after.
///
/// Each file is read once, and several at a time; what is kept of it is small.
///
/// # Errors
/// When a path is not there, a folder or the list of what was withdrawn cannot be read, or there are more than [`MAX_FILES`] files.
pub fn validate(
    asked: &[PathBuf],
    data: &Path,
    catalogue: &dyn Catalogue,
    now: jiff::Timestamp,
) -> Result<Vec<FileFindings>, TreeError> {
    let items = tree::items(asked, data)?;
    let mut looked: Vec<Looked> = items.par_iter().map(|item| look(item, catalogue, now)).collect();
    copies::find(&mut looked);
    before::find(&mut looked);
    let asked = looked.into_iter().filter(|looked| looked.asked);
    Ok(asked.map(|looked| FileFindings { path: looked.path, findings: looked.findings.into_sorted() }).collect())
}

#[cfg(test)]
mod tests;
