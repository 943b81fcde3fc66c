//! Seeded inputs: the same bytes for every backend, on every machine.

use crate::{DType, HostData, HostTensor, OpResult, Shape};
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

/// A stream of random numbers that depends on the run's seed and the case alone.
///
/// `ChaCha8` is specified bit for bit; the step from bits to numbers is ours, so that no library's change of mind
/// changes an input.
pub struct Fill {
    rng: ChaCha8Rng,
}

impl Fill {
    /// The stream of a case (by its id) under a run's seed.
    #[must_use]
    pub fn new(seed: u64, case: &str) -> Self {
        // FNV-1a, 64 bits: a specified hash, unlike the standard library's.
        let hash = case
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&hash.to_le_bytes());
        Fill { rng: ChaCha8Rng::from_seed(key) }
    }

    /// The next number in [0, 1), with 24 random bits: exact in f32.
    pub fn unit(&mut self) -> f64 {
        f64::from(self.rng.next_u32() >> 8) / f64::from(1u32 << 24)
    }

    /// The next whole number in 0..`below` (zero when `below` is zero), by multiply and shift: its bias is under
    /// `below` / 2^64.
    pub fn below(&mut self, below: usize) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "the product's high half is under `below`")]
        let value = ((u128::from(self.rng.next_u64()) * below as u128) >> 64) as usize;
        value
    }

    /// Uniform numbers in [`low`, `high`), rounded to `dtype`.
    ///
    /// # Errors
    /// When the shape has too many elements.
    pub fn uniform(&mut self, shape: impl Into<Shape>, low: f64, high: f64, dtype: DType) -> OpResult<HostTensor> {
        let shape = shape.into();
        let n = shape.numel();
        let mut next = || low + (high - low) * self.unit();
        let data = match dtype {
            // The common dtype without a detour through a second buffer: classic inputs reach 512 MB.
            #[expect(clippy::cast_possible_truncation, reason = "rounding to the dtype is the purpose")]
            DType::F32 => HostData::F32((0..n).map(|_| next() as f32).collect()),
            _ => HostData::from_f64(&(0..n).map(|_| next()).collect::<Vec<_>>(), dtype),
        };
        HostTensor::new(shape, data)
    }

    /// Uniform numbers in [−1, 1).
    ///
    /// # Errors
    /// As [`Fill::uniform`].
    pub fn signed(&mut self, shape: impl Into<Shape>, dtype: DType) -> OpResult<HostTensor> {
        self.uniform(shape, -1.0, 1.0, dtype)
    }

    /// `len` random indices in 0..`below`, as i64.
    ///
    /// # Errors
    /// When the shape has too many elements.
    pub fn indices(&mut self, len: usize, below: usize) -> OpResult<HostTensor> {
        #[expect(clippy::cast_possible_wrap, reason = "sizes are under 2^40")]
        let data = (0..len).map(|_| self.below(below) as i64).collect();
        HostTensor::new([len], HostData::I64(data))
    }
}
