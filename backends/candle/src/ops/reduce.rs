//! Reductions.

use crate::Candle;
use crate::error::Named;
use candle_core::Tensor;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{Backend, OpResult};

impl Reduce for Candle {
    fn mean_all(&self, x: &Tensor) -> OpResult<Tensor> {
        self.log().composed("mean_all", "Tensor::mean_all: sum_all, affine");
        x.mean_all().named("mean_all")
    }

    fn sum(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.log().native("sum", "Tensor::sum");
        x.sum(axis).named("sum")
    }

    fn sum_all(&self, x: &Tensor) -> OpResult<Tensor> {
        self.log().native("sum_all", "Tensor::sum_all");
        x.sum_all().named("sum_all")
    }

    fn argmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.log().native("argmax", "Tensor::argmax");
        x.argmax(axis).named("argmax")
    }
}
