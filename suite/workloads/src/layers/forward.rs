//! A layer's forward pass.

use super::{Layer, inputs, tolerance};
use crate::tier::fit;
use crate::workload::{Workload, bytes};
use chipmark_core::{
    ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpError, OpResult, Outputs, Tier, Tolerance,
};

/// The layer's result on x.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Forward<L> {
    layer: L,
    dtype: DType,
}

impl<L: Layer> Workload for Forward<L> {
    const ID: &'static str = L::ID;
    const ABOUT: &'static str = L::ABOUT;
    const FORMS: &'static [&'static str] = L::FORMS;

    fn at(&self, tier: Tier) -> Self {
        let of = |&dims: &L::Dims| Forward { layer: L::of(dims), dtype: self.dtype };
        of(&fit(self.layer.dims(), tier, |dims| of(dims).cost()))
    }

    fn label(&self) -> String {
        self.layer.label()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        Ok(Forward { layer: L::parse(label)?, dtype })
    }

    /// The arithmetic is that of products; at the sizes of the suites, the rest is under a hundredth of it.
    fn cost(&self) -> Cost {
        let flop = self.layer.flop();
        let params = self.layer.params().iter().fold(0usize, |sum, param| sum.saturating_add(param.numel()));
        let inputs = bytes(params.saturating_add(self.layer.input().numel()), self.dtype);
        let cost = Cost::streaming(
            flop.of_x.saturating_add(flop.others),
            inputs,
            bytes(self.layer.output().numel(), self.dtype),
        );
        let made = self.layer.made().saturating_mul(self.dtype.size_bytes() as u64);
        Cost { working_set_bytes: inputs.saturating_add(made), ..cost }
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![tolerance(&self.layer, self.dtype)]
    }

    fn inputs(&self, fill: &mut Fill, layout: ConvLayout) -> OpResult<Vec<HostTensor>> {
        inputs(&self.layer, self.dtype, fill, layout)
    }

    fn has_layout(&self) -> bool {
        L::HAS_LAYOUT
    }

    fn canonical(&self, output: HostTensor, layout: ConvLayout) -> OpResult<HostTensor> {
        if L::HAS_LAYOUT { layout.to_channels_last(output) } else { Ok(output) }
    }

    fn step<B: FullBackend>(&self, b: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [params @ .., x] = x else { return Err(OpError::framework(L::ID, "there is no input")) };
        Ok(Outputs::one(self.layer.forward(b, params, x)?))
    }
}
