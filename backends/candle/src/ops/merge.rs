//! Sorting rows that are too long for candle's argsort on a GPU: in pieces that it takes, merged by Batcher's bitonic network
//! (Batcher, *Sorting networks and their applications*, 1968), whose steps are elementwise ops.
//!
//! A row of a million elements on Metal takes 11 sorts of all pieces and 55 passes of compare and exchange over the row.

use candle_core::{D, Device, Result, Tensor};

/// How a long row is sorted.
pub(super) const HOW: &str = "pieces sorted (argsort, gather) and merged: flip, minimum, maximum, cat";

/// The longest row that candle's argsort takes: it sorts one in one block of a GPU's threads, Metal's with a thread for each
/// element, of which a group has 1024; CUDA's in 48 KiB of shared memory, a power of two of 4-byte indices. Longer ones fail
/// when they are launched, or later.
pub(super) fn longest_row(device: &Device) -> usize {
    match device {
        Device::Cpu => usize::MAX,
        Device::Metal(_) => 1024,
        Device::Cuda(_) => 8192,
    }
}

/// The rows of x along its last axis, which has no gaps, in ascending order. Pieces are of `longest` elements, a power of two.
pub(super) fn sort(x: &Tensor, longest: usize) -> Result<Tensor> {
    let row = x.dim(D::Minus1)?;
    if row <= longest {
        return Ok(x.sort_last_dim(true)?.0);
    }
    let exchange = |[a, b]: [Keyed; 2]| {
        Ok([
            Keyed { keys: a.keys.minimum(&b.keys)?, places: None },
            Keyed { keys: a.keys.maximum(&b.keys)?, places: None },
        ])
    };
    let sorted = merged(&Keyed { keys: padded(x, longest)?, places: None }, longest, exchange)?.keys;
    cut(&sorted, x)
}

/// As [`sort`], and where each element was.
pub(super) fn argsort(x: &Tensor, longest: usize) -> Result<(Tensor, Tensor)> {
    let row = x.dim(D::Minus1)?;
    if row <= longest {
        return x.sort_last_dim(true);
    }
    let keys = padded(x, longest)?;
    let count = u32::try_from(keys.dim(D::Minus1)?).map_err(candle_core::Error::wrap)?;
    let places = Tensor::arange(0u32, count, x.device())?.broadcast_as(keys.shape())?.contiguous()?;
    let exchange = |[a, b]: [Keyed; 2]| {
        let swap = a.keys.gt(&b.keys)?;
        let pick = |x: &Keyed, y: &Keyed| {
            let places = match (&x.places, &y.places) {
                (Some(x), Some(y)) => Some(swap.where_cond(x, y)?),
                _ => None,
            };
            Ok::<_, candle_core::Error>(Keyed { keys: swap.where_cond(&x.keys, &y.keys)?, places })
        };
        Ok([pick(&b, &a)?, pick(&a, &b)?])
    };
    let sorted = merged(&Keyed { keys, places: Some(places) }, longest, exchange)?;
    let Some(places) = sorted.places else { candle_core::bail!("the places are lost") };
    // What is padded is as small as an element can be. Where an element is as small, the padding may stand for it, and then
    // any place will do: it is the least of its row either way.
    let last = u32::try_from(row - 1).map_err(candle_core::Error::wrap)?;
    Ok((cut(&sorted.keys, x)?, cut(&places.minimum(&Tensor::full(last, places.shape(), x.device())?)?, x)?))
}

/// Elements, and where each was if anybody wants to know. Both have the same shape.
struct Keyed {
    keys: Tensor,
    places: Option<Tensor>,
}

impl Keyed {
    fn map(&self, f: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Keyed> {
        Ok(Keyed { keys: f(&self.keys)?, places: self.places.as_ref().map(f).transpose()? })
    }

    fn joined(a: &Keyed, b: &Keyed) -> Result<Keyed> {
        let cat = |a: &Tensor, b: &Tensor| Tensor::cat(&[a, b], D::Minus1);
        let places = match (&a.places, &b.places) {
            (Some(a), Some(b)) => Some(cat(a, b)?),
            _ => None,
        };
        Ok(Keyed { keys: cat(&a.keys, &b.keys)?, places })
    }

    /// Cut into rows of `len` elements, and each row into its halves.
    fn halves(&self, len: usize) -> Result<[Keyed; 2]> {
        let half = |start| self.map(|x| x.reshape(((), len))?.narrow(1, start, len / 2)?.contiguous());
        Ok([half(0)?, half(len / 2)?])
    }

    /// Each piece of `len` elements in ascending order.
    fn in_pieces(&self, len: usize) -> Result<Keyed> {
        let (keys, order) = self.keys.reshape(((), len))?.sort_last_dim(true)?;
        let places = self.places.as_ref().map(|places| places.reshape(((), len))?.gather(&order, D::Minus1));
        Ok(Keyed { keys, places: places.transpose()? })
    }
}

/// Each row of x sorted, a power of two of pieces long. `exchange` puts the lesser of two elements first.
fn merged(x: &Keyed, piece: usize, exchange: impl Fn([Keyed; 2]) -> Result<[Keyed; 2]>) -> Result<Keyed> {
    let shape = x.keys.shape().clone();
    let row = x.keys.dim(D::Minus1)?;
    let flip = |x: &Keyed| x.map(|x| x.flip(&[1])?.contiguous());
    let mut x = x.in_pieces(piece)?;
    let mut sorted = piece;
    while sorted < row {
        // Two ascending runs: the first element with the last, the second with the last but one, and so on. After that every
        // element of the first half is less than any of the second, and each half rises and falls, or falls and rises.
        let [a, b] = x.halves(2 * sorted)?;
        let [low, high] = exchange([a, flip(&b)?])?;
        x = Keyed::joined(&low, &flip(&high)?)?;
        let mut half = sorted;
        while half > piece {
            let [low, high] = exchange(x.halves(half)?)?;
            x = Keyed::joined(&low, &high)?;
            half /= 2;
        }
        x = x.in_pieces(piece)?;
        sorted *= 2;
    }
    x.map(|x| x.reshape(&shape))
}

/// x with its rows filled up to a power of two of pieces, by what is less than any element.
fn padded(x: &Tensor, piece: usize) -> Result<Tensor> {
    let row = x.dim(D::Minus1)?;
    let mut dims = x.dims().to_vec();
    if let Some(last) = dims.last_mut() {
        *last = row.div_ceil(piece).next_power_of_two() * piece - row;
    }
    if dims.last() == Some(&0) {
        return Ok(x.clone());
    }
    let dtype =
        if x.dtype().is_float() { x.dtype() } else { candle_core::bail!("{:?} has no least element", x.dtype()) };
    let least = Tensor::full(f32::NEG_INFINITY, dims, x.device())?.to_dtype(dtype)?;
    Tensor::cat(&[x, &least], D::Minus1)
}

/// The last elements of each row, as many as x has: the padding comes first.
fn cut(sorted: &Tensor, x: &Tensor) -> Result<Tensor> {
    let row = x.dim(D::Minus1)?;
    sorted.narrow(D::Minus1, sorted.dim(D::Minus1)? - row, row)?.contiguous()
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::DType;

    /// Rows in disorder, with equal elements, `least` among them.
    fn rows(len: usize, dtype: DType, least: f32) -> Tensor {
        let value = |i: usize| if i % 11 == 3 { least } else { ((i * 7919 + 13) % 31) as f32 - 15.0 };
        let x = Tensor::from_vec((0..3 * len).map(value).collect(), (3, len), &Device::Cpu).unwrap();
        x.to_dtype(dtype).unwrap()
    }

    fn values(x: &Tensor) -> Vec<Vec<f32>> {
        x.to_dtype(DType::F32).unwrap().to_vec2().unwrap()
    }

    #[test]
    fn long_rows_are_sorted_in_pieces_as_they_are_in_one() {
        for dtype in [DType::F32, DType::BF16] {
            for len in 1..70 {
                let infinite = rows(len, dtype, f32::NEG_INFINITY);
                let wanted = values(&infinite.sort_last_dim(true).unwrap().0);
                assert_eq!(values(&sort(&infinite, 4).unwrap()), wanted, "{len}");
                assert_eq!(values(&argsort(&infinite, 4).unwrap().0), wanted, "{len}");
                let x = rows(len, dtype, -20.0);
                let wanted = values(&x.sort_last_dim(true).unwrap().0);
                let (sorted, places) = argsort(&x, 4).unwrap();
                assert_eq!(values(&sorted), wanted, "{len}");
                assert_eq!(values(&x.gather(&places, 1).unwrap()), wanted, "{len}: each where it was");
                assert_eq!(sorted.dtype(), dtype);
            }
        }
    }

    #[test]
    fn only_a_gpu_needs_it() {
        assert_eq!(longest_row(&Device::Cpu), usize::MAX);
    }
}
