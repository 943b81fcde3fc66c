//! Scaled dot-product attention with an additive mask, forward.

use crate::host::floats;
use crate::tier::{SMALL_FLOP, fit, shrink};
use crate::workload::{Workload, named, product, two_shapes};
use chipmark_core::check::Scale;
use chipmark_core::ops::attention::Mask;
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Tier, Tolerance};

/// softmax(q·kᵀ/√d + mask)·v: q `[batch, kv_heads·shared, l, d]`, k and v `[batch, kv_heads, s, d]`, and a mask `[l, s]` by which
/// query i sees the keys up to the i-th. Each head of k and v is shared by as many neighbouring heads of q.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sdpa {
    pub(crate) batch: usize,
    pub(crate) kv_heads: usize,
    pub(crate) shared: usize,
    pub(crate) l: usize,
    pub(crate) s: usize,
    pub(crate) d: usize,
    pub(crate) dtype: DType,
}

/// The range of q and k. Scores are sums of d products of variance RANGE⁴/9, over √d: their deviation is 4/3 at every d. So
/// softmax is neither flat nor all on one key, and a mask left out, or a scale, shows.
const RANGE: f64 = 2.0;

impl Sdpa {
    fn q(&self) -> [usize; 4] {
        [self.batch, self.kv_heads * self.shared, self.l, self.d]
    }

    fn kv(&self) -> [usize; 4] {
        [self.batch, self.kv_heads, self.s, self.d]
    }

    #[expect(clippy::cast_precision_loss, reason = "a dimension is far below 2^53")]
    pub(crate) fn root_d(&self) -> f64 {
        (self.d as f64).sqrt()
    }

    /// Tier `small`: what is the case's own stays, and fewer of the batch are done; only then is there less of the rest.
    fn small(&self) -> Self {
        let mut case = self.clone();
        // Where there is little arithmetic to the data, as with one query, bytes count: 2^25 of them at most.
        let size = |case: &Sdpa| {
            let cost = case.cost();
            cost.flop.max(cost.bytes.saturating_mul(SMALL_FLOP >> 25))
        };
        [case.batch] = shrink([case.batch], SMALL_FLOP, |&[batch]| size(&Sdpa { batch, ..self.clone() }));
        let rest = [case.kv_heads, case.l, case.s, case.d];
        [case.kv_heads, case.l, case.s, case.d] =
            shrink(rest, SMALL_FLOP, |&[kv_heads, l, s, d]| size(&Sdpa { kv_heads, l, s, d, ..case.clone() }));
        case
    }
}

impl Workload for Sdpa {
    const ID: &'static str = "sdpa";
    const ABOUT: &'static str = "scaled dot-product attention with a causal mask that is added to the scores";
    const FORMS: &'static [&'static str] = &["{q}@{kv}", "{batch}x{heads}x{l}x{d}@{batch}x{kv_heads}x{s}x{d}"];

    fn at(&self, tier: Tier) -> Self {
        match tier {
            Tier::Full => self.clone(),
            Tier::Small => self.small(),
            Tier::Tiny => {
                let of = |&[batch, kv_heads, shared, l, s, d]: &[usize; 6]| Sdpa {
                    batch,
                    kv_heads,
                    shared,
                    l,
                    s,
                    d,
                    ..*self
                };
                of(&fit([self.batch, self.kv_heads, self.shared, self.l, self.s, self.d], tier, |dims| of(dims).cost()))
            }
        }
    }

    fn label(&self) -> String {
        let ([batch, heads, l, d], [_, kv_heads, s, _]) = (self.q(), self.kv());
        format!("{batch}x{heads}x{l}x{d}@{batch}x{kv_heads}x{s}x{d}")
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        let (q, kv) = two_shapes(label)?;
        let (&[batch, heads, l, d], &[kv_batch, kv_heads, s, kv_d]) = (&q[..], &kv[..]) else {
            return Err("q and k have four dimensions each, such as 64x8x16x1024@64x8x64x1024".to_owned());
        };
        if batch != kv_batch || d != kv_d {
            return Err(format!("the first dimensions of {q} and {kv}, or the last, differ"));
        }
        if !heads.is_multiple_of(kv_heads) {
            return Err(format!("{heads} heads of q cannot share {kv_heads} of k and v"));
        }
        Ok(Sdpa { batch, kv_heads, shared: heads / kv_heads, l, s, d, dtype })
    }

    fn cost(&self) -> Cost {
        // For each query and key: two products of length d, the scale, the mask, and softmax's five.
        let pairs = product(&[self.batch, self.kv_heads, self.shared, self.l, self.s]);
        let flop = pairs.saturating_mul(4 * self.d as u64 + 7);
        let size = self.dtype.size_bytes() as u64;
        let (q, kv, mask) = (product(&self.q()), product(&self.kv()), product(&[self.l, self.s]));
        let inputs = kv.saturating_mul(2).saturating_add(q).saturating_add(mask);
        let cost = Cost::streaming(flop, inputs.saturating_mul(size), q.saturating_mul(size));
        // Where there is no kernel for the whole, the scores are held in between.
        Cost { working_set_bytes: cost.bytes.saturating_add(pairs.saturating_mul(size)), ..cost }
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        // A result is a mean of elements of v, which are within ±1, weighted by p = softmax(scores). Scores that are off by
        // δ move p by at most 2δ of itself, and so the result by 2δ, of one.
        // A score is within ±4, three deviations, and off by u of that when it is rounded to the dtype: 8u in the result. The
        // sum that makes it is off by the accumulator's bound times Σ|q||k|/√d, which is √d, since |q||k| is one on average.
        // The roundings of p, and of the result, are the handful of 8u.
        let summed = Tolerance::reduction(DType::F32, self.d, Scale::One).bound * self.root_d();
        vec![Tolerance::rounding(self.dtype, Scale::One, |u| 16.0 * u + 2.0 * summed)]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        let seen = |at: usize| at % self.s <= at / self.s;
        let mask = (0..self.l * self.s).map(|at| if seen(at) { 0.0 } else { f32::NEG_INFINITY }).collect();
        Ok(vec![
            fill.uniform(self.q(), -RANGE, RANGE, self.dtype)?,
            fill.uniform(self.kv(), -RANGE, RANGE, self.dtype)?,
            fill.signed(self.kv(), self.dtype)?,
            floats([self.l, self.s], mask, self.dtype)?,
        ])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [q, k, v, mask] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.sdpa(q, k, v, Mask::Additive(mask), 1.0 / self.root_d())?))
    }
}
