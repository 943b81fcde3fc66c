//! Values and gradients.

use crate::{f32s, i64s, on_cpu, read};
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::{index::Index, linalg::Linalg, loss::Loss, reduce::Reduce};
use chipmark_core::{Backend, OpError};

#[test]
fn the_gradient_of_a_polynomial() {
    on_cpu(|mlx| {
        // f = mean(x² · y) over two elements: df/dx = x · y, df/dy = x² / 2.
        let params = [f32s(mlx, [2], &[3.0, -1.0]), f32s(mlx, [2], &[2.0, 4.0])];
        let (value, gradients) = mlx
            .value_and_grad(
                |mlx, p| {
                    let square = mlx.mul(&p[0], &p[0])?;
                    mlx.mean_all(&mlx.mul(&square, &p[1])?)
                },
                &params,
            )
            .expect("differentiable");
        assert_eq!(read(mlx, &value), (vec![], vec![11.0]));
        let gradients: Vec<_> = gradients.iter().map(|g| read(mlx, g)).collect();
        assert_eq!(gradients, [(vec![2], vec![6.0, -4.0]), (vec![2], vec![4.5, 0.5])]);
    });
}

#[test]
fn the_gradient_of_cross_entropy_is_softmax_less_one_hot() {
    on_cpu(|mlx| {
        let logits = f32s(mlx, [1, 2], &[0.0, 3f32.ln()]);
        let classes = i64s(mlx, &[1]);
        let (_, gradients) =
            mlx.value_and_grad(|mlx, p| mlx.cross_entropy(&p[0], &classes), &[logits]).expect("differentiable");
        let (_, got) = read(mlx, &gradients[0]);
        assert!((got[0] - 0.25).abs() < 1e-6 && (got[1] + 0.25).abs() < 1e-6, "{got:?}");
    });
}

/// The gradient of every op on the way of a training step, by central differences.
#[test]
fn gradients_agree_with_differences() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [3, 2], &[0.5, -1.0, 1.5, 2.0, -0.5, 1.0]);
        let index = i64s(mlx, &[2, 0, 1, 2]);
        let target = i64s(mlx, &[0, 2, 1, 1]);
        let zeros = f32s(mlx, [4, 3], &[0.0; 12]);
        let w = [0.3, -0.2, 0.8, 0.5, -0.7, 0.1f32];
        let bias = [0.1, -0.3, 0.2f32];
        let loss = |mlx: &chipmark_mlx::Mlx, p: &[<chipmark_mlx::Mlx as Backend>::Tensor]| {
            let hidden = mlx.relu(&mlx.linear(&x, &p[0], &p[1])?)?;
            let messages = mlx.gather_rows(&hidden, &index)?;
            let nodes = mlx.scatter_add_rows(&zeros, &index, &messages)?;
            let scaled = mlx.affine(&nodes, 0.5, 0.25)?;
            let rows = mlx.slice_rows(&scaled, 0, 4)?;
            mlx.cross_entropy(&mlx.sqrt(&rows)?, &target)
        };
        let at = |w: &[f32], bias: &[f32]| {
            let value = loss(mlx, &[f32s(mlx, [3, 2], w), f32s(mlx, [3], bias)]).expect("computable");
            read(mlx, &value).1[0]
        };
        let params = [f32s(mlx, [3, 2], &w), f32s(mlx, [3], &bias)];
        let (value, gradients) = mlx.value_and_grad(loss, &params).expect("differentiable");
        assert!((read(mlx, &value).1[0] - at(&w, &bias)).abs() < 1e-6);
        let step = 1e-2f32;
        for (i, got) in read(mlx, &gradients[0]).1.into_iter().enumerate() {
            let (mut up, mut down) = (w, w);
            up[i] += step;
            down[i] -= step;
            let want = (at(&up, &bias) - at(&down, &bias)) / f64::from(2.0 * step);
            assert!((got - want).abs() < 2e-3, "w[{i}]: {got} instead of {want}");
        }
        for (i, got) in read(mlx, &gradients[1]).1.into_iter().enumerate() {
            let (mut up, mut down) = (bias, bias);
            up[i] += step;
            down[i] -= step;
            let want = (at(&w, &up) - at(&w, &down)) / f64::from(2.0 * step);
            assert!((got - want).abs() < 2e-3, "bias[{i}]: {got} instead of {want}");
        }
    });
}

#[test]
fn an_error_inside_comes_out_as_it_is() {
    on_cpu(|mlx| {
        let params = [f32s(mlx, [2], &[1.0, 2.0])];
        let refused = mlx.value_and_grad(|_, _| Err(OpError::unsupported("sdpa", "not here")), &params);
        assert_eq!(refused.err(), Some(OpError::unsupported("sdpa", "not here")));
        let failed = mlx.value_and_grad(|mlx, p| mlx.matmul(&p[0], &f32s(mlx, [3], &[0.0; 3])), &params);
        assert!(matches!(failed, Err(OpError::Framework { op: "matmul", .. })), "{:?}", failed.err());
        let vector = mlx.value_and_grad(|mlx, p| mlx.sqrt(&p[0]), &params);
        assert!(matches!(vector, Err(OpError::Framework { op: "value_and_grad", .. })), "{:?}", vector.err());
        let none = mlx.value_and_grad(|mlx, _| Ok(f32s(mlx, [], &[1.0])), &[]);
        assert!(matches!(none, Err(OpError::Framework { op: "value_and_grad", .. })), "{:?}", none.err());
        // And it works again afterwards.
        let (value, _) = mlx.value_and_grad(|mlx, p| mlx.mean_all(&p[0]), &params).expect("differentiable");
        assert_eq!(read(mlx, &value).1, [1.5]);
    });
}
