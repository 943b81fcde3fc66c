//! Ordering.

use crate::Candle;
use crate::error::{Named, misfit};
use candle_core::{Device, Tensor};
use chipmark_core::ops::sort::Sort;
use chipmark_core::{Backend, OpError, OpResult};

/// Refuses rows that are too long for candle's argsort, which sorts a row in one block of a GPU's threads: Metal's with a
/// thread for each element, of which a group has 1024; CUDA's in 48 KiB of shared memory, a power of two of 4-byte
/// indices. Longer ones fail when they are launched, or later.
pub(super) fn check_row(op: &'static str, device: &Device, row: usize) -> OpResult<()> {
    let longest = match device {
        Device::Cpu => return Ok(()),
        Device::Metal(_) => 1024,
        Device::Cuda(_) => 8192,
    };
    if row <= longest {
        return Ok(());
    }
    let why = format!("candle's argsort takes rows of up to {longest} elements on this device; this one has {row}");
    Err(OpError::unsupported(op, why))
}

impl Sort for Candle {
    fn sort(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let Some(&row) = x.dims().get(axis) else {
            return Err(misfit("sort", &[x], &format!("there is no axis {axis}")));
        };
        check_row("sort", x.device(), row)?;
        let last = x.rank() - 1;
        self.log().composed(
            "sort",
            if axis == last {
                "Tensor::sort_last_dim: argsort, gather"
            } else {
                "transpose, contiguous, Tensor::sort_last_dim (argsort, gather), transpose"
            },
        );
        // candle would cut no elements into rows of none.
        if x.elem_count() == 0 {
            return Ok(x.clone());
        }
        let run = || x.transpose(axis, last)?.contiguous()?.sort_last_dim(true)?.0.transpose(axis, last);
        run().named("sort")
    }
}
