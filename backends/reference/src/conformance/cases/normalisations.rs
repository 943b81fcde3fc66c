//! Normalisations along an axis.

use super::super::call::Op;
use super::{Case, Inputs};
use chipmark_core::check::{Scale, Tolerance};
use chipmark_core::{DType, OpResult};

pub(in super::super) fn normalisations(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("normalisations", dtype);
    let mut cases = Vec::new();
    for dims in [[9].as_slice(), &[5, 7], &[3, 5, 7], &[2, 3, 5, 4], &[3, 1]] {
        for axis in 0..dims.len() {
            let tolerance = inputs.within(dims[axis], Scale::Element);
            let x = inputs.between(dims, -2.0, 2.0)?;
            cases.push(Case::new(Op::Softmax { axis }, dtype, vec![x], tolerance));
        }
    }
    for (dims, epsilon) in [([9].as_slice(), 1e-5), (&[5, 7], 1e-5), (&[3, 5, 7], 0.1), (&[2, 3, 129], 1e-5)] {
        let length = &dims[dims.len() - 1..];
        let op = Op::LayerNorm { epsilon };
        // A normalised element times its weight and plus its bias is of magnitude three, and so are the inputs.
        let one = inputs.within(length[0], Scale::One);
        let tolerance = Tolerance { bound: 3.0 * one.bound, ..one };
        // Around one, because a mean that is nearly zero hides that it was not subtracted.
        let x = inputs.between(dims, -1.0, 3.0)?;
        cases.push(Case::new(op, dtype, vec![x.clone()], tolerance));
        let operands = vec![x, inputs.nonzero(length)?, inputs.signed(length)?];
        cases.push(Case::new(op, dtype, operands, tolerance));
    }
    Ok(cases)
}
