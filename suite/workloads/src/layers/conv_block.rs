//! A block of convolutions.

use super::{Flop, Layer, Param};
use crate::workload::{named, product};
use chipmark_core::{FullBackend, OpResult, Shape};

/// Twice a 3×3 convolution, bias and relu, without padding: a stage of a U-Net (Ronneberger et al., 2015). Images
/// `[n, h, w, c]` at the border, as many channels throughout; each convolution takes two from height and width.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ConvBlock {
    images: usize,
    /// Of the result.
    height: usize,
    width: usize,
    channels: usize,
}

const KERNEL: usize = 3;
const CONVOLUTIONS: usize = 2;
/// What the images lose on the way.
const LOST: usize = CONVOLUTIONS * (KERNEL - 1);
/// What the filters make up for: relu leaves half of the mean square of what goes in.
const BEFORE_RELU: f64 = 2.0;

impl ConvBlock {
    /// The terms of an output's sum.
    fn length(&self) -> usize {
        KERNEL * KERNEL * self.channels
    }

    /// Elements after the first convolution and after the second.
    fn outputs(&self) -> [u64; 2] {
        let [h, w] = [self.height, self.width].map(|side| side + LOST / 2);
        [product(&[self.images, h, w, self.channels]), product(&self.output())]
    }
}

impl Layer for ConvBlock {
    const ID: &'static str = "conv_block";
    const ABOUT: &'static str = "twice a 3x3 convolution, bias and relu; NHWC at the border, no padding";
    const TRAIN_ID: &'static str = "conv_block_train";
    const TRAIN_ABOUT: &'static str = "a training step of two 3x3 convolutions with relu: forward, backward, update";
    const FORMS: &'static [&'static str] = &["{x}", "{n}x{h}x{w}x{c}"];
    const HAS_LAYOUT: bool = true;

    type Dims = [usize; 4];

    fn dims(&self) -> [usize; 4] {
        [self.images, self.height, self.width, self.channels]
    }

    fn of([images, height, width, channels]: [usize; 4]) -> Self {
        ConvBlock { images, height, width, channels }
    }

    fn label(&self) -> String {
        self.input().to_string()
    }

    fn parse(label: &str) -> Result<Self, String> {
        match label.parse::<Shape>()?[..] {
            [images, h, w, channels] if h > LOST && w > LOST => {
                Ok(ConvBlock { images, height: h - LOST, width: w - LOST, channels })
            }
            [_, _, _, _] => Err(format!("the images must be larger than {LOST}x{LOST}")),
            _ => Err("images have four dimensions, NHWC, such as 16x56x56x64".to_owned()),
        }
    }

    fn input(&self) -> Shape {
        Shape::from([self.images, self.height + LOST, self.width + LOST, self.channels])
    }

    fn output(&self) -> Shape {
        Shape::from([self.images, self.height, self.width, self.channels])
    }

    fn params(&self) -> Vec<Param> {
        let filters = || Param::weight([self.channels, KERNEL, KERNEL, self.channels], self.length(), BEFORE_RELU);
        let bias = || Param::bias([1, 1, 1, self.channels]);
        vec![filters(), bias(), filters(), bias()]
    }

    fn flop(&self) -> Flop {
        let [of_x, others] = self.outputs().map(|outputs| outputs.saturating_mul(product(&[2, self.length()])));
        Flop { of_x, others }
    }

    fn made(&self) -> u64 {
        // After the convolution, the bias and relu.
        let [first, second] = self.outputs();
        first.saturating_add(second).saturating_mul(3)
    }

    fn lengths(&self) -> Vec<usize> {
        vec![self.length(); CONVOLUTIONS]
    }

    fn fan_in(&self) -> usize {
        CONVOLUTIONS * self.length()
    }

    fn forward<B: FullBackend>(&self, b: &B, params: &[B::Tensor], x: &B::Tensor) -> OpResult<B::Tensor> {
        let [filters, bias, filters_2, bias_2] = named(Self::ID, params)?;
        let y = b.relu(&b.add(&b.conv2d(x, filters)?, bias)?)?;
        b.relu(&b.add(&b.conv2d(&y, filters_2)?, bias_2)?)
    }
}
