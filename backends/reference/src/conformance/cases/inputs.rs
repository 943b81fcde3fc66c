//! Seeded inputs of one dtype.

use chipmark_core::check::{Scale, Tolerance};
use chipmark_core::{DType, Fill, HostData, HostTensor, OpResult, Shape};

/// Makes seeded inputs of one dtype.
pub(in super::super) struct Inputs {
    fill: Fill,
    dtype: DType,
}

impl Inputs {
    pub(in super::super) fn new(family: &str, dtype: DType) -> Self {
        Inputs { fill: Fill::new(20_240_229, family), dtype }
    }

    /// These values, rounded.
    pub(super) fn of(&self, dims: &[usize], values: &[f64]) -> OpResult<HostTensor> {
        HostTensor::new(dims, HostData::from_f64(values, self.dtype))
    }

    pub(in super::super) fn signed(&mut self, dims: &[usize]) -> OpResult<HostTensor> {
        self.fill.signed(dims, self.dtype)
    }

    pub(super) fn between(&mut self, dims: &[usize], low: f64, high: f64) -> OpResult<HostTensor> {
        self.fill.uniform(dims, low, high, self.dtype)
    }

    /// Of either sign, and at least a quarter away from zero, where relu has its kink and a division its pole.
    pub(in super::super) fn nonzero(&mut self, dims: &[usize]) -> OpResult<HostTensor> {
        let signed = self.fill.signed(dims, DType::F64)?;
        let values: Vec<f64> = signed.to_f64().iter().map(|x| x + 0.25f64.copysign(*x)).collect();
        self.of(dims, &values)
    }

    /// Whole numbers in random order, all different, at most 256 of them so that each dtype holds them exactly.
    pub(super) fn distinct(&mut self, dims: &[usize]) -> OpResult<HostTensor> {
        let values: Vec<f64> = self.shuffled(Shape::from(dims).numel()).into_iter().map(|i| i as f64 - 100.0).collect();
        self.of(dims, &values)
    }

    /// Whole numbers in 0..`below`, of which many are equal where there are more elements than that.
    pub(super) fn whole(&mut self, dims: &[usize], below: usize) -> OpResult<HostTensor> {
        let values: Vec<f64> = (0..Shape::from(dims).numel()).map(|_| self.fill.below(below) as f64).collect();
        self.of(dims, &values)
    }

    /// 0..`count` in random order.
    pub(super) fn shuffled(&mut self, count: usize) -> Vec<usize> {
        let mut values: Vec<usize> = (0..count).collect();
        for i in (1..count).rev() {
            values.swap(i, self.fill.below(i + 1));
        }
        values
    }

    pub(in super::super) fn indices(&mut self, len: usize, below: usize) -> OpResult<HostTensor> {
        self.fill.indices(len, below)
    }

    /// The next number in 0..`below`.
    pub(super) fn below(&mut self, below: usize) -> usize {
        self.fill.below(below)
    }

    /// A reduction of `length` terms, measured against `scale`.
    pub(super) fn within(&self, length: usize, scale: Scale) -> Tolerance {
        Tolerance::composed(self.dtype, length, scale)
    }
}
