//! Writing an imported table as JSON lines: the table's own line, then one for each figure.

use super::{Figure, IMPORTED_SCHEMA, ImportedTable, PublishedMachine, Source, Statistic, read};
use crate::file_error::FileError;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
enum Line<'a> {
    ImportedTable {
        schema: u32,
        source: &'a Source,
        heading: &'a str,
        machine: &'a PublishedMachine,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        versions: &'a BTreeMap<String, String>,
        statistic: Statistic,
    },
    Imported(&'a Figure),
}

impl ImportedTable {
    /// The file's text. It is held to the same rules as when it is read.
    ///
    /// # Errors
    /// When the table breaks the rules, so that no program could read it.
    pub fn text(&self) -> Result<String, FileError> {
        let head = Line::ImportedTable {
            schema: IMPORTED_SCHEMA,
            source: &self.source,
            heading: &self.heading,
            machine: &self.machine,
            versions: &self.versions,
            statistic: self.statistic,
        };
        let mut text = String::new();
        for line in std::iter::once(head).chain(self.figures.iter().map(Line::Imported)) {
            let line = serde_json::to_string(&line).map_err(|error| FileError::file(&self.path, error.to_string()))?;
            text.push_str(&line);
            text.push('\n');
        }
        match read::parse(&self.path, &text)? {
            table if table == *self => Ok(text),
            _ => Err(FileError::file(&self.path, "the table would not be read back as it is")),
        }
    }
}
