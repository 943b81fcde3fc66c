//! The elementwise ops of one input, and the two that measure bandwidth, against results worked out by hand.

use crate::common::{close, f32s, open, read};
use chipmark_core::Backend;
use chipmark_core::ops::elementwise::{Elementwise, SELU_ALPHA, SELU_SCALE};

#[test]
fn leaky_relu_takes_the_slope_that_it_is_given() {
    let b = open();
    let x = f32s(&b, [3], &[2.0, 0.0, -4.0]);
    assert_eq!(read(&b, &b.leaky_relu(&x, 0.25).unwrap()).1, [2.0, 0.0, -1.0]);
    assert_eq!(read(&b, &b.prelu(&x, &f32s(&b, [1], &[0.5])).unwrap()).1, [2.0, 0.0, -2.0]);
}

#[test]
fn smooth_activations_have_the_values_of_their_formulas() {
    let b = open();
    let x = [-3.0, -0.5, 0.0, 1.0, 2.5];
    let close_to = |got: &tch::Tensor, formula: fn(f64) -> f64| close(&read(&b, got).1, &x.map(formula));
    let input = f32s(&b, [5], &x);
    close_to(&b.sigmoid(&input).unwrap(), |x| 1.0 / (1.0 + (-x).exp()));
    close_to(&b.softplus(&input).unwrap(), |x| x.exp().ln_1p());
    close_to(&b.selu(&input).unwrap(), |x| SELU_SCALE * if x > 0.0 { x } else { SELU_ALPHA * x.exp_m1() });
    // x · Φ(x) with Φ(1) = 0.841344746…; the usual approximation by tanh is 1.5e-4 away.
    let one = b.gelu(&f32s(&b, [1], &[1.0])).unwrap();
    assert!((read(&b, &one).1[0] - 0.841_344_746).abs() < 1e-6, "{one}");
}

#[test]
fn softplus_is_right_where_libtorch_leaves_out_the_exponential() {
    let b = open();
    let x = [19.5f64, 20.5, 90.0];
    let got = read(&b, &b.softplus(&f32s(&b, [3], &x)).unwrap()).1;
    for (got, x) in got.iter().zip(x) {
        let wanted = x + (-x).exp().ln_1p();
        assert!((got - wanted).abs() <= wanted * f64::from(f32::EPSILON), "{got} instead of {wanted}");
    }
}

#[test]
fn a_copy_has_memory_of_its_own() {
    let b = open();
    let x = f32s(&b, [2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let copy = b.copy(&x).unwrap();
    assert_ne!(copy.data_ptr(), x.data_ptr());
    assert_eq!(read(&b, &copy), read(&b, &x));
}

#[test]
fn triad_is_one_call_and_does_not_broadcast() {
    let b = open();
    let (x, y) = (f32s(&b, [3], &[1.0, 2.0, 3.0]), f32s(&b, [3], &[10.0, -20.0, 30.0]));
    b.log().open();
    assert_eq!(read(&b, &b.triad(&x, &y, 0.5).unwrap()).1, [6.0, -8.0, 18.0]);
    let notes: Vec<String> = b.log().close().iter().map(ToString::to_string).collect();
    assert_eq!(notes, ["triad: native, at::add with alpha"]);
    let error = b.triad(&x, &f32s(&b, [1], &[1.0]), 0.5).unwrap_err().to_string();
    assert_eq!(error, "triad failed: [3] and [1] differ");
}
