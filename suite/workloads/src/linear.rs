//! The fully connected layer, forward.

use crate::tier::{SMALL_FLOP, shrink, tiny};
use crate::workload::{Workload, named, product, two_shapes};
use chipmark_core::check::Scale;
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Tier, Tolerance};

/// x `[outer, rows, k]` · wᵀ + bias, w `[n, k]`, bias `[n]`. The label has `x@kxn`, as the classic suite writes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Linear {
    outer: usize,
    rows: usize,
    k: usize,
    n: usize,
    dtype: DType,
}

impl Workload for Linear {
    const ID: &'static str = "linear";
    const ABOUT: &'static str = "fully connected layer x·Wᵀ + b";
    const FORMS: &'static [&'static str] = &["{x}@{w}", "{outer}x{rows}x{k}@{k}x{n}"];

    fn at(&self, tier: Tier) -> Self {
        let dims = [self.outer, self.rows, self.k, self.n];
        let [outer, rows, k, n] = match tier {
            Tier::Full => dims,
            Tier::Tiny => dims.map(tiny),
            Tier::Small => {
                // The layer's own sizes stay; it is fed less.
                let limit = SMALL_FLOP / product(&[2 * self.k + 1, self.n]).max(1);
                let [outer, rows] = shrink([self.outer, self.rows], limit.max(1), |d| product(d));
                [outer, rows, self.k, self.n]
            }
        };
        Linear { outer, rows, k, n, dtype: self.dtype }
    }

    fn label(&self) -> String {
        format!("{}x{}x{}@{}x{}", self.outer, self.rows, self.k, self.k, self.n)
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        let (x, w) = two_shapes(label)?;
        let (&[outer, rows, k], &[w_k, n]) = (&x[..], &w[..]) else {
            return Err("x has three dimensions and W two, such as 100x1024x32@32x1024".to_owned());
        };
        if k != w_k {
            return Err(format!("the last dimension of {x} and the first of {w} differ"));
        }
        Ok(Linear { outer, rows, k, n, dtype })
    }

    fn cost(&self) -> Cost {
        let rows = product(&[self.outer, self.rows]);
        let output = rows.saturating_mul(self.n as u64);
        let inputs = rows.saturating_mul(self.k as u64).saturating_add(product(&[self.n, self.k + 1]));
        let size = self.dtype.size_bytes() as u64;
        let flop = output.saturating_mul(2 * self.k as u64 + 1);
        Cost::streaming(flop, inputs.saturating_mul(size), output.saturating_mul(size))
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![Tolerance::reduction(self.dtype, self.k + 1, Scale::AbsoluteInputs)]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        Ok(vec![
            fill.signed([self.outer, self.rows, self.k], self.dtype)?,
            fill.signed([self.n, self.k], self.dtype)?,
            // Far enough from zero that leaving it out shows, even if it is one number.
            fill.uniform([self.n], 0.5, 1.5, self.dtype)?,
        ])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x, w, bias] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.linear(x, w, bias)?))
    }
}
