//! The header of a table: which column is whose time, and which is a speed-up between two of them.

use crate::plain::quoted;
use chipmark_core::{Device, Execution, Target};

/// The columns of times and what they are of.
const TIMES: [(&str, &str, Device, Execution); 6] = [
    ("mlx_gpu", "mlx", Device::Gpu, Execution::Eager),
    ("mlx_gpu_compile", "mlx", Device::Gpu, Execution::Compile),
    ("mlx_cpu", "mlx", Device::Cpu, Execution::Eager),
    ("mps", "tch", Device::Mps, Execution::Eager),
    ("cpu", "tch", Device::Cpu, Execution::Eager),
    ("cuda", "tch", Device::Cuda(0), Execution::Eager),
];

/// The columns behind that of the ops.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Columns {
    pub(super) all: Vec<Column>,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Column {
    /// Times of a target.
    Time(Target),
    /// By how many percent the time of column `over` exceeds that of column `of`, both counted among the times.
    SpeedUp { of: usize, over: usize },
}

impl Columns {
    /// Reads the cells of a header.
    pub(super) fn parse(names: &[&str]) -> Result<Self, String> {
        let Some((&"Operation", names)) = names.split_first() else {
            return Err("a table's first column is called Operation".to_owned());
        };
        if let Some((_, name)) = names.iter().enumerate().find(|(at, name)| names.iter().take(*at).any(|n| n == *name))
        {
            return Err(format!("two columns are called {}", quoted(name)));
        }
        let times: Vec<&str> = names.iter().copied().filter(|name| time(name).is_some()).collect();
        if times.is_empty() {
            return Err("a table without a column of times".to_owned());
        }
        let place = |name: &str| times.iter().position(|time| *time == name);
        let column = |name: &&str| {
            let speed_up = || {
                let (of, over) = name.strip_suffix(" speedup")?.split_once('/')?;
                Some(Column::SpeedUp { of: place(of)?, over: place(over)? })
            };
            let known = time(name).map(Column::Time).or_else(speed_up);
            known.ok_or_else(|| format!("unknown column {}", quoted(name)))
        };
        Ok(Columns { all: names.iter().map(column).collect::<Result<_, String>>()? })
    }

    /// Whether there are times of compiled steps: such a table was made after the suite could compile.
    pub(super) fn has_compiled(&self) -> bool {
        let is_compiled =
            |column: &Column| matches!(column, Column::Time(target) if target.execution != Execution::Eager);
        self.all.iter().any(is_compiled)
    }
}

fn time(name: &str) -> Option<Target> {
    let (_, framework, device, execution) = TIMES.into_iter().find(|(known, ..)| *known == name)?;
    Some(Target { execution, ..Target::new(framework, device) })
}
