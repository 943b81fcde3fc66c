//! Every op against values worked out by hand.

use crate::{f32s, i64s, on_cpu, read};
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::optim::{Adam, AdamState};
use chipmark_core::ops::{
    conv::Conv, index::Index, linalg::Linalg, loss::Loss, norm::Norm, optim::Optim, reduce::Reduce,
};
use chipmark_core::{Backend, ConvLayout, DType, HostData, HostTensor, OpPath};

fn close(got: &[f64], want: &[f64]) {
    assert_eq!(got.len(), want.len(), "{got:?} instead of {want:?}");
    for (g, w) in got.iter().zip(want) {
        assert!((g - w).abs() <= 1e-6 * w.abs().max(1.0), "{got:?} instead of {want:?}");
    }
}

#[test]
fn elementwise_ops_broadcast() {
    on_cpu(|mlx| {
        let a = f32s(mlx, [2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let b = f32s(mlx, [2], &[2.0, 4.0]);
        let cases = [
            (mlx.add(&a, &b), [3.0, 6.0, 5.0, 8.0]),
            (mlx.sub(&a, &b), [-1.0, -2.0, 1.0, 0.0]),
            (mlx.mul(&a, &b), [2.0, 8.0, 6.0, 16.0]),
            (mlx.div(&a, &b), [0.5, 0.5, 1.5, 1.0]),
        ];
        for (result, want) in cases {
            let (shape, got) = read(mlx, &result.expect("supported"));
            assert_eq!((shape, got), (vec![2, 2], want.to_vec()));
        }
    });
}

#[test]
fn affine_leaves_out_identities_and_keeps_the_dtype() {
    on_cpu(|mlx| {
        for dtype in DType::TIMED {
            let host = HostTensor::new([3], HostData::from_f64(&[-1.0, 0.0, 2.0], dtype)).expect("three elements");
            let x = mlx.upload(&host).expect("supported");
            let cases = [
                (1.0, 0.0, [-1.0, 0.0, 2.0]),
                (1.0, 3.0, [2.0, 3.0, 5.0]),
                (2.0, 0.0, [-2.0, 0.0, 4.0]),
                (2.0, 3.0, [1.0, 3.0, 7.0]),
            ];
            for (factor, offset, want) in cases {
                let y = mlx.download(&mlx.affine(&x, factor, offset).expect("supported")).expect("readable");
                assert_eq!((y.dtype(), y.to_f64()), (dtype, want.to_vec()));
            }
            let y = mlx.download(&mlx.relu(&x).expect("supported")).expect("readable");
            assert_eq!((y.dtype(), y.to_f64()), (dtype, vec![0.0, 0.0, 2.0]));
        }
    });
}

#[test]
fn sqrt_and_mean() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [2, 2], &[1.0, 4.0, 9.0, 16.0]);
        assert_eq!(read(mlx, &mlx.sqrt(&x).expect("supported")).1, [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(read(mlx, &mlx.mean_all(&x).expect("supported")), (vec![], vec![7.5]));
    });
}

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
fn products_of_matrices() {
    on_cpu(|mlx| {
        let a = f32s(mlx, [2, 2, 3], &[1., 2., 3., 4., 5., 6., 1., 0., 0., 0., 1., 0.]);
        let b = f32s(mlx, [2, 3, 1], &[1., 1., 1., 5., 6., 7.]);
        assert_eq!(read(mlx, &mlx.matmul(&a, &b).expect("supported")), (vec![2, 2, 1], vec![6., 15., 5., 6.]));
        let w = f32s(mlx, [2, 3], &[1., 0., 0., 0., 1., 1.]);
        let bias = f32s(mlx, [2], &[10., 20.]);
        let y = mlx.linear(&a, &w, &bias).expect("supported");
        assert_eq!(read(mlx, &y), (vec![2, 2, 2], vec![11., 25., 14., 31., 11., 20., 10., 21.]));
    });
}

#[test]
fn products_in_half_dtypes_stay_in_them() {
    on_cpu(|mlx| {
        for dtype in [DType::F16, DType::BF16] {
            let up = |shape: [usize; 2], values: &[f64]| {
                mlx.upload(&HostTensor::new(shape, HostData::from_f64(values, dtype)).expect("fits"))
                    .expect("supported")
            };
            let x = up([2, 2], &[1., 2., 3., 4.]);
            let product = mlx.download(&mlx.matmul(&x, &x).expect("supported")).expect("readable");
            assert_eq!((product.dtype(), product.to_f64()), (dtype, vec![7., 10., 15., 22.]));
            let bias = mlx.upload(&HostTensor::new([2], HostData::from_f64(&[1., 2.], dtype)).expect("fits"));
            let y = mlx.linear(&x, &x, &bias.expect("supported")).expect("supported");
            let y = mlx.download(&y).expect("readable");
            assert_eq!((y.dtype(), y.to_f64()), (dtype, vec![6., 13., 12., 27.]));
        }
    });
}

#[test]
fn convolution_is_cross_correlation_in_channels_last() {
    on_cpu(|mlx| {
        assert_eq!(mlx.conv_layout(), ConvLayout::ChannelsLast);
        // One image of 2×3 with two channels, one filter of 1×2: x[h, w]·(1, 2) + x[h, w + 1]·(3, 4).
        let x = f32s(mlx, [1, 2, 3, 2], &[1., 0., 0., 1., 1., 1., 2., 0., 0., 2., 0., 0.]);
        let filters = f32s(mlx, [1, 1, 2, 2], &[1., 2., 3., 4.]);
        let y = mlx.conv2d(&x, &filters).expect("supported");
        assert_eq!(read(mlx, &y), (vec![1, 2, 2, 1], vec![5., 9., 10., 4.]));
    });
}

#[test]
fn softmax_takes_its_axis() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [2, 2], &[0.0, 3f32.ln(), 0.0, 0.0]);
        close(&read(mlx, &mlx.softmax(&x, 1).expect("supported")).1, &[0.25, 0.75, 0.5, 0.5]);
        close(&read(mlx, &mlx.softmax(&x, 0).expect("supported")).1, &[0.5, 0.75, 0.5, 0.25]);
        // Large inputs overflow where the maximum is not taken off first.
        let large = f32s(mlx, [1, 2], &[1000.0, 1000.0]);
        close(&read(mlx, &mlx.softmax(&large, 1).expect("supported")).1, &[0.5, 0.5]);
    });
}

#[test]
fn rows_are_taken_and_placed_by_index() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [3, 2], &[1., 2., 3., 4., 5., 6.]);
        let index = i64s(mlx, &[2, 0, 2, 2]);
        let rows = mlx.gather_rows(&x, &index).expect("supported");
        assert_eq!(read(mlx, &rows), (vec![4, 2], vec![5., 6., 1., 2., 5., 6., 5., 6.]));
        let source = f32s(mlx, [4, 2], &[1., 1., 10., 10., 100., 100., 1000., 1000.]);
        let sums = mlx.scatter_add_rows(&x, &index, &source).expect("supported");
        assert_eq!(read(mlx, &sums), (vec![3, 2], vec![11., 12., 3., 4., 1106., 1107.]));
        assert_eq!(read(mlx, &x).1, [1., 2., 3., 4., 5., 6.], "the tensor that is added to stays as it is");
        let slice = mlx.slice_rows(&x, 1, 2).expect("supported");
        assert_eq!(read(mlx, &slice), (vec![2, 2], vec![3., 4., 5., 6.]));
        let cube = f32s(mlx, [2, 1, 2], &[1., 2., 3., 4.]);
        let rows = mlx.gather_rows(&cube, &i64s(mlx, &[1, 1])).expect("supported");
        assert_eq!(read(mlx, &rows), (vec![2, 1, 2], vec![3., 4., 3., 4.]));
    });
}

#[test]
fn cross_entropy_is_of_logits() {
    on_cpu(|mlx| {
        let logits = f32s(mlx, [2, 2], &[0.0, 3f32.ln(), 2.0, 2.0]);
        let loss = mlx.cross_entropy(&logits, &i64s(mlx, &[1, 0])).expect("supported");
        let want = f64::midpoint(-(0.75f64.ln()), 2f64.ln());
        let (shape, got) = read(mlx, &loss);
        assert!(shape.is_empty());
        close(&got, &[want]);
    });
}

#[test]
fn a_step_of_adam() {
    on_cpu(|mlx| {
        // At t = 1 with zero moments the bias corrections cancel the decays: p − rate · g / (|g| + ε).
        let adam = Adam { rate: 0.1, decay: 0.0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
        let (param, zero) = (f32s(mlx, [2], &[1.0, 2.0]), f32s(mlx, [2], &[0.0, 0.0]));
        let (beta1, beta2) = (f32s(mlx, [1], &[0.9]), f32s(mlx, [1], &[0.999]));
        let grad = f32s(mlx, [2], &[4.0, -0.5]);
        let state = AdamState { param: &param, m: &zero, v: &zero };
        let next = mlx.adam(&adam, &state, &grad, [&beta1, &beta2]).expect("supported");
        for (tensor, want) in [(next.param, [0.9, 2.1]), (next.m, [0.4, -0.05]), (next.v, [0.016, 0.00025])] {
            let (_, got) = read(mlx, &tensor);
            for (g, w) in got.iter().zip(want) {
                assert!((g - w).abs() < 1e-5, "{g} instead of {w}");
            }
        }
    });
}

#[test]
fn every_op_notes_its_path() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [2, 2], &[1., 2., 3., 4.]);
        mlx.log().open();
        mlx.softmax(&x, 1).expect("supported");
        mlx.cross_entropy(&x, &i64s(mlx, &[0, 1])).expect("supported");
        mlx.affine(&x, 2.0, 0.0).expect("supported");
        let paths: Vec<String> = mlx.log().close().iter().map(OpPath::to_string).collect();
        assert_eq!(
            paths,
            [
                "softmax: native, mlx softmax_axis, precise",
                "cross_entropy: composed, mlx logsumexp_axis, take_along_axis, subtract, mean",
                "affine: native, mlx multiply by a scalar",
            ]
        );
    });
}
