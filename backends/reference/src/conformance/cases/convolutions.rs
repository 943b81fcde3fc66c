//! Convolutions of sequences and images.

use super::super::call::Op;
use super::{Case, Inputs};
use chipmark_core::check::Scale;
use chipmark_core::{DType, OpResult};

pub(in super::super) fn convolutions(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("convolutions", dtype);
    let shapes: [(Op, [&[usize]; 2]); 8] = [
        (Op::Conv1d, [&[2, 7, 3], &[4, 3, 3]]),
        (Op::Conv1d, [&[1, 6, 1], &[1, 1, 1]]),
        (Op::Conv1d, [&[3, 5, 2], &[5, 5, 2]]),
        (Op::Conv1d, [&[1, 19, 8], &[3, 11, 8]]),
        (Op::Conv2d, [&[2, 7, 5, 3], &[4, 3, 2, 3]]),
        (Op::Conv2d, [&[1, 4, 6, 1], &[1, 1, 1, 1]]),
        (Op::Conv2d, [&[3, 5, 4, 2], &[5, 5, 4, 2]]),
        (Op::Conv2d, [&[1, 6, 9, 8], &[3, 2, 5, 8]]),
    ];
    let case = |(op, [x, filters]): (Op, [&[usize]; 2])| {
        let tolerance = inputs.within(filters[1..].iter().product(), Scale::AbsoluteInputs);
        Ok(Case::new(op, dtype, vec![inputs.signed(x)?, inputs.signed(filters)?], tolerance))
    };
    shapes.into_iter().map(case).collect()
}
