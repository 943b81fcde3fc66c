//! Which columns a table of figures has: those that any of its rows has something in.

use super::row::Row;
use chipmark_results::contribution::Trust;

/// The columns that not every table has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Columns {
    pub(crate) machine: bool,
    pub(crate) workload: bool,
    pub(crate) roof: bool,
    pub(crate) memory: bool,
    pub(crate) energy: bool,
    /// Where anything was contributed: that published figures are so is told by their status.
    pub(crate) trust: bool,
}

impl Columns {
    /// Those that the rows fill, without the chip and the op.
    pub(crate) fn of(rows: &[Row]) -> Self {
        let any = |filled: fn(&Row) -> &String| rows.iter().any(|row| !filled(row).is_empty());
        Columns {
            machine: false,
            workload: false,
            roof: any(|row| &row.of_roof),
            memory: any(|row| &row.memory),
            energy: any(|row| &row.energy),
            trust: rows.iter().any(|row| row.trust.is_some_and(|trust| trust != Trust::Imported)),
        }
    }

    pub(crate) fn with_machine(self) -> Self {
        Columns { machine: true, ..self }
    }

    pub(crate) fn with_workload(self) -> Self {
        Columns { workload: true, ..self }
    }
}
