//! Times that others published, imported with their source and with what is known to be wrong with them, so that they can be
//! shown beside what was measured here. An imported figure was never checked and has no samples: an [`ImportedTable`] is no
//! results file, and nothing that ranks, tests or compares takes one. `suite/docs/HISTORICAL.md` describes the files.

mod fault;
mod figure;
pub mod mlx_benchmark;
mod printed;
pub mod published;
mod read;
mod slug;
mod table;
mod valid;
mod write;

pub use fault::Fault;
pub use figure::{Figure, ImportedOutcome};
pub use read::{parse, read, text_of};
pub use table::{Counts, ImportedTable, PublishedMachine, Source, Statistic};

/// The version of these files' schema. Raised when a reader of the old one would misread the new one.
pub const IMPORTED_SCHEMA: u32 = 1;

/// The largest file that is read, an imported table or one to be imported, in bytes.
pub const MAX_FILE_BYTES: u64 = 8 << 20;

/// The longest line that is read, in bytes.
pub const MAX_LINE_BYTES: usize = 8 << 10;

/// The most figures that a table may have.
pub const MAX_FIGURES: usize = 20_000;

#[cfg(test)]
mod tests;
