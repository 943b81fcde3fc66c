//! Normalisations.

use crate::Reference;
use crate::tape::Backward;
use crate::tensor::{Floats, Tensor, shared};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::norm::Norm;
use chipmark_core::{Backend, DType, OpResult};
use ndarray::{Array, ArrayD, ArrayRef, Axis, Dimension, Zip};

/// exp(xᵢ − max x) / Σ exp(xⱼ − max x) along `axis`, which must be there.
pub(super) fn softmax<D: Dimension>(x: &ArrayRef<f64, D>, axis: Axis) -> Array<f64, D> {
    let mut out = x.to_owned();
    for mut lane in out.lanes_mut(axis) {
        let largest = lane.fold(f64::NEG_INFINITY, |largest, &x| largest.max(x));
        lane.mapv_inplace(|x| (x - largest).exp());
        let sum = lane.sum();
        lane.mapv_inplace(|e| e / sum);
    }
    out
}

/// The mean of a lane.
fn mean(lane: impl ExactSizeIterator<Item = f64>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "what fits in memory is far below 2^53")]
    let count = lane.len() as f64;
    lane.sum::<f64>() / count
}

/// x − mean x and √(var x + epsilon) of each lane along the last axis.
fn centred(x: &Floats, last: Axis, epsilon: f64) -> (ArrayD<f64>, ArrayD<f64>) {
    let mut centred = x.to_owned();
    for mut lane in centred.lanes_mut(last) {
        let mean = mean(lane.iter().copied());
        lane.mapv_inplace(|x| x - mean);
    }
    let deviations = centred.map_axis(last, |lane| (mean(lane.iter().map(|x| x * x)) + epsilon).sqrt());
    (centred, deviations)
}

impl Norm for Reference {
    fn softmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.log().native("softmax", "f64 loop");
        let floats = x.floats("softmax")?;
        shapes::along("softmax", DType::F64, floats.shape(), axis)?;
        let out = shared(softmax(floats, Axis(axis)));
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

    fn layer_norm(&self, x: &Tensor, weight_and_bias: Option<[&Tensor; 2]>, epsilon: f64) -> OpResult<Tensor> {
        const OP: &str = "layer_norm";
        self.log().native(OP, "f64 loop");
        let floats = x.floats(OP)?;
        shapes::layer_norm(DType::F64, floats.shape(), weight_and_bias.map(|pair| pair.map(Tensor::shape)))?;
        let last = Axis(floats.ndim() - 1);
        let (centred, deviations) = centred(floats, last, epsilon);
        let deviations = deviations.insert_axis(last);
        let normal = shared(centred / &deviations);
        let Some([weight, bias]) = weight_and_bias else {
            let own = normal.clone();
            let to_x: Backward = Box::new(move |g| Ok(through(g.clone(), &own, &deviations, last)));
            return Ok(self.made(normal, vec![(x, to_x)]));
        };
        let (factors, offsets) = (weight.floats(OP)?.clone(), bias.floats(OP)?);
        let out = &normal * &factors + offsets;
        let own = normal.clone();
        let to_x: Backward = Box::new(move |g| Ok(through(g * &factors, &own, &deviations, last)));
        let to_weight: Backward = Box::new(move |g| Ok(over_rows(g * &normal)));
        let to_bias: Backward = Box::new(move |g| Ok(over_rows(g.clone())));
        Ok(self.made(shared(out), vec![(x, to_x), (weight, to_weight), (bias, to_bias)]))
    }
}

/// The gradient before normalising from that behind it: dxᵢ = (gᵢ − mean g − yᵢ · mean (g·y)) / √(var x + epsilon), y the
/// normalised x.
fn through(mut g: ArrayD<f64>, normal: &Floats, deviations: &ArrayD<f64>, last: Axis) -> ArrayD<f64> {
    Zip::from(g.lanes_mut(last)).and(normal.lanes(last)).for_each(|mut g, y| {
        let (mean_g, mean_gy) = (mean(g.iter().copied()), mean(g.iter().zip(y).map(|(g, y)| g * y)));
        g.zip_mut_with(&y, |g, &y| *g -= mean_g + y * mean_gy);
    });
    g / deviations
}

/// The sum over all axes but the last.
fn over_rows(mut gradient: ArrayD<f64>) -> ArrayD<f64> {
    while gradient.ndim() > 1 {
        gradient = gradient.sum_axis(Axis(0));
    }
    gradient
}
