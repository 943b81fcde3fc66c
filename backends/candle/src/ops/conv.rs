//! Convolutions.

use super::half::{lacks_conv1d, lacks_conv2d, through_f32};
use crate::Candle;
use crate::error::{Named, misfit};
use candle_core::{Result, Tensor};
use chipmark_core::ops::conv::Conv;
use chipmark_core::{Backend, ConvLayout, OpResult};

/// Whether filters are no larger than what they go over, of which candle subtracts their size without looking. `axes`: how
/// many axes they go along.
fn check(op: &'static str, axes: usize, x: &Tensor, filters: &Tensor) -> OpResult<()> {
    let sides = |x: &Tensor| x.dims().get(2..).filter(|sides| sides.len() == axes).map(<[usize]>::to_vec);
    let fits = sides(x).zip(sides(filters));
    let fits = fits.is_some_and(|(x, filters)| x.iter().zip(filters).all(|(&side, k)| (1..=side).contains(&k)));
    if fits { Ok(()) } else { Err(misfit(op, &[x, filters], "the filters do not fit into the images")) }
}

/// How many filters there are.
fn count(filters: &Tensor) -> usize {
    filters.dims().first().copied().unwrap_or(0)
}

/// candle's Metal kernel reads strided filters as if they were not.
fn conv2d(x: &Tensor, filters: &Tensor) -> Result<Tensor> {
    let plain = |x: &Tensor, filters: &Tensor| x.conv2d(&filters.contiguous()?, 0, 1, 1, 1);
    if lacks_conv2d(x, count(filters)) {
        through_f32([x, filters], |[x, filters]| plain(x, filters))
    } else {
        plain(x, filters)
    }
}

fn conv1d(x: &Tensor, filters: &Tensor) -> Result<Tensor> {
    let plain = |x: &Tensor, filters: &Tensor| x.conv1d(&filters.contiguous()?, 0, 1, 1, 1);
    if lacks_conv1d(x, count(filters)) {
        through_f32([x, filters], |[x, filters]| plain(x, filters))
    } else {
        plain(x, filters)
    }
}

impl Conv for Candle {
    fn conv_layout(&self) -> ConvLayout {
        ConvLayout::ChannelsFirst
    }

    fn conv1d(&self, x: &Tensor, filters: &Tensor) -> OpResult<Tensor> {
        check("conv1d", 1, x, filters)?;
        // candle's conv1d reads strided filters as if they were not, on the CPU too, and its backward calls it with such.
        if x.track_op() || filters.track_op() {
            self.log().composed("conv1d", "Tensor::conv2d of images of height 1: the backward of conv1d is wrong");
            let run = || conv2d(&x.unsqueeze(2)?, &filters.unsqueeze(2)?)?.squeeze(2);
            return run().named("conv1d");
        }
        if lacks_conv1d(x, count(filters)) {
            self.log().composed(
                "conv1d",
                "to_dtype f32, Tensor::conv1d, to_dtype: candle has no f16 product for this that adds up in f32",
            );
        } else {
            self.log().native("conv1d", "Tensor::conv1d");
        }
        conv1d(x, filters).named("conv1d")
    }

    fn conv2d(&self, x: &Tensor, filters: &Tensor) -> OpResult<Tensor> {
        check("conv2d", 2, x, filters)?;
        if lacks_conv2d(x, count(filters)) {
            self.log().composed(
                "conv2d",
                "to_dtype f32, Tensor::conv2d, to_dtype: candle has none in this dtype here that adds up in f32",
            );
        } else {
            self.log().native("conv2d", "Tensor::conv2d");
        }
        conv2d(x, filters).named("conv2d")
    }
}
