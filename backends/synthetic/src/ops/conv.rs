//! Convolutions.

use super::floats;
use crate::{Synthetic, Tensor};
use chipmark_core::OpResult;
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::conv::{Conv, ConvLayout};

impl Conv for Synthetic {
    fn conv_layout(&self) -> ConvLayout {
        ConvLayout::ChannelsLast
    }

    fn conv1d(&self, x: &Tensor, filters: &Tensor) -> OpResult<Tensor> {
        let dtype = floats("conv1d", &[x, filters])?;
        Ok(self.made("conv1d", shapes::conv1d(dtype, x.shape(), filters.shape())?, dtype))
    }

    fn conv2d(&self, x: &Tensor, filters: &Tensor) -> OpResult<Tensor> {
        let dtype = floats("conv2d", &[x, filters])?;
        Ok(self.made("conv2d", shapes::conv2d(dtype, x.shape(), filters.shape())?, dtype))
    }
}
