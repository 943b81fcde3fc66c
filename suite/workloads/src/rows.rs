//! A matrix and how many of its rows an index names: what gather and the scatters have for parameters.

use crate::tier::{SMALL_ELEMENTS, shrink, tiny};
use crate::workload::product;
use chipmark_core::{Shape, Tier};

/// x `[rows, width]` and an index of `length` of its rows, written `ROWSxWIDTH@LENGTH`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rows {
    pub(crate) rows: usize,
    pub(crate) width: usize,
    pub(crate) length: usize,
}

impl Rows {
    /// The ways to write one by named parts.
    pub(crate) const FORMS: &'static [&'static str] = &["{x}@{length}", "{rows}x{width}@{length}"];

    /// Reads `ROWSxWIDTH@LENGTH`.
    ///
    /// # Errors
    /// One line saying what does not fit.
    pub(crate) fn parse(label: &str) -> Result<Self, String> {
        let bad = || format!("'{label}' is no matrix and index length: write it like 64x256@1000");
        let (x, length) = label.split_once('@').ok_or_else(bad)?;
        let (x, length): (Shape, Shape) = (x.parse()?, length.parse()?);
        let (&[rows, width], &[length]) = (&x[..], &length[..]) else {
            return Err(bad());
        };
        Ok(Rows { rows, width, length })
    }

    pub(crate) fn label(&self) -> String {
        format!("{}x{}@{}", self.rows, self.width, self.length)
    }

    pub(crate) fn at(&self, tier: Tier) -> Self {
        let dims = [self.rows, self.width, self.length];
        let [rows, width, length] = match tier {
            Tier::Full => dims,
            Tier::Tiny => dims.map(tiny),
            Tier::Small => {
                shrink(dims, SMALL_ELEMENTS, |&[rows, width, length]| product(&[rows.saturating_add(length), width]))
            }
        };
        Rows { rows, width, length }
    }

    /// Elements of x.
    pub(crate) fn matrix(&self) -> usize {
        self.rows.saturating_mul(self.width)
    }

    /// Elements of the rows that the index names.
    pub(crate) fn picked(&self) -> usize {
        self.length.saturating_mul(self.width)
    }
}
