//! Elementwise ops, with broadcasting.

use crate::Reference;
use crate::tape::Backward;
use crate::tensor::{Floats, Tensor, shared, zeros};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::elementwise::{Elementwise, SELU_ALPHA, SELU_SCALE};
use chipmark_core::{Backend, DType, OpResult};
use ndarray::{ArrayD, Axis, Zip, arr1};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Two-operand arithmetic: the value at (a, b), and the shares of a gradient g that flow to a and to b.
struct Binary {
    op: &'static str,
    value: fn(f64, f64) -> f64,
    to_a: fn(f64, f64, f64) -> f64,
    to_b: fn(f64, f64, f64) -> f64,
}

/// The sum over the axes that broadcasting added or stretched, so that the result has the shape `dims`.
fn unbroadcast(mut gradient: ArrayD<f64>, dims: &[usize]) -> ArrayD<f64> {
    while gradient.ndim() > dims.len() {
        gradient = gradient.sum_axis(Axis(0));
    }
    for (axis, &length) in dims.iter().enumerate() {
        if gradient.len_of(Axis(axis)) != length {
            gradient = gradient.sum_axis(Axis(axis)).insert_axis(Axis(axis));
        }
    }
    gradient
}

/// How a gradient flows through a two-operand op to the operand of shape `dims`.
fn binary_backward(a: &Floats, b: &Floats, dims: &[usize], share: fn(f64, f64, f64) -> f64) -> Backward {
    let (a, b, dims) = (a.clone(), b.clone(), dims.to_vec());
    Box::new(move |g| {
        let mut out = g.clone();
        Zip::from(&mut out).and_broadcast(&a).and_broadcast(&b).for_each(|g, &a, &b| *g = share(*g, a, b));
        Ok(unbroadcast(out, &dims))
    })
}

/// 1 / (1 + e⁻ˣ), right to the last bits for either sign of x.
fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The normal distribution function, by the complementary error function, which is exact far below zero too.
fn normal(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// The normal density.
fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

impl Reference {
    fn binary(&self, rule: &Binary, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.log().native(rule.op, "f64 loop");
        let (x, y) = (a.floats(rule.op)?, b.floats(rule.op)?);
        let mut out = zeros(rule.op, &shapes::broadcast(rule.op, DType::F64, x.shape(), y.shape())?)?;
        Zip::from(&mut out).and_broadcast(x).and_broadcast(y).for_each(|out, &x, &y| *out = (rule.value)(x, y));
        let to_a = binary_backward(x, y, x.shape(), rule.to_a);
        let to_b = binary_backward(x, y, y.shape(), rule.to_b);
        Ok(self.made(shared(out), vec![(a, to_a), (b, to_b)]))
    }

    /// One-operand arithmetic: the value at x, and the slope from x and the value.
    fn unary(
        &self,
        op: &'static str,
        x: &Tensor,
        value: impl Fn(f64) -> f64,
        slope: impl Fn(f64, f64) -> f64 + 'static,
    ) -> OpResult<Tensor> {
        self.log().native(op, "f64 loop");
        let floats = x.floats(op)?;
        let mut out = zeros(op, floats.shape())?;
        Zip::from(&mut out).and(floats).for_each(|out, &x| *out = value(x));
        let out = shared(out);
        let (before, after) = (floats.clone(), out.clone());
        let backward: Backward =
            Box::new(move |g| Ok(Zip::from(g).and(&before).and(&after).map_collect(|&g, &x, &y| g * slope(x, y))));
        Ok(self.made(out, vec![(x, backward)]))
    }
}

impl Elementwise for Reference {
    fn add(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary(&Binary { op: "add", value: |a, b| a + b, to_a: |g, _, _| g, to_b: |g, _, _| g }, a, b)
    }

    fn sub(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary(&Binary { op: "sub", value: |a, b| a - b, to_a: |g, _, _| g, to_b: |g, _, _| -g }, a, b)
    }

    fn mul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary(&Binary { op: "mul", value: |a, b| a * b, to_a: |g, _, b| g * b, to_b: |g, a, _| g * a }, a, b)
    }

    fn div(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        let rule = Binary { op: "div", value: |a, b| a / b, to_a: |g, _, b| g / b, to_b: |g, a, b| -g * a / (b * b) };
        self.binary(&rule, a, b)
    }

    fn affine(&self, x: &Tensor, factor: f64, offset: f64) -> OpResult<Tensor> {
        self.unary("affine", x, |x| factor * x + offset, move |_, _| factor)
    }

    fn sqrt(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("sqrt", x, f64::sqrt, |_, y| 0.5 / y)
    }

    /// A NaN stays one; the slope at zero is zero.
    fn relu(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("relu", x, |x| if x <= 0.0 { 0.0 } else { x }, |x, _| if x <= 0.0 { 0.0 } else { 1.0 })
    }

    /// The slope at zero is `slope`.
    fn leaky_relu(&self, x: &Tensor, slope: f64) -> OpResult<Tensor> {
        let value = move |x: f64| if x > 0.0 { x } else { slope * x };
        self.unary("leaky_relu", x, value, move |x, _| if x > 0.0 { 1.0 } else { slope })
    }

    fn prelu(&self, x: &Tensor, slope: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "prelu";
        self.log().native(OP, "f64 loop");
        let (floats, slopes) = (x.floats(OP)?.clone(), slope.floats(OP)?);
        shapes::prelu(DType::F64, floats.shape(), slopes.shape())?;
        let factor = slopes[[0]];
        let mut out = zeros(OP, floats.shape())?;
        Zip::from(&mut out).and(&floats).for_each(|out, &x| *out = if x > 0.0 { x } else { factor * x });
        let before = floats.clone();
        let to_x: Backward =
            Box::new(move |g| Ok(Zip::from(g).and(&before).map_collect(|&g, &x| if x > 0.0 { g } else { factor * g })));
        let to_slope: Backward = Box::new(move |g| {
            let sum = Zip::from(g).and(&floats).fold(0.0, |sum, &g, &x| if x > 0.0 { sum } else { sum + g * x });
            Ok(arr1(&[sum]).into_dyn())
        });
        Ok(self.made(shared(out), vec![(x, to_x), (slope, to_slope)]))
    }

    fn selu(&self, x: &Tensor) -> OpResult<Tensor> {
        const LOW: f64 = SELU_SCALE * SELU_ALPHA;
        let value = |x: f64| if x > 0.0 { SELU_SCALE * x } else { LOW * x.exp_m1() };
        self.unary("selu", x, value, |x, _| if x > 0.0 { SELU_SCALE } else { LOW * x.exp() })
    }

    fn sigmoid(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("sigmoid", x, logistic, |x, y| y * logistic(-x))
    }

    fn tanh(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("tanh", x, f64::tanh, |_, y| 1.0 - y * y)
    }

    /// As max(x, 0) + ln(1 + exp(−|x|)), which no x is too large for.
    fn softplus(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("softplus", x, |x| x.max(0.0) + (-x.abs()).exp().ln_1p(), |x, _| logistic(x))
    }

    fn gelu(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("gelu", x, |x| x * normal(x), |x, _| normal(x) + x * normal_density(x))
    }

    fn copy(&self, x: &Tensor) -> OpResult<Tensor> {
        self.unary("copy", x, |x| x, |_, _| 1.0)
    }

    fn triad(&self, a: &Tensor, b: &Tensor, factor: f64) -> OpResult<Tensor> {
        const OP: &str = "triad";
        self.log().native(OP, "f64 loop");
        let (x, y) = (a.floats(OP)?, b.floats(OP)?);
        let mut out = zeros(OP, &shapes::alike(OP, DType::F64, x.shape(), y.shape())?)?;
        Zip::from(&mut out).and(x).and(y).for_each(|out, &x, &y| *out = x + factor * y);
        let to_b: Backward = Box::new(move |g| Ok(g * factor));
        Ok(self.made(shared(out), vec![(a, Box::new(|g| Ok(g.clone()))), (b, to_b)]))
    }

    fn equal(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "equal";
        self.log().native(OP, "f64 loop");
        let (x, y) = (a.indices(OP)?, b.indices(OP)?);
        let mut out = zeros(OP, &shapes::broadcast(OP, DType::I64, x.shape(), y.shape())?)?;
        Zip::from(&mut out).and_broadcast(x).and_broadcast(y).for_each(|out, x, y| *out = f64::from(x == y));
        Ok(self.made(shared(out), vec![]))
    }
}
