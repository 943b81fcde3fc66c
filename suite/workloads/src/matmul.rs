//! Matrix products, batched or not.

use crate::tier::{SMALL_BYTES, SMALL_FLOP, shrink, tiny};
use crate::workload::{Workload, bytes, named, product, two_shapes};
use chipmark_core::check::Scale;
use chipmark_core::{
    ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Shape, Tier, Tolerance,
};

/// a `[batch…, m, k]` · b `[batch…, k, n]`, or b `[k, n]` under every batch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Matmul {
    batch: Vec<usize>,
    m: usize,
    k: usize,
    n: usize,
    b_batched: bool,
    dtype: DType,
}

impl Matmul {
    fn a(&self) -> Shape {
        Shape([self.batch.as_slice(), &[self.m, self.k]].concat())
    }

    fn b(&self) -> Shape {
        let batch: &[usize] = if self.b_batched { &self.batch } else { &[] };
        Shape([batch, &[self.k, self.n]].concat())
    }

    fn flop(&self) -> u64 {
        product(&self.batch).saturating_mul(product(&[2, self.m, self.k, self.n]))
    }
}

impl Workload for Matmul {
    const ID: &'static str = "matmul";
    const ABOUT: &'static str = "matrix product a·b, batched over the leading dimensions";
    const FORMS: &'static [&'static str] = &["{a}@{b}", "{m}x{k}@{k}x{n}", "{batch}x{m}x{k}@{batch}x{k}x{n}"];

    fn at(&self, tier: Tier) -> Self {
        let mut case = self.clone();
        match tier {
            Tier::Full => {}
            Tier::Tiny => {
                case.batch = self.batch.iter().map(|&d| tiny(d)).collect();
                [case.m, case.k, case.n] = [self.m, self.k, self.n].map(tiny);
            }
            Tier::Small => {
                // Only the first batch dimension is halved: the classic cases have no more than one.
                let rest = product(self.batch.get(1..).unwrap_or_default());
                let first = self.batch.first().copied().unwrap_or(1);
                let dims = shrink([first, self.m, self.k, self.n], 1, |&[first, m, k, n]| {
                    let batch = rest.saturating_mul(first as u64);
                    let flop = batch.saturating_mul(product(&[2, m, k, n]));
                    let elements = product(&[m, k]).saturating_add(product(&[k, n])).saturating_add(product(&[m, n]));
                    let bytes = batch.saturating_mul(elements).saturating_mul(self.dtype.size_bytes() as u64);
                    flop.div_ceil(SMALL_FLOP).max(bytes.div_ceil(SMALL_BYTES))
                });
                if let Some(batch) = case.batch.first_mut() {
                    *batch = dims[0];
                }
                [case.m, case.k, case.n] = [dims[1], dims[2], dims[3]];
            }
        }
        case
    }

    fn label(&self) -> String {
        format!("{}@{}", self.a(), self.b())
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        let (a, b) = two_shapes(label)?;
        let ([a_batch @ .., m, k], [b_batch @ .., b_k, n]) = (&a[..], &b[..]) else {
            return Err("both shapes need at least two dimensions".to_owned());
        };
        if k != b_k {
            return Err(format!("the last dimension of {a} and the last but one of {b} differ"));
        }
        if !b_batch.is_empty() && a_batch != b_batch {
            return Err(format!("the leading dimensions of {a} and {b} differ"));
        }
        let b_batched = !b_batch.is_empty();
        Ok(Matmul { batch: a_batch.to_vec(), m: *m, k: *k, n: *n, b_batched, dtype })
    }

    fn cost(&self) -> Cost {
        let inputs = self.a().numel() + self.b().numel();
        let output = product(&self.batch).saturating_mul(product(&[self.m, self.n, self.dtype.size_bytes()]));
        Cost::streaming(self.flop(), bytes(inputs, self.dtype), output)
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![Tolerance::reduction(self.dtype, self.k, Scale::AbsoluteInputs)]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        Ok(vec![fill.signed(self.a(), self.dtype)?, fill.signed(self.b(), self.dtype)?])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [a, b] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.matmul(a, b)?))
    }
}
