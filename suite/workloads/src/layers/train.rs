//! A step of training a layer: forward, backward, update.

use super::{Layer, in_layout, inputs, tolerance};
use crate::tier::fit;
use crate::workload::{Workload, bytes};
use chipmark_core::check::Scale;
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, Mode, OpError, OpResult};
use chipmark_core::{Outputs, Tier, Tolerance};

/// The layer taught to make a target of x: the mean square of what it is off by, its gradient, and p − rate·g for every
/// parameter, which is the next call's.
///
/// In f32 alone: in half dtypes one would train with f32 parameters and a scaled loss, which is another workload.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Train<L> {
    layer: L,
}

/// Calls in a row that a check compares. The loss of the second shows the first's update, and that of the third shows that
/// updates are carried on.
const CALLS: usize = 3;

impl<L: Layer> Train<L> {
    /// The learning rate. The loss, a mean over all elements, has a curvature of at most 2Σv²/n along weights that see inputs v, n
    /// the width of the result; Σv² is about the fan-in. So this step goes to the bottom along the steepest direction at most
    /// twice over, and does not overshoot.
    #[expect(clippy::cast_precision_loss, reason = "a length is far below 2^53")]
    fn rate(&self) -> f64 {
        let width = self.layer.output().last().copied().unwrap_or(1);
        width as f64 / (1 + self.layer.fan_in()) as f64
    }
}

impl<L: Layer> Workload for Train<L> {
    const ID: &'static str = L::TRAIN_ID;
    const ABOUT: &'static str = L::TRAIN_ABOUT;
    const FORMS: &'static [&'static str] = L::FORMS;
    const DTYPES: &'static [DType] = &[DType::F32];

    fn at(&self, tier: Tier) -> Self {
        let of = |&dims: &L::Dims| Train { layer: L::of(dims) };
        of(&fit(self.layer.dims(), tier, |dims| {
            let cost = of(dims).cost();
            Cost { flop: cost.flop.saturating_mul(CALLS as u64), ..cost }
        }))
    }

    fn label(&self) -> String {
        self.layer.label()
    }

    fn dtype(&self) -> DType {
        DType::F32
    }

    fn parse(label: &str, _: DType) -> Result<Self, String> {
        Ok(Train { layer: L::parse(label)? })
    }

    fn modes(&self) -> &'static [Mode] {
        // No throughput: a call needs the parameters that the one before it made.
        &[Mode::Latency, Mode::Transfer, Mode::FirstCall]
    }

    /// Each product is done again for the gradient of either factor, but for that of x. The arithmetic is that of products; at
    /// the sizes of the suites, the rest is under a hundredth of it.
    fn cost(&self) -> Cost {
        let flop = self.layer.flop();
        let params = self.layer.params().iter().fold(0usize, |sum, param| sum.saturating_add(param.numel()));
        let params = bytes(params, DType::F32);
        let data = [self.layer.input(), self.layer.output()].map(|shape| bytes(shape.numel(), DType::F32));
        let data = data[0].saturating_add(data[1]);
        // Parameters read and written, and the loss.
        let cost = Cost::streaming(
            flop.of_x.saturating_mul(2).saturating_add(flop.others.saturating_mul(3)),
            params.saturating_add(data),
            params.saturating_add(4),
        );
        // What is made on the way, and what the loss is made of, is held for the way back, with a gradient for each; so has each
        // parameter.
        let loss = self.layer.output().numel() as u64;
        let made = self.layer.made().saturating_add(2 * loss).saturating_mul(2 * 4);
        Cost { working_set_bytes: cost.bytes.saturating_add(params).saturating_add(made), ..cost }
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        // The loss is of order one, so it is off by twice what the result is; by as much again, and by as much for the way back,
        // for each update, since no update changes it by more than itself; and by the error of its own sum of squares.
        let sum = Tolerance::one_sign(DType::F32, self.layer.output().numel(), Scale::Element);
        let updates = CALLS - 1;
        let steps = (2 + 4 * updates) as f64 * tolerance(&self.layer, DType::F32).bound;
        vec![sum.with(|bound| bound + steps)]
    }

    fn inputs(&self, fill: &mut Fill, layout: ConvLayout) -> OpResult<Vec<HostTensor>> {
        let mut inputs = inputs(&self.layer, DType::F32, fill, layout)?;
        let target = fill.signed(self.layer.output(), DType::F32)?;
        inputs.push(in_layout::<L>(target, layout)?);
        Ok(inputs)
    }

    fn has_layout(&self) -> bool {
        L::HAS_LAYOUT
    }

    fn carried(&self) -> usize {
        self.layer.params().len()
    }

    fn checked_calls(&self) -> usize {
        CALLS
    }

    fn step<B: FullBackend>(&self, b: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [params @ .., x, target] = x else { return Err(OpError::framework(L::TRAIN_ID, "an input is missing")) };
        let loss = |b: &B, params: &[B::Tensor]| {
            let off = b.sub(&self.layer.forward(b, params, x)?, target)?;
            b.mean_all(&b.mul(&off, &off)?)
        };
        let (loss, gradients) = b.value_and_grad(loss, params)?;
        let rate = self.rate();
        let update = |(p, g)| b.sub(p, &b.affine(g, rate, 0.0)?);
        let updated = params.iter().zip(&gradients).map(update).collect::<OpResult<Vec<_>>>()?;
        Ok(Outputs::many(updated.into_iter().chain([loss])))
    }
}
