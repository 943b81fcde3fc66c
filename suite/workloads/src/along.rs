//! A shape and one of its axes: what ops along an axis have for parameters. And the rule by which any shape is made smaller.

use crate::tier::{SMALL_ELEMENTS, shrink, tiny};
use crate::workload::product;
use chipmark_core::{Shape, Tier};

/// A shape and an axis that it has, written `SHAPE-axisN`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Along {
    pub(crate) shape: Shape,
    pub(crate) axis: usize,
}

impl Along {
    /// Reads `SHAPE-axisN`.
    ///
    /// # Errors
    /// One line saying what does not fit.
    pub(crate) fn parse(label: &str) -> Result<Self, String> {
        let (shape, axis) = label
            .split_once("-axis")
            .ok_or_else(|| format!("'{label}' does not say along which axis: write it like 64x128-axis1"))?;
        let shape: Shape = shape.parse()?;
        let axis = parse_axis(axis, shape.rank())?;
        Ok(Along { shape, axis })
    }

    pub(crate) fn label(&self) -> String {
        format!("{}-axis{}", self.shape, self.axis)
    }

    pub(crate) fn at(&self, tier: Tier) -> Self {
        Along { shape: shape_at(&self.shape, Some(self.axis), tier), axis: self.axis }
    }

    /// How many elements the axis has.
    pub(crate) fn length(&self) -> usize {
        self.shape[self.axis]
    }

    /// How many lanes lie along the axis.
    pub(crate) fn lanes(&self) -> usize {
        self.shape.numel() / self.length()
    }
}

/// Reads an axis of a shape with `rank` of them.
///
/// # Errors
/// One line when it is none.
pub(crate) fn parse_axis(text: &str, rank: usize) -> Result<usize, String> {
    let axis = text.parse::<usize>().map_err(|_| format!("'{text}' is no axis"))?;
    if axis < rank { Ok(axis) } else { Err(format!("a shape with {rank} dimensions has no axis {axis}")) }
}

/// A shape at another tier, for a case whose cost is its traffic. At `small` the axis `kept` keeps its length where that is
/// possible, because it makes the case; the others give way, the first before the rest.
pub(crate) fn shape_at(shape: &Shape, kept: Option<usize>, tier: Tier) -> Shape {
    let mut dims = shape.clone();
    match tier {
        Tier::Full => {}
        Tier::Tiny => dims = Shape(shape.iter().map(|&dim| tiny(dim)).collect()),
        Tier::Small => {
            let others = (0..shape.rank()).filter(|&axis| Some(axis) != kept);
            for axis in others.chain(kept) {
                let rest = product(&dims) / dims[axis] as u64;
                let [dim] = shrink([dims[axis]], SMALL_ELEMENTS, |d| rest.saturating_mul(d[0] as u64));
                dims.0[axis] = dim;
            }
        }
    }
    dims
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_small_the_axis_keeps_its_length_and_the_first_of_the_others_gives_way() {
        let small = |label: &str| Along::parse(label).unwrap().at(Tier::Small).label();
        assert_eq!(small("64x128x1024-axis0"), "64x32x1024-axis0");
        assert_eq!(small("64x128x1024-axis2"), "16x128x1024-axis2");
        assert_eq!(small("2x9000000-axis1"), "1x1125000-axis1");
    }
}
