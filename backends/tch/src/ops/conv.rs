//! Convolutions.

use crate::Tch;
use chipmark_core::ops::conv::Conv;
use chipmark_core::{ConvLayout, OpResult};
use tch::Tensor;

impl Conv for Tch {
    fn conv_layout(&self) -> ConvLayout {
        ConvLayout::ChannelsFirst
    }

    fn conv2d(&self, x: &Tensor, filters: &Tensor) -> OpResult<Tensor> {
        let made = x.f_conv2d::<&Tensor>(filters, None, [1, 1], [0, 0], [1, 1], 1);
        self.native("conv2d", "at::conv2d", made)
    }
}
