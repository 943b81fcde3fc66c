//! The backend on the CPU against results worked out by hand.

mod activations;
mod adopt;
mod arrangement;
mod attention;
mod backend;
mod common;
mod compile;
mod ops;
mod shapes;
