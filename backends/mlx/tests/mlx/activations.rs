//! Activations, copy and triad, against values worked out by hand, and where they are easily wrong.

use crate::{close, f32s, on_cpu, read};
use chipmark_core::Backend;
use chipmark_core::ops::elementwise::{Elementwise, SELU_ALPHA, SELU_SCALE};
use chipmark_core::ops::reduce::Reduce;

const X: [f32; 5] = [-2.0, -0.5, 0.0, 0.5, 2.0];

#[test]
fn leaky_relu_bends_down_or_up_below_zero() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [5], &X);
        for slope in [0.25, 1.0, 3.0, -1.0] {
            let want = X.map(|x| if x > 0.0 { f64::from(x) } else { slope * f64::from(x) });
            assert_eq!(read(mlx, &mlx.leaky_relu(&x, slope).expect("supported")).1, want, "slope {slope}");
            let learned = f32s(mlx, [1], &[if slope > 0.0 { 3.0 } else { -0.5 }]);
            let want = X.map(|x| if x > 0.0 { f64::from(x) } else { read(mlx, &learned).1[0] * f64::from(x) });
            assert_eq!(read(mlx, &mlx.prelu(&x, &learned).expect("supported")).1, want);
        }
    });
}

#[test]
fn smooth_activations_have_their_values() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [5], &X);
        let wide = X.map(f64::from);
        let selu = wide.map(|x| SELU_SCALE * if x > 0.0 { x } else { SELU_ALPHA * x.exp_m1() });
        close(&read(mlx, &mlx.selu(&x).expect("supported")).1, &selu, 1e-6);
        let sigmoid = wide.map(|x| 1.0 / (1.0 + (-x).exp()));
        close(&read(mlx, &mlx.sigmoid(&x).expect("supported")).1, &sigmoid, 1e-6);
        let softplus = wide.map(|x| x.exp().ln_1p());
        close(&read(mlx, &mlx.softplus(&x).expect("supported")).1, &softplus, 1e-6);
        // Φ(½) and Φ(2), of a table of the normal distribution; the tanh form is off by 2e-4 at two.
        let [half, two] = [0.691_462_461_274, 0.977_249_868_052];
        let gelu = [-2.0 * (1.0 - two), -0.5 * (1.0 - half), 0.0, 0.5 * half, 2.0 * two];
        close(&read(mlx, &mlx.gelu(&x).expect("supported")).1, &gelu, 1e-6);
    });
}

#[test]
fn activations_of_large_values_stay_finite_and_so_do_their_gradients() {
    on_cpu(|mlx| {
        let large = [f32s(mlx, [2], &[200.0, -200.0])];
        type Op = fn(
            &chipmark_mlx::Mlx,
            &<chipmark_mlx::Mlx as Backend>::Tensor,
        ) -> chipmark_core::OpResult<<chipmark_mlx::Mlx as Backend>::Tensor>;
        let ops: [(Op, [f64; 2], [f64; 2]); 4] = [
            (chipmark_mlx::Mlx::selu, [SELU_SCALE * 200.0, -SELU_SCALE * SELU_ALPHA], [SELU_SCALE, 0.0]),
            (chipmark_mlx::Mlx::sigmoid, [1.0, 0.0], [0.0, 0.0]),
            (chipmark_mlx::Mlx::softplus, [200.0, 0.0], [1.0, 0.0]),
            (chipmark_mlx::Mlx::gelu, [200.0, 0.0], [1.0, 0.0]),
        ];
        for (op, values, slopes) in ops {
            close(&read(mlx, &op(mlx, &large[0]).expect("supported")).1, &values, 1e-6);
            let (_, gradients) =
                mlx.value_and_grad(|mlx, x| mlx.sum_all(&op(mlx, &x[0])?), &large).expect("differentiable");
            close(&read(mlx, &gradients[0]).1, &slopes, 1e-6);
        }
    });
}

/// Not what MLX calls a copy: that is a second handle on the same memory.
#[test]
fn a_copy_takes_memory_of_its_own() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [1 << 16], &vec![1.5; 1 << 16]);
        let before = mlx.memory().now_bytes.expect("MLX counts its bytes");
        let copy = mlx.copy(&x).expect("supported");
        mlx.finish(std::slice::from_ref(&copy)).expect("computed");
        assert_eq!(mlx.memory().now_bytes.expect("MLX counts its bytes") - before, 4 << 16);
        assert_eq!(read(mlx, &copy), read(mlx, &x));
        let odd = f32s(mlx, [3], &[-0.0, f32::INFINITY, f32::NAN]);
        let copied = read(mlx, &mlx.copy(&odd).expect("supported")).1;
        assert!(copied[0].is_sign_negative() && copied[1] == f64::INFINITY && copied[2].is_nan(), "{copied:?}");
    });
}

#[test]
fn triad_adds_a_multiple() {
    on_cpu(|mlx| {
        let (a, b) = (f32s(mlx, [2], &[1., 2.]), f32s(mlx, [2], &[10., 20.]));
        assert_eq!(read(mlx, &mlx.triad(&a, &b, 0.5).expect("supported")), (vec![2], vec![6., 12.]));
    });
}
