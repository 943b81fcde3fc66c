//! The cases of each family: an op, its inputs, how far its result may be off, and by which inputs it is
//! differentiated.

use super::call::{Call, Op};
use chipmark_core::check::{Scale, Tolerance};
use chipmark_core::ops::optim::Adam;
use chipmark_core::{DType, Fill, HostData, HostTensor, OpResult, Shape};

/// Makes a family's cases in a dtype.
pub(super) type Family = fn(DType) -> OpResult<Vec<Case>>;

/// The families whose ops have gradients.
pub(super) const DIFFERENTIABLE: [Family; 7] =
    [elementwise, reductions, products, convolutions, normalisations, indexing, losses];

/// One call to check.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) op: Op,
    pub(super) dtype: DType,
    pub(super) inputs: Vec<HostTensor>,
    pub(super) tolerance: Tolerance,
}

impl Case {
    fn new(op: Op, dtype: DType, inputs: Vec<HostTensor>, tolerance: Tolerance) -> Self {
        Case { op, dtype, inputs, tolerance }
    }

    /// Op, options, dtype and shapes.
    pub(super) fn label(&self) -> String {
        let shapes: Vec<String> = self.inputs.iter().map(|input| input.shape().to_string()).collect();
        format!("{:?} ({}) {} of {}", self.op, self.op.name(), self.dtype, shapes.join(", "))
    }

    /// The positions of the inputs that the op is differentiated by: all floats, where it has a derivative.
    pub(super) fn differentiable(&self) -> Vec<usize> {
        match self.op {
            Op::Equal | Op::EqualArgmax { .. } | Op::Argmax { .. } | Op::Adam(_) => Vec::new(),
            _ => (0..self.inputs.len()).filter(|&i| self.inputs[i].dtype() != DType::I64).collect(),
        }
    }
}

/// Seeded inputs of one dtype.
pub(super) struct Inputs {
    fill: Fill,
    dtype: DType,
}

impl Inputs {
    pub(super) fn new(family: &str, dtype: DType) -> Self {
        Inputs { fill: Fill::new(20_240_229, family), dtype }
    }

    pub(super) fn signed(&mut self, dims: &[usize]) -> OpResult<HostTensor> {
        self.fill.signed(dims, self.dtype)
    }

    pub(super) fn between(&mut self, dims: &[usize], low: f64, high: f64) -> OpResult<HostTensor> {
        self.fill.uniform(dims, low, high, self.dtype)
    }

    /// Of either sign, and at least a quarter away from zero, where relu has its kink and a division its pole.
    pub(super) fn nonzero(&mut self, dims: &[usize]) -> OpResult<HostTensor> {
        let signed = self.fill.signed(dims, DType::F64)?;
        let values: Vec<f64> = signed.to_f64().iter().map(|x| x + 0.25f64.copysign(*x)).collect();
        HostTensor::new(dims, HostData::from_f64(&values, self.dtype))
    }

    /// Whole numbers in random order, all different, at most 256 of them so that each dtype holds them exactly.
    fn distinct(&mut self, dims: &[usize]) -> OpResult<HostTensor> {
        let mut values: Vec<f64> = (0..Shape::from(dims).numel()).map(|i| i as f64 - 100.0).collect();
        for i in (1..values.len()).rev() {
            values.swap(i, self.fill.below(i + 1));
        }
        HostTensor::new(dims, HostData::from_f64(&values, self.dtype))
    }

    pub(super) fn indices(&mut self, len: usize, below: usize) -> OpResult<HostTensor> {
        self.fill.indices(len, below)
    }

    /// A reduction of `length` terms, measured against `scale`.
    fn within(&self, length: usize, scale: Scale) -> Tolerance {
        Tolerance::reduction(self.dtype, length, scale)
    }
}

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

pub(super) fn elementwise(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("elementwise", dtype);
    let (element, one) = (inputs.within(0, Scale::Element), inputs.within(0, Scale::One));
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
            cases.push(Case::new(op, dtype, vec![inputs.signed(dims)?], inputs.within(0, Scale::AbsoluteInputs)));
        }
        cases.push(Case::new(Op::Sqrt, dtype, vec![inputs.between(dims, 0.25, 3.0)?], element));
        cases.push(Case::new(Op::Relu, dtype, vec![inputs.nonzero(dims)?], Tolerance::EXACT));
    }
    if dtype == DType::F32 {
        let few = vec![inputs.indices(31, 3)?, inputs.indices(31, 3)?];
        cases.push(Case::new(Op::Equal, DType::I64, few, Tolerance::EXACT));
    }
    let accuracy = vec![inputs.distinct(&[23, 7])?, inputs.indices(23, 7)?];
    cases.push(Case::new(Op::EqualArgmax { axis: 1 }, dtype, accuracy, Tolerance::EXACT));
    Ok(cases)
}

pub(super) fn reductions(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("reductions", dtype);
    let mut cases = Vec::new();
    for dims in [[].as_slice(), &[1], &[13], &[3, 5, 7]] {
        let tolerance = inputs.within(Shape::from(dims).numel(), Scale::AbsoluteInputs);
        cases.push(Case::new(Op::MeanAll, dtype, vec![inputs.signed(dims)?], tolerance));
        for axis in 0..dims.len() {
            cases.push(Case::new(Op::Argmax { axis }, dtype, vec![inputs.distinct(dims)?], Tolerance::EXACT));
        }
    }
    Ok(cases)
}

pub(super) fn products(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("products", dtype);
    let mut cases = Vec::new();
    let matmuls: [[&[usize]; 2]; 7] = [
        [&[3, 5], &[5, 7]],
        [&[1, 9], &[9, 1]],
        [&[4, 1], &[1, 3]],
        [&[3, 2, 7], &[3, 7, 5]],
        [&[2, 3, 1, 4], &[2, 3, 4, 5]],
        [&[3, 2, 7], &[7, 5]],
        [&[17, 33], &[33, 19]],
    ];
    for [a, b] in matmuls {
        let tolerance = inputs.within(a[a.len() - 1], Scale::AbsoluteInputs);
        cases.push(Case::new(Op::Matmul, dtype, vec![inputs.signed(a)?, inputs.signed(b)?], tolerance));
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

pub(super) fn convolutions(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("convolutions", dtype);
    let shapes: [[[usize; 4]; 2]; 4] = [
        [[2, 7, 5, 3], [4, 3, 2, 3]],
        [[1, 4, 6, 1], [1, 1, 1, 1]],
        [[3, 5, 4, 2], [5, 5, 4, 2]],
        [[1, 6, 9, 8], [3, 2, 5, 8]],
    ];
    let case = |[x, filters]: [[usize; 4]; 2]| {
        let tolerance = inputs.within(filters[1..].iter().product(), Scale::AbsoluteInputs);
        Ok(Case::new(Op::Conv2d, dtype, vec![inputs.signed(&x)?, inputs.signed(&filters)?], tolerance))
    };
    shapes.into_iter().map(case).collect()
}

pub(super) fn normalisations(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("normalisations", dtype);
    let mut cases = Vec::new();
    for dims in [[9].as_slice(), &[5, 7], &[3, 5, 7], &[2, 3, 5, 4], &[3, 1]] {
        for axis in 0..dims.len() {
            let tolerance = inputs.within(dims[axis], Scale::Element);
            let x = inputs.between(dims, -2.0, 2.0)?;
            cases.push(Case::new(Op::Softmax { axis }, dtype, vec![x], tolerance));
        }
    }
    Ok(cases)
}

pub(super) fn indexing(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("indexing", dtype);
    let mut cases = Vec::new();
    let gathers: [(&[usize], usize); 4] = [(&[6, 5], 11), (&[5, 1], 1), (&[7], 4), (&[4, 3, 2], 9)];
    for (x, len) in gathers {
        let operands = vec![inputs.signed(x)?, inputs.indices(len, x[0])?];
        cases.push(Case::new(Op::GatherRows, dtype, operands, Tolerance::EXACT));
    }
    for ([n, f], len) in [([6, 5], 17), ([9, 1], 4), ([1, 3], 8)] {
        // At worst every row goes to the same place.
        let tolerance = inputs.within(len + 1, Scale::AbsoluteInputs);
        let operands = vec![inputs.signed(&[n, f])?, inputs.indices(len, n)?, inputs.signed(&[len, f])?];
        cases.push(Case::new(Op::ScatterAddRows, dtype, operands, tolerance));
    }
    let slices: [(&[usize], usize, usize); 5] =
        [(&[7, 5], 2, 3), (&[7, 5], 0, 7), (&[9], 8, 1), (&[5, 2, 3], 1, 4), (&[4, 3], 0, 1)];
    for (x, start, len) in slices {
        cases.push(Case::new(Op::SliceRows { start, len }, dtype, vec![inputs.signed(x)?], Tolerance::EXACT));
    }
    Ok(cases)
}

pub(super) fn losses(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("losses", dtype);
    let case = |(n, c): (usize, usize)| {
        let operands = vec![inputs.between(&[n, c], -2.0, 2.0)?, inputs.indices(n, c)?];
        Ok(Case::new(Op::CrossEntropy, dtype, operands, inputs.within(n * c, Scale::One)))
    };
    [(5, 7), (1, 3), (13, 2), (4, 1)].into_iter().map(case).collect()
}

pub(super) fn optimisers(dtype: DType) -> OpResult<Vec<Case>> {
    let mut inputs = Inputs::new("optimisers", dtype);
    // Powers that no dtype rounds, neither themselves nor what they leave to one.
    let powers = [0.5, 0.75].map(|power| HostTensor::new([1], HostData::from_f64(&[power], dtype)));
    let [power1, power2] = powers;
    let (power1, power2) = (power1?, power2?);
    let adam = Adam { rate: 0.1, decay: 0.005, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let mut cases = Vec::new();
    for dims in [[7].as_slice(), &[3, 5]] {
        let mut operands = vec![inputs.signed(dims)?, inputs.signed(dims)?, inputs.between(dims, 0.25, 1.0)?];
        operands.extend([inputs.signed(dims)?, power1.clone(), power2.clone()]);
        cases.push(Case::new(Op::Adam(adam), dtype, operands, inputs.within(4, Scale::One)));
    }
    Ok(cases)
}
