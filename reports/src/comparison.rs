//! Comparisons of two sides as people and programs want them: a [`table()`] for a terminal, [`markdown()`] for a pull request
//! and a [`job_summary()`], [`junit()`] for a continuous integration, [`json()`] for everything else. `suite/docs/CI.md` says
//! how to use them. What they show was decided in `chipmark_results::compare`.

mod code;
mod gate;
mod json;
mod junit;
mod markdown;
mod table;
mod words;

pub use gate::{GateView, Waived};
pub use json::{SCHEMA, json};
pub use junit::junit;
pub use markdown::{job_summary, markdown};
pub use table::{Show, gate, table};

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
