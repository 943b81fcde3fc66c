//! Attention.

use super::no_gradient;
use super::norm::softmax;
use crate::Reference;
use crate::tape::Backward;
use crate::tensor::{Floats, Tensor, shared, zeros};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::attention::Attention;
use chipmark_core::{Backend, DType, Mask, OpError, OpResult};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayD, ArrayRef, ArrayView2, ArrayViewMut2, Axis, Ix2, IxDyn, s};
use std::rc::Rc;

const OP: &str = "sdpa";

/// The operands of one call, whose shapes [`shapes::sdpa`] has checked.
struct Operands {
    q: Floats,
    k: Floats,
    v: Floats,
    /// What is added to the scores, `[l, s]`.
    mask: Option<Array2<f64>>,
    scale: f64,
}

/// One of the operands that have a gradient.
#[derive(Clone, Copy)]
enum Operand {
    Q,
    K,
    V,
}

/// One head of one example: `[b, h, l, d]` at b and h.
fn head(x: &ArrayRef<f64, IxDyn>, [example, head]: [usize; 2]) -> ArrayView2<'_, f64> {
    x.slice(s![example, head, .., ..])
}

fn head_mut(x: &mut ArrayD<f64>, [example, head]: [usize; 2]) -> ArrayViewMut2<'_, f64> {
    x.slice_mut(s![example, head, .., ..])
}

impl Operands {
    /// Each head of q, as its place there and the place of the head of k and v that serves it.
    fn heads(&self) -> impl Iterator<Item = [[usize; 2]; 2]> {
        let (examples, heads) = (self.q.len_of(Axis(0)), self.q.len_of(Axis(1)));
        let group = heads / self.k.len_of(Axis(1));
        (0..examples).flat_map(move |example| (0..heads).map(move |h| [[example, h], [example, h / group]]))
    }

    /// softmax(scale · q·kᵀ + mask) of one head, `[l, s]`.
    fn weights(&self, at: [usize; 2], served_by: [usize; 2]) -> Array2<f64> {
        let mut scores = head(&self.q, at).dot(&head(&self.k, served_by).t()) * self.scale;
        if let Some(mask) = &self.mask {
            scores += mask;
        }
        softmax(&scores, Axis(1))
    }

    fn forward(&self) -> OpResult<ArrayD<f64>> {
        let mut out = zeros(OP, self.q.shape())?;
        for [at, served_by] in self.heads() {
            let weights = self.weights(at, served_by);
            general_mat_mul(1.0, &weights, &head(&self.v, served_by), 0.0, &mut head_mut(&mut out, at));
        }
        Ok(out)
    }

    /// The gradient by one operand. With w the weights: dv = wᵀ·g; and with dw = g·vᵀ and ds = w (dw − Σⱼ wⱼ dwⱼ), as for
    /// any softmax, dq = scale · ds·k and dk = scale · dsᵀ·q.
    fn backward(&self, g: &ArrayD<f64>, by: Operand) -> OpResult<ArrayD<f64>> {
        let of = match by {
            Operand::Q => &self.q,
            Operand::K | Operand::V => &self.k,
        };
        let mut out = zeros(OP, of.shape())?;
        for [at, served_by] in self.heads() {
            let weights = self.weights(at, served_by);
            let mut to_scores = head(g, at).dot(&head(&self.v, served_by).t());
            for (mut row, weights) in to_scores.outer_iter_mut().zip(weights.outer_iter()) {
                let mean = row.dot(&weights);
                row.zip_mut_with(&weights, |dw, &w| *dw = w * (*dw - mean));
            }
            // Heads of q that share one of k and v add up.
            match by {
                Operand::Q => {
                    let to = &mut head_mut(&mut out, at);
                    general_mat_mul(self.scale, &to_scores, &head(&self.k, served_by), 1.0, to);
                }
                Operand::K => {
                    let to = &mut head_mut(&mut out, served_by);
                    general_mat_mul(self.scale, &to_scores.t(), &head(&self.q, at), 1.0, to);
                }
                Operand::V => {
                    general_mat_mul(1.0, &weights.t(), &head(g, at), 1.0, &mut head_mut(&mut out, served_by));
                }
            }
        }
        Ok(out)
    }
}

/// What a causal mask of l positions adds: 0 up to the diagonal, −∞ beyond it.
fn causal(l: usize) -> Array2<f64> {
    Array2::from_shape_fn((l, l), |(query, key)| if key <= query { 0.0 } else { f64::NEG_INFINITY })
}

impl Attention for Reference {
    /// A query from which every key is hidden: NaN. Without a gradient by the mask.
    fn sdpa(&self, q: &Tensor, k: &Tensor, v: &Tensor, mask: Mask<'_, Tensor>, scale: f64) -> OpResult<Tensor> {
        self.log().native(OP, "f64 products");
        let [queries, keys, values] = [q.floats(OP)?, k.floats(OP)?, v.floats(OP)?];
        let dims = match &mask {
            Mask::None => Mask::None,
            Mask::Causal => Mask::Causal,
            Mask::Additive(mask) => Mask::Additive(&mask.shape()),
        };
        shapes::sdpa(DType::F64, queries.shape(), keys.shape(), values.shape(), dims)?;
        let added = match &mask {
            Mask::None => None,
            Mask::Causal => Some(causal(keys.len_of(Axis(2)))),
            Mask::Additive(mask) => {
                let mask = mask.floats(OP)?.to_owned().into_dimensionality::<Ix2>();
                Some(mask.map_err(|error| OpError::framework(OP, error))?)
            }
        };
        let (q_own, k_own, v_own) = (queries.clone(), keys.clone(), values.clone());
        let operands = Rc::new(Operands { q: q_own, k: k_own, v: v_own, mask: added, scale });
        let out = operands.forward()?;
        let by = |operand: Operand| -> Backward {
            let operands = Rc::clone(&operands);
            Box::new(move |g| operands.backward(g, operand))
        };
        let mut inputs = vec![(q, by(Operand::Q)), (k, by(Operand::K)), (v, by(Operand::V))];
        if let Mask::Additive(mask) = mask {
            inputs.push((mask, no_gradient(OP)));
        }
        Ok(self.made(shared(out), inputs))
    }
}
