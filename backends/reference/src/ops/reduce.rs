//! Reductions.

use crate::Reference;
use crate::tape::Backward;
use crate::tensor::{Tensor, shared};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{Backend, DType, OpResult};
use ndarray::{ArrayD, Axis, IxDyn, arr0};

impl Reduce for Reference {
    /// Of no elements: NaN.
    fn mean_all(&self, x: &Tensor) -> OpResult<Tensor> {
        self.log().native("mean_all", "f64 sum");
        let floats = x.floats("mean_all")?;
        #[expect(clippy::cast_precision_loss, reason = "what fits in memory is far below 2^53")]
        let count = floats.len() as f64;
        let mean = arr0(floats.sum() / count).into_dyn();
        let dims = IxDyn(floats.shape());
        let backward: Backward = Box::new(move |g| Ok(ArrayD::from_elem(dims.clone(), g.sum() / count)));
        Ok(self.made(shared(mean), vec![(x, backward)]))
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
