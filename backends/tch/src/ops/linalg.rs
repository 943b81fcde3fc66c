//! Linear algebra.

use crate::Tch;
use chipmark_core::OpResult;
use chipmark_core::ops::linalg::Linalg;
use tch::Tensor;

impl Linalg for Tch {
    fn matmul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.native("matmul", "at::matmul", a.f_matmul(b))
    }

    fn linear(&self, x: &Tensor, w: &Tensor, bias: &Tensor) -> OpResult<Tensor> {
        self.native("linear", "at::linear", x.f_linear(w, Some(bias)))
    }
}
