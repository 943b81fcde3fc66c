//! Linear algebra.

use super::half::{PRODUCT_IN_F32, from_last, lacks_product, through_f32};
use crate::Candle;
use crate::error::{Named, misfit};
use candle_core::{Module, Result, Tensor};
use candle_nn::Linear;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::{Backend, OpResult};

/// A matrix, or a batch of them, as every gemm that candle calls takes it: rows or columns without gaps, one matrix
/// after the other. Accelerate, Metal and cuBLAS refuse other strides; a tensor that has them is copied.
pub(super) fn dense(x: &Tensor) -> Result<Tensor> {
    let rank = x.rank();
    let by_column = rank >= 2 && x.layout().transpose(rank - 2, rank - 1)?.is_contiguous();
    if by_column { Ok(x.clone()) } else { x.contiguous() }
}

impl Candle {
    /// Makes and notes a product of `rows` rows, by way of f32 where candle has none that adds up in it.
    fn product(
        &self,
        [a, b]: [&Tensor; 2],
        rows: usize,
        call: &'static str,
        product: impl FnOnce(&Tensor, &Tensor) -> Result<Tensor>,
    ) -> OpResult<Tensor> {
        let made = if lacks_product(a, rows, from_last(b, 0)) {
            self.log().composed("matmul", PRODUCT_IN_F32);
            through_f32([a, b], |[a, b]| product(a, b))
        } else {
            self.log().native("matmul", call);
            product(a, b)
        };
        made.named("matmul")
    }
}

impl Linalg for Candle {
    fn matmul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        if b.rank() == 2 && a.rank() > 2 {
            let rows = a.elem_count() / from_last(a, 0).max(1);
            // Folded only where a has no gaps; otherwise candle would copy b for every matrix of a.
            let product = |a: &Tensor, b: &Tensor| a.contiguous()?.broadcast_matmul(&dense(b)?);
            return self.product(
                [a, b],
                rows,
                "Tensor::broadcast_matmul: leading dimensions folded into rows",
                product,
            );
        }
        // candle compares the product of the leading dimensions only: [2, 3] with [3, 2] would pass, and mix matrices.
        let lead = |x: &Tensor| x.dims().split_last_chunk::<2>().map(|(lead, _)| lead.to_vec());
        if lead(a) != lead(b) {
            return Err(misfit("matmul", &[a, b], "the leading dimensions differ"));
        }
        let product = |a: &Tensor, b: &Tensor| {
            if a.is_contiguous() && b.is_contiguous() { a.matmul(b) } else { dense(a)?.matmul(&dense(b)?) }
        };
        self.product([a, b], from_last(a, 1), "Tensor::matmul", product)
    }

    fn linear(&self, x: &Tensor, w: &Tensor, bias: &Tensor) -> OpResult<Tensor> {
        let misfit = || misfit("linear", &[x, w, bias], "expected [.., k], [n, k] and [n]");
        let (Some((&features, lead)), &[out, _], &[bias_len]) = (x.dims().split_last(), w.dims(), bias.dims()) else {
            return Err(misfit());
        };
        // candle would stretch a bias of one.
        if out != bias_len {
            return Err(misfit());
        }
        let rows: usize = lead.iter().product();
        let layer = |[x, w, bias]: [&Tensor; 3]| {
            let layer = Linear::new(dense(w)?, Some(bias.clone()));
            if x.is_contiguous() && (2..=4).contains(&x.rank()) {
                return layer.forward(x);
            }
            // Linear itself folds contiguous inputs of these ranks alone; others it would multiply matrix by matrix.
            let dims: Vec<usize> = lead.iter().copied().chain([out]).collect();
            layer.forward(&x.reshape((rows, features))?)?.reshape(dims)
        };
        let made = if lacks_product(x, rows, out) {
            let how = "to_dtype f32, candle_nn::Linear, to_dtype: candle has no f16 product of this shape here that adds up in f32";
            self.log().composed("linear", how);
            through_f32([x, w, bias], layer)
        } else {
            self.log().composed("linear", "candle_nn::Linear: matmul with leading dimensions folded, broadcast_add");
            layer([x, w, bias])
        };
        made.named("linear")
    }
}
