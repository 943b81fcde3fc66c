//! Rows taken and placed by index.

use super::super::call::Op;
use super::{Case, Inputs};
use chipmark_core::check::{Scale, Tolerance};
use chipmark_core::{DType, HostData, HostTensor, OpResult};

pub(in super::super) fn indexing(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("indexing", dtype);
    let mut cases = taken(&mut inputs, dtype)?;
    cases.extend(placed(&mut inputs, dtype)?);
    Ok(cases)
}

fn taken(inputs: &mut Inputs, dtype: DType) -> OpResult<Vec<Case>> {
    let mut cases = Vec::new();
    let gathers: [(&[usize], usize); 4] = [(&[6, 5], 11), (&[5, 1], 1), (&[7], 4), (&[4, 3, 2], 9)];
    for (x, len) in gathers {
        let operands = vec![inputs.signed(x)?, inputs.indices(len, x[0])?];
        cases.push(Case::new(Op::GatherRows, dtype, operands, Tolerance::EXACT));
    }
    let slices: [(&[usize], usize, usize); 5] =
        [(&[7, 5], 2, 3), (&[7, 5], 0, 7), (&[9], 8, 1), (&[5, 2, 3], 1, 4), (&[4, 3], 0, 1)];
    for (x, start, len) in slices {
        cases.push(Case::new(Op::SliceRows { start, len }, dtype, vec![inputs.signed(x)?], Tolerance::EXACT));
    }
    Ok(cases)
}

fn placed(inputs: &mut Inputs, dtype: DType) -> OpResult<Vec<Case>> {
    let mut cases = Vec::new();
    for ([n, f], len) in [([6, 5], 17), ([9, 1], 4), ([1, 3], 8)] {
        // At worst every row goes to the same place.
        let tolerance = inputs.within(len + 1, Scale::AbsoluteInputs);
        for (op, tolerance) in [(Op::ScatterAddRows, tolerance), (Op::ScatterMaxRows, Tolerance::EXACT)] {
            let operands = vec![inputs.signed(&[n, f])?, inputs.indices(len, n)?, inputs.signed(&[len, f])?];
            cases.push(Case::new(op, dtype, operands, tolerance));
        }
        // Of the sources of a repeated index any may be taken: here they are equal.
        let index = inputs.indices(len, n)?;
        let source = rows_of(&inputs.signed(&[n, f])?, &index)?;
        let operands = vec![inputs.signed(&[n, f])?, index, source];
        cases.push(Case::new(Op::ScatterSetRows, dtype, operands, Tolerance::EXACT));
    }
    // No index repeated: some rows replaced, or all of them.
    for ([n, f], len) in [([9, 5], 4), ([7, 3], 7), ([5, 1], 1)] {
        let index: Vec<f64> = inputs.shuffled(n).into_iter().take(len).map(|i| i as f64).collect();
        let index = HostTensor::new([len], HostData::from_f64(&index, DType::I64))?;
        let operands = vec![inputs.signed(&[n, f])?, index, inputs.signed(&[len, f])?];
        cases.push(Case::new(Op::ScatterSetRows, dtype, operands, Tolerance::EXACT));
    }
    Ok(cases)
}

/// The rows of a table `[n, f]` by an index below n.
fn rows_of(table: &HostTensor, index: &HostTensor) -> OpResult<HostTensor> {
    let f = table.shape()[1];
    let values = table.to_f64();
    let starts = index.to_f64().into_iter().map(|i| i as usize * f);
    let rows: Vec<f64> = starts.flat_map(|start| values[start..start + f].to_vec()).collect();
    HostTensor::new([index.shape()[0], f], HostData::from_f64(&rows, table.dtype()))
}
