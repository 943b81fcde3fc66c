//! Tensors in the host's memory: what inputs are made as, what outputs are read into.

use crate::{DType, OpError, OpResult, Shape};
use half::{bf16, f16};
use std::sync::Arc;

/// The elements of a [`HostTensor`], row-major, in the bytes of their dtype.
#[derive(Debug, Clone, PartialEq)]
pub enum HostData {
    /// f32 elements.
    F32(Vec<f32>),
    /// f16 elements.
    F16(Vec<f16>),
    /// bf16 elements.
    BF16(Vec<bf16>),
    /// f64 elements.
    F64(Vec<f64>),
    /// i64 elements.
    I64(Vec<i64>),
}

impl HostData {
    /// Rounds `values` to `dtype`: to nearest even for floats, truncation for i64.
    #[must_use]
    pub fn from_f64(values: &[f64], dtype: DType) -> Self {
        match dtype {
            #[expect(clippy::cast_possible_truncation, reason = "rounding to the dtype is the purpose")]
            DType::F32 => HostData::F32(values.iter().map(|&v| v as f32).collect()),
            DType::F16 => HostData::F16(values.iter().map(|&v| f16::from_f64(v)).collect()),
            DType::BF16 => HostData::BF16(values.iter().map(|&v| bf16::from_f64(v)).collect()),
            DType::F64 => HostData::F64(values.to_vec()),
            #[expect(clippy::cast_possible_truncation, reason = "indices are small whole numbers")]
            DType::I64 => HostData::I64(values.iter().map(|&v| v as i64).collect()),
        }
    }

    /// How many elements.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            HostData::F32(v) => v.len(),
            HostData::F16(v) => v.len(),
            HostData::BF16(v) => v.len(),
            HostData::F64(v) => v.len(),
            HostData::I64(v) => v.len(),
        }
    }

    /// Whether there is no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element type.
    #[must_use]
    pub fn dtype(&self) -> DType {
        match self {
            HostData::F32(_) => DType::F32,
            HostData::F16(_) => DType::F16,
            HostData::BF16(_) => DType::BF16,
            HostData::F64(_) => DType::F64,
            HostData::I64(_) => DType::I64,
        }
    }

    /// The element at `index`, widened. Exact but for i64 beyond 2^53.
    #[must_use]
    pub fn get_f64(&self, index: usize) -> Option<f64> {
        match self {
            HostData::F32(v) => v.get(index).map(|&x| f64::from(x)),
            HostData::F16(v) => v.get(index).map(|x| x.to_f64()),
            HostData::BF16(v) => v.get(index).map(|x| x.to_f64()),
            HostData::F64(v) => v.get(index).copied(),
            #[expect(clippy::cast_precision_loss, reason = "indices are far below 2^53")]
            HostData::I64(v) => v.get(index).map(|&x| x as f64),
        }
    }
}

/// A tensor in the host's memory, row-major and contiguous. Its elements never change; clones share them.
#[derive(Debug, Clone, PartialEq)]
pub struct HostTensor {
    shape: Shape,
    data: Arc<HostData>,
}

impl HostTensor {
    /// Joins a shape and its elements.
    ///
    /// # Errors
    /// When their sizes differ.
    pub fn new(shape: impl Into<Shape>, data: HostData) -> OpResult<Self> {
        let shape = shape.into();
        if shape.checked_numel() == Some(data.len()) {
            Ok(HostTensor { shape, data: Arc::new(data) })
        } else {
            Err(OpError::framework("host tensor", format!("shape {shape} cannot hold {} elements", data.len())))
        }
    }

    /// The dimensions.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The elements.
    #[must_use]
    pub fn data(&self) -> &HostData {
        &self.data
    }

    /// The elements, held on to beyond this tensor's life.
    #[must_use]
    pub fn shared_data(&self) -> Arc<HostData> {
        Arc::clone(&self.data)
    }

    /// The element type.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.data.dtype()
    }

    /// Bytes of all elements.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.data.len() * self.dtype().size_bytes()
    }

    /// All elements, widened.
    #[must_use]
    pub fn to_f64(&self) -> Vec<f64> {
        (0..self.data.len()).filter_map(|i| self.data.get_f64(i)).collect()
    }

    /// The same elements with the axes in another order: axis `i` of the result is axis `order[i]` of `self`.
    ///
    /// # Errors
    /// When `order` is not a permutation of the axes.
    pub fn permute(&self, order: &[usize]) -> OpResult<Self> {
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..self.shape.rank()) {
            let message = format!("{order:?} is not an order of the axes of {}", self.shape);
            return Err(OpError::framework("permute", message));
        }
        let strides = self.shape.strides();
        let dims: Vec<usize> = order.iter().map(|&axis| self.shape[axis]).collect();
        let steps: Vec<usize> = order.iter().map(|&axis| strides[axis]).collect();
        let mut sources = Vec::with_capacity(self.data.len());
        let mut at = vec![0usize; dims.len()];
        let mut source = 0;
        for _ in 0..self.data.len() {
            sources.push(source);
            for axis in (0..dims.len()).rev() {
                at[axis] += 1;
                source += steps[axis];
                if at[axis] < dims[axis] {
                    break;
                }
                source -= steps[axis] * dims[axis];
                at[axis] = 0;
            }
        }
        fn pick<T: Copy>(from: &[T], sources: &[usize]) -> Vec<T> {
            sources.iter().map(|&i| from[i]).collect()
        }
        let data = match &*self.data {
            HostData::F32(v) => HostData::F32(pick(v, &sources)),
            HostData::F16(v) => HostData::F16(pick(v, &sources)),
            HostData::BF16(v) => HostData::BF16(pick(v, &sources)),
            HostData::F64(v) => HostData::F64(pick(v, &sources)),
            HostData::I64(v) => HostData::I64(pick(v, &sources)),
        };
        HostTensor::new(dims.as_slice(), data)
    }

    /// The absolute value of every element. Used to find the scale of an error.
    #[must_use]
    pub fn abs(&self) -> Self {
        let data = match &*self.data {
            HostData::F32(v) => HostData::F32(v.iter().map(|x| x.abs()).collect()),
            HostData::F16(v) => HostData::F16(v.iter().map(|x| f16::from_bits(x.to_bits() & 0x7fff)).collect()),
            HostData::BF16(v) => HostData::BF16(v.iter().map(|x| bf16::from_bits(x.to_bits() & 0x7fff)).collect()),
            HostData::F64(v) => HostData::F64(v.iter().map(|x| x.abs()).collect()),
            HostData::I64(v) => HostData::I64(v.clone()),
        };
        HostTensor { shape: self.shape.clone(), data: Arc::new(data) }
    }
}
