//! How people see results: one report [`model`] gathered from results files, and a renderer each for a terminal, CSV, JSON
//! and HTML; [`comparison`]s of two sides for a terminal, a pull request and a continuous integration; [`export`]s to what
//! draws results over time. Renderers put numbers into units and choose words; they compute nothing.

pub mod comparison;
pub mod csv;
pub mod error;
pub mod export;
pub mod history;
pub mod html;
pub mod json;
mod look;
pub mod model;
pub mod out;
pub mod plots;
pub mod png;
pub mod ranking;
pub mod scale;
pub mod site;
pub mod svg;
pub mod terminal;
pub mod text;
pub mod units;
pub mod words;

pub use error::ReportError;
pub use model::Report;
pub use out::{Written, write_all};
