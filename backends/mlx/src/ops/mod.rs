//! The ops, one file a group, as [`chipmark_core::ops`] has them. Each builds a node of MLX's graph and computes nothing.

mod arrange;
mod attention;
mod conv;
mod elementwise;
mod index;
mod linalg;
mod loss;
mod norm;
mod reduce;
mod sort;

use chipmark_core::ops::optim::Optim;

/// Adam as the trait composes it: MLX's own optimisers live in its Python and Rust layers, composed likewise.
impl Optim for crate::Mlx {}
