//! Every op against results worked out by hand, strided inputs included, and the path that each op notes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod arrange;
mod attention;
mod common;
mod elementwise;
mod gradient;
mod norm;
mod products;
mod reduce;
mod rows;
mod transfer;
