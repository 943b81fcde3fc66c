//! The ops, one file a group: each checks its dtypes and shapes, and takes its latency.

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

use crate::{Synthetic, Tensor};
use chipmark_core::op_shapes::mismatch;
use chipmark_core::ops::optim::Optim;
use chipmark_core::{DType, OpResult};

/// The ops that take a latency, by their names in the records, sorted.
pub(crate) const NAMES: [&str; 40] = [
    "add",
    "affine",
    "argmax",
    "bce",
    "concat",
    "conv1d",
    "conv2d",
    "copy",
    "cross_entropy",
    "cumsum",
    "div",
    "equal",
    "gather_rows",
    "gelu",
    "layer_norm",
    "leaky_relu",
    "linear",
    "matmul",
    "mean_all",
    "mul",
    "prelu",
    "relu",
    "reshape",
    "scatter_add_rows",
    "scatter_max_rows",
    "scatter_set_rows",
    "sdpa",
    "selu",
    "sigmoid",
    "slice_rows",
    "softmax",
    "softplus",
    "sort",
    "sqrt",
    "sub",
    "sum",
    "sum_all",
    "swap_axes",
    "tanh",
    "triad",
];

/// Composed as the trait has it: a step costs its elementwise ops.
impl Optim for Synthetic {}

/// The dtype of float operands, which must all have the same.
fn floats(op: &'static str, operands: &[&Tensor]) -> OpResult<DType> {
    let shapes: Vec<&[usize]> = operands.iter().map(|x| &**x.shape()).collect();
    let dtype = operands.first().map_or(DType::F32, |x| x.dtype());
    if dtype == DType::I64 {
        return Err(mismatch(op, dtype, &shapes, "expected floats, not indices"));
    }
    match operands.iter().find(|x| x.dtype() != dtype) {
        None => Ok(dtype),
        Some(other) => Err(mismatch(op, dtype, &shapes, &format!("another operand is {}", other.dtype()))),
    }
}

/// Refuses an index that is not i64.
fn indices(op: &'static str, index: &Tensor) -> OpResult<()> {
    match index.dtype() {
        DType::I64 => Ok(()),
        dtype => Err(mismatch(op, dtype, &[index.shape()], "expected indices, not floats")),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_op_is_named() {
        // The methods that this crate gives the traits of ops. The layout of filters is no op.
        let sources = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/ops")).unwrap();
        let sources = sources.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
        let mut ops = Vec::new();
        for source in sources {
            for block in
                source.split("\nimpl ").filter(|block| block.lines().next().unwrap().contains(" for Synthetic {"))
            {
                let block = block.split("\n}").next().unwrap();
                let methods = block.lines().filter_map(|line| line.strip_prefix("    fn ")?.split('(').next());
                ops.extend(methods.filter(|name| *name != "conv_layout").map(str::to_owned));
            }
        }
        ops.sort();
        assert_eq!(ops, super::NAMES);
    }
}
