//! The reference's tensor: elements in f64 or i64, shared and row-major, with their place on the tape.

use crate::tape::Slot;
use chipmark_core::op_shapes::mismatch;
use chipmark_core::{DType, HostData, HostTensor, OpError, OpResult};
use ndarray::{ArcArray, ArrayD, IxDyn};

pub(crate) type Floats = ArcArray<f64, IxDyn>;
pub(crate) type Indices = ArcArray<i64, IxDyn>;

/// The elements, always in row-major order.
#[derive(Debug, Clone)]
pub(crate) enum Elements {
    Floats(Floats),
    Indices(Indices),
}

/// A tensor of the reference: every float is an f64, every index an i64.
#[derive(Debug, Clone)]
pub struct Tensor {
    pub(crate) elements: Elements,
    pub(crate) slot: Option<Slot>,
}

impl Tensor {
    /// The dimensions.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        match &self.elements {
            Elements::Floats(x) => x.shape(),
            Elements::Indices(x) => x.shape(),
        }
    }

    /// The element type: f64 or i64.
    #[must_use]
    pub fn dtype(&self) -> DType {
        match &self.elements {
            Elements::Floats(_) => DType::F64,
            Elements::Indices(_) => DType::I64,
        }
    }

    /// The elements of a float tensor.
    pub(crate) fn floats(&self, op: &'static str) -> OpResult<&Floats> {
        match &self.elements {
            Elements::Floats(x) => Ok(x),
            Elements::Indices(x) => Err(mismatch(op, DType::I64, &[x.shape()], "expected floats, not indices")),
        }
    }

    /// The elements of an index tensor.
    pub(crate) fn indices(&self, op: &'static str) -> OpResult<&Indices> {
        match &self.elements {
            Elements::Indices(x) => Ok(x),
            Elements::Floats(x) => Err(mismatch(op, DType::F64, &[x.shape()], "expected indices, not floats")),
        }
    }

    pub(crate) fn from_floats(floats: Floats) -> Self {
        Tensor { elements: Elements::Floats(floats), slot: None }
    }

    pub(crate) fn from_indices(indices: Indices) -> Self {
        Tensor { elements: Elements::Indices(indices), slot: None }
    }

    /// Widens a host tensor: floats to f64, exactly; indices as they are.
    pub(crate) fn from_host(host: &HostTensor) -> OpResult<Self> {
        let dims = IxDyn(host.shape());
        let refuse = |error| OpError::framework("upload", error);
        Ok(match host.data() {
            HostData::I64(values) => {
                Tensor::from_indices(ArrayD::from_shape_vec(dims, values.clone()).map_err(refuse)?.into_shared())
            }
            _ => Tensor::from_floats(ArrayD::from_shape_vec(dims, host.to_f64()).map_err(refuse)?.into_shared()),
        })
    }

    /// The elements on the host, as f64 or i64.
    pub(crate) fn to_host(&self) -> OpResult<HostTensor> {
        let data = match &self.elements {
            Elements::Floats(x) => HostData::F64(x.iter().copied().collect()),
            Elements::Indices(x) => HostData::I64(x.iter().copied().collect()),
        };
        HostTensor::new(self.shape(), data)
    }
}

/// An array of zeros, asked for in a way that a lack of memory is an error and not an abort.
pub(crate) fn zeros(op: &'static str, dims: &[usize]) -> OpResult<ArrayD<f64>> {
    let starved =
        || OpError::OutOfMemory { op, message: format!("no room for f64 {}", chipmark_core::Shape::from(dims)) };
    let numel = dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d)).ok_or_else(starved)?;
    let mut elements = Vec::new();
    elements.try_reserve_exact(numel).map_err(|_| starved())?;
    elements.resize(numel, 0.0);
    ArrayD::from_shape_vec(IxDyn(dims), elements).map_err(|error| OpError::framework(op, error))
}

/// The array as shared row-major elements.
pub(crate) fn shared(array: ArrayD<f64>) -> Floats {
    if array.is_standard_layout() { array.into_shared() } else { array.as_standard_layout().into_owned().into_shared() }
}
