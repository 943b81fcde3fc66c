//! Products of matrices, by ndarray's f64 kernel, one matrix of a batch after the other.

use crate::Reference;
use crate::tape::Backward;
use crate::tensor::{Tensor, shared, zeros};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::{Backend, DType, OpError, OpResult};
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayD, ArrayRef, ArrayView3, Axis, CowArray, Ix2, Ix3, IxDyn};

type AnyArray = ArrayRef<f64, IxDyn>;

/// How an operand is seen as a batch of matrices.
type View = for<'a> fn(&'a AnyArray) -> OpResult<CowArray<'a, f64, Ix3>>;

/// `x` as rows of the length of its last axis: `[…, n]` → `[r, n]`.
fn as_rows<'a>(op: &'static str, x: &'a AnyArray) -> OpResult<CowArray<'a, f64, Ix2>> {
    let [lead @ .., n] = x.shape() else {
        return Err(shapes::mismatch(op, DType::F64, &[x.shape()], "expected an axis"));
    };
    x.to_shape((lead.iter().product(), *n)).map_err(|error| OpError::framework(op, error))
}

/// `x` as one matrix of all its rows: `[…, n]` → `[1, r, n]`.
fn as_one(x: &AnyArray) -> OpResult<CowArray<'_, f64, Ix3>> {
    Ok(as_rows("matmul", x)?.insert_axis(Axis(0)))
}

/// `x` as a batch of matrices: `[…, m, n]` → `[i, m, n]`.
fn as_batch(x: &AnyArray) -> OpResult<CowArray<'_, f64, Ix3>> {
    let [lead @ .., m, n] = x.shape() else {
        return Err(shapes::mismatch("matmul", DType::F64, &[x.shape()], "expected two axes or more"));
    };
    x.to_shape((lead.iter().product(), *m, *n)).map_err(|error| OpError::framework("matmul", error))
}

/// Each matrix of a times that of b, `[i, m, k]` · `[i, k, n]`, in the shape `dims`.
fn products(op: &'static str, a: &ArrayView3<f64>, b: &ArrayView3<f64>, dims: &[usize]) -> OpResult<ArrayD<f64>> {
    let refuse = |error| OpError::framework(op, error);
    let out = zeros(op, &[a.len_of(Axis(0)), a.len_of(Axis(1)), b.len_of(Axis(2))])?;
    let mut out = out.into_dimensionality::<Ix3>().map_err(refuse)?;
    for ((a, b), mut out) in a.outer_iter().zip(b.outer_iter()).zip(out.outer_iter_mut()) {
        general_mat_mul(1.0, &a, &b, 0.0, &mut out);
    }
    out.into_shape_with_order(IxDyn(dims)).map_err(refuse)
}

/// Each matrix turned over.
fn transposed<'a>(batch: &'a CowArray<'_, f64, Ix3>) -> ArrayView3<'a, f64> {
    batch.view().permuted_axes([0, 2, 1])
}

impl Linalg for Reference {
    fn matmul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "matmul";
        self.log().native(OP, "ndarray product");
        let (x, y) = (a.floats(OP)?, b.floats(OP)?);
        let dims = shapes::matmul(DType::F64, x.shape(), y.shape())?;
        // One b under every matrix of a is a single product with all their rows.
        let view: View = if y.ndim() == 2 { as_one } else { as_batch };
        let out = products(OP, &view(x)?.view(), &view(y)?.view(), &dims)?;
        let right = y.clone();
        let left_dims = x.shape().to_vec();
        let to_a: Backward = Box::new(move |g| products(OP, &view(g)?.view(), &transposed(&view(&right)?), &left_dims));
        let left = x.clone();
        let right_dims = y.shape().to_vec();
        let to_b: Backward = Box::new(move |g| products(OP, &transposed(&view(&left)?), &view(g)?.view(), &right_dims));
        Ok(self.made(shared(out), vec![(a, to_a), (b, to_b)]))
    }

    fn linear(&self, x: &Tensor, w: &Tensor, bias: &Tensor) -> OpResult<Tensor> {
        const OP: &str = "linear";
        self.log().native(OP, "ndarray product");
        let (inputs, weights, offsets) = (x.floats(OP)?, w.floats(OP)?, bias.floats(OP)?);
        let dims = shapes::linear(DType::F64, inputs.shape(), weights.shape(), offsets.shape())?;
        let out = as_rows(OP, inputs)?.dot(&as_rows(OP, weights)?.t());
        let out = out.into_dyn() + offsets;
        let out = out.into_shape_with_order(IxDyn(&dims)).map_err(|error| OpError::framework(OP, error))?;

        let (input_dims, to_x_weights) = (inputs.raw_dim(), weights.clone());
        let to_x: Backward = Box::new(move |g| {
            let gradient = as_rows(OP, g)?.dot(&as_rows(OP, &to_x_weights)?).into_dyn();
            gradient.into_shape_with_order(input_dims.clone()).map_err(|error| OpError::framework(OP, error))
        });
        let to_w_inputs = inputs.clone();
        let to_w: Backward = Box::new(move |g| Ok(as_rows(OP, g)?.t().dot(&as_rows(OP, &to_w_inputs)?).into_dyn()));
        let to_bias: Backward = Box::new(|g| Ok(as_rows(OP, g)?.sum_axis(Axis(0)).into_dyn()));
        Ok(self.made(shared(out), vec![(x, to_x), (w, to_w), (bias, to_bias)]))
    }
}
