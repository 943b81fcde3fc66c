//! The ops, all groups: each checks its dtypes and shapes, and takes its latency.

use crate::{Synthetic, Tensor};
use chipmark_core::op_shapes::{self as shapes, mismatch};
use chipmark_core::ops::conv::{Conv, ConvLayout};
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::index::Index;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::ops::loss::Loss;
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::optim::Optim;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{DType, OpResult, Shape};

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
fn index(op: &'static str, index: &Tensor) -> OpResult<()> {
    match index.dtype() {
        DType::I64 => Ok(()),
        dtype => Err(mismatch(op, dtype, &[index.shape()], "expected indices, not floats")),
    }
}

impl Synthetic {
    fn binary(&self, op: &'static str, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        let dtype = floats(op, &[a, b])?;
        Ok(self.made(op, shapes::broadcast(op, dtype, a.shape(), b.shape())?, dtype))
    }

    fn unary(&self, op: &'static str, x: &Tensor) -> OpResult<Tensor> {
        let dtype = floats(op, &[x])?;
        Ok(self.made(op, x.shape().clone(), dtype))
    }
}

impl Elementwise for Synthetic {
    fn add(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary("add", a, b)
    }

    fn sub(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary("sub", a, b)
    }

    fn mul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary("mul", a, b)
    }

    fn div(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary("div", a, b)
    }

    fn affine(&self, x: &Tensor, _factor: f64, _offset: f64) -> OpResult<Tensor> {
        self.unary("affine", x)
    }

    fn sqrt(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("sqrt", x)
    }

    fn relu(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("relu", x)
    }

    fn equal(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        index("equal", a)?;
        index("equal", b)?;
        Ok(self.made("equal", shapes::broadcast("equal", DType::I64, a.shape(), b.shape())?, DType::F32))
    }
}

impl Reduce for Synthetic {
    fn mean_all(&self, x: &Tensor) -> OpResult<Tensor> {
        let dtype = floats("mean_all", &[x])?;
        Ok(self.made("mean_all", Shape::from([]), dtype))
    }

    fn argmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let dtype = floats("argmax", &[x])?;
        Ok(self.made("argmax", shapes::argmax(dtype, x.shape(), axis)?, DType::I64))
    }
}

impl Linalg for Synthetic {
    fn matmul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        let dtype = floats("matmul", &[a, b])?;
        Ok(self.made("matmul", shapes::matmul(dtype, a.shape(), b.shape())?, dtype))
    }

    fn linear(&self, x: &Tensor, w: &Tensor, bias: &Tensor) -> OpResult<Tensor> {
        let dtype = floats("linear", &[x, w, bias])?;
        Ok(self.made("linear", shapes::linear(dtype, x.shape(), w.shape(), bias.shape())?, dtype))
    }
}

impl Conv for Synthetic {
    fn conv_layout(&self) -> ConvLayout {
        ConvLayout::ChannelsLast
    }

    fn conv2d(&self, x: &Tensor, filters: &Tensor) -> OpResult<Tensor> {
        let dtype = floats("conv2d", &[x, filters])?;
        Ok(self.made("conv2d", shapes::conv2d(dtype, x.shape(), filters.shape())?, dtype))
    }
}

impl Norm for Synthetic {
    fn softmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let dtype = floats("softmax", &[x])?;
        Ok(self.made("softmax", shapes::along("softmax", dtype, x.shape(), axis)?, dtype))
    }
}

impl Index for Synthetic {
    fn gather_rows(&self, x: &Tensor, rows: &Tensor) -> OpResult<Tensor> {
        let dtype = floats("gather_rows", &[x])?;
        index("gather_rows", rows)?;
        Ok(self.made("gather_rows", shapes::gather_rows(dtype, x.shape(), rows.shape())?, dtype))
    }

    fn scatter_add_rows(&self, into: &Tensor, rows: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "scatter_add_rows";
        let dtype = floats(OP, &[into, source])?;
        index(OP, rows)?;
        Ok(self.made(OP, shapes::scatter_add_rows(dtype, into.shape(), rows.shape(), source.shape())?, dtype))
    }

    fn slice_rows(&self, x: &Tensor, start: usize, len: usize) -> OpResult<Tensor> {
        let dtype = floats("slice_rows", &[x])?;
        Ok(self.made("slice_rows", shapes::slice_rows(dtype, x.shape(), start, len)?, dtype))
    }
}

impl Loss for Synthetic {
    fn cross_entropy(&self, logits: &Tensor, classes: &Tensor) -> OpResult<Tensor> {
        let dtype = floats("cross_entropy", &[logits])?;
        index("cross_entropy", classes)?;
        Ok(self.made("cross_entropy", shapes::cross_entropy(dtype, logits.shape(), classes.shape())?, dtype))
    }
}

/// Composed as the trait has it: a step costs its elementwise ops.
impl Optim for Synthetic {}
