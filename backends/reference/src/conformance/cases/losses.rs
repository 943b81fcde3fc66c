//! Losses.

use super::super::call::Op;
use super::{Case, Inputs};
use chipmark_core::check::Scale;
use chipmark_core::{DType, OpResult, Shape};

pub(in super::super) fn losses(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("losses", dtype);
    let mut cases = Vec::new();
    for [n, c] in [[5, 7], [1, 3], [13, 2], [4, 1]] {
        let operands = vec![inputs.between(&[n, c], -2.0, 2.0)?, inputs.indices(n, c)?];
        cases.push(Case::new(Op::CrossEntropy, dtype, operands, inputs.within(n * c, Scale::One)));
    }
    for dims in [[1].as_slice(), &[13], &[5, 7], &[3, 5, 2]] {
        let tolerance = inputs.within(Shape::from(dims).numel(), Scale::One);
        // Probabilities that no dtype rounds to one; targets of 0 and 1, and others.
        for targets in [inputs.whole(dims, 2)?, inputs.between(dims, 0.0, 1.0)?] {
            cases.push(Case::new(Op::Bce, dtype, vec![inputs.between(dims, 0.02, 0.98)?, targets], tolerance));
        }
    }
    Ok(cases)
}
