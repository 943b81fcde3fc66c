//! An op computes nothing; finish does, and waits until it is done.

use crate::{on_cpu, read};
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::{Backend, DType, Fill};
use chipmark_mlx::Mlx;
use std::time::{Duration, Instant};

/// A matrix of 512 × 512 on the device.
fn matrix(mlx: &Mlx) -> <Mlx as Backend>::Tensor {
    let host = Fill::new(1, "lazy").uniform([512, 512], -0.05, 0.05, DType::F32).expect("fits");
    mlx.upload(&host).expect("supported")
}

/// Builds a chain of products, which takes a CPU tens of milliseconds at least, and the time that building took.
fn chain(mlx: &Mlx, x: &<Mlx as Backend>::Tensor) -> (<Mlx as Backend>::Tensor, Duration) {
    let start = Instant::now();
    let mut y = mlx.share(x);
    for _ in 0..8 {
        y = mlx.matmul(&y, x).expect("supported");
    }
    (y, start.elapsed())
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

#[test]
fn an_op_does_no_work_and_finish_does_all_of_it() {
    on_cpu(|mlx| {
        let (y, building) = chain(mlx, &matrix(mlx));
        let finishing = timed(|| mlx.finish(std::slice::from_ref(&y)).expect("computed"));
        let again = timed(|| mlx.finish(std::slice::from_ref(&y)).expect("nothing to do"));
        let reading = timed(|| drop(read(mlx, &y)));
        assert!(finishing > 20 * building, "building took {building:?}, finishing {finishing:?}");
        assert!(finishing > 20 * again, "finishing took {finishing:?}, then {again:?}");
        assert!(finishing > reading, "finishing took {finishing:?}, reading {reading:?}");
    });
}

#[test]
fn submit_starts_and_does_not_wait() {
    on_cpu(|mlx| {
        let (y, _) = chain(mlx, &matrix(mlx));
        let submitting = timed(|| mlx.submit(std::slice::from_ref(&y)).expect("started"));
        let waiting = timed(|| mlx.finish(&[]).expect("waited for"));
        let reading = timed(|| mlx.finish(std::slice::from_ref(&y)).expect("there already"));
        assert!(waiting > 5 * submitting, "submitting took {submitting:?}, waiting {waiting:?}");
        assert!(waiting > 20 * reading, "waiting took {waiting:?}, then {reading:?}");
    });
}

#[test]
fn only_what_is_finished_is_computed() {
    on_cpu(|mlx| {
        let x = matrix(mlx);
        let (needed, _) = chain(mlx, &x);
        let (other, _) = chain(mlx, &x);
        let before = mlx.memory().now_bytes.expect("MLX counts its bytes");
        mlx.finish(std::slice::from_ref(&needed)).expect("computed");
        let after = mlx.memory().now_bytes.expect("MLX counts its bytes");
        // One result of 512 × 512 f32 and no more: the intermediate ones are freed, the other chain is not begun.
        assert_eq!(after - before, 512 * 512 * 4);
        assert!(mlx.memory().peak_bytes.expect("MLX counts its peak") >= after);
        drop(other);
    });
}
