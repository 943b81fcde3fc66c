//! Ordering.

use super::no_gradient;
use crate::Reference;
use crate::tensor::{Tensor, shared};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::sort::Sort;
use chipmark_core::{Backend, DType, OpResult};
use ndarray::Axis;

impl Sort for Reference {
    /// By IEEE 754's total order, which has −0 before 0 and NaNs at the ends, by their sign. Without a gradient.
    fn sort(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        const OP: &str = "sort";
        self.log().native(OP, "standard library");
        let mut out = x.floats(OP)?.to_owned();
        shapes::along(OP, DType::F64, out.shape(), axis)?;
        for mut lane in out.lanes_mut(Axis(axis)) {
            let mut elements = lane.to_vec();
            elements.sort_unstable_by(f64::total_cmp);
            lane.iter_mut().zip(elements).for_each(|(to, from)| *to = from);
        }
        Ok(self.made(shared(out), vec![(x, no_gradient(OP))]))
    }
}
