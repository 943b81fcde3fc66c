//! Linear algebra.

use crate::Candle;
use crate::error::{Named, misfit};
use candle_core::{Module, Tensor};
use candle_nn::Linear;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::{Backend, OpResult};

/// A matrix, or a batch of them, as every gemm that candle calls takes it: rows or columns without gaps, one matrix
/// after the other. Accelerate, Metal and cuBLAS refuse other strides; a tensor that has them is copied.
pub(super) fn dense(x: &Tensor) -> candle_core::Result<Tensor> {
    let rank = x.rank();
    let by_column = rank >= 2 && x.layout().transpose(rank - 2, rank - 1)?.is_contiguous();
    if by_column { Ok(x.clone()) } else { x.contiguous() }
}

impl Linalg for Candle {
    fn matmul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        if b.rank() == 2 && a.rank() > 2 {
            self.log().native("matmul", "Tensor::broadcast_matmul: leading dimensions folded into rows");
            // Folded only where a has no gaps; otherwise candle would copy b for every matrix of a.
            let product = || a.contiguous()?.broadcast_matmul(&dense(b)?);
            return product().named("matmul");
        }
        self.log().native("matmul", "Tensor::matmul");
        // candle compares the product of the leading dimensions only: [2, 3] with [3, 2] would pass, and mix matrices.
        let lead = |x: &Tensor| x.dims().split_last_chunk::<2>().map(|(lead, _)| lead.to_vec());
        if lead(a) != lead(b) {
            return Err(misfit("matmul", &[a, b], "the leading dimensions differ"));
        }
        let product =
            || if a.is_contiguous() && b.is_contiguous() { a.matmul(b) } else { dense(a)?.matmul(&dense(b)?) };
        product().named("matmul")
    }

    fn linear(&self, x: &Tensor, w: &Tensor, bias: &Tensor) -> OpResult<Tensor> {
        self.log().composed("linear", "candle_nn::Linear: matmul with leading dimensions folded, broadcast_add");
        let misfit = || misfit("linear", &[x, w, bias], "expected [.., k], [n, k] and [n]");
        let (Some((&features, lead)), &[out, _], &[bias_len]) = (x.dims().split_last(), w.dims(), bias.dims()) else {
            return Err(misfit());
        };
        // candle would stretch a bias of one.
        if out != bias_len {
            return Err(misfit());
        }
        let layer = || {
            let layer = Linear::new(dense(w)?, Some(bias.clone()));
            if x.is_contiguous() && (2..=4).contains(&x.rank()) {
                return layer.forward(x);
            }
            // Linear itself folds contiguous inputs of these ranks alone; others it would multiply matrix by matrix.
            let rows: usize = lead.iter().product();
            let dims: Vec<usize> = lead.iter().copied().chain([out]).collect();
            layer.forward(&x.reshape((rows, features))?)?.reshape(dims)
        };
        layer().named("linear")
    }
}
