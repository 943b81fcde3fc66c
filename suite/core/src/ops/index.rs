//! Ops that select or place by index. An index tensor is i64 on the host, what the backend likes on the device.

use super::unsupported;
use crate::{Backend, OpResult};

/// Rows taken and placed by index.
#[expect(clippy::missing_errors_doc, reason = "every op: OpError, by default Unsupported")]
pub trait Index: Backend {
    /// The rows `index` of x: x `[n, …]`, index `[l]` → `[l, …]`.
    fn gather_rows(&self, x: &Self::Tensor, index: &Self::Tensor) -> OpResult<Self::Tensor> {
        unsupported!("gather_rows", x, index)
    }
    /// `into` with row i of `source` added to its row `index[i]`, repeated indices added up, `into` itself left as it
    /// is: into `[n, f]`, index `[l]`, source `[l, f]` → `[n, f]`.
    fn scatter_add_rows(
        &self,
        into: &Self::Tensor,
        index: &Self::Tensor,
        source: &Self::Tensor,
    ) -> OpResult<Self::Tensor> {
        unsupported!("scatter_add_rows", into, index, source)
    }
    /// `into` with row i of `source` in the place of its row `index[i]`, `into` itself left as it is; of the sources of a
    /// repeated index, any one. Shapes as [`Index::scatter_add_rows`].
    fn scatter_set_rows(
        &self,
        into: &Self::Tensor,
        index: &Self::Tensor,
        source: &Self::Tensor,
    ) -> OpResult<Self::Tensor> {
        unsupported!("scatter_set_rows", into, index, source)
    }
    /// `into` with each element of its row `index[i]` raised to that of row i of `source` where that is larger, `into`
    /// itself left as it is. Shapes as [`Index::scatter_add_rows`].
    fn scatter_max_rows(
        &self,
        into: &Self::Tensor,
        index: &Self::Tensor,
        source: &Self::Tensor,
    ) -> OpResult<Self::Tensor> {
        unsupported!("scatter_max_rows", into, index, source)
    }
    /// Rows `start .. start + len` of x.
    fn slice_rows(&self, x: &Self::Tensor, start: usize, len: usize) -> OpResult<Self::Tensor> {
        unsupported!("slice_rows", x, start, len)
    }
}
