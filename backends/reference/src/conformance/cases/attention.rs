//! Attention: with each mask, with grouped heads, and with other numbers of keys than queries.

use super::super::call::{Hidden, Op};
use super::{Case, Inputs};
use chipmark_core::check::Scale;
use chipmark_core::{DType, HostTensor, OpResult};

/// A mask `[l, s]` that hides about a third of the keys, at least one of them, and never all of a query's.
fn mask(inputs: &mut Inputs, [l, s]: [usize; 2]) -> OpResult<HostTensor> {
    let mut values = inputs.signed(&[l, s])?.to_f64();
    for (query, row) in values.chunks_exact_mut(s).enumerate() {
        for (key, value) in row.iter_mut().enumerate() {
            let (kept, hidden) = (key == query % s, key == (query + 1) % s);
            if !kept && (hidden || inputs.below(3) == 0) {
                *value = f64::NEG_INFINITY;
            }
        }
    }
    inputs.of(&[l, s], &values)
}

pub(in super::super) fn attention(dtype: DType) -> OpResult<Vec<Case>> {
    use Hidden::{Future, Given, Nothing};
    let mut inputs = Inputs::new("attention", dtype);
    // b, h, g, l, s, d. Frameworks have kernels of their own for 64 and for a single query.
    let shapes: [([usize; 6], Hidden); 11] = [
        ([1, 1, 1, 3, 3, 5], Nothing),
        ([2, 3, 3, 5, 7, 4], Nothing),
        ([1, 4, 2, 7, 5, 8], Nothing),
        ([1, 4, 2, 1, 33, 64], Nothing),
        ([1, 1, 1, 3, 3, 5], Future),
        ([2, 3, 1, 7, 7, 5], Future),
        ([1, 4, 2, 9, 9, 64], Future),
        ([2, 3, 3, 5, 5, 7], Given),
        ([1, 4, 2, 5, 9, 8], Given),
        ([2, 2, 1, 9, 3, 5], Given),
        ([1, 4, 2, 9, 13, 64], Given),
    ];
    let case = |([b, h, g, l, s, d], hidden): ([usize; 6], Hidden)| {
        let keys = [b, g, s, d];
        let mut operands = vec![inputs.signed(&[b, h, l, d])?, inputs.signed(&keys)?, inputs.signed(&keys)?];
        if hidden == Given {
            operands.push(mask(&mut inputs, [l, s])?);
        }
        let op = Op::Sdpa { hidden, scale: 1.0 / (d as f64).sqrt() };
        // A weighted mean of values below one, by weights that depend on sums of d terms.
        Ok(Case::new(op, dtype, operands, inputs.within(d + s, Scale::One)))
    };
    shapes.into_iter().map(case).collect()
}
