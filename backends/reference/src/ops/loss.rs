//! Losses.

use super::index::positions;
use super::norm::softmax;
use crate::Reference;
use crate::tape::Backward;
use crate::tensor::{Tensor, shared};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::loss::Loss;
use chipmark_core::{Backend, DType, OpResult};
use ndarray::{Axis, Zip, arr0};

impl Loss for Reference {
    /// Of no rows: NaN.
    fn cross_entropy(&self, logits: &Tensor, classes: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "cross_entropy";
        self.log().native(OP, "f64 loop");
        let (x, labels) = (logits.floats(OP)?, classes.indices(OP)?);
        shapes::cross_entropy(DType::F64, x.shape(), labels.shape())?;
        let labels = positions(OP, labels, x.len_of(Axis(1)))?;
        #[expect(clippy::cast_precision_loss, reason = "what fits in memory is far below 2^53")]
        let count = labels.len() as f64;
        let mut sum = 0.0;
        for (row, &label) in x.outer_iter().zip(&labels) {
            let largest = row.fold(f64::NEG_INFINITY, |largest, &x| largest.max(x));
            let exponentials: f64 = row.iter().map(|x| (x - largest).exp()).sum();
            sum += largest + exponentials.ln() - row[[label]];
        }
        let x = x.clone();
        let backward: Backward = Box::new(move |g| {
            // dxᵢⱼ = (softmax(xᵢ)ⱼ − [j = classᵢ]) / n
            let mut gradient = softmax(&x, Axis(1));
            for (mut row, &label) in gradient.outer_iter_mut().zip(&labels) {
                row[[label]] -= 1.0;
            }
            Ok(gradient * (g.sum() / count))
        });
        Ok(self.made(shared(arr0(sum / count).into_dyn()), vec![(logits, backward)]))
    }

    /// Of no elements: NaN. A probability of 0 or 1 has a loss of infinity, or NaN where it is the target.
    fn bce(&self, probabilities: &Tensor, targets: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "bce";
        self.log().native(OP, "f64 loop");
        let (p, t) = (probabilities.floats(OP)?.clone(), targets.floats(OP)?.clone());
        shapes::bce(DType::F64, p.shape(), t.shape())?;
        #[expect(clippy::cast_precision_loss, reason = "what fits in memory is far below 2^53")]
        let count = p.len() as f64;
        let sum = Zip::from(&p).and(&t).fold(0.0, |sum, p, t| sum - t * p.ln() - (1.0 - t) * (-p).ln_1p());
        let share = move |g: &ndarray::ArrayD<f64>| g.sum() / count;
        let (by_p, by_t) = (p.clone(), t.clone());
        let to_p: Backward = Box::new(move |g| {
            let share = share(g);
            Ok(Zip::from(&by_p).and(&by_t).map_collect(|p, t| share * (p - t) / (p * (1.0 - p))))
        });
        let to_t: Backward = Box::new(move |g| {
            let share = share(g);
            Ok(p.map(|p| share * ((-p).ln_1p() - p.ln())))
        });
        let mean = arr0(sum / count).into_dyn();
        Ok(self.made(shared(mean), vec![(probabilities, to_p), (targets, to_t)]))
    }
}
