//! A tensor without elements: a shape, a dtype, and when the device will have made it.

use chipmark_core::{DType, HostData, HostTensor, OpResult, Shape};

/// A tensor of the synthetic backend.
#[derive(Debug, Clone)]
pub struct Tensor {
    pub(crate) shape: Shape,
    pub(crate) dtype: DType,
    /// In nanoseconds since opening.
    pub(crate) ready_ns: f64,
}

impl Tensor {
    /// The dimensions.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The element type.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.shape.numel().saturating_mul(self.dtype.size_bytes())
    }

    /// Zeros of its shape and dtype.
    pub(crate) fn zeros(&self) -> OpResult<HostTensor> {
        let n = self.shape.numel();
        let data = match self.dtype {
            DType::F32 => HostData::F32(vec![0.0; n]),
            DType::F64 => HostData::F64(vec![0.0; n]),
            DType::I64 => HostData::I64(vec![0; n]),
            DType::F16 => HostData::F16(vec![Default::default(); n]),
            DType::BF16 => HostData::BF16(vec![Default::default(); n]),
        };
        HostTensor::new(self.shape.clone(), data)
    }
}
