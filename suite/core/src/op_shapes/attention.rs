//! Shapes of attention.

use super::mismatch;
use crate::{DType, Mask, OpResult, Shape};

/// q `[b, h, l, d]`, k and v `[b, g, s, d]`, h a multiple of g, and the shape of an additive mask `[l, s]` → `[b, h, l, d]`.
///
/// # Errors
/// When lengths or ranks are others, or the mask is causal and there are more or fewer keys than queries.
pub fn sdpa(dtype: DType, q: &[usize], k: &[usize], v: &[usize], mask: Mask<'_, &[usize]>) -> OpResult<Shape> {
    let wrong = |why: &str| Err(mismatch("sdpa", dtype, &[q, k, v], why));
    let (&[b, h, l, d], &[b_k, g, s, d_k]) = (q, k) else { return wrong("each must have four axes") };
    if k != v {
        return wrong("k and v differ");
    }
    if b != b_k || d != d_k {
        return wrong("expected [b, h, l, d] and twice [b, g, s, d]");
    }
    if g == 0 || h % g != 0 {
        return wrong("the heads of q are no multiple of those of k");
    }
    match mask {
        Mask::Causal if l != s => wrong("a causal mask wants as many keys as queries"),
        Mask::Additive(&dims) if dims != [l, s] => {
            Err(mismatch("sdpa", dtype, &[q, k, v, dims], &format!("expected a mask {l}x{s}")))
        }
        _ => Ok(Shape::from(q)),
    }
}
