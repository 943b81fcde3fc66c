//! The ops, one file a group. Where a gradient may be asked for, the path with a backward is taken.

mod arrange;
mod attention;
mod conv;
mod elementwise;
mod half;
mod index;
mod linalg;
mod loss;
mod merge;
mod norm;
mod optim;
mod reduce;
mod sort;

pub(crate) use norm::NeutralAffine;
