//! Bad shapes, bad dtypes and too little memory are errors; the process goes on.

use crate::{f32s, i64s, on_cpu, read};
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::{arrange::Arrange, attention::Attention, sort::Sort};
use chipmark_core::ops::{conv::Conv, index::Index, linalg::Linalg, loss::Loss, norm::Norm, reduce::Reduce};
use chipmark_core::{Backend, Mask, OpError};

#[test]
fn shapes_that_do_not_fit_are_errors_and_name_the_op() {
    on_cpu(|mlx| {
        let a = f32s(mlx, [2, 3], &[0.0; 6]);
        let b = f32s(mlx, [2, 2], &[0.0; 4]);
        let scalar = f32s(mlx, [], &[1.0]);
        let image = f32s(mlx, [1, 2, 2, 1], &[0.0; 4]);
        let filters = f32s(mlx, [1, 3, 3, 2], &[0.0; 18]);
        let (sequence, window) = (f32s(mlx, [1, 2, 1], &[0.0; 2]), f32s(mlx, [1, 3, 1], &[0.0; 3]));
        let short = f32s(mlx, [1, 2, 1, 1], &[0.0; 2]);
        let index = i64s(mlx, &[0, 1, 0]);
        let cases = [
            ("add", mlx.add(&a, &b)),
            ("matmul", mlx.matmul(&a, &b)),
            ("linear", mlx.linear(&a, &b, &b)),
            ("linear", mlx.linear(&a, &scalar, &b)),
            ("conv2d", mlx.conv2d(&image, &filters)),
            ("conv2d", mlx.conv2d(&a, &b)),
            ("conv1d", mlx.conv1d(&image, &filters)),
            ("conv1d", mlx.conv1d(&sequence, &window)),
            ("prelu", mlx.prelu(&a, &b)),
            ("prelu", mlx.prelu(&a, &f32s(mlx, [3], &[0.0; 3]))),
            ("triad", mlx.triad(&a, &f32s(mlx, [1, 3], &[0.0; 3]), 2.0)),
            ("concat", mlx.concat(&a, &f32s(mlx, [3, 2], &[0.0; 6]), 0)),
            ("concat", mlx.concat(&a, &a, 2)),
            ("reshape", mlx.reshape(&a, &[4])),
            ("reshape", mlx.reshape(&a, &[2, 3, 0])),
            ("swap_axes", mlx.swap_axes(&a, 0, 2)),
            ("sort", mlx.sort(&a, 2)),
            ("sum", mlx.sum(&scalar, 0)),
            ("layer_norm", mlx.layer_norm(&scalar, None, 1e-5)),
            ("layer_norm", mlx.layer_norm(&a, Some([&scalar, &scalar]), 1e-5)),
            ("layer_norm", mlx.layer_norm(&a, Some([&b, &b]), 1e-5)),
            ("bce", mlx.bce(&a, &f32s(mlx, [3], &[0.0; 3]))),
            ("sdpa", mlx.sdpa(&a, &a, &a, Mask::None, 1.0)),
            ("sdpa", mlx.sdpa(&image, &image, &short, Mask::None, 1.0)),
            ("sdpa", mlx.sdpa(&image, &short, &short, Mask::Causal, 1.0)),
            ("sdpa", mlx.sdpa(&image, &image, &image, Mask::Additive(&scalar), 1.0)),
            ("softmax", mlx.softmax(&a, 2)),
            ("softmax", mlx.softmax(&scalar, 0)),
            ("argmax", mlx.argmax(&a, 7)),
            ("argmax", mlx.argmax(&a, usize::MAX)),
            ("gather_rows", mlx.gather_rows(&scalar, &index)),
            ("gather_rows", mlx.gather_rows(&a, &b)),
            ("scatter_add_rows", mlx.scatter_add_rows(&a, &index, &b)),
            ("scatter_set_rows", mlx.scatter_set_rows(&a, &index, &b)),
            ("scatter_max_rows", mlx.scatter_max_rows(&a, &index, &a)),
            ("slice_rows", mlx.slice_rows(&a, 1, 2)),
            ("slice_rows", mlx.slice_rows(&a, usize::MAX, 2)),
            ("slice_rows", mlx.slice_rows(&scalar, 0, 1)),
            ("cross_entropy", mlx.cross_entropy(&a, &index)),
            ("cross_entropy", mlx.cross_entropy(&scalar, &scalar)),
        ];
        for (name, result) in cases {
            match result.err() {
                Some(OpError::Framework { op, message }) => {
                    assert_eq!(op, name);
                    assert!(!message.is_empty() && !message.contains(".cpp"), "{message}");
                }
                other => panic!("{name}: {other:?} instead of an error of the framework"),
            }
        }
        assert_eq!(read(mlx, &mlx.add(&a, &a).expect("still works")).1, [0.0; 6]);
    });
}

#[test]
fn a_float_op_on_indices_is_unsupported() {
    on_cpu(|mlx| {
        let index = i64s(mlx, &[1, 2]);
        assert!(matches!(mlx.relu(&index), Err(OpError::Unsupported { op: "relu", .. })));
        assert!(matches!(mlx.affine(&index, 2.0, 0.0), Err(OpError::Unsupported { op: "affine", .. })));
    });
}

#[test]
fn too_little_memory_is_out_of_memory() {
    on_cpu(|mlx| {
        // The sum of a column and a row of 2^20 elements each: 4 TiB, more than any allocator promises.
        let a = f32s(mlx, [1 << 20, 1], &vec![1.0; 1 << 20]);
        let b = f32s(mlx, [1, 1 << 20], &vec![1.0; 1 << 20]);
        let sum = mlx.add(&a, &b).expect("the graph takes no memory");
        let read_back = mlx.download(&sum).map(drop);
        assert!(matches!(read_back, Err(OpError::OutOfMemory { op: "download", .. })), "{read_back:?}");
        let sums = [sum];
        for (op, outcome) in [("submit", mlx.submit(&sums)), ("finish", mlx.finish(&sums))] {
            assert!(matches!(&outcome, Err(OpError::OutOfMemory { op: name, .. }) if *name == op), "{outcome:?}");
        }
        let small = f32s(mlx, [2], &[1.0, 2.0]);
        assert_eq!(read(mlx, &mlx.add(&small, &small).expect("still works")).1, [2.0, 4.0]);
    });
}

/// MLX's CPU kernels run on a thread of its own, where an uncaught error would end the process.
#[test]
fn an_error_of_a_running_kernel_comes_out_of_finish() {
    on_cpu(|mlx| {
        let singular = f32s(mlx, [2, 2], &[0.0; 4]);
        let inverse = mlx_rs::linalg::inv(&singular).expect("the graph is built");
        let outcome = mlx.finish(&[inverse]);
        assert!(matches!(outcome, Err(OpError::Framework { op: "finish", .. })), "{outcome:?}");
        let small = f32s(mlx, [2], &[1.0, 2.0]);
        assert_eq!(read(mlx, &mlx.add(&small, &small).expect("still works")).1, [2.0, 4.0]);
    });
}
