//! Writing a report's files into a folder: each whole or not at all, and none outside the folder.

use crate::model::Report;
use crate::site::end_site;
use crate::{ReportError, csv, html, json};
use std::fs::File;
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

/// Writes [`PAGE`], [`CSV`] and [`JSON`] into a folder, which is made if it is not there. Earlier ones are replaced, and the pages of
/// a site that was there are taken away.
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
    let written = Written { page: put(dir, PAGE, &page)?, csv: put(dir, CSV, &csv)?, json: put(dir, JSON, &json)? };
    end_site(dir, &[PAGE, CSV, JSON]);
    Ok(written)
}

fn put(dir: &Path, name: &str, content: &str) -> Result<PathBuf, ReportError> {
    let path = dir.join(name);
    replace(&path, content.as_bytes()).map_err(|source| ReportError::Write { path: path.clone(), source })?;
    Ok(path)
}

/// Writes a file beside its place, then moves it there: a reader sees the old one or the new one, whatever happens.
///
/// # Errors
/// When the folder cannot be written.
pub fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    replace_by(path, |file| file.write_all(content))
}

/// The same where nothing may be yet: an earlier file stays, and is an error.
///
/// # Errors
/// When something is there, or the folder cannot be written.
pub fn create(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = beside(folder_of(path))?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    Ok(())
}

/// The same as [`replace`] of a file that is written piece by piece, because it would not be held whole. If that fails, an earlier file stays.
///
/// # Errors
/// The writer's own, and when the folder cannot be written.
pub fn replace_by<T>(path: &Path, write: impl FnOnce(&mut File) -> std::io::Result<T>) -> std::io::Result<T> {
    let mut file = beside(folder_of(path))?;
    let written = write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(written)
}

/// The folder that a file is in: the present one where its path names none.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file in a folder that is not yet in its place.
pub(crate) fn beside(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".chipmark-");
    #[cfg(unix)]
    {
        // A temporary file is its owner's alone; a report is as open as the folder's owner lets files be.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests;
