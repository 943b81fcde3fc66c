//! The raw samples as one Parquet table, for those who analyse elsewhere: a row for each timed block, and one for each launch
//! and cell that has none. `suite/docs/SCHEMA.md` describes the columns.
//!
//! Encoded for every reader: columns of five plain types that may be null, dictionaries for texts, and Snappy, which needs no
//! C library here and no option there. Equal input gives equal bytes.

mod columns;
mod rows;

use self::columns::{COLUMNS, message_type};
use self::rows::Row;
use crate::model::Report;
use crate::{ReportError, out};
use chipmark_results::record::SCHEMA;
use chipmark_results::store::ResultsFile;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// So many rows are held and written together: enough for readers to share the work, few enough for any memory.
const ROWS_A_GROUP: usize = 1 << 17;

/// Writes the samples of results files, of which the report was made, in the order of both. Gives the number of rows.
///
/// The table is written beside its place and moved there whole. Texts are cleaned as in the report, and are otherwise as the files
/// have them: nothing takes a text of a Parquet table for a formula.
///
/// # Errors
/// When the file cannot be written.
pub fn samples(files: &[ResultsFile], report: &Report, path: &Path) -> Result<u64, ReportError> {
    out::replace_by(path, |file| write(files, report, file).map_err(io_error))
        .map_err(|source| ReportError::Write { path: path.to_owned(), source })
}

fn write(files: &[ResultsFile], report: &Report, to: impl Write + Send) -> Result<u64, ParquetError> {
    let mut table = Table::new(to)?;
    for (file, run) in files.iter().zip(&report.runs) {
        rows::each(file, run, &mut |row| table.push(row))?;
    }
    table.finish()
}

/// What the system said, where it was the system; else what the encoder did.
fn io_error(error: ParquetError) -> std::io::Error {
    match error {
        ParquetError::External(cause) => {
            cause.downcast::<std::io::Error>().map_or_else(std::io::Error::other, |error| *error)
        }
        error => std::io::Error::other(error),
    }
}

/// A table that is being written, a group of rows at a time.
struct Table<W: Write> {
    writer: SerializedFileWriter<W>,
    held: Vec<Row>,
    written: u64,
}

impl<W: Write + Send> Table<W> {
    fn new(to: W) -> Result<Self, ParquetError> {
        let schema = Arc::new(parse_message_type(&message_type())?);
        let writer = SerializedFileWriter::new(to, schema, Arc::new(properties()))?;
        Ok(Table { writer, held: Vec::new(), written: 0 })
    }

    fn push(&mut self, row: Row) -> Result<(), ParquetError> {
        self.held.push(row);
        if self.held.len() >= ROWS_A_GROUP { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for column in &COLUMNS {
            // There is one for each: the schema is made of the same list.
            let Some(mut to) = group.next_column()? else { break };
            column.write(&self.held, &mut to)?;
            to.close()?;
        }
        group.close()?;
        self.written += self.held.len() as u64;
        self.held.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<u64, ParquetError> {
        if !self.held.is_empty() {
            self.write_group()?;
        }
        self.writer.finish()?;
        Ok(self.written)
    }
}

fn properties() -> WriterProperties {
    let about = [
        ("chipmark.schema", SCHEMA.to_string()),
        ("chipmark.harness_version", env!("CARGO_PKG_VERSION").to_owned()),
        ("chipmark.documentation", "suite/docs/SCHEMA.md, under `samples.parquet`".to_owned()),
    ];
    let about = about.map(|(key, value)| KeyValue::new(key.to_owned(), value));
    let mut builder =
        WriterProperties::builder().set_compression(Compression::SNAPPY).set_key_value_metadata(Some(about.to_vec()));
    // Hardly a duration is there twice.
    for column in COLUMNS.iter().filter(|column| column.is_measured()) {
        builder = builder.set_column_dictionary_enabled(column.name.into(), false);
    }
    builder.build()
}

#[cfg(test)]
mod tests;
