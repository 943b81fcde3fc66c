//! Scaled dot-product attention with the causal mask that a framework knows by name, forward: a language model's prefill.

use crate::sdpa::Sdpa;
use crate::tier::fit;
use crate::workload::{Workload, named, product};
use chipmark_core::ops::attention::Mask;
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Tier, Tolerance};

/// [`Sdpa`] with as many keys as queries and no mask tensor: a framework may leave out the half that the mask hides.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CausalAttention(Sdpa);

/// The FLOP of softmax(scale · q·kᵀ)·v over so many pairs of a query and a key of `size` elements: two products, the scale,
/// and softmax's five.
pub(crate) fn flop(pairs: u64, size: usize) -> u64 {
    pairs.saturating_mul(4 * size as u64 + 6)
}

/// How many pairs of a query and a key a mask leaves of `len` each: all, or those that are not in the future.
pub(crate) fn pairs(len: usize, causal: bool) -> u64 {
    if causal { product(&[len, len + 1]) / 2 } else { product(&[len, len]) }
}

impl CausalAttention {
    fn of([batch, kv_heads, shared, len, d]: [usize; 5], dtype: DType) -> Self {
        CausalAttention(Sdpa { batch, kv_heads, shared, l: len, s: len, d, dtype })
    }
}

impl Workload for CausalAttention {
    const ID: &'static str = "causal_attention";
    const ABOUT: &'static str =
        "scaled dot-product attention, causal by name, heads of k and v shared by groups of q's";
    const FORMS: &'static [&'static str] = &["{q}@{kv}", "{batch}x{heads}x{len}x{d}@{batch}x{kv_heads}x{len}x{d}"];

    fn at(&self, tier: Tier) -> Self {
        let Sdpa { batch, kv_heads, shared, l, d, dtype, .. } = self.0;
        let dims = fit([batch, kv_heads, shared, l, d], tier, |&dims| CausalAttention::of(dims, dtype).cost());
        CausalAttention::of(dims, dtype)
    }

    fn label(&self) -> String {
        self.0.label()
    }

    fn dtype(&self) -> DType {
        self.0.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        let sdpa = Sdpa::parse(label, dtype)?;
        if sdpa.l != sdpa.s {
            return Err(format!("{} queries and {} keys: causal are as many of one as of the other", sdpa.l, sdpa.s));
        }
        Ok(CausalAttention(sdpa))
    }

    fn cost(&self) -> Cost {
        let Sdpa { batch, kv_heads, shared, l, d, dtype, .. } = self.0;
        let heads = product(&[batch, kv_heads, shared]);
        let size = dtype.size_bytes() as u64;
        let q = heads.saturating_mul(product(&[l, d, dtype.size_bytes()]));
        let kv = product(&[batch, kv_heads, l, d]).saturating_mul(2 * size);
        let cost = Cost::streaming(flop(heads.saturating_mul(pairs(l, true)), d), q.saturating_add(kv), q);
        // Where there is no kernel for the whole, the scores are held in between, every one.
        let scores = heads.saturating_mul(product(&[l, l])).saturating_mul(size);
        Cost { working_set_bytes: cost.bytes.saturating_add(scores), ..cost }
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        // Those of the same attention with its mask as a tensor.
        self.0.tolerances()
    }

    fn inputs(&self, fill: &mut Fill, layout: ConvLayout) -> OpResult<Vec<HostTensor>> {
        let mut inputs = self.0.inputs(fill, layout)?;
        // The mask.
        inputs.truncate(3);
        Ok(inputs)
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [q, k, v] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.sdpa(q, k, v, Mask::Causal, 1.0 / self.0.root_d())?))
    }
}
