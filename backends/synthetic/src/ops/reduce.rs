//! Reductions and running sums.

use super::floats;
use crate::{Synthetic, Tensor};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{DType, OpResult, Shape};

impl Synthetic {
    fn total(&self, op: &'static str, x: &Tensor) -> OpResult<Tensor> {
        let dtype = floats(op, &[x])?;
        Ok(self.made(op, Shape::from([]), dtype))
    }
}

impl Reduce for Synthetic {
    fn mean_all(&self, x: &Tensor) -> OpResult<Tensor> {
        self.total("mean_all", x)
    }

    fn sum(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let dtype = floats("sum", &[x])?;
        Ok(self.made("sum", shapes::sum(dtype, x.shape(), axis)?, dtype))
    }

    fn cumsum(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let dtype = floats("cumsum", &[x])?;
        Ok(self.made("cumsum", shapes::along("cumsum", dtype, x.shape(), axis)?, dtype))
    }

    fn sum_all(&self, x: &Tensor) -> OpResult<Tensor> {
        self.total("sum_all", x)
    }

    fn argmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let dtype = floats("argmax", &[x])?;
        Ok(self.made("argmax", shapes::argmax(dtype, x.shape(), axis)?, DType::I64))
    }
}
