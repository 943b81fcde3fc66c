//! Rows picked by index.

use crate::rows::Rows;
use crate::workload::{Workload, bytes, named};
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Tier, Tolerance};

/// Rows of x by a random index.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Gather {
    x: Rows,
    dtype: DType,
}

impl Workload for Gather {
    const ID: &'static str = "gather";
    const ABOUT: &'static str = "rows of a matrix picked by a random index";
    const FORMS: &'static [&'static str] = Rows::FORMS;

    fn at(&self, tier: Tier) -> Self {
        Gather { x: self.x.at(tier), dtype: self.dtype }
    }

    fn label(&self) -> String {
        self.x.label()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        Ok(Gather { x: Rows::parse(label)?, dtype })
    }

    fn cost(&self) -> Cost {
        let inputs = bytes(self.x.matrix(), self.dtype).saturating_add(bytes(self.x.length, DType::I64));
        Cost::streaming(0, inputs, bytes(self.x.picked(), self.dtype))
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![Tolerance::EXACT]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        Ok(vec![fill.signed([self.x.rows, self.x.width], self.dtype)?, fill.indices(self.x.length, self.x.rows)?])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x, index] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.gather_rows(x, index)?))
    }
}
