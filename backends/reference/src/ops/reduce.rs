//! Reductions and running sums.

use crate::Reference;
use crate::tape::Backward;
use crate::tensor::{Tensor, shared};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{Backend, DType, OpError, OpResult};
use ndarray::{ArrayD, Axis, arr0};

impl Reference {
    /// The sum of all elements, divided by what `divisor` makes of their count.
    fn total(&self, op: &'static str, x: &Tensor, divisor: fn(f64) -> f64) -> OpResult<Tensor> {
        self.log().native(op, "f64 sum");
        let floats = x.floats(op)?;
        #[expect(clippy::cast_precision_loss, reason = "what fits in memory is far below 2^53")]
        let divisor = divisor(floats.len() as f64);
        let total = arr0(floats.sum() / divisor).into_dyn();
        let dims = floats.raw_dim();
        let backward: Backward = Box::new(move |g| Ok(ArrayD::from_elem(dims.clone(), g.sum() / divisor)));
        Ok(self.made(shared(total), vec![(x, backward)]))
    }
}

impl Reduce for Reference {
    /// Of no elements: NaN.
    fn mean_all(&self, x: &Tensor) -> OpResult<Tensor> {
        self.total("mean_all", x, |count| count)
    }

    /// Of no elements: zero.
    fn sum(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        const OP: &str = "sum";
        self.log().native(OP, "f64 sum");
        let floats = x.floats(OP)?;
        shapes::sum(DType::F64, floats.shape(), axis)?;
        let out = floats.sum_axis(Axis(axis));
        let before = floats.raw_dim();
        let backward: Backward = Box::new(move |g| {
            let g = g.view().insert_axis(Axis(axis));
            let spread = g.broadcast(before.clone());
            Ok(spread.ok_or_else(|| OpError::framework(OP, "the gradient has another shape"))?.to_owned())
        });
        Ok(self.made(shared(out), vec![(x, backward)]))
    }

    /// An element is in every sum from its own on, so its gradient is the running sum of those, from the end.
    fn cumsum(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        const OP: &str = "cumsum";
        self.log().native(OP, "f64 loop");
        let mut out = x.floats(OP)?.to_owned();
        shapes::along(OP, DType::F64, out.shape(), axis)?;
        out.accumulate_axis_inplace(Axis(axis), |before, here| *here += before);
        let backward: Backward = Box::new(move |g| {
            let mut g = g.to_owned();
            g.invert_axis(Axis(axis));
            g.accumulate_axis_inplace(Axis(axis), |after, here| *here += after);
            g.invert_axis(Axis(axis));
            Ok(g)
        });
        Ok(self.made(shared(out), vec![(x, backward)]))
    }

    /// Of no elements: zero.
    fn sum_all(&self, x: &Tensor) -> OpResult<Tensor> {
        self.total("sum_all", x, |_| 1.0)
    }

    /// Of equal elements the first; a NaN only where nothing else is.
    fn argmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.log().native("argmax", "f64 loop");
        let floats = x.floats("argmax")?;
        shapes::argmax(DType::F64, floats.shape(), axis)?;
        let largest = floats.map_axis(Axis(axis), |lane| {
            let (mut index, mut largest) = (0, f64::NEG_INFINITY);
            for (i, &value) in (0i64..).zip(lane) {
                if value > largest {
                    (index, largest) = (i, value);
                }
            }
            index
        });
        Ok(Tensor::from_indices(largest.as_standard_layout().into_owned().into_shared()))
    }
}
