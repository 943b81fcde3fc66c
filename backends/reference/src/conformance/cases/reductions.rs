//! Reductions over one axis or all, and running sums.

use super::super::call::Op;
use super::{Case, Inputs};
use chipmark_core::check::{Scale, Tolerance};
use chipmark_core::{DType, OpResult, Shape};

pub(in super::super) fn reductions(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("reductions", dtype);
    let mut cases = Vec::new();
    for dims in [[].as_slice(), &[1], &[13], &[3, 5, 7], &[2, 3, 5, 4]] {
        let tolerance = inputs.within(Shape::from(dims).numel(), Scale::AbsoluteInputs);
        for op in [Op::MeanAll, Op::SumAll] {
            cases.push(Case::new(op, dtype, vec![inputs.signed(dims)?], tolerance));
        }
        for (axis, &length) in dims.iter().enumerate() {
            let tolerance = inputs.within(length, Scale::AbsoluteInputs);
            cases.push(Case::new(Op::Sum { axis }, dtype, vec![inputs.signed(dims)?], tolerance));
            cases.push(Case::new(Op::Cumsum { axis }, dtype, vec![inputs.signed(dims)?], tolerance));
            cases.push(Case::new(Op::Argmax { axis }, dtype, vec![inputs.distinct(dims)?], Tolerance::EXACT));
        }
    }
    Ok(cases)
}
