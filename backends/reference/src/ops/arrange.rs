//! The same elements in another arrangement.

use crate::Reference;
use crate::tape::Backward;
use crate::tensor::{Tensor, shared, zeros};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::arrange::Arrange;
use chipmark_core::{Backend, DType, OpError, OpResult};
use ndarray::{Axis, IxDyn, Slice};

impl Arrange for Reference {
    fn concat(&self, a: &Tensor, b: &Tensor, axis: usize) -> OpResult<Tensor> {
        const OP: &str = "concat";
        self.log().native(OP, "ndarray slices");
        let (first, second) = (a.floats(OP)?, b.floats(OP)?);
        let dims = shapes::concat(DType::F64, first.shape(), second.shape(), axis)?;
        let border = first.len_of(Axis(axis));
        let (before, after) = (Slice::from(..border), Slice::from(border..));
        let mut out = zeros(OP, &dims)?;
        out.slice_axis_mut(Axis(axis), before).assign(first);
        out.slice_axis_mut(Axis(axis), after).assign(second);
        let part = |part: Slice| -> Backward { Box::new(move |g| Ok(g.slice_axis(Axis(axis), part).to_owned())) };
        Ok(self.made(shared(out), vec![(a, part(before)), (b, part(after))]))
    }

    fn reshape(&self, x: &Tensor, dims: &[usize]) -> OpResult<Tensor> {
        const OP: &str = "reshape";
        self.log().native(OP, "ndarray view");
        let floats = x.floats(OP)?;
        let dims = shapes::reshape(DType::F64, floats.shape(), dims)?;
        let out = floats.clone().into_shape_with_order(IxDyn(&dims)).map_err(|error| OpError::framework(OP, error))?;
        let before = floats.raw_dim();
        let backward: Backward = Box::new(move |g| {
            let gradient = shared(g.clone()).into_shape_with_order(before.clone());
            Ok(gradient.map_err(|error| OpError::framework(OP, error))?.into_owned())
        });
        Ok(self.made(out, vec![(x, backward)]))
    }

    fn swap_axes(&self, x: &Tensor, first: usize, second: usize) -> OpResult<Tensor> {
        const OP: &str = "swap_axes";
        self.log().native(OP, "ndarray transpose");
        let mut out = x.floats(OP)?.to_owned();
        shapes::swap_axes(DType::F64, out.shape(), first, second)?;
        out.swap_axes(first, second);
        let backward: Backward = Box::new(move |g| {
            let mut gradient = g.clone();
            gradient.swap_axes(first, second);
            Ok(gradient)
        });
        Ok(self.made(shared(out), vec![(x, backward)]))
    }
}
