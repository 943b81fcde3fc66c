//! Reductions and running sums.

use super::axis_of;
use crate::Tch;
use chipmark_core::OpResult;
use chipmark_core::ops::reduce::Reduce;
use tch::Tensor;

impl Reduce for Tch {
    fn mean_all(&self, x: &Tensor) -> OpResult<Tensor> {
        self.native("mean_all", "at::mean", x.f_mean(None))
    }

    fn sum(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let axis = axis_of("sum", x, axis)?;
        self.native("sum", "at::sum", x.f_sum_dim_intlist(axis, false, None))
    }

    fn cumsum(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let axis = axis_of("cumsum", x, axis)?;
        self.native("cumsum", "at::cumsum", x.f_cumsum(axis, None))
    }

    fn sum_all(&self, x: &Tensor) -> OpResult<Tensor> {
        self.native("sum_all", "at::sum", x.f_sum(None))
    }

    fn argmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let axis = axis_of("argmax", x, axis)?;
        self.native("argmax", "at::argmax", x.f_argmax(axis, false))
    }
}
