//! Ops that select or place by index.

use super::{misfit, signed};
use crate::Tch;
use chipmark_core::OpResult;
use chipmark_core::ops::index::Index;
use tch::{TchError, Tensor};

/// Refuses what the calls for MPS would broadcast or leave out: anything but into `[n, f]`, index `[l]`, source `[l, f]`.
fn rows_fit(op: &'static str, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<()> {
    match (into.size().as_slice(), index.size().as_slice(), source.size().as_slice()) {
        ([_, f], [l], [l_source, f_source]) if f == f_source && l == l_source => Ok(()),
        _ => Err(misfit(op, &[into, index, source], "expected [n, f], an index [l] and [l, f]")),
    }
}

fn put(into: &Tensor, index: &Tensor, source: &Tensor) -> Result<Tensor, TchError> {
    into.f_index_put(&[Some(index)], source, false)
}

fn raise(into: &Tensor, index: &Tensor, source: &Tensor) -> Result<Tensor, TchError> {
    let index = index.f_unsqueeze(1)?.f_expand_as(source)?;
    into.f_internal_scatter_reduce(0, &index, source, "amax", true)
}

impl Index for Tch {
    fn gather_rows(&self, x: &Tensor, index: &Tensor) -> OpResult<Tensor> {
        self.native("gather_rows", "at::index_select", x.f_index_select(0, index))
    }

    fn scatter_add_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        self.native("scatter_add_rows", "at::index_add", into.f_index_add(0, index, source))
    }

    fn scatter_set_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        if self.place() == tch::Device::Mps {
            // Its index_copy walks through the whole index for each element.
            rows_fit("scatter_set_rows", into, index, source)?;
            return self.native("scatter_set_rows", "at::index_put", put(into, index, source));
        }
        self.native("scatter_set_rows", "at::index_copy", into.f_index_copy(0, index, source))
    }

    fn scatter_max_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        if self.place() == tch::Device::Mps {
            // It has no index_reduce.
            rows_fit("scatter_max_rows", into, index, source)?;
            let made = raise(into, index, source);
            return self.native("scatter_max_rows", "at::scatter_reduce (amax) with the index expanded", made);
        }
        let made = into.f_index_reduce(0, index, source, "amax", true);
        self.native("scatter_max_rows", "at::index_reduce (amax)", made)
    }

    fn slice_rows(&self, x: &Tensor, start: usize, len: usize) -> OpResult<Tensor> {
        let (start, len) = (signed("slice_rows", start)?, signed("slice_rows", len)?);
        self.native("slice_rows", "at::narrow (a view)", x.f_narrow(0, start, len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calls_for_mps_set_and_raise_rows() {
        let into = Tensor::from_slice(&[1.0f32, 1.0, 1.0, 1.0, 1.0, 1.0]).view([3, 2]);
        let (index, source) =
            (Tensor::from_slice(&[2i64, 0]), Tensor::from_slice(&[5.0f32, 0.0, 2.0, 3.0]).view([2, 2]));
        let read = |made: Result<Tensor, TchError>| Vec::<f32>::try_from(made.unwrap().view(-1)).unwrap();
        assert_eq!(read(put(&into, &index, &source)), [2.0, 3.0, 1.0, 1.0, 5.0, 0.0]);
        assert_eq!(read(raise(&into, &index, &source)), [2.0, 3.0, 1.0, 1.0, 5.0, 1.0]);
        assert_eq!(read(Ok(into)), [1.0; 6]);
    }

    #[test]
    fn the_calls_for_mps_are_given_rows_that_fit() {
        let zeros = |size: &[i64]| Tensor::zeros(size, (tch::Kind::Float, tch::Device::Cpu));
        let fit = |into: &[i64], index: &[i64], source: &[i64]| {
            rows_fit("scatter_set_rows", &zeros(into), &zeros(index), &zeros(source)).map_err(|error| error.to_string())
        };
        assert_eq!(fit(&[3, 2], &[4], &[4, 2]), Ok(()));
        for (into, index, source) in [
            ([3, 2].as_slice(), [4].as_slice(), [4, 1].as_slice()),
            (&[3, 2], &[4], &[5, 2]),
            (&[3, 2], &[4], &[2]),
            (&[3, 2], &[4, 2], &[4, 2]),
            (&[3], &[4], &[4]),
        ] {
            assert!(fit(into, index, source).is_err_and(|why| why.contains("expected [n, f]")), "{source:?}");
        }
    }
}
