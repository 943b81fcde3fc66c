//! Convolutions.

use super::unsupported;
use crate::{Backend, HostTensor, OpResult};
use serde::{Deserialize, Serialize};

/// The order of axes in which a backend wants images and filters, and gives its results.
///
/// At a workload's border everything is channels-last. Inputs are brought into the backend's own order on the host,
/// before the clock starts; results are brought back after it has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ConvLayout {
    /// Images `NHWC`, filters `OHWI`.
    ChannelsLast,
    /// Images `NCHW`, filters `OIHW`.
    ChannelsFirst,
}

impl ConvLayout {
    /// A channels-last tensor (`N…C` or `O…I`) brought into this layout.
    ///
    /// # Errors
    /// When the tensor has no axes.
    pub fn from_channels_last(self, tensor: HostTensor) -> OpResult<HostTensor> {
        let rank = tensor.shape().rank();
        match self {
            ConvLayout::ChannelsLast => Ok(tensor),
            ConvLayout::ChannelsFirst => {
                let order: Vec<usize> =
                    [0, rank.saturating_sub(1)].into_iter().chain(1..rank.saturating_sub(1)).collect();
                tensor.permute(&order)
            }
        }
    }

    /// A tensor in this layout brought back to channels-last.
    ///
    /// # Errors
    /// When the tensor has no axes.
    pub fn to_channels_last(self, tensor: HostTensor) -> OpResult<HostTensor> {
        let rank = tensor.shape().rank();
        match self {
            ConvLayout::ChannelsLast => Ok(tensor),
            ConvLayout::ChannelsFirst => {
                let order: Vec<usize> = [0].into_iter().chain(2..rank).chain([1]).collect();
                tensor.permute(&order)
            }
        }
    }
}

/// Convolutions: cross-correlations, as frameworks mean the word.
#[expect(clippy::missing_errors_doc, reason = "every op: OpError, by default Unsupported")]
pub trait Conv: Backend {
    /// The layout this backend wants and gives.
    fn conv_layout(&self) -> ConvLayout;

    /// 1-d, with stride 1, no padding, no bias, in the backend's layout: in channels-last words, x `[n, l, c]`,
    /// filters `[o, k, c]` → `[n, l − k + 1, o]`.
    fn conv1d(&self, x: &Self::Tensor, filters: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("conv1d", x, filters)
    }

    /// 2-d, with stride 1, no padding, no bias, in the backend's layout: in channels-last words,
    /// x `[n, h, w, c]`, filters `[o, kh, kw, c]` → `[n, h − kh + 1, w − kw + 1, o]`.
    fn conv2d(&self, x: &Self::Tensor, filters: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("conv2d", x, filters)
    }
}
