//! Two tensors joined along one axis.

use crate::along::parse_axis;
use crate::tier::{SMALL_ELEMENTS, shrink, tiny};
use crate::workload::{Workload, bytes, named, product, two_shapes};
use chipmark_core::{
    ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Shape, Tier, Tolerance,
};

/// a and b one after the other along `axis`; they differ in that axis alone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Concat {
    a: Shape,
    /// The length of b along the axis.
    b_length: usize,
    axis: usize,
    dtype: DType,
}

impl Concat {
    fn b(&self) -> Shape {
        let mut b = self.a.clone();
        b.0[self.axis] = self.b_length;
        b
    }

    fn numel(&self) -> usize {
        self.a.numel().saturating_add(self.b().numel())
    }
}

impl Workload for Concat {
    const ID: &'static str = "concat";
    const ABOUT: &'static str = "two tensors joined along one axis";
    const FORMS: &'static [&'static str] = &["{a}@{b}-axis{axis}"];

    fn at(&self, tier: Tier) -> Self {
        let mut case = self.clone();
        match tier {
            Tier::Full => {}
            Tier::Tiny => {
                case.a = Shape(self.a.iter().map(|&dim| tiny(dim)).collect());
                case.b_length = tiny(self.b_length);
            }
            Tier::Small => {
                // Of the dimensions that a and b share, the largest one alone is halved: the classic cases have no other.
                let shared = (0..self.a.rank()).filter(|&axis| axis != self.axis).max_by_key(|&axis| self.a[axis]);
                let length = shared.map_or(1, |axis| self.a[axis]);
                let rest = product(&self.a) / product(&[length, self.a[self.axis]]);
                let dims = [length, self.a[self.axis], self.b_length];
                let [length, a_length, b_length] =
                    shrink(dims, SMALL_ELEMENTS, |d| rest.saturating_mul(product(&[d[0], d[1].saturating_add(d[2])])));
                if let Some(axis) = shared {
                    case.a.0[axis] = length;
                }
                case.a.0[self.axis] = a_length;
                case.b_length = b_length;
            }
        }
        case
    }

    fn label(&self) -> String {
        format!("{}@{}-axis{}", self.a, self.b(), self.axis)
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        let (shapes, axis) = label
            .rsplit_once("-axis")
            .ok_or_else(|| format!("'{label}' does not say along which axis: write it like 64x32@64x16-axis1"))?;
        let (a, b) = two_shapes(shapes)?;
        let axis = parse_axis(axis, a.rank())?;
        let apart =
            |shape: &Shape| shape.iter().enumerate().filter(|(i, _)| *i != axis).map(|(_, &d)| d).collect::<Vec<_>>();
        if a.rank() != b.rank() || apart(&a) != apart(&b) {
            return Err(format!("{a} and {b} differ in more than axis {axis}"));
        }
        Ok(Concat { b_length: b[axis], a, axis, dtype })
    }

    fn cost(&self) -> Cost {
        let moved = bytes(self.numel(), self.dtype);
        Cost::streaming(0, moved, moved)
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![Tolerance::EXACT]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        Ok(vec![fill.signed(self.a.clone(), self.dtype)?, fill.signed(self.b(), self.dtype)?])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [a, b] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.concat(a, b, self.axis)?))
    }
}
