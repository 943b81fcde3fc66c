//! Reductions and running sums.

use super::half::{in_f32, is_half};
use crate::Candle;
use crate::error::Named;
use candle_core::Tensor;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{Backend, OpResult};

impl Reduce for Candle {
    fn mean_all(&self, x: &Tensor) -> OpResult<Tensor> {
        self.log().composed(
            "mean_all",
            if is_half(x) {
                "to_dtype f32, Tensor::mean_all (sum_all, affine), to_dtype"
            } else {
                "Tensor::mean_all: sum_all, affine"
            },
        );
        in_f32(x, Tensor::mean_all).named("mean_all")
    }

    fn sum(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        if is_half(x) {
            self.log().composed("sum", "to_dtype f32, Tensor::sum, to_dtype");
        } else {
            self.log().native("sum", "Tensor::sum");
        }
        in_f32(x, |x| x.sum(axis)).named("sum")
    }

    /// By a product with a triangular matrix, of the axis' length each way. candle's own has no such product of four dimensions or more
    /// along any axis but the last, which therefore comes to lie last in memory too.
    fn cumsum(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let last = x.rank().saturating_sub(1);
        self.log().composed(
            "cumsum",
            match (is_half(x), axis == last) {
                (false, true) => "Tensor::cumsum: triu2, broadcast_matmul",
                (false, false) => "transpose, contiguous, Tensor::cumsum (triu2, broadcast_matmul), transpose",
                (true, true) => "to_dtype f32, Tensor::cumsum (triu2, broadcast_matmul), to_dtype",
                (true, false) => {
                    "to_dtype f32, transpose, contiguous, Tensor::cumsum (triu2, broadcast_matmul), transpose, to_dtype"
                }
            },
        );
        in_f32(x, |x| x.transpose(axis, last)?.contiguous()?.cumsum(last)?.transpose(axis, last)).named("cumsum")
    }

    fn sum_all(&self, x: &Tensor) -> OpResult<Tensor> {
        if is_half(x) {
            self.log().composed("sum_all", "to_dtype f32, Tensor::sum_all, to_dtype");
        } else {
            self.log().native("sum_all", "Tensor::sum_all");
        }
        in_f32(x, Tensor::sum_all).named("sum_all")
    }

    fn argmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.log().native("argmax", "Tensor::argmax");
        x.argmax(axis).named("argmax")
    }
}
