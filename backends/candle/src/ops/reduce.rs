//! Reductions.

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
