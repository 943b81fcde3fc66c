//! What results are: the records of a results file, the store that writes and reads them, and what is computed from
//! them. Knows no framework and prints nothing.

pub mod cells;
pub mod disturbance;
pub mod error;
pub mod estimate;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
pub mod machine;
pub mod record;
pub mod store;
pub mod valid;

#[cfg(test)]
mod schema_page;
