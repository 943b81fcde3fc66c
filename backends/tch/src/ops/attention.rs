//! Attention.

use super::misfit;
use crate::Tch;
use chipmark_core::OpResult;
use chipmark_core::ops::attention::{Attention, Mask};
use tch::Tensor;

impl Attention for Tch {
    fn sdpa(&self, q: &Tensor, k: &Tensor, v: &Tensor, mask: Mask<'_, Tensor>, scale: f64) -> OpResult<Tensor> {
        let (q_size, k_size, v_size) = (q.size(), k.size(), v.size());
        let (&[b, h, l, d], &[b_k, g, s, d_k]) = (q_size.as_slice(), k_size.as_slice()) else {
            return Err(misfit("sdpa", &[q, k, v], "expected [b, h, l, d], [b, g, s, d] and [b, g, s, d]"));
        };
        // libtorch broadcasts, and takes values of another width than the keys.
        if b != b_k || d != d_k || k_size != v_size {
            return Err(misfit("sdpa", &[q, k, v], "expected [b, h, l, d], [b, g, s, d] and [b, g, s, d]"));
        }
        let grouped = h != g;
        if grouped && (g == 0 || h % g != 0) {
            return Err(misfit("sdpa", &[q, k, v], "the heads of k do not divide those of q"));
        }
        let (mask, causal) = match mask {
            Mask::None => (None, false),
            Mask::Causal if l != s => {
                return Err(misfit("sdpa", &[q, k, v], "a causal mask wants as many keys as queries"));
            }
            Mask::Causal => (None, true),
            Mask::Additive(mask) if mask.size() != [l, s] => {
                return Err(misfit("sdpa", &[q, k, v, mask], "the mask must be [l, s]"));
            }
            Mask::Additive(mask) => (Some(mask), false),
        };
        let made = Tensor::f_scaled_dot_product_attention(q, k, v, mask, 0.0, causal, scale, grouped);
        self.native("sdpa", "at::scaled_dot_product_attention", made)
    }
}
