//! Shapes that do not fit: each must be an error, never a panic, an abort or a made-up result.

use super::Verdict;
use super::call::{Call, Op};
use super::checker::{Checker, Refusal, attempt, download, upload};
use chipmark_core::{DType, Device, Fill, FullBackend, HostTensor, OpResult};

/// An input: floats of a shape, or so many indices below a bound.
enum Input {
    Floats(&'static [usize]),
    Indices(usize, usize),
}
use Input::{Floats, Indices};

/// The ops with inputs that do not fit.
fn misfits() -> Vec<(Op, Vec<Input>)> {
    let mut misfits = Vec::new();
    for op in [Op::Add, Op::Sub, Op::Mul, Op::Div] {
        misfits.push((op, vec![Floats(&[2, 3]), Floats(&[2, 4])]));
        misfits.push((op, vec![Floats(&[2, 3]), Floats(&[2])]));
    }
    misfits.extend([
        (Op::Equal, vec![Indices(3, 2), Indices(4, 2)]),
        (Op::Argmax { axis: 2 }, vec![Floats(&[2, 3])]),
        (Op::Argmax { axis: 0 }, vec![Floats(&[])]),
        (Op::Softmax { axis: 2 }, vec![Floats(&[2, 3])]),
        (Op::Softmax { axis: usize::MAX }, vec![Floats(&[2, 3])]),
        (Op::Matmul, vec![Floats(&[2, 3]), Floats(&[2, 3])]),
        (Op::Matmul, vec![Floats(&[2, 3, 4]), Floats(&[3, 4, 5])]),
        (Op::Matmul, vec![Floats(&[2, 3, 4]), Floats(&[5, 6])]),
        (Op::Linear, vec![Floats(&[2, 3]), Floats(&[5, 4]), Floats(&[5])]),
        (Op::Linear, vec![Floats(&[2, 3]), Floats(&[5, 3]), Floats(&[4])]),
        // Same channels and filters, so that no layout makes it fit.
        (Op::Conv2d, vec![Floats(&[1, 5, 5, 3]), Floats(&[2, 3, 3, 4])]),
        (Op::Conv2d, vec![Floats(&[1, 5, 5, 3]), Floats(&[2, 6, 3, 3])]),
        (Op::Conv2d, vec![Floats(&[1, 5, 5, 3]), Floats(&[2, 3, 6, 3])]),
        (Op::ScatterAddRows, vec![Floats(&[4, 3]), Indices(5, 4), Floats(&[5, 2])]),
        (Op::ScatterAddRows, vec![Floats(&[4, 3]), Indices(5, 4), Floats(&[6, 3])]),
        (Op::SliceRows { start: 2, len: 3 }, vec![Floats(&[4, 3])]),
        (Op::SliceRows { start: 5, len: 1 }, vec![Floats(&[4, 3])]),
        (Op::SliceRows { start: usize::MAX, len: 2 }, vec![Floats(&[4, 3])]),
        (Op::CrossEntropy, vec![Floats(&[4, 3]), Indices(5, 3)]),
        (Op::CrossEntropy, vec![Floats(&[4, 3]), Indices(3, 3)]),
        (Op::CrossEntropy, vec![Floats(&[4]), Indices(4, 1)]),
    ]);
    misfits
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
