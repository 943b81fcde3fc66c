//! Writing a report's files into a folder: each whole or not at all, and none outside the folder.

use crate::model::Report;
use crate::{ReportError, csv, html, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The page's name.
pub const PAGE: &str = "index.html";
/// The CSV's name.
pub const CSV: &str = "report.csv";
/// The JSON's name.
pub const JSON: &str = "report.json";

/// Where the files of a report are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The page.
    pub page: PathBuf,
    /// The CSV.
    pub csv: PathBuf,
    /// The JSON.
    pub json: PathBuf,
}

/// Writes [`PAGE`], [`CSV`] and [`JSON`] into a folder, which is made if it is not there. Earlier ones are replaced.
///
/// Everything is rendered before the first file is touched, and each file is put in place whole; names come from here
/// alone, never from a results file.
///
/// # Errors
/// When the report cannot be rendered or the folder cannot be written.
pub fn write_all(report: &Report, dir: impl AsRef<Path>) -> Result<Written, ReportError> {
    let dir = dir.as_ref();
    let (page, csv, json) = (html::page(report)?, csv::csv(report)?, json::json(report)?);
    std::fs::create_dir_all(dir).map_err(|source| ReportError::Write { path: dir.to_owned(), source })?;
    Ok(Written { page: put(dir, PAGE, &page)?, csv: put(dir, CSV, &csv)?, json: put(dir, JSON, &json)? })
}

/// Writes a file beside its place, then moves it there: a reader sees the old one or the new one, whatever happens.
fn put(dir: &Path, name: &str, content: &str) -> Result<PathBuf, ReportError> {
    let path = dir.join(name);
    let failed = |source| ReportError::Write { path: path.clone(), source };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".report-");
    #[cfg(unix)]
    {
        // A temporary file is its owner's alone; a report is as open as the folder's owner lets files be.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(dir).map_err(failed)?;
    file.write_all(content.as_bytes()).and_then(|()| file.flush()).map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(path)
}

#[cfg(test)]
mod tests;
