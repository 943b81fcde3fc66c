//! What results are: the records of a results file, the store that writes and reads them, and what is computed from
//! them. Knows no framework and prints nothing.

pub mod bare_wait;
pub mod canary;
pub mod ceiling;
pub mod cells;
pub mod chips;
pub mod compare;
pub mod conditions;
pub mod contribution;
pub mod convergence;
pub mod disturbance;
pub mod energy;
pub mod error;
pub mod estimate;
pub mod file_error;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
pub mod history;
pub mod imported;
pub mod json_schema;
pub mod machine;
pub mod notices;
mod one_line;
pub mod plain;
pub mod rank;
pub mod record;
pub mod slug;
pub mod speedup;
pub mod stats;
pub mod store;
mod toml_text;
pub mod valid;

#[cfg(test)]
mod schema_page;
