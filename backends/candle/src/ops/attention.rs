//! Attention: candle's fused kernel on Metal where it does what is asked, products and a softmax elsewhere.
//!
//! Its flash attention for the CPU is left alone. It has no bf16 and no given mask for more than one batch, wants the axes in
//! another order, and goes query by query: products are the faster way of doing it in candle.

use super::linalg::dense;
use crate::Candle;
use crate::error::{Named, misfit};
use candle_core::{D, DType, Result, Tensor};
use candle_nn::ops::{softmax, softmax_last_dim};
use chipmark_core::ops::attention::{Attention, Mask};
use chipmark_core::{Backend, OpResult};

/// One call of the op: q `[b, h, l, d]`, k and v `[b, g, s, d]`.
struct Call<'a> {
    q: &'a Tensor,
    k: &'a Tensor,
    v: &'a Tensor,
    mask: Mask<'a, Tensor>,
    scale: f64,
    b: usize,
    h: usize,
    g: usize,
    l: usize,
    s: usize,
    d: usize,
}

/// The call, if its shapes fit.
fn call<'a>(qkv: [&'a Tensor; 3], mask: Mask<'a, Tensor>, scale: f64) -> Option<Call<'a>> {
    let [q, k, v] = qkv;
    let (&[b, h, l, d], &[b_k, g, s, d_k]) = (q.dims(), k.dims()) else { return None };
    let masked = match &mask {
        Mask::None => true,
        Mask::Causal => l == s,
        Mask::Additive(mask) => mask.dims() == [l, s],
    };
    let some = q.elem_count() > 0 && k.elem_count() > 0;
    let fits = some && b == b_k && d == d_k && k.dims() == v.dims() && h % g == 0 && masked;
    fits.then_some(Call { q, k, v, mask, scale, b, h, g, l, s, d })
}

impl Call<'_> {
    /// Whether candle's kernels for Metal do just this: one for several queries and one for a single query, each for some
    /// lengths of heads. The latter takes a mask and does not look at it; the former takes a mask's buffer from its start,
    /// wherever the mask is in it. Neither has a backward.
    fn is_fused(&self) -> bool {
        let &Call { l, s, d, .. } = self;
        let head = match d {
            32 | 64 | 96 | 128 | 256 => true,
            72 | 80 => l > 1,
            512 => l == 1 || self.q.dtype() != DType::F32,
            _ => false,
        };
        let masked = match self.mask {
            Mask::Additive(mask) => l > 1 && l <= s && mask.layout().start_offset() == 0 && !mask.track_op(),
            Mask::None | Mask::Causal => true,
        };
        self.q.device().is_metal() && head && masked && ![self.q, self.k, self.v].into_iter().any(Tensor::track_op)
    }

    fn fused(&self) -> Result<Tensor> {
        let mask = match self.mask {
            Mask::Additive(mask) => Some(mask.contiguous()?.broadcast_as((self.b, self.h, self.l, self.s))?),
            Mask::None | Mask::Causal => None,
        };
        let causal = matches!(self.mask, Mask::Causal);
        #[expect(clippy::cast_possible_truncation, reason = "candle takes the scale as f32")]
        let scale = self.scale as f32;
        let [q, k, v] = [self.q.contiguous()?, self.k.contiguous()?, self.v.contiguous()?];
        candle_nn::ops::sdpa(&q, &k, &v, mask.as_ref(), causal, scale, 1.0)
    }

    /// The heads of q that share a head of k and v are the rows of one matrix, so that neither is repeated.
    fn composed(&self) -> Result<Tensor> {
        let &Call { b, h, g, l, s, d, .. } = self;
        let scores = self.q.reshape((b, g, h / g * l, d))?.matmul(&dense(&self.k.t()?)?)?.affine(self.scale, 0.0)?;
        let add = |mask: &Tensor| scores.reshape((b, h, l, s))?.broadcast_add(mask)?.reshape(scores.shape());
        let masked = match self.mask {
            Mask::None => scores,
            Mask::Causal => add(&causal_mask(l, self.q)?)?,
            Mask::Additive(mask) => add(mask)?,
        };
        // The kernel for the last axis has no backward.
        let weights = if masked.track_op() { softmax(&masked, D::Minus1)? } else { softmax_last_dim(&masked)? };
        weights.matmul(&dense(self.v)?)?.reshape((b, h, l, d))
    }
}

/// `[l, l]`, of the dtype and on the device of x: 0 up to the diagonal, −∞ after it.
fn causal_mask(l: usize, x: &Tensor) -> Result<Tensor> {
    let position = Tensor::arange(0u32, u32::try_from(l).map_err(candle_core::Error::wrap)?, x.device())?;
    let hidden = position.unsqueeze(1)?.broadcast_lt(&position.unsqueeze(0)?)?;
    let all = |value: f32| Tensor::new(value, x.device())?.to_dtype(x.dtype())?.broadcast_as((l, l));
    hidden.where_cond(&all(f32::NEG_INFINITY)?, &all(0.0)?)
}

impl Attention for Candle {
    fn sdpa(&self, q: &Tensor, k: &Tensor, v: &Tensor, mask: Mask<'_, Tensor>, scale: f64) -> OpResult<Tensor> {
        let Some(call) = call([q, k, v], mask, scale) else {
            let why = "expected [b, h, l, d], twice [b, g, s, d] and, where there is one, a mask [l, s]";
            return Err(misfit("sdpa", &[q, k, v], why));
        };
        if call.is_fused() {
            self.log().native("sdpa", "candle_nn::ops::sdpa");
            return call.fused().named("sdpa");
        }
        self.log().composed(
            "sdpa",
            match call.mask {
                Mask::None => "matmul, affine, softmax, matmul",
                Mask::Causal => "matmul, affine, a mask made by comparing positions, broadcast_add, softmax, matmul",
                Mask::Additive(_) => "matmul, affine, broadcast_add, softmax, matmul",
            },
        );
        call.composed().named("sdpa")
    }
}
