//! Elementwise ops, broadcasting in every way, and comparisons of indices.

use super::super::call::Op;
use super::{Case, Inputs};
use chipmark_core::check::{Scale, Tolerance};
use chipmark_core::{DType, OpResult};

/// Pairs of shapes that broadcast in every way: not at all, a scalar, added axes, stretched axes, both sides at once.
const BROADCASTS: [[&[usize]; 2]; 8] = [
    [&[3, 5], &[3, 5]],
    [&[2, 3], &[]],
    [&[1], &[7]],
    [&[2, 3, 7], &[7]],
    [&[3, 1], &[3, 5]],
    [&[4, 3], &[2, 4, 3]],
    [&[2, 1, 5], &[3, 1]],
    [&[1, 3, 1, 2], &[5, 1, 4, 1]],
];

/// Magnitudes at which an activation is flat or straight, and at which a careless eˣ no longer fits: e³⁰ overflows an f16.
const FAR: [f64; 5] = [2.0, 4.0, 8.0, 17.0, 30.0];

pub(in super::super) fn elementwise(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("elementwise", dtype);
    let mut cases = arithmetic(&mut inputs, dtype)?;
    cases.extend(activations(&mut inputs, dtype)?);
    if dtype == DType::F32 {
        let few = vec![inputs.indices(31, 3)?, inputs.indices(31, 3)?];
        cases.push(Case::new(Op::Equal, DType::I64, few, Tolerance::EXACT));
    }
    let accuracy = vec![inputs.distinct(&[23, 7])?, inputs.indices(23, 7)?];
    cases.push(Case::new(Op::EqualArgmax { axis: 1 }, dtype, accuracy, Tolerance::EXACT));
    Ok(cases)
}

fn arithmetic(inputs: &mut Inputs, dtype: DType) -> OpResult<Vec<Case>> {
    let (element, one) = (inputs.within(0, Scale::Element), inputs.within(0, Scale::One));
    let terms = inputs.within(0, Scale::AbsoluteInputs);
    let mut cases = Vec::new();
    for [a, b] in BROADCASTS {
        // A sum is exact or rounded once, whatever cancels; a product can fall below the normal numbers of f16.
        for (op, tolerance) in [(Op::Add, element), (Op::Sub, element), (Op::Mul, one)] {
            cases.push(Case::new(op, dtype, vec![inputs.signed(a)?, inputs.signed(b)?], tolerance));
        }
        cases.push(Case::new(Op::Div, dtype, vec![inputs.nonzero(a)?, inputs.nonzero(b)?], element));
    }
    for dims in [[].as_slice(), &[11], &[3, 5, 7]] {
        for (factor, offset) in [(-1.75, 0.375), (0.1, 0.0), (1.0, -0.3)] {
            let op = Op::Affine { factor, offset };
            cases.push(Case::new(op, dtype, vec![inputs.signed(dims)?], terms));
        }
        for factor in [3.0, -0.1] {
            let op = Op::Triad { factor };
            cases.push(Case::new(op, dtype, vec![inputs.signed(dims)?, inputs.signed(dims)?], terms));
        }
        cases.push(Case::new(Op::Sqrt, dtype, vec![inputs.between(dims, 0.25, 3.0)?], element));
        cases.push(Case::new(Op::Copy, dtype, vec![inputs.signed(dims)?], Tolerance::EXACT));
    }
    Ok(cases)
}

fn activations(inputs: &mut Inputs, dtype: DType) -> OpResult<Vec<Case>> {
    let (element, one) = (inputs.within(0, Scale::Element), inputs.within(0, Scale::One));
    let mut cases = Vec::new();
    for dims in [[].as_slice(), &[11], &[3, 5, 7]] {
        cases.push(Case::new(Op::Relu, dtype, vec![inputs.nonzero(dims)?], Tolerance::EXACT));
        cases.push(Case::new(Op::LeakyRelu { slope: 0.01 }, dtype, vec![inputs.nonzero(dims)?], element));
        // Near zero they may be composed of parts that are larger than what is left of them.
        for op in [Op::Selu, Op::Sigmoid, Op::Tanh, Op::Softplus, Op::Gelu] {
            cases.push(Case::new(op, dtype, vec![inputs.nonzero(dims)?], one));
        }
    }
    for dims in [[1].as_slice(), &[11], &[3, 5, 7]] {
        let slope = inputs.between(&[1], 0.1, 0.4)?;
        cases.push(Case::new(Op::Prelu, dtype, vec![inputs.nonzero(dims)?, slope], element));
    }
    // Far below zero, all but selu may lose what is small beside one; far above, none may lose anything.
    for (op, below) in [(Op::Selu, element), (Op::Sigmoid, one), (Op::Softplus, one), (Op::Gelu, one)] {
        cases.push(Case::new(op, dtype, vec![inputs.of(&[FAR.len()], &FAR.map(|x| -x))?], below));
        cases.push(Case::new(op, dtype, vec![inputs.of(&[FAR.len()], &FAR)?], element));
    }
    Ok(cases)
}
