//! Elementwise ops, with broadcasting.

use crate::Reference;
use crate::tape::Backward;
use crate::tensor::{Floats, Tensor, shared, zeros};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::{Backend, DType, OpResult};
use ndarray::{ArrayD, Axis, Zip};

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

    fn equal(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "equal";
        self.log().native(OP, "f64 loop");
        let (x, y) = (a.indices(OP)?, b.indices(OP)?);
        let mut out = zeros(OP, &shapes::broadcast(OP, DType::I64, x.shape(), y.shape())?)?;
        Zip::from(&mut out).and_broadcast(x).and_broadcast(y).for_each(|out, x, y| *out = f64::from(x == y));
        Ok(self.made(shared(out), vec![]))
    }
}
