//! Layers, forward and trained: what they have in common. A layer says its parameters and what it makes of x with them;
//! [`Forward`] and [`Train`] make a workload of it.

mod attention;
mod conv_block;
mod forward;
mod linear;
mod mlp;
mod train;
mod transformer;

pub(crate) use attention::Attention;
pub(crate) use conv_block::ConvBlock;
pub(crate) use forward::Forward;
pub(crate) use linear::Linear;
pub(crate) use mlp::Mlp;
pub(crate) use train::Train;
pub(crate) use transformer::Transformer;

use chipmark_core::check::{HANDFUL, Scale};
use chipmark_core::{ConvLayout, DType, Fill, FullBackend, HostTensor, OpResult, Shape, Tolerance};
use std::fmt::Debug;

/// A layer of given sizes.
///
/// Its parameters are drawn so that values stay of order one on their way through it: that is what errors are measured by.
pub(crate) trait Layer: Clone + Debug + PartialEq + 'static {
    /// The forward workload's id.
    const ID: &'static str;
    const ABOUT: &'static str;
    /// The training workload's id.
    const TRAIN_ID: &'static str;
    const TRAIN_ABOUT: &'static str;
    const FORMS: &'static [&'static str];
    /// Whether all its tensors are images and filters, which have a backend's own layout.
    const HAS_LAYOUT: bool = false;

    /// Its sizes, each of which may be made smaller.
    type Dims: AsMut<[usize]> + Copy;

    fn dims(&self) -> Self::Dims;
    fn of(dims: Self::Dims) -> Self;

    fn label(&self) -> String;

    /// Reads a label. An error is one line saying what does not fit.
    fn parse(label: &str) -> Result<Self, String>;

    /// The shape of x.
    fn input(&self) -> Shape;

    /// The shape of the result.
    fn output(&self) -> Shape;

    fn params(&self) -> Vec<Param>;

    /// The products of a forward call: those of x itself, through which no gradient need flow back, and all others.
    fn flop(&self) -> Flop;

    /// Elements of all that is made on the way from x to the result, and of the result.
    fn made(&self) -> u64;

    /// How many terms the sums on the longest way from x to the result add up.
    fn lengths(&self) -> Vec<usize>;

    /// How many inputs of order one its weights see, those of all products added up.
    fn fan_in(&self) -> usize;

    /// The result.
    fn forward<B: FullBackend>(&self, b: &B, params: &[B::Tensor], x: &B::Tensor) -> OpResult<B::Tensor>;
}

/// The FLOP of a layer's products, forward.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Flop {
    pub(crate) of_x: u64,
    pub(crate) others: u64,
}

/// A parameter: uniform numbers from `low` to `high`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Param {
    pub(crate) shape: Shape,
    low: f64,
    high: f64,
}

impl Param {
    /// The weights of a product of `fan_in` terms: of variance `gain / fan_in`, so that a result's is the gain times the mean
    /// square of what goes in. After relu, which halves that, a gain of two makes up for it (He et al., 2015).
    #[expect(clippy::cast_precision_loss, reason = "a length is far below 2^53")]
    pub(crate) fn weight(shape: impl Into<Shape>, fan_in: usize, gain: f64) -> Self {
        let limit = (3.0 * gain / fan_in as f64).sqrt();
        Param { shape: shape.into(), low: -limit, high: limit }
    }

    /// A bias: large enough that leaving it out shows.
    pub(crate) fn bias(shape: impl Into<Shape>) -> Self {
        Param { shape: shape.into(), low: -0.5, high: 0.5 }
    }

    /// The weight of a normalisation.
    pub(crate) fn scale(shape: impl Into<Shape>) -> Self {
        Param { shape: shape.into(), low: 0.5, high: 1.5 }
    }

    pub(crate) fn numel(&self) -> usize {
        self.shape.numel()
    }
}

/// A layer's parameters and x on the host. x is of order one, and its mean is not zero: neither is what the layer makes of
/// different rows unrelated then, so that training has something to learn.
fn inputs<L: Layer>(layer: &L, dtype: DType, fill: &mut Fill, layout: ConvLayout) -> OpResult<Vec<HostTensor>> {
    let x = Param { shape: layer.input(), low: -0.5, high: 2.0 };
    let drawn = layer.params().into_iter().chain([x]).map(|p| fill.uniform(p.shape, p.low, p.high, dtype));
    drawn.map(|tensor| in_layout::<L>(tensor?, layout)).collect()
}

fn in_layout<L: Layer>(tensor: HostTensor, layout: ConvLayout) -> OpResult<HostTensor> {
    if L::HAS_LAYOUT { layout.from_channels_last(tensor) } else { Ok(tensor) }
}

/// How far a layer's result may be off, of one. Each sum on the way may be off by its terms' roundings, one unit of the accumulator a
/// term, which is its worst case and, for terms of either sign that add up to order one, more than four deviations of what comes
/// of random roundings. What leaves a sum is rounded in the dtype, a few units: independently of what left the others, so
/// that these add up by their squares. What follows keeps an error of order one at that: weights keep the mean square of what
/// goes through them, and no activation has a slope much above one.
fn tolerance<L: Layer>(layer: &L, dtype: DType) -> Tolerance {
    let lengths = layer.lengths();
    let summed: f64 = lengths.iter().map(|&length| Tolerance::one_sign(DType::F32, length, Scale::One).bound).sum();
    #[expect(clippy::cast_precision_loss, reason = "a handful of sums")]
    let rounded = HANDFUL * (lengths.len() as f64).sqrt();
    Tolerance::rounding(dtype, Scale::One, |u| rounded * u + summed)
}

/// Reads the number at the end of a label, after `name`, such as the 8 of `8x128x512-heads8`.
fn split_number<'a>(label: &'a str, name: &str) -> Option<(&'a str, usize)> {
    let (rest, digits) = label.rsplit_once(name)?;
    let sound = digits.len() <= 7 && !digits.starts_with(['0', '+']);
    Some((rest, digits.parse().ok().filter(|_| sound)?))
}
