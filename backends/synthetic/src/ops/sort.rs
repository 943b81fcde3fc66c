//! Ordering.

use super::floats;
use crate::{Synthetic, Tensor};
use chipmark_core::OpResult;
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::sort::Sort;

impl Sort for Synthetic {
    fn sort(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let dtype = floats("sort", &[x])?;
        Ok(self.made("sort", shapes::along("sort", dtype, x.shape(), axis)?, dtype))
    }
}
