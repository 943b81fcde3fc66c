//! Ordering.

use super::merge;
use crate::Candle;
use crate::error::{Named, misfit};
use candle_core::Tensor;
use chipmark_core::ops::sort::Sort;
use chipmark_core::{Backend, OpResult};

impl Sort for Candle {
    fn sort(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let Some(&row) = x.dims().get(axis) else {
            return Err(misfit("sort", &[x], &format!("there is no axis {axis}")));
        };
        let last = x.rank() - 1;
        let longest = merge::longest_row(x.device());
        self.log().composed(
            "sort",
            match (row <= longest, axis == last) {
                (true, true) => "Tensor::sort_last_dim: argsort, gather",
                (true, false) => "transpose, contiguous, Tensor::sort_last_dim (argsort, gather), transpose",
                (false, _) => merge::HOW,
            },
        );
        // candle would cut no elements into rows of none.
        if x.elem_count() == 0 {
            return Ok(x.clone());
        }
        let run = || merge::sort(&x.transpose(axis, last)?.contiguous()?, longest)?.transpose(axis, last);
        run().named("sort")
    }
}
