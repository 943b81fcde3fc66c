//! Attention: candle's fused kernel on Metal where it does what is asked, products and a softmax elsewhere.
//!
//! Its flash attention for the CPU is left alone: for a batch of one it takes all that is asked, but it goes query by query, and
//! took 1.5 to 86 times as long as products in every shape of up to 512 queries that was tried (README).

use super::half::{in_f32, is_half, lacks_product, through_f32};
use super::linalg::dense;
use super::norm::softmax_by_kernel;
use crate::Candle;
use crate::error::{Named, misfit};
use candle_core::{D, DType, Result, Tensor};
use candle_nn::ops::softmax;
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

    /// Whether candle has no products for this that add up in f32.
    fn lacks_products(&self) -> bool {
        let &Call { h, g, l, s, d, .. } = self;
        let rows = h / g * l;
        lacks_product(self.q, rows, s) || lacks_product(self.q, rows, d)
    }

    /// By products and a softmax; in f32 where candle has no products that add up in it.
    fn composed(&self) -> Result<Tensor> {
        if !self.lacks_products() {
            return self.by_products();
        }
        let wide_mask = match self.mask {
            Mask::Additive(mask) => Some(mask.to_dtype(DType::F32)?),
            Mask::None | Mask::Causal => None,
        };
        let mask = match (&wide_mask, self.mask) {
            (Some(mask), _) => Mask::Additive(mask),
            (None, mask) => mask,
        };
        through_f32([self.q, self.k, self.v], |[q, k, v]| Call { q, k, v, mask, ..*self }.by_products())
    }

    /// The heads of q that share a head of k and v are the rows of one matrix, so that neither is repeated.
    fn by_products(&self) -> Result<Tensor> {
        let &Call { b, h, g, l, s, d, .. } = self;
        let scores = self.q.reshape((b, g, h / g * l, d))?.matmul(&dense(&self.k.t()?)?)?.affine(self.scale, 0.0)?;
        let add = |mask: &Tensor| scores.reshape((b, h, l, s))?.broadcast_add(mask)?.reshape(scores.shape());
        let masked = match self.mask {
            Mask::None => scores,
            Mask::Causal => add(&causal_mask(l, self.q)?)?,
            Mask::Additive(mask) => add(mask)?,
        };
        // The kernel for the last axis has no backward.
        let weights = if masked.track_op() {
            in_f32(&masked, |masked| softmax(masked, D::Minus1))?
        } else {
            softmax_by_kernel(&masked)?
        };
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
            match (call.mask, is_half(q)) {
                _ if call.lacks_products() => {
                    "matmul, affine, the mask, softmax, matmul, all in f32: candle has no f16 product for this that adds up in f32"
                }
                (Mask::None, false) => "matmul, affine, softmax, matmul",
                (Mask::None, true) => "matmul, affine, softmax with its sums in f32, matmul",
                (Mask::Causal, false) => {
                    "matmul, affine, a mask made by comparing positions, broadcast_add, softmax, matmul"
                }
                (Mask::Causal, true) => {
                    "matmul, affine, a mask made by comparing positions, broadcast_add, softmax with its sums in f32, matmul"
                }
                (Mask::Additive(_), false) => "matmul, affine, broadcast_add, softmax, matmul",
                (Mask::Additive(_), true) => "matmul, affine, broadcast_add, softmax with its sums in f32, matmul",
            },
        );
        call.composed().named("sdpa")
    }
}
