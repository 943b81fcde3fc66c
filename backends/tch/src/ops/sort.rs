//! Ordering.

use super::axis_of;
use crate::Tch;
use chipmark_core::OpResult;
use chipmark_core::ops::sort::Sort;
use tch::Tensor;

impl Sort for Tch {
    fn sort(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let axis = axis_of("sort", x, axis)?;
        // It finds the elements' former places too, whether or not anybody wants them.
        self.native("sort", "at::sort", x.f_sort(axis, false).map(|(sorted, _places)| sorted))
    }
}
