//! Comparisons: two sides of the same cells, what their launches say about the ratio of their times, and the verdict on
//! each. Pure: what is compared is in memory, and whoever shows it decides nothing.
//!
//! The unit is the launch. Sides that were measured in the same rounds are paired by round, which takes the machine's drift
//! out; sides of different runs are not.

mod context;
mod decide;
mod flags;
mod floor;
mod gate;
mod rule;
mod series;
mod sides;
mod stages;

pub use context::{Context, Difference, different_machines};
pub use flags::Flags;
pub use floor::floor;
pub use gate::{Gate, GateResult, Waiver, Waivers};
pub use rule::{Rule, Verdict};
pub use series::{Pairing, Series};
pub use sides::{Comparison, Row, SideTime, Summary};
pub use stages::{Fresh, Stages};

#[cfg(test)]
mod tests;
