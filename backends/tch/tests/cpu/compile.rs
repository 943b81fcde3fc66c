//! Compiled steps: equal to the eager ones, traced once, and refused where a trace would not hold what they do.

use crate::common::{close, f32s, indices, open, read, tensor};
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::index::Index;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::ops::loss::Loss;
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{Backend, DType, Execution, HostData, HostTensor, OpError, OpResult};
use chipmark_tch::Tch;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tch::Tensor;

/// A step of several ops and outputs, one of them made of the other and one an input itself.
fn step(b: &Tch, inputs: &[Tensor]) -> OpResult<Vec<Tensor>> {
    let hidden = b.softmax(&b.linear(&inputs[0], &inputs[1], &inputs[2])?, 1)?;
    let rows = b.gather_rows(&hidden, &inputs[3])?;
    Ok(vec![b.sum(&rows, 0)?, rows, b.share(&inputs[2])])
}

/// Inputs of the step; other ones for each seed.
fn inputs(b: &Tch, seed: f64, dtype: DType) -> Vec<Tensor> {
    let values = |n: u32| (0..n).map(|i| (f64::from(i) * 0.7 + seed).sin()).collect::<Vec<_>>();
    let rows: &[i64] = if seed < 1.5 { &[2, 0, 1, 2] } else { &[1, 1, 0, 2] };
    let floats = [tensor(b, [3, 2], &values(6), dtype), tensor(b, [4, 2], &values(8), dtype)];
    floats.into_iter().chain([tensor(b, [4], &values(4), dtype), indices(b, rows)]).collect()
}

fn all(b: &Tch, outputs: &[Tensor]) -> Vec<(Vec<usize>, Vec<f64>)> {
    outputs.iter().map(|output| read(b, output)).collect()
}

/// A step that is to be compiled.
type Step<'a> = &'a dyn Fn(&Tch, &[Tensor]) -> OpResult<Vec<Tensor>>;

/// Asserts that libtorch records nothing in this thread and computes as ever.
fn works_eagerly(b: &Tch) {
    let x = f32s(b, [2], &[-1.0, 3.0]);
    assert_eq!(b.relu(&x).map(|y| read(b, &y).1), Ok(vec![0.0, 3.0]));
}

#[test]
fn the_jit_is_an_execution_and_its_settings_are_known() {
    assert_eq!(Tch::EXECUTIONS, [Execution::Eager, Execution::Jit]);
    let build = open().info().build;
    let setting = |name: &str| build.get(name).map(String::as_str);
    assert_eq!(setting("jit.executor"), Some("profiling"));
    assert_eq!(setting("jit.profiled_runs"), Some("1"));
    assert_eq!(setting("jit.optimize"), Some("on"));
    assert_eq!(setting("jit.fusion"), Some("static 2, dynamic 10"));
    assert!(setting("jit.fusion.cpu").is_some() && setting("jit.fusion.gpu").is_some());
}

#[test]
fn a_compiled_step_equals_the_eager_one_on_inputs_that_it_has_not_seen() {
    let b = open();
    for dtype in DType::TIMED {
        let mut compiled = b.compile(step, &inputs(&b, 0.0, dtype)).unwrap();
        // The executor watches the first run and optimises the next: more than one must be right.
        for seed in [1.0, 2.0, 3.0, 4.0] {
            let inputs = inputs(&b, seed, dtype);
            let outputs = compiled.run(&inputs).unwrap();
            assert_eq!(all(&b, &outputs), all(&b, &step(&b, &inputs).unwrap()), "{dtype} {seed}");
            assert!(outputs.iter().all(|output| output.f_kind().unwrap() == inputs[0].f_kind().unwrap()), "{dtype}");
        }
    }
}

#[test]
fn a_step_is_traced_once() {
    let b = open();
    let calls = std::cell::Cell::new(0);
    let counted = |b: &Tch, inputs: &[Tensor]| {
        calls.set(calls.get() + 1);
        step(b, inputs)
    };
    let mut compiled = b.compile(counted, &inputs(&b, 0.0, DType::F32)).unwrap();
    for seed in 0..20 {
        compiled.run(&inputs(&b, f64::from(seed), DType::F32)).unwrap();
    }
    assert_eq!((compiled.traces(), calls.get()), (1, 1));
}

#[test]
fn one_tensor_given_twice_is_two_inputs() {
    let b = open();
    let x = f32s(&b, [1], &[1.0]);
    let mut compiled = b.compile(|b, t| Ok(vec![b.sub(&t[0], &t[1])?]), &[b.share(&x), x]).unwrap();
    let outputs = compiled.run(&[f32s(&b, [1], &[9.0]), f32s(&b, [1], &[2.0])]).unwrap();
    assert_eq!(read(&b, &outputs[0]).1, [7.0]);
}

#[test]
fn what_the_step_has_from_elsewhere_is_a_constant() {
    let b = open();
    let weight = f32s(&b, [2], &[10.0, 100.0]);
    let mut compiled = b.compile(|b, t| Ok(vec![b.mul(&t[0], &weight)?]), &[f32s(&b, [2], &[1.0, 1.0])]).unwrap();
    let outputs = compiled.run(&[f32s(&b, [2], &[2.0, 3.0])]).unwrap();
    assert_eq!(read(&b, &outputs[0]).1, [20.0, 300.0]);
    // Returned as it is, it depends on no input, and no op made it.
    let error = b.compile(|b, _| Ok(vec![b.share(&weight)]), &[f32s(&b, [2], &[1.0, 1.0])]).err();
    assert_eq!(error, Some(OpError::framework("compile", "no recorded op made output 0")));
    works_eagerly(&b);
}

#[test]
fn inputs_of_another_shape_dtype_or_number_are_refused() {
    let b = open();
    let mut compiled = b.compile(|b, t| Ok(vec![b.relu(&t[0])?]), &[f32s(&b, [2], &[1.0, 2.0])]).unwrap();
    let mut refusal = |inputs: &[Tensor]| compiled.run(inputs).unwrap_err().to_string();
    let longer = refusal(&[f32s(&b, [3], &[1.0, 2.0, 3.0])]);
    assert_eq!(longer, "compile failed: input 0 is Float [3] on cpu, and the step was compiled for Float [2] on cpu");
    assert!(refusal(&[tensor(&b, [2], &[1.0, 2.0], DType::F16)]).contains("input 0 is Half [2]"));
    assert_eq!(refusal(&[]), "compile failed: the step has 1 inputs and is given 0");
}

#[test]
fn an_error_inside_a_run_is_libtorch_s_own_and_not_the_last_run() {
    let b = open();
    let x = f32s(&b, [2, 1], &[1.0, 2.0]);
    let mut compiled =
        b.compile(|b, t| Ok(vec![b.gather_rows(&t[0], &t[1])?]), &[b.share(&x), indices(&b, &[0])]).unwrap();
    let eager = b.gather_rows(&x, &indices(&b, &[7])).err();
    assert_eq!(eager, Some(OpError::framework("gather_rows", "index out of range in self")));
    for _ in 0..3 {
        let error = compiled.run(&[b.share(&x), indices(&b, &[7])]).err();
        assert_eq!(error, Some(OpError::framework("compile", "index out of range in self")));
        let right = compiled.run(&[b.share(&x), indices(&b, &[1])]).unwrap();
        assert_eq!(read(&b, &right[0]).1, [2.0]);
    }
}

#[test]
fn an_error_of_the_step_comes_out_as_it_is_and_ends_the_trace() {
    let b = open();
    let x = f32s(&b, [2], &[1.0, 2.0]);
    let planted = OpError::framework("mul", "planted");
    let error = b.compile(|b, t| b.relu(&t[0]).and(Err(planted.clone())), std::slice::from_ref(&x)).err();
    assert_eq!(error, Some(planted));
    works_eagerly(&b);
    let misfit = b.compile(|b, t| Ok(vec![b.softmax(&t[0], 5)?]), std::slice::from_ref(&x)).err();
    assert!(matches!(misfit, Some(OpError::Framework { op: "softmax", .. })), "{misfit:?}");
    works_eagerly(&b);
    let panicked = catch_unwind(AssertUnwindSafe(|| b.compile(|_, _| panic!("planted"), &[x]).map(|_| ())));
    assert!(panicked.is_err());
    works_eagerly(&b);
}

#[test]
fn what_a_trace_cannot_hold_is_unsupported_in_it() {
    let b = open();
    let x = f32s(&b, [1], &[3.0]);
    let host = HostTensor::new([1], HostData::F32(vec![1.0])).unwrap();
    let refused = |step: Step<'_>| {
        let error = b.compile(step, std::slice::from_ref(&x)).err();
        works_eagerly(&b);
        match error {
            Some(OpError::Unsupported { op, why }) if !why.is_empty() => op,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(&|b, t| Ok(vec![b.upload(&b.download(&t[0])?)?])), "download");
    assert_eq!(refused(&|b, t| Ok(vec![b.add(&t[0], &b.upload(&host)?)?])), "upload");
    assert_eq!(refused(&|b, t| Ok(vec![b.add(&t[0], &b.adopt(&host)?)?])), "adopt");
    let square = |b: &Tch, t: &[Tensor]| b.value_and_grad(|b, t| b.mul(&t[0], &t[0]), t).map(|(_, grads)| grads);
    let of_gradient = |b: &Tch, t: &[Tensor]| square(b, &square(b, t)?);
    assert_eq!(refused(&of_gradient), "value_and_grad", "a second gradient");
    assert_eq!(refused(&|b, t| square(b, &[b.relu(&t[0])?])), "value_and_grad", "by what is no input");
    assert_eq!(refused(&|b, t| b.compile(|b, t| Ok(vec![b.relu(&t[0])?]), t)?.run(t)), "compile");
}

/// A step that trains: ops before the gradient, whose results the loss uses, a loss with saved outputs, and an update after.
fn training(b: &Tch, inputs: &[Tensor]) -> OpResult<Vec<Tensor>> {
    let [weight, bias, x, classes] = inputs else { return Err(OpError::framework("step", "four inputs")) };
    let wide = b.tanh(x)?;
    let loss = |b: &Tch, params: &[Tensor]| {
        let hidden = b.relu(&b.add(&b.matmul(&wide, &params[0])?, &params[1])?)?;
        b.cross_entropy(&b.softmax(&hidden, 1)?, classes)
    };
    let (loss, grads) = b.value_and_grad(loss, &[b.share(weight), b.share(bias)])?;
    let update = |(param, grad): (&Tensor, &Tensor)| b.sub(param, &b.affine(grad, 0.5, 0.0)?);
    let mut updated = [weight, bias].into_iter().zip(&grads).map(update).collect::<OpResult<Vec<_>>>()?;
    updated.push(b.mul(&loss, &b.sum_all(&grads[0])?)?);
    updated.push(loss);
    Ok(updated)
}

fn training_inputs(b: &Tch, seed: u32) -> Vec<Tensor> {
    let values = |n: u32| (0..n).map(|i| (f64::from(i + 3 * seed) * 0.7).sin()).collect::<Vec<_>>();
    let classes: &[i64] = if seed == 0 { &[2, 0, 1] } else { &[1, 1, 3] };
    vec![f32s(b, [2, 4], &values(8)), f32s(b, [4], &values(4)), f32s(b, [3, 2], &values(6)), indices(b, classes)]
}

#[test]
fn a_step_that_trains_is_two_programs_with_a_gradient_between() {
    let b = open();
    b.log().open();
    let mut compiled = b.compile(training, &training_inputs(&b, 0)).unwrap();
    let notes = b.log().close();
    assert!(notes.iter().any(|note| note.to_string().starts_with("value_and_grad: composed")), "{notes:?}");
    for seed in [1, 0, 2, 3, 1] {
        let inputs = training_inputs(&b, seed);
        let (got, want) = (compiled.run(&inputs).unwrap(), training(&b, &inputs).unwrap());
        for ((shape, got), (want_shape, want)) in all(&b, &got).into_iter().zip(all(&b, &want)) {
            assert_eq!(shape, want_shape);
            close(&got, &want);
        }
        assert!(got.iter().chain(&inputs).all(|tensor| !tensor.requires_grad()), "no tape is left");
    }
    assert_eq!(compiled.traces(), 1);
    works_eagerly(&b);
}

#[test]
fn what_was_made_before_the_gradient_is_not_taken_for_a_constant_after_it() {
    let b = open();
    let step = |b: &Tch, t: &[Tensor]| {
        let doubled = b.affine(&t[0], 2.0, 0.0)?;
        let (_, grads) = b.value_and_grad(|b, t| b.sum_all(&b.mul(&t[0], &t[0])?), t)?;
        Ok(vec![b.mul(&doubled, &grads[0])?])
    };
    let error = b.compile(step, &[f32s(&b, [2], &[1.0, 2.0])]).err().unwrap().to_string();
    assert!(error.contains("uses after its gradient what it made before it"), "{error}");
    works_eagerly(&b);
}

#[test]
fn a_step_may_have_no_outputs_and_a_program_ends_with_its_step() {
    let b = open();
    let x = f32s(&b, [1], &[3.0]);
    let mut compiled = b.compile(|_, _| Ok(Vec::new()), std::slice::from_ref(&x)).unwrap();
    assert!(compiled.run(&[b.share(&x)]).unwrap().is_empty());
    drop(compiled);
    let host = HostTensor::new([1], HostData::F32(vec![2.0])).unwrap();
    let memory = std::sync::Arc::downgrade(&host.shared_data());
    let constant = b.adopt(&host).unwrap();
    drop(host);
    let mut compiled = b.compile(move |b, t| Ok(vec![b.mul(&t[0], &constant)?]), std::slice::from_ref(&x)).unwrap();
    let outputs = compiled.run(&[x]).unwrap();
    close(&read(&b, &outputs[0]).1, &[6.0]);
    drop(compiled);
    assert_eq!(memory.strong_count(), 0, "the program's constants go with it");
}
