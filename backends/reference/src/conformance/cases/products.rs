//! Products of matrices, plain and batched, and linear layers.

use super::super::call::Op;
use super::{Case, Inputs};
use chipmark_core::check::Scale;
use chipmark_core::{DType, OpResult};

pub(in super::super) fn products(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("products", dtype);
    let mut cases = Vec::new();
    let matmuls: [(Op, [&[usize]; 2]); 9] = [
        (Op::Matmul, [&[3, 5], &[5, 7]]),
        (Op::Matmul, [&[1, 9], &[9, 1]]),
        (Op::Matmul, [&[4, 1], &[1, 3]]),
        (Op::Matmul, [&[3, 2, 7], &[3, 7, 5]]),
        (Op::Matmul, [&[2, 3, 1, 4], &[2, 3, 4, 5]]),
        (Op::Matmul, [&[3, 2, 7], &[7, 5]]),
        (Op::Matmul, [&[17, 33], &[33, 19]]),
        (Op::MatmulBySwapped, [&[3, 2, 7], &[3, 5, 7]]),
        (Op::MatmulBySwapped, [&[2, 1, 3], &[2, 1, 3]]),
    ];
    for (op, [a, b]) in matmuls {
        let tolerance = inputs.within(a[a.len() - 1], Scale::AbsoluteInputs);
        cases.push(Case::new(op, dtype, vec![inputs.signed(a)?, inputs.signed(b)?], tolerance));
    }
    let linears: [(&[usize], [usize; 2]); 4] =
        [(&[3, 5], [7, 5]), (&[9], [4, 9]), (&[2, 3, 11], [5, 11]), (&[4, 1, 3], [1, 3])];
    for (x, w) in linears {
        let tolerance = inputs.within(w[1] + 1, Scale::AbsoluteInputs);
        let operands = vec![inputs.signed(x)?, inputs.signed(&w)?, inputs.signed(&w[..1])?];
        cases.push(Case::new(Op::Linear, dtype, operands, tolerance));
    }
    Ok(cases)
}
