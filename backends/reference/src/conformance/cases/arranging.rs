//! The same elements joined, under other dimensions, and with axes exchanged.

use super::super::call::Op;
use super::{Case, Inputs};
use chipmark_core::check::Tolerance;
use chipmark_core::{DType, OpResult};

pub(in super::super) fn arranging(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("arranging", dtype);
    let mut cases = Vec::new();
    let joined: [([&[usize]; 2], usize); 6] = [
        ([&[3], &[4]], 0),
        ([&[3, 5], &[2, 5]], 0),
        ([&[3, 5], &[3, 2]], 1),
        // Of equal shapes, so that no other axis would be an error.
        ([&[3, 3], &[3, 3]], 1),
        ([&[2, 3, 5], &[2, 4, 5]], 1),
        ([&[2, 3, 5], &[2, 3, 1]], 2),
    ];
    for ([a, b], axis) in joined {
        let operands = vec![inputs.signed(a)?, inputs.signed(b)?];
        cases.push(Case::new(Op::Concat { axis }, dtype, operands, Tolerance::EXACT));
    }
    let reshaped: [[&[usize]; 2]; 5] =
        [[&[6, 5], &[3, 10]], [&[2, 3, 4], &[24]], [&[7], &[7, 1]], [&[], &[1, 1]], [&[5, 6], &[2, 3, 5]]];
    for [x, dims] in reshaped {
        cases.push(Case::new(Op::Reshape { dims }, dtype, vec![inputs.signed(x)?], Tolerance::EXACT));
    }
    let swapped: [(&[usize], [usize; 2]); 5] =
        [(&[3, 5], [0, 1]), (&[3, 5], [1, 1]), (&[2, 3, 5], [0, 2]), (&[2, 3, 5, 4], [2, 1]), (&[3, 3], [0, 1])];
    for (x, [first, second]) in swapped {
        let op = Op::SwapAxes { first, second };
        cases.push(Case::new(op, dtype, vec![inputs.signed(x)?], Tolerance::EXACT));
    }
    let both: [[&[usize]; 2]; 3] = [[&[3, 5], &[15]], [&[2, 3, 7], &[3, 14]], [&[4, 3, 5], &[6, 10]]];
    for [x, dims] in both {
        cases.push(Case::new(Op::ReshapeOfSwapped { dims }, dtype, vec![inputs.signed(x)?], Tolerance::EXACT));
    }
    Ok(cases)
}
