//! Element types: their names, sizes and rounding.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An element type. A value, not a type parameter: one backend handles all of them at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DType {
    /// 32-bit IEEE float.
    F32,
    /// 16-bit IEEE float: 11 significant bits, 5 bits of exponent.
    F16,
    /// bfloat16: 8 significant bits, the exponent of an f32.
    BF16,
    /// 64-bit IEEE float. Only the reference backend computes in it.
    F64,
    /// 64-bit signed integer, for indices and classes.
    I64,
}

impl DType {
    /// The dtypes that a case can be timed in.
    pub const TIMED: [DType; 3] = [DType::F32, DType::F16, DType::BF16];

    /// Every dtype.
    pub const ALL: [DType; 5] = [DType::F32, DType::F16, DType::BF16, DType::F64, DType::I64];

    /// The name as it stands in case ids and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DType::F32 => "f32",
            DType::F16 => "f16",
            DType::BF16 => "bf16",
            DType::F64 => "f64",
            DType::I64 => "i64",
        }
    }

    /// Bytes of one element.
    #[must_use]
    pub fn size_bytes(self) -> usize {
        match self {
            DType::F16 | DType::BF16 => 2,
            DType::F32 => 4,
            DType::F64 | DType::I64 => 8,
        }
    }

    /// The unit round-off u = 2^-p for p significant bits: one rounding to nearest changes a value by at most u,
    /// relatively (Higham, Accuracy and Stability of Numerical Algorithms, 2.1). Zero for integers.
    #[must_use]
    pub fn unit_roundoff(self) -> f64 {
        match self {
            DType::F32 => 2f64.powi(-24),
            DType::F16 => 2f64.powi(-11),
            DType::BF16 => 2f64.powi(-8),
            DType::F64 => 2f64.powi(-53),
            DType::I64 => 0.0,
        }
    }
}

impl DType {
    /// The smallest positive value. What is nearer to zero than half of it rounds to zero. One for integers.
    #[must_use]
    pub fn smallest_positive(self) -> f64 {
        match self {
            DType::F32 => 2f64.powi(-149),
            DType::F16 => 2f64.powi(-24),
            DType::BF16 => 2f64.powi(-133),
            DType::F64 => f64::from_bits(1),
            DType::I64 => 1.0,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for DType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        DType::ALL.into_iter().find(|dtype| dtype.name() == text).ok_or_else(|| {
            let names = DType::TIMED.map(DType::name).join(", ");
            format!("unknown dtype '{text}': one of {names}")
        })
    }
}
