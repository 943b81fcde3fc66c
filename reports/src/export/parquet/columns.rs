//! The columns of the table: the name, the type and the value of each, in order, in one list.

use super::rows::Row;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedColumnWriter;

/// A column.
pub(super) struct Column {
    pub(super) name: &'static str,
    value: Value,
}

/// A column's type, and what a row has there. Integers are signed in every column, durations too: differences of what is
/// unsigned wrap around or fail, and not every reader has 64 bits for it.
enum Value {
    Text(fn(&Row) -> Option<&str>),
    Integer(fn(&Row) -> Option<i64>),
    Number(fn(&Row) -> Option<f64>),
    Truth(fn(&Row) -> Option<bool>),
    /// A moment, in µs since 1970 in UTC.
    Moment(fn(&Row) -> Option<i64>),
}

use Value::{Integer, Moment, Number, Text, Truth};

/// The columns, in order.
pub(super) const COLUMNS: [Column; 36] = [
    column("run_id", Text(|row| Some(&row.run.run_id))),
    column("started_at", Moment(|row| row.run.started_at)),
    column("harness_version", Text(|row| Some(&row.run.harness_version))),
    column("suite", Text(|row| Some(&row.run.suite))),
    column("chip", Text(|row| row.run.chip.as_deref())),
    column("gpu", Text(|row| row.run.gpu.as_deref())),
    column("gpu_cores", Integer(|row| row.run.gpu_cores)),
    column("memory_bytes", Integer(|row| row.run.memory_bytes)),
    column("os", Text(|row| row.run.os.as_deref())),
    column("framework", Text(|row| Some(&row.cell.framework))),
    column("version", Text(|row| Some(&row.cell.version))),
    column("device", Text(|row| Some(&row.cell.device))),
    column("execution", Text(|row| Some(&row.cell.execution))),
    column("variant", Text(|row| row.cell.variant.as_deref())),
    column("mode", Text(|row| Some(row.cell.mode.name()))),
    column("workload", Text(|row| Some(&row.cell.workload))),
    column("case", Text(|row| Some(&row.cell.case))),
    column("dtype", Text(|row| Some(&row.cell.dtype))),
    column("inputs", Text(|row| Some(&row.run.inputs))),
    column("round", Integer(|row| Some(row.launch.as_ref()?.round))),
    column("void", Truth(|row| Some(row.launch.as_ref()?.void))),
    column("disturbed", Truth(|row| Some(row.launch.as_ref()?.disturbed))),
    column("order", Integer(|row| Some(row.launch.as_ref()?.order))),
    column("worker", Integer(|row| row.launch.as_ref()?.worker)),
    column("launch_at", Moment(|row| row.launch.as_ref()?.at)),
    column("block", Integer(|row| Some(row.sample.as_ref()?.block))),
    column("kind", Text(|row| Some(row.sample.as_ref()?.kind))),
    column("calls", Integer(|row| row.sample.as_ref()?.calls)),
    column("block_ns", Integer(|row| row.sample.as_ref()?.block_ns)),
    column("submit_ns", Integer(|row| row.sample.as_ref()?.submit_ns)),
    column("ns_per_call", Number(|row| row.sample.as_ref()?.ns_per_call)),
    column("counts", Truth(|row| Some(row.counts()))),
    column("flags", Text(|row| Some(row.flags()))),
    column("outcome", Text(|row| Some(row.cell.outcome.name()))),
    column("launch_outcome", Text(|row| Some(row.launch.as_ref()?.outcome.name()))),
    column("reason", Text(Row::reason)),
];

const fn column(name: &'static str, value: Value) -> Column {
    Column { name, value }
}

/// The schema in the words of Parquet.
pub(super) fn message_type() -> String {
    let mut text = "message samples {\n".to_owned();
    for Column { name, value } in &COLUMNS {
        let (physical, logical) = match value {
            Text(_) => ("binary", " (STRING)"),
            Integer(_) => ("int64", ""),
            Number(_) => ("double", ""),
            Truth(_) => ("boolean", ""),
            Moment(_) => ("int64", " (TIMESTAMP(MICROS,true))"),
        };
        text += &format!("optional {physical} {name}{logical};\n");
    }
    text + "}"
}

impl Column {
    /// Whether it is of measured values, which are seldom twice the same.
    pub(super) fn is_measured(&self) -> bool {
        self.name.ends_with("_ns") || matches!(self.value, Number(_))
    }

    /// Writes what the rows have in this column.
    pub(super) fn write(&self, rows: &[Row], to: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        match self.value {
            Text(value) => write_texts(rows, to, value),
            Integer(value) | Moment(value) => write::<Int64Type>(rows.iter().map(value), to),
            Number(value) => write::<DoubleType>(rows.iter().map(value), to),
            Truth(value) => write::<BoolType>(rows.iter().map(value), to),
        }
    }
}

/// Rows that follow each other mostly say the same, and share it.
fn write_texts(
    rows: &[Row],
    to: &mut SerializedColumnWriter<'_>,
    value: fn(&Row) -> Option<&str>,
) -> Result<(), ParquetError> {
    let mut last = ByteArray::from("");
    let texts = rows.iter().map(|row| {
        let text = value(row)?;
        if last.data() != text.as_bytes() {
            last = ByteArray::from(text);
        }
        Some(last.clone())
    });
    write::<ByteArrayType>(texts, to)
}

fn write<T: DataType>(
    values: impl Iterator<Item = Option<T::T>>,
    to: &mut SerializedColumnWriter<'_>,
) -> Result<(), ParquetError> {
    let (mut there, mut levels) = (Vec::new(), Vec::new());
    for value in values {
        // The definition level: 0 is null.
        levels.push(i16::from(value.is_some()));
        there.extend(value);
    }
    to.typed::<T>().write_batch(&there, Some(&levels), None)?;
    Ok(())
}
