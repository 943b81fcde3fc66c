//! f16 and bf16 by way of f32: sums, which candle keeps in the dtype itself, and products that it lacks.

use candle_core::{DType, Result, Tensor, utils};

/// Whether candle would add up this tensor in its own dtype: past 256 a bf16 no longer grows by ones, past 2048 an f16.
pub(super) fn is_half(x: &Tensor) -> bool {
    matches!(x.dtype(), DType::F16 | DType::BF16)
}

/// How a product is done of which [`lacks_product`] says that candle has none.
pub(super) const PRODUCT_IN_F32: &str =
    "to_dtype f32, Tensor::matmul, to_dtype: candle has no f16 product of this shape here that adds up in f32";

/// Whether candle has no product of x, `rows` by `columns`, that adds up in f32. In f16 on the CPU Accelerate has none at all, and
/// the crate gemm takes a product of one row or column for a vector's, whose sums it keeps in f16.
pub(super) fn lacks_product(x: &Tensor, rows: usize, columns: usize) -> bool {
    let is_thin = rows == 1 || columns == 1;
    x.device().is_cpu() && x.dtype() == DType::F16 && (is_thin || utils::has_accelerate())
}

/// The length of an axis, counted from the last.
pub(super) fn from_last(x: &Tensor, back: usize) -> usize {
    x.dims().iter().rev().nth(back).copied().unwrap_or(1)
}

/// Whether candle has no convolution of x with so many filters, for want of a product that adds up in f32.
pub(super) fn lacks_conv1d(x: &Tensor, filters: usize) -> bool {
    lacks_product(x, from_last(x, 0), filters)
}

/// As [`lacks_conv1d`], of images. In bf16 candle has none on the CPU: they call the product past the place where a bf16 is
/// widened.
pub(super) fn lacks_conv2d(x: &Tensor, filters: usize) -> bool {
    lacks_product(x, from_last(x, 0), filters) || (x.device().is_cpu() && x.dtype() == DType::BF16)
}

/// `f` of these tensors in f32, its result back in their dtype, which must be one: candle refuses two as well.
pub(super) fn through_f32<const N: usize>(
    tensors: [&Tensor; N],
    f: impl FnOnce([&Tensor; N]) -> Result<Tensor>,
) -> Result<Tensor> {
    let Some(dtype) = tensors.first().map(|x| x.dtype()) else { return f(tensors) };
    let mut wide = Vec::with_capacity(N);
    for tensor in tensors {
        if tensor.dtype() != dtype {
            candle_core::bail!("dtypes differ: {dtype:?} and {:?}", tensor.dtype());
        }
        wide.push(tensor.to_dtype(DType::F32)?);
    }
    f(std::array::from_fn(|i| &wide[i]))?.to_dtype(dtype)
}

/// `f` of x, where x is a half by way of f32.
pub(super) fn in_f32(x: &Tensor, f: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    if is_half(x) { through_f32([x], |[x]| f(x)) } else { f(x) }
}
