//! Normalisations.

use crate::Reference;
use crate::tape::Backward;
use crate::tensor::{Tensor, shared};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::norm::Norm;
use chipmark_core::{Backend, DType, OpResult};
use ndarray::{ArrayD, ArrayRef, Axis, IxDyn, Zip};

/// exp(xᵢ − max x) / Σ exp(xⱼ − max x) along `axis`, which must be there.
pub(super) fn softmax(x: &ArrayRef<f64, IxDyn>, axis: usize) -> ArrayD<f64> {
    let mut out = x.to_owned();
    for mut lane in out.lanes_mut(Axis(axis)) {
        let largest = lane.fold(f64::NEG_INFINITY, |largest, &x| largest.max(x));
        lane.mapv_inplace(|x| (x - largest).exp());
        let sum = lane.sum();
        lane.mapv_inplace(|e| e / sum);
    }
    out
}

impl Norm for Reference {
    fn softmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.log().native("softmax", "f64 loop");
        let floats = x.floats("softmax")?;
        shapes::along("softmax", DType::F64, floats.shape(), axis)?;
        let out = shared(softmax(floats, axis));
        let y = out.clone();
        let backward: Backward = Box::new(move |g| {
            // dxᵢ = yᵢ (gᵢ − Σⱼ gⱼ yⱼ)
            let mut gradient = g.clone();
            Zip::from(gradient.lanes_mut(Axis(axis))).and(y.lanes(Axis(axis))).for_each(|mut g, y| {
                let mean = g.dot(&y);
                g.zip_mut_with(&y, |g, &y| *g = y * (*g - mean));
            });
            Ok(gradient)
        });
        Ok(self.made(out, vec![(x, backward)]))
    }
}
