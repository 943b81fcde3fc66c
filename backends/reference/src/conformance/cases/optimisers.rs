//! Optimisers.

use super::super::call::Op;
use super::{Case, Inputs};
use chipmark_core::check::Scale;
use chipmark_core::ops::optim::Adam;
use chipmark_core::{DType, OpResult};

pub(in super::super) fn optimisers(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("optimisers", dtype);
    // Corrections that no dtype rounds.
    let (correction1, correction2) = (inputs.of(&[1], &[0.5])?, inputs.of(&[1], &[0.25])?);
    let adam = Adam { rate: 0.1, decay: 0.005, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let mut cases = Vec::new();
    for dims in [[7].as_slice(), &[3, 5]] {
        let mut operands = vec![inputs.signed(dims)?, inputs.signed(dims)?, inputs.between(dims, 0.25, 1.0)?];
        operands.extend([inputs.signed(dims)?, correction1.clone(), correction2.clone()]);
        cases.push(Case::new(Op::Adam(adam), dtype, operands, inputs.within(4, Scale::One)));
    }
    Ok(cases)
}
