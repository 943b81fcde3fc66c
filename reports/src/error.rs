//! Why a report cannot be made or written: one clear line each.

use std::path::PathBuf;

/// Why a report cannot be made or written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A chart could not be drawn.
    #[error("a chart could not be drawn: {what}")]
    Draw {
        /// What the drawing library said.
        what: String,
    },
    /// A page could not be rendered.
    #[error("the page could not be rendered: {0}")]
    Page(#[from] askama::Error),
    /// The CSV could not be rendered.
    #[error("the CSV could not be rendered: {0}")]
    Csv(#[from] csv::Error),
    /// The JSON could not be rendered.
    #[error("the JSON could not be rendered: {0}")]
    Json(#[from] serde_json::Error),
    /// A folder or file could not be written.
    #[error("{}: cannot write it: {source}", path.display())]
    Write {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
