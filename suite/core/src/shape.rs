//! Shapes, written as in `64x128x1024`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

/// The dimensions of a tensor, outermost first. A scalar has none and is written `scalar`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shape(pub Vec<usize>);

impl Shape {
    /// The number of elements; `None` where it does not fit in a `usize`.
    #[must_use]
    pub fn checked_numel(&self) -> Option<usize> {
        self.0.iter().try_fold(1usize, |n, &d| n.checked_mul(d))
    }

    /// The number of elements, saturating. A scalar has one.
    #[must_use]
    pub fn numel(&self) -> usize {
        self.checked_numel().unwrap_or(usize::MAX)
    }

    /// How many dimensions.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The row-major stride of each dimension, in elements.
    #[must_use]
    pub fn strides(&self) -> Vec<usize> {
        let mut strides = vec![1usize; self.0.len()];
        for i in (1..self.0.len()).rev() {
            strides[i - 1] = strides[i].saturating_mul(self.0[i]);
        }
        strides
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(dims: [usize; N]) -> Self {
        Shape(dims.to_vec())
    }
}

impl From<&[usize]> for Shape {
    fn from(dims: &[usize]) -> Self {
        Shape(dims.to_vec())
    }
}

impl Deref for Shape {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.0
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("scalar");
        }
        for (i, dim) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("x")?;
            }
            write!(f, "{dim}")?;
        }
        Ok(())
    }
}

impl FromStr for Shape {
    type Err = String;

    /// Reads `AxBxC`: each dimension at least 1, at most eight of them, their product at most 2^40.
    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("'{text}' is not a shape: write it like 64x128, each dimension at least 1");
        let dims = text
            .split('x')
            .map(|d| match d.parse::<usize>() {
                Ok(n) if n > 0 && d.len() <= 13 && !d.starts_with(['+', '0']) => Ok(n),
                _ => Err(bad()),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let shape = Shape(dims);
        match shape.checked_numel() {
            Some(n) if n <= 1 << 40 && shape.rank() <= 8 => Ok(shape),
            _ => Err(format!("shape '{text}' is too large: at most 8 dimensions and 2^40 elements")),
        }
    }
}
