//! Normalisations.

use super::half::{in_f32, is_half};
use crate::Candle;
use crate::error::{Named, misfit};
use candle_core::{Result, Tensor};
use candle_nn::ops::{layer_norm, layer_norm_slow, softmax, softmax_last_dim};
use chipmark_core::ops::norm::Norm;
use chipmark_core::{Backend, OpResult};
use std::cell::RefCell;

/// Weights of one and biases of zero, a pair for each dtype and length. candle's `layer_norm` cannot do without, so they
/// are made once and kept, as a layer of candle's keeps its parameters.
#[derive(Default)]
pub(crate) struct NeutralAffine(RefCell<Vec<[Tensor; 2]>>);

impl NeutralAffine {
    /// The pair for the last axis of x.
    fn of(&self, x: &Tensor) -> Result<[Tensor; 2]> {
        let features = x.dim(candle_core::D::Minus1)?;
        let mut pairs = self.0.borrow_mut();
        let fits = |pair: &&[Tensor; 2]| pair[0].dtype() == x.dtype() && pair[0].dims() == [features];
        if let Some(pair) = pairs.iter().find(fits) {
            return Ok(pair.clone());
        }
        let make = |fill: fn(usize, candle_core::DType, &candle_core::Device) -> Result<Tensor>| {
            fill(features, x.dtype(), x.device())
        };
        let pair = [make(Tensor::ones)?, make(Tensor::zeros)?];
        pairs.push(pair.clone());
        Ok(pair)
    }
}

/// Whether candle's kernel for the softmax of the last axis adds up in f32: on GPUs always, on the CPU in the dtype itself.
fn sums_in_f32(x: &Tensor) -> bool {
    !(x.device().is_cpu() && is_half(x))
}

/// The softmax along the last axis by candle's kernel, which has no backward and takes no gaps, with its sums in f32.
pub(super) fn softmax_by_kernel(x: &Tensor) -> Result<Tensor> {
    if sums_in_f32(x) { softmax_last_dim(x) } else { in_f32(x, softmax_last_dim) }
}

impl Norm for Candle {
    fn softmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        if x.elem_count() == 0 {
            return Err(misfit("softmax", &[x], "there are no elements"));
        }
        // The kernel for the last axis has no backward, and would cut a gradient off without a word.
        if Some(axis) == x.rank().checked_sub(1) && !x.track_op() {
            if sums_in_f32(x) {
                self.log().native("softmax", "candle_nn::ops::softmax_last_dim");
            } else {
                self.log().composed("softmax", "to_dtype f32, candle_nn::ops::softmax_last_dim, to_dtype");
            }
            let run = || softmax_by_kernel(&x.contiguous()?);
            return run().named("softmax");
        }
        self.log().composed(
            "softmax",
            if is_half(x) {
                "to_dtype f32, candle_nn::ops::softmax (max, sub, exp, sum, div), to_dtype"
            } else {
                "candle_nn::ops::softmax: max, sub, exp, sum, div"
            },
        );
        in_f32(x, |x| softmax(x, axis)).named("softmax")
    }

    fn layer_norm(&self, x: &Tensor, weight_and_bias: Option<[&Tensor; 2]>, epsilon: f64) -> OpResult<Tensor> {
        if x.elem_count() == 0 || x.rank() == 0 {
            return Err(misfit("layer_norm", &[x], "there are no elements along the last axis"));
        }
        let [weight, bias] = match weight_and_bias {
            Some(given) => given.map(Tensor::clone),
            None => self.neutral_affine.of(x).named("layer_norm")?,
        };
        // The path with a backward would stretch them.
        if [&weight, &bias].iter().any(|y| y.dims() != &x.dims()[x.rank() - 1..]) {
            return Err(misfit("layer_norm", &[x, &weight, &bias], "expected [.., n], [n] and [n]"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "candle takes epsilon as f32")]
        let epsilon = epsilon as f32;
        // Like that of softmax, the kernel has no backward.
        if [x, &weight, &bias].into_iter().any(Tensor::track_op) {
            self.log()
                .composed("layer_norm", "candle_nn::ops::layer_norm_slow: sum, sub, sqr, sum, sqrt, div, mul, add");
            return layer_norm_slow(x, &weight, &bias, epsilon).named("layer_norm");
        }
        self.log().native(
            "layer_norm",
            if weight_and_bias.is_some() {
                "candle_nn::ops::layer_norm"
            } else {
                "candle_nn::ops::layer_norm, with ones and zeros that are kept from the first call"
            },
        );
        let run = || layer_norm(&x.contiguous()?, &weight.contiguous()?, &bias.contiguous()?, epsilon);
        run().named("layer_norm")
    }
}
