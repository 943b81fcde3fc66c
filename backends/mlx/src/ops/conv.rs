//! Convolutions. MLX's own order of axes is channels-last.

use crate::{Mlx, error};
use chipmark_core::ops::conv::{Conv, ConvLayout};
use chipmark_core::{Backend, OpResult};
use mlx_rs::{Array, ops};

impl Conv for Mlx {
    fn conv_layout(&self) -> ConvLayout {
        ConvLayout::ChannelsLast
    }

    fn conv1d(&self, x: &Array, filters: &Array) -> OpResult<Array> {
        self.log().native("conv1d", "mlx conv1d");
        ops::conv1d(x, filters, 1, 0, 1, 1).map_err(error::from_mlx("conv1d"))
    }

    fn conv2d(&self, x: &Array, filters: &Array) -> OpResult<Array> {
        self.log().native("conv2d", "mlx conv2d");
        ops::conv2d(x, filters, (1, 1), (0, 0), (1, 1), 1).map_err(error::from_mlx("conv2d"))
    }
}
