//! Steps compiled by MLX: right on inputs that it has not seen, traced once, and errors as they are.

use crate::{close, f32s, on_cpu, read};
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::{linalg::Linalg, norm::Norm, reduce::Reduce};
use chipmark_core::{Backend, Compiled, OpError, OpResult};
use chipmark_mlx::Mlx;
use std::panic::{AssertUnwindSafe, catch_unwind};

type Tensor = <Mlx as Backend>::Tensor;

/// Elementwise ops to be made one, around a product and sums that cannot be.
fn block(mlx: &Mlx, x: &[Tensor]) -> OpResult<Vec<Tensor>> {
    let hidden = mlx.gelu(&mlx.affine(&mlx.matmul(&x[0], &x[1])?, 0.5, 1.0)?)?;
    Ok(vec![mlx.layer_norm(&hidden, None, 1e-5)?, mlx.mean_all(&hidden)?])
}

/// A square matrix of its own for each seed.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn matrix<const N: usize>(mlx: &Mlx, seed: usize) -> Tensor {
    let values: Vec<f32> = (0..N * N).map(|i| ((i * 7 + seed * 5) % 11) as f32 / 11.0 - 0.5).collect();
    f32s(mlx, [N, N], &values)
}

fn assert_alike(mlx: &Mlx, got: &[Tensor], want: &[Tensor]) {
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(want) {
        let [got, want] = [got, want].map(|tensor| read(mlx, tensor));
        assert_eq!(got.0, want.0);
        close(&got.1, &want.1, 1e-5);
    }
}

fn multiply(mlx: &Mlx, factor: f64) -> OpResult<Compiled<'_, Tensor>> {
    let step = move |mlx: &Mlx, x: &[Tensor]| Ok(vec![mlx.affine(&x[0], factor, factor)?]);
    mlx.compile(step, &[f32s(mlx, [2], &[1.0, 2.0])])
}

#[test]
fn a_compiled_step_is_traced_once_and_right_on_other_inputs() {
    on_cpu(|mlx| {
        let mut compiled = mlx.compile(block, &[matrix::<4>(mlx, 0), matrix::<4>(mlx, 1)]).expect("compiles");
        for seed in 0..50 {
            let inputs = [matrix::<4>(mlx, seed), matrix::<4>(mlx, seed + 3)];
            let outputs = compiled.run(&inputs).expect("runs");
            assert_alike(mlx, &outputs, &block(mlx, &inputs).expect("runs"));
        }
        assert_eq!(compiled.traces(), 1);
    });
}

#[test]
fn other_shapes_are_traced_anew_and_once() {
    on_cpu(|mlx| {
        let mut compiled = mlx.compile(block, &[matrix::<4>(mlx, 0), matrix::<4>(mlx, 1)]).expect("compiles");
        for _ in 0..3 {
            let inputs = [matrix::<6>(mlx, 2), matrix::<6>(mlx, 3)];
            assert_alike(mlx, &compiled.run(&inputs).expect("runs"), &block(mlx, &inputs).expect("runs"));
            let inputs = [matrix::<4>(mlx, 2), matrix::<4>(mlx, 3)];
            assert_alike(mlx, &compiled.run(&inputs).expect("runs"), &block(mlx, &inputs).expect("runs"));
        }
        assert_eq!(compiled.traces(), 2);
    });
}

#[test]
fn two_steps_do_not_take_each_others_kernels() {
    on_cpu(|mlx| {
        let (mut double, mut triple) = (multiply(mlx, 2.0).expect("compiles"), multiply(mlx, 3.0).expect("compiles"));
        let x = [f32s(mlx, [2], &[10.0, 100.0])];
        for _ in 0..3 {
            assert_eq!(read(mlx, &double.run(&x).expect("runs")[0]).1, [22.0, 202.0]);
            assert_eq!(read(mlx, &triple.run(&x).expect("runs")[0]).1, [33.0, 303.0]);
        }
        assert_eq!((double.traces(), triple.traces()), (1, 1));
    });
}

/// MLX finds what it compiled by an address, which the allocator gives to the next step.
#[test]
fn a_step_that_is_gone_is_forgotten() {
    on_cpu(|mlx| {
        let x = [f32s(mlx, [2], &[10.0, 100.0])];
        for factor in 1..20 {
            let factor = f64::from(factor);
            let mut step = multiply(mlx, factor).expect("compiles");
            assert_eq!(read(mlx, &step.run(&x).expect("runs")[0]).1, [11.0 * factor, 101.0 * factor]);
            assert_eq!(step.traces(), 1);
        }
    });
}

#[test]
fn a_step_of_training_compiles() {
    on_cpu(|mlx| {
        let target = matrix::<4>(mlx, 9);
        let step = |mlx: &Mlx, state: &[Tensor]| {
            let loss = |mlx: &Mlx, w: &[Tensor]| {
                let off = mlx.sub(&mlx.matmul(&state[1], &mlx.relu(&w[0])?)?, &state[2])?;
                mlx.mean_all(&mlx.mul(&off, &off)?)
            };
            let (loss, gradients) = mlx.value_and_grad(loss, &state[..1])?;
            Ok(vec![mlx.sub(&state[0], &mlx.affine(&gradients[0], 0.5, 0.0)?)?, loss])
        };
        let inputs = |w: Tensor| [w, matrix::<4>(mlx, 5), mlx.share(&target)];
        let mut compiled = mlx.compile(step, &inputs(matrix::<4>(mlx, 0))).expect("compiles");
        let (mut fast, mut plain) = (matrix::<4>(mlx, 7), matrix::<4>(mlx, 7));
        let mut losses = Vec::new();
        for _ in 0..5 {
            let (with, without) = (compiled.run(&inputs(fast)), step(mlx, &inputs(plain)));
            let (mut with, mut without) = (with.expect("runs"), without.expect("runs"));
            assert_alike(mlx, &with, &without);
            losses.push(read(mlx, &with[1]).1[0]);
            (fast, plain) = (with.swap_remove(0), without.swap_remove(0));
        }
        assert!(losses.is_sorted_by(|a, b| a > b), "the loss falls: {losses:?}");
        assert_eq!(compiled.traces(), 1);
    });
}

#[test]
fn an_error_inside_comes_out_as_it_is() {
    on_cpu(|mlx| {
        let x = [f32s(mlx, [2], &[1.0, 2.0])];
        let refused = mlx.compile(|_, _| Err(OpError::unsupported("sdpa", "not here")), &x);
        assert_eq!(refused.err(), Some(OpError::unsupported("sdpa", "not here")));
        let mut compiled = mlx.compile(block, &[matrix::<4>(mlx, 0), matrix::<4>(mlx, 1)]).expect("compiles");
        for _ in 0..2 {
            let misfits = compiled.run(&[matrix::<4>(mlx, 0), matrix::<6>(mlx, 1)]);
            assert!(matches!(misfits, Err(OpError::Framework { op: "matmul", .. })), "{:?}", misfits.err());
        }
        let inputs = [matrix::<4>(mlx, 2), matrix::<4>(mlx, 3)];
        assert_alike(mlx, &compiled.run(&inputs).expect("still runs"), &block(mlx, &inputs).expect("runs"));
        // An input that the step takes from elsewhere, too.
        let stolen = mlx.share(&x[0]);
        let impure = mlx.compile(move |mlx, _| Ok(vec![mlx.relu(&stolen)?]), &x);
        assert!(matches!(impure, Err(OpError::Framework { op: "compile", .. })), "{:?}", impure.err());
    });
}

#[test]
fn a_panic_inside_comes_out_as_it_is() {
    on_cpu(|mlx| {
        let x = [f32s(mlx, [2], &[1.0, 2.0])];
        let panicked = catch_unwind(AssertUnwindSafe(|| mlx.compile(|_, x| Ok(vec![mlx.share(&x[1])]), &x).map(drop)));
        let message = panicked.expect_err("there is no second input");
        assert!(message.downcast_ref::<String>().is_some_and(|text| text.contains("out of bounds")));
        assert!(multiply(mlx, 2.0).is_ok(), "MLX goes on");
    });
}
