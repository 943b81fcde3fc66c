//! Softmax along one axis.

use crate::tier::{SMALL_ELEMENTS, shrink, tiny};
use crate::workload::{Workload, bytes, named, product};
use chipmark_core::check::Scale;
use chipmark_core::{
    ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Shape, Tier, Tolerance,
};

/// Softmax of x along `axis`. The label is the shape, followed by `-axisN` unless the axis is the last.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Softmax {
    shape: Shape,
    axis: usize,
    dtype: DType,
}

impl Workload for Softmax {
    const ID: &'static str = "softmax";
    const ABOUT: &'static str = "softmax along one axis, the last unless the case says otherwise";
    const FORMS: &'static [&'static str] = &["{x}", "{x}-axis{axis}"];

    fn at(&self, tier: Tier) -> Self {
        let mut case = self.clone();
        match tier {
            Tier::Full => {}
            Tier::Tiny => case.shape = Shape(self.shape.iter().map(|&d| tiny(d)).collect()),
            Tier::Small => {
                // The axis keeps its length where that is possible: it is what makes the case. The others give way, the
                // first before the rest.
                let halve = |case: &mut Softmax, axis: usize| {
                    let others = product(&case.shape) / case.shape[axis] as u64;
                    let limit = SMALL_ELEMENTS;
                    let [dim] = shrink([case.shape[axis]], limit, |d| others.saturating_mul(d[0] as u64));
                    case.shape.0[axis] = dim;
                };
                for axis in (0..self.shape.rank()).filter(|&axis| axis != self.axis) {
                    halve(&mut case, axis);
                }
                halve(&mut case, self.axis);
            }
        }
        case
    }

    fn label(&self) -> String {
        if self.axis + 1 == self.shape.rank() {
            self.shape.to_string()
        } else {
            format!("{}-axis{}", self.shape, self.axis)
        }
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        let (shape, axis) = match label.split_once("-axis") {
            Some((shape, axis)) => (shape, Some(axis.parse::<usize>().map_err(|_| format!("'{axis}' is no axis"))?)),
            None => (label, None),
        };
        let shape: Shape = shape.parse()?;
        let axis = axis.unwrap_or(shape.rank() - 1);
        if axis >= shape.rank() {
            return Err(format!("{shape} has no axis {axis}"));
        }
        Ok(Softmax { shape, axis, dtype })
    }

    fn cost(&self) -> Cost {
        // Subtract the maximum, exp, add up, divide: four operations an element, the search for the maximum a fifth.
        let n = self.shape.numel();
        Cost::streaming(product(&[5, n]), bytes(n, self.dtype), bytes(n, self.dtype))
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![Tolerance::composed(self.dtype, self.shape[self.axis], Scale::Element)]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        Ok(vec![fill.uniform(self.shape.clone(), -4.0, 4.0, self.dtype)?])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.softmax(x, self.axis)?))
    }
}
