//! Sorts along each axis.

use super::super::call::Op;
use super::{Case, Inputs};
use chipmark_core::check::Tolerance;
use chipmark_core::{DType, OpResult};

pub(in super::super) fn ordering(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("ordering", dtype);
    let mut cases = Vec::new();
    // The last is longer than one group of threads on a GPU likes to sort.
    for dims in [[1].as_slice(), &[9], &[5, 7], &[3, 5, 7], &[2, 3, 5, 4], &[2, 1023]] {
        for axis in 0..dims.len() {
            let op = Op::Sort { axis };
            cases.push(Case::new(op, dtype, vec![inputs.signed(dims)?], Tolerance::EXACT));
            cases.push(Case::new(op, dtype, vec![inputs.whole(dims, 3)?], Tolerance::EXACT));
        }
    }
    Ok(cases)
}
