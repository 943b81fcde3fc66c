//! Every op against values worked out by hand.

use crate::{close, f32s, i64s, on_cpu, read, upload};
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::optim::{Adam, AdamState};
use chipmark_core::ops::{
    arrange::Arrange, conv::Conv, index::Index, linalg::Linalg, loss::Loss, norm::Norm, optim::Optim, reduce::Reduce,
};
use chipmark_core::{Backend, ConvLayout, DType, OpPath};

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
            let x = upload(mlx, &[3], &[-1.0, 0.0, 2.0], dtype);
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
            let x = upload(mlx, &[2, 2], &[1., 2., 3., 4.], dtype);
            let product = mlx.download(&mlx.matmul(&x, &x).expect("supported")).expect("readable");
            assert_eq!((product.dtype(), product.to_f64()), (dtype, vec![7., 10., 15., 22.]));
            let bias = upload(mlx, &[2], &[1., 2.], dtype);
            let y = mlx.linear(&x, &x, &bias).expect("supported");
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
fn a_convolution_along_one_axis() {
    on_cpu(|mlx| {
        // One sequence of three with two channels; two filters of two.
        let x = f32s(mlx, [1, 3, 2], &[1., 2., 3., 4., 5., 6.]);
        let filters = f32s(mlx, [2, 2, 2], &[1., 0., 0., 1., 2., 0., 0., -1.]);
        let y = mlx.conv1d(&x, &filters).expect("supported");
        assert_eq!(read(mlx, &y), (vec![1, 2, 2], vec![5., -2., 9., 0.]));
    });
}

/// MLX by itself would say 256 and 2048, and 0.07 for the mean of the f16 ones.
#[test]
fn elements_are_arranged_anew() {
    on_cpu(|mlx| {
        let (a, b) = (f32s(mlx, [2, 2], &[1., 2., 3., 4.]), f32s(mlx, [2, 1], &[5., 6.]));
        let joined = mlx.concat(&a, &b, 1).expect("supported");
        assert_eq!(read(mlx, &joined), (vec![2, 3], vec![1., 2., 5., 3., 4., 6.]));
        assert_eq!(read(mlx, &mlx.concat(&a, &a, 0).expect("supported")).0, [4, 2]);
        let turned = mlx.swap_axes(&joined, 0, 1).expect("supported");
        assert_eq!(read(mlx, &turned), (vec![3, 2], vec![1., 3., 2., 4., 5., 6.]));
        // In row-major order of the turned one, not of the memory under it.
        let flat = mlx.reshape(&turned, &[6]).expect("supported");
        assert_eq!(read(mlx, &flat), (vec![6], vec![1., 3., 2., 4., 5., 6.]));
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
        let set = mlx.scatter_set_rows(&x, &i64s(mlx, &[2, 0]), &f32s(mlx, [2, 2], &[7., 8., 9., -1.]));
        assert_eq!(read(mlx, &set.expect("supported")), (vec![3, 2], vec![9., -1., 3., 4., 7., 8.]));
        let source = f32s(mlx, [3, 2], &[0., 9., 4., 1., 1., 7.]);
        let largest = mlx.scatter_max_rows(&x, &i64s(mlx, &[0, 1, 0]), &source).expect("supported");
        assert_eq!(read(mlx, &largest), (vec![3, 2], vec![1., 9., 4., 4., 5., 6.]));
        assert_eq!(read(mlx, &x).1, [1., 2., 3., 4., 5., 6.], "the tensor that is written into stays as it is");
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
        close(&got, &[want], 1e-6);
    });
}

#[test]
fn bce_is_of_probabilities() {
    on_cpu(|mlx| {
        let (p, t) = (f32s(mlx, [2, 2], &[0.25, 0.5, 0.8, 0.1]), f32s(mlx, [2, 2], &[1., 0., 0.5, 0.]));
        let (shape, got) = read(mlx, &mlx.bce(&p, &t).expect("supported"));
        let terms = [0.25f64.ln(), 0.5f64.ln(), 0.5 * (0.8f64.ln() + 0.2f64.ln()), 0.9f64.ln()];
        assert!(shape.is_empty());
        close(&got, &[-terms.iter().sum::<f64>() / 4.0], 1e-6);
    });
}

#[test]
fn a_step_of_adam() {
    on_cpu(|mlx| {
        // At t = 1 with zero moments the bias corrections cancel the decays: p − rate · g / (|g| + ε).
        let adam = Adam { rate: 0.1, decay: 0.0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
        let (param, zero) = (f32s(mlx, [2], &[1.0, 2.0]), f32s(mlx, [2], &[0.0, 0.0]));
        let corrections = [&f32s(mlx, [1], &[0.1]), &f32s(mlx, [1], &[0.001])];
        let grad = f32s(mlx, [2], &[4.0, -0.5]);
        let state = AdamState { param: &param, m: &zero, v: &zero };
        let next = mlx.adam(&adam, &state, &grad, corrections).expect("supported");
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
        mlx.sum_all(&x).expect("supported");
        mlx.sum_all(&upload(mlx, &[2], &[1., 2.], DType::F16)).expect("supported");
        let paths: Vec<String> = mlx.log().close().iter().map(OpPath::to_string).collect();
        assert_eq!(
            paths,
            [
                "softmax: native, mlx softmax_axis, precise",
                "cross_entropy: composed, mlx logsumexp_axis, take_along_axis, subtract, mean in f32",
                "affine: native, mlx multiply by a scalar",
                "sum_all: native, mlx sum",
                "sum_all: composed, mlx as_type f32, sum, as_type",
            ]
        );
    });
}
