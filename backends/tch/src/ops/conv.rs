//! Convolutions.

use super::misfit;
use crate::Tch;
use chipmark_core::ops::conv::Conv;
use chipmark_core::{ConvLayout, OpResult};
use tch::Tensor;

/// Refuses a single image, which libtorch would take for a batch of one.
fn batched(op: &'static str, x: &Tensor, filters: &Tensor, rank: usize) -> OpResult<()> {
    if x.dim() == rank && filters.dim() == rank {
        Ok(())
    } else {
        Err(misfit(op, &[x, filters], &format!("each must have {rank} axes")))
    }
}

impl Conv for Tch {
    fn conv_layout(&self) -> ConvLayout {
        ConvLayout::ChannelsFirst
    }

    fn conv1d(&self, x: &Tensor, filters: &Tensor) -> OpResult<Tensor> {
        batched("conv1d", x, filters, 3)?;
        let made = x.f_conv1d::<&Tensor>(filters, None, 1, 0, 1, 1);
        self.native("conv1d", "at::conv1d", made)
    }

    fn conv2d(&self, x: &Tensor, filters: &Tensor) -> OpResult<Tensor> {
        batched("conv2d", x, filters, 4)?;
        let made = x.f_conv2d::<&Tensor>(filters, None, [1, 1], [0, 0], [1, 1], 1);
        self.native("conv2d", "at::conv2d", made)
    }
}
