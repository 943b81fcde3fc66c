//! Shapes of convolutions, in channels-last words whatever a backend's own layout is.

use super::mismatch;
use crate::{DType, OpResult, Shape};

/// x `[n, l, c]`, filters `[o, k, c]` → `[n, l − k + 1, o]`.
///
/// # Errors
/// When the channels differ, a filter is empty or longer than the sequence, or an operand has another rank.
pub fn conv1d(dtype: DType, x: &[usize], filters: &[usize]) -> OpResult<Shape> {
    convolution("conv1d", dtype, x, filters, 3)
}

/// x `[n, h, w, c]`, filters `[o, kh, kw, c]` → `[n, h − kh + 1, w − kw + 1, o]`.
///
/// # Errors
/// When the channels differ, a filter is empty or larger than the image, or an operand has another rank.
pub fn conv2d(dtype: DType, x: &[usize], filters: &[usize]) -> OpResult<Shape> {
    convolution("conv2d", dtype, x, filters, 4)
}

fn convolution(op: &'static str, dtype: DType, x: &[usize], filters: &[usize], rank: usize) -> OpResult<Shape> {
    let wrong = |why: &str| Err(mismatch(op, dtype, &[x, filters], why));
    match (x, filters) {
        ([n, from @ .., c], [o, window @ .., c_f]) if x.len() == rank && filters.len() == rank => {
            if c != c_f {
                return wrong("the channels differ");
            }
            // As many places as there are where a window of this length, which is one or more, lies inside.
            let places = from.iter().zip(window).map(|(length, k)| (length + 1).checked_sub(*k).filter(|_| *k > 0));
            match places.map(|places| places.filter(|&n| n > 0)).collect::<Option<Vec<usize>>>() {
                Some(places) => Ok(Shape([*n].into_iter().chain(places).chain([*o]).collect())),
                None => wrong("the filter does not fit into x"),
            }
        }
        _ => wrong(&format!("each must have {rank} axes")),
    }
}
