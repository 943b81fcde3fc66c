//! Convolutions.

use crate::Candle;
use crate::error::Named;
use candle_core::Tensor;
use chipmark_core::ops::conv::Conv;
use chipmark_core::{Backend, ConvLayout, OpError, OpResult};

impl Conv for Candle {
    fn conv_layout(&self) -> ConvLayout {
        ConvLayout::ChannelsFirst
    }

    fn conv2d(&self, x: &Tensor, filters: &Tensor) -> OpResult<Tensor> {
        self.log().native("conv2d", "Tensor::conv2d");
        let fits = match (x.dims(), filters.dims()) {
            ([_, _, h, w], [_, _, kh, kw]) => (1..=*h).contains(kh) && (1..=*w).contains(kw),
            _ => false,
        };
        // candle subtracts these sizes without looking.
        if !fits {
            let message = format!("filters {:?} do not fit the images {:?}", filters.dims(), x.dims());
            return Err(OpError::framework("conv2d", message));
        }
        // candle's Metal kernel reads strided filters as if they were not.
        let run = || x.conv2d(&filters.contiguous()?, 0, 1, 1, 1);
        run().named("conv2d")
    }
}
