//! How people see results: one report [`model`] gathered from results files, and a renderer each for a terminal, CSV, JSON
//! and HTML. Renderers put numbers into units and choose words; they compute nothing.

pub mod csv;
pub mod error;
pub mod html;
pub mod json;
pub mod model;
pub mod out;
pub mod scale;
pub mod svg;
pub mod terminal;
pub mod text;
pub mod units;
pub mod words;

pub use error::ReportError;
pub use model::Report;
pub use out::{Written, write_all};
