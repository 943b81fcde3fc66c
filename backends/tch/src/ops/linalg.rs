//! Linear algebra.

use super::misfit;
use crate::Tch;
use chipmark_core::OpResult;
use chipmark_core::ops::linalg::Linalg;
use tch::Tensor;

impl Linalg for Tch {
    fn matmul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        // libtorch takes vectors too, and broadcasts batches.
        let (rank_a, rank_b) = (a.dim(), b.dim());
        if rank_a < 2 || rank_b < 2 {
            return Err(misfit("matmul", &[a, b], "each must have two axes or more"));
        }
        if rank_b > 2 && (rank_a != rank_b || a.size()[..rank_a - 2] != b.size()[..rank_b - 2]) {
            return Err(misfit("matmul", &[a, b], "the leading dimensions differ"));
        }
        self.native("matmul", "at::matmul", a.f_matmul(b))
    }

    fn linear(&self, x: &Tensor, w: &Tensor, bias: &Tensor) -> OpResult<Tensor> {
        // libtorch would stretch a bias of one element.
        match (w.size().as_slice(), bias.size().as_slice()) {
            ([n, _], [n_bias]) if n == n_bias => {}
            _ => return Err(misfit("linear", &[x, w, bias], "expected [.., k], [n, k] and [n]")),
        }
        self.native("linear", "at::linear", x.f_linear(w, Some(bias)))
    }
}
