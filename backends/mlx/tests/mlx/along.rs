//! Ops along an axis, against values worked out by hand.

use crate::{close, f32s, i64s, on_cpu, read, upload};
use chipmark_core::ops::{arrange::Arrange, elementwise::Elementwise, norm::Norm, reduce::Reduce, sort::Sort};
use chipmark_core::{Backend, DType};

#[test]
fn argmax_takes_its_axis_and_equal_compares_with_indices() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [2, 3], &[1.0, 5.0, 2.0, 7.0, 0.0, 3.0]);
        let rows = mlx.argmax(&x, 0).expect("supported");
        assert_eq!(read(mlx, &rows), (vec![3], vec![1.0, 0.0, 1.0]));
        assert_eq!(mlx.download(&rows).expect("readable").dtype(), DType::I64);
        let columns = mlx.argmax(&x, 1).expect("supported");
        assert_eq!(read(mlx, &columns), (vec![2], vec![1.0, 0.0]));
        let hits = mlx.equal(&columns, &i64s(mlx, &[1, 2])).expect("supported");
        let hits = mlx.download(&hits).expect("readable");
        assert_eq!((hits.dtype(), hits.to_f64()), (DType::F32, vec![1.0, 0.0]));
    });
}

#[test]
fn sums_take_their_axis() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [2, 3], &[1., 2., 3., 4., 5., 6.]);
        assert_eq!(read(mlx, &mlx.sum(&x, 0).expect("supported")), (vec![3], vec![5., 7., 9.]));
        assert_eq!(read(mlx, &mlx.sum(&x, 1).expect("supported")), (vec![2], vec![6., 15.]));
        assert_eq!(read(mlx, &mlx.sum_all(&x).expect("supported")), (vec![], vec![21.]));
    });
}

#[test]
fn sums_of_half_dtypes_do_not_stop_growing() {
    on_cpu(|mlx| {
        for dtype in [DType::F16, DType::BF16] {
            let ones = upload(mlx, &[1 << 15], &vec![1.0; 1 << 15], dtype);
            let rows = mlx.reshape(&ones, &[1 << 14, 2]).expect("supported");
            let values = [
                (mlx.sum_all(&ones), f64::from(1 << 15)),
                (mlx.mean_all(&ones), 1.0),
                (mlx.sum(&ones, 0), f64::from(1 << 15)),
                (mlx.sum_all(&mlx.sum(&rows, 0).expect("supported")), f64::from(1 << 15)),
            ];
            for (value, want) in values {
                let value = mlx.download(&value.expect("supported")).expect("readable");
                assert_eq!((value.dtype(), value.to_f64()), (dtype, vec![want]));
            }
        }
    });
}

#[test]
fn sorting_takes_its_axis() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [2, 3], &[3., 1., 2., 0., 5., -4.]);
        assert_eq!(read(mlx, &mlx.sort(&x, 1).expect("supported")).1, [1., 2., 3., -4., 0., 5.]);
        assert_eq!(read(mlx, &mlx.sort(&x, 0).expect("supported")).1, [0., 1., -4., 3., 5., 2.]);
    });
}

#[test]
fn layer_norm_is_of_the_last_axis() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [2, 2], &[1., 3., 10., 14.]);
        let plain = read(mlx, &mlx.layer_norm(&x, None, 0.0).expect("supported"));
        close(&plain.1, &[-1., 1., -1., 1.], 1e-6);
        // The variance of the first row is one: epsilon halves it under the root.
        close(&read(mlx, &mlx.layer_norm(&x, None, 3.0).expect("supported")).1[..2], &[-0.5, 0.5], 1e-6);
        let (weight, bias) = (f32s(mlx, [2], &[2., 3.]), f32s(mlx, [2], &[10., 20.]));
        let affine = mlx.layer_norm(&x, Some([&weight, &bias]), 0.0).expect("supported");
        close(&read(mlx, &affine).1, &[8., 23., 8., 23.], 1e-6);
    });
}

#[test]
fn softmax_takes_its_axis() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [2, 2], &[0.0, 3f32.ln(), 0.0, 0.0]);
        close(&read(mlx, &mlx.softmax(&x, 1).expect("supported")).1, &[0.25, 0.75, 0.5, 0.5], 1e-6);
        close(&read(mlx, &mlx.softmax(&x, 0).expect("supported")).1, &[0.5, 0.75, 0.5, 0.25], 1e-6);
        // Large inputs overflow where the maximum is not taken off first.
        let large = f32s(mlx, [1, 2], &[1000.0, 1000.0]);
        close(&read(mlx, &mlx.softmax(&large, 1).expect("supported")).1, &[0.5, 0.5], 1e-6);
    });
}
