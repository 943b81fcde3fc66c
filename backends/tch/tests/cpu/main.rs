//! The backend on the CPU against results worked out by hand.

mod backend;
mod common;
mod ops;
