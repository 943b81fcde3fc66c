//! Shapes that do not fit: each must be an error, never a panic, an abort or a made-up result.

use super::Verdict;
use super::call::{Call, Hidden, Op};
use super::checker::{Checker, Refusal, attempt, download, upload};
use chipmark_core::{DType, Device, Fill, FullBackend, HostTensor, OpResult};

/// An input: floats of a shape, or so many indices below a bound.
enum Input {
    Floats(&'static [usize]),
    Indices(usize, usize),
}
use Input::{Floats, Indices};

type Misfit = (Op, Vec<Input>);

/// The ops with inputs that do not fit.
fn misfits() -> Vec<Misfit> {
    let groups = [elementwise, along_axes, products, convolutions, attention, arranged, indexed, losses];
    groups.into_iter().flat_map(|group| group()).collect()
}

fn elementwise() -> Vec<Misfit> {
    let mut misfits = Vec::new();
    for op in [Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Triad { factor: 2.0 }] {
        misfits.push((op, vec![Floats(&[2, 3]), Floats(&[2, 4])]));
        misfits.push((op, vec![Floats(&[2, 3]), Floats(&[2])]));
    }
    misfits.push((Op::Prelu, vec![Floats(&[2, 3]), Floats(&[4])]));
    misfits.push((Op::Equal, vec![Indices(3, 2), Indices(4, 2)]));
    misfits
}

fn along_axes() -> Vec<Misfit> {
    let mut misfits = vec![(Op::Argmax { axis: 0 }, vec![Floats(&[])])];
    for axis in [2, usize::MAX] {
        for op in [Op::Argmax { axis }, Op::Sum { axis }, Op::Cumsum { axis }, Op::Sort { axis }, Op::Softmax { axis }]
        {
            misfits.push((op, vec![Floats(&[2, 3])]));
        }
    }
    let epsilon = 1e-5;
    misfits.push((Op::LayerNorm { epsilon }, vec![Floats(&[2, 3]), Floats(&[4]), Floats(&[3])]));
    misfits.push((Op::LayerNorm { epsilon }, vec![Floats(&[2, 3]), Floats(&[3]), Floats(&[4])]));
    misfits
}

fn products() -> Vec<Misfit> {
    vec![
        (Op::Matmul, vec![Floats(&[2, 3]), Floats(&[2, 3])]),
        (Op::Matmul, vec![Floats(&[2, 3, 4]), Floats(&[3, 4, 5])]),
        (Op::Matmul, vec![Floats(&[2, 3, 4]), Floats(&[5, 6])]),
        (Op::Linear, vec![Floats(&[2, 3]), Floats(&[5, 4]), Floats(&[5])]),
        (Op::Linear, vec![Floats(&[2, 3]), Floats(&[5, 3]), Floats(&[4])]),
    ]
}

/// With as many channels and filters, so that no layout makes them fit.
fn convolutions() -> Vec<Misfit> {
    vec![
        (Op::Conv1d, vec![Floats(&[1, 5, 3]), Floats(&[2, 3, 4])]),
        (Op::Conv1d, vec![Floats(&[1, 5, 3]), Floats(&[2, 6, 3])]),
        (Op::Conv2d, vec![Floats(&[1, 5, 5, 3]), Floats(&[2, 3, 3, 4])]),
        (Op::Conv2d, vec![Floats(&[1, 5, 5, 3]), Floats(&[2, 6, 3, 3])]),
        (Op::Conv2d, vec![Floats(&[1, 5, 5, 3]), Floats(&[2, 3, 6, 3])]),
    ]
}

fn attention() -> Vec<Misfit> {
    const Q: Input = Floats(&[1, 4, 5, 8]);
    const K: Input = Floats(&[1, 2, 5, 8]);
    let sdpa = |hidden| Op::Sdpa { hidden, scale: 0.5 };
    vec![
        (sdpa(Hidden::Nothing), vec![Q, Floats(&[1, 2, 5, 7]), Floats(&[1, 2, 5, 7])]),
        (sdpa(Hidden::Nothing), vec![Q, K, Floats(&[1, 2, 6, 8])]),
        (sdpa(Hidden::Nothing), vec![Q, Floats(&[1, 3, 5, 8]), Floats(&[1, 3, 5, 8])]),
        (sdpa(Hidden::Nothing), vec![Floats(&[3, 4, 5, 8]), Floats(&[2, 2, 5, 8]), Floats(&[2, 2, 5, 8])]),
        (sdpa(Hidden::Future), vec![Q, Floats(&[1, 2, 7, 8]), Floats(&[1, 2, 7, 8])]),
        (sdpa(Hidden::Given), vec![Q, K, K, Floats(&[5, 6])]),
        (sdpa(Hidden::Given), vec![Q, K, K, Floats(&[4, 5])]),
    ]
}

fn arranged() -> Vec<Misfit> {
    vec![
        (Op::Concat { axis: 0 }, vec![Floats(&[2, 3]), Floats(&[2, 4])]),
        (Op::Concat { axis: 2 }, vec![Floats(&[2, 3]), Floats(&[2, 3])]),
        (Op::Concat { axis: 1 }, vec![Floats(&[2, 3]), Floats(&[2, 3, 1])]),
        (Op::Reshape { dims: &[4, 2] }, vec![Floats(&[2, 3])]),
        (Op::Reshape { dims: &[] }, vec![Floats(&[2, 3])]),
        (Op::Reshape { dims: &[usize::MAX, 3] }, vec![Floats(&[2, 3])]),
        (Op::SwapAxes { first: 0, second: 2 }, vec![Floats(&[2, 3])]),
        (Op::SwapAxes { first: usize::MAX, second: 0 }, vec![Floats(&[2, 3])]),
    ]
}

fn indexed() -> Vec<Misfit> {
    let mut misfits = vec![
        (Op::SliceRows { start: 2, len: 3 }, vec![Floats(&[4, 3])]),
        (Op::SliceRows { start: 5, len: 1 }, vec![Floats(&[4, 3])]),
        (Op::SliceRows { start: usize::MAX, len: 2 }, vec![Floats(&[4, 3])]),
    ];
    for op in [Op::ScatterAddRows, Op::ScatterSetRows, Op::ScatterMaxRows] {
        misfits.push((op, vec![Floats(&[4, 3]), Indices(5, 4), Floats(&[5, 2])]));
        misfits.push((op, vec![Floats(&[4, 3]), Indices(5, 4), Floats(&[6, 3])]));
    }
    misfits
}

fn losses() -> Vec<Misfit> {
    vec![
        (Op::CrossEntropy, vec![Floats(&[4, 3]), Indices(5, 3)]),
        (Op::CrossEntropy, vec![Floats(&[4, 3]), Indices(3, 3)]),
        (Op::CrossEntropy, vec![Floats(&[4]), Indices(4, 1)]),
        (Op::Bce, vec![Floats(&[4, 3]), Floats(&[4, 2])]),
        (Op::Bce, vec![Floats(&[4, 3]), Floats(&[12])]),
    ]
}

/// Every op on shapes that do not fit gives an error, when it is called or at the latest when it is finished.
///
/// # Errors
/// With every op that gave something else.
pub fn bad_shapes<B: FullBackend>(device: Device) -> Verdict {
    let mut checker = Checker::<B>::open(device)?;
    let mut fill = Fill::new(1, "bad shapes");
    for (op, inputs) in misfits() {
        let made = inputs.into_iter().map(|input| match input {
            Floats(dims) => fill.signed(dims, DType::F32),
            Indices(len, below) => fill.indices(len, below),
        });
        let inputs = match made.collect::<OpResult<Vec<HostTensor>>>() {
            Ok(inputs) => inputs,
            Err(error) => {
                checker.fail(format!("no inputs: {error}"));
                continue;
            }
        };
        let shapes: Vec<String> = inputs.iter().map(|input| input.shape().to_string()).collect();
        let label = format!("{op:?} of {}", shapes.join(", "));
        let backend = &checker.backend;
        let tensors = match upload(backend, &inputs, op.images()) {
            Ok(tensors) => tensors,
            Err(error) => {
                checker.fail(format!("{label}: its inputs are not taken: {error}"));
                continue;
            }
        };
        let result = attempt(|| download(backend, &op.call(backend, &tensors)?, false));
        match result {
            Err(Refusal::Error(_)) => {}
            Err(Refusal::Panic(text)) => checker.fail(format!("{label}: panicked: {text}")),
            Ok(outputs) => {
                let shapes: Vec<String> = outputs.iter().map(|output| output.shape().to_string()).collect();
                checker.fail(format!("{label}: accepted, and gave {}", shapes.join(", ")));
            }
        }
    }
    checker.verdict()
}
