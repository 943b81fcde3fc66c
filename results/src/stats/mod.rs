//! Statistics: pure, total and seeded. The values are logarithms of launches' medians, or differences of such logarithms by
//! round: the launch is the unit, never the sample within it.

pub mod bootstrap;
pub mod mann_whitney;
pub mod multiple;
pub mod power;
pub mod sign_flip;
pub mod summary;

use serde::{Deserialize, Serialize};

/// A 95% interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}
