//! Tensors to test with, and what is asserted of them.

use candle_core::Tensor;
use chipmark_candle::Candle;
use chipmark_core::{Backend, DType, Device, HostData, HostTensor, OpPath, OpResult, OpenOptions, Shape};

pub(crate) fn cpu() -> Candle {
    Candle::open(Device::Cpu, &OpenOptions::default()).unwrap()
}

pub(crate) fn tensor<const N: usize>(b: &Candle, shape: [usize; N], values: &[f64]) -> Tensor {
    b.upload(&HostTensor::new(shape, HostData::from_f64(values, DType::F32)).unwrap()).unwrap()
}

pub(crate) fn index(b: &Candle, values: &[i64]) -> Tensor {
    b.upload(&HostTensor::new([values.len()], HostData::I64(values.to_vec())).unwrap()).unwrap()
}

/// Shape and elements; f32 results of small whole numbers are exact.
#[track_caller]
pub(crate) fn assert_is<const N: usize>(b: &Candle, got: OpResult<Tensor>, shape: [usize; N], values: &[f64]) {
    let host = b.download(&got.unwrap()).unwrap();
    assert_eq!(host.shape(), &Shape::from(shape));
    assert_eq!(host.to_f64(), values);
}

#[track_caller]
pub(crate) fn assert_near<const N: usize>(b: &Candle, got: OpResult<Tensor>, shape: [usize; N], values: &[f64]) {
    let host = b.download(&got.unwrap()).unwrap();
    assert_eq!(host.shape(), &Shape::from(shape));
    for (got, want) in host.to_f64().into_iter().zip(values) {
        assert!((got - want).abs() <= 1e-6 * want.abs().max(1.0), "{got} instead of {want}");
    }
}

/// Every second column of a wider tensor: strides that no kernel takes for contiguous.
pub(crate) fn with_gaps(x: &Tensor) -> Tensor {
    let rank = x.rank();
    let wide = Tensor::stack(&[x, &x.affine(0.0, 9.0).unwrap()], rank).unwrap();
    let gaps = wide.narrow(rank, 0, 1).unwrap().squeeze(rank).unwrap();
    assert!(!gaps.is_contiguous());
    gaps
}

/// The one path that the op `name` notes while `run` calls it.
#[track_caller]
pub(crate) fn path(b: &Candle, name: &str, run: impl FnOnce(&Candle)) -> OpPath {
    b.log().open();
    run(b);
    let of_it = |path: &OpPath| match path {
        OpPath::Native { op, .. } | OpPath::Composed { op, .. } => op == name,
    };
    let paths: Vec<OpPath> = b.log().close().into_iter().filter(of_it).collect();
    <[OpPath; 1]>::try_from(paths).unwrap()[0].clone()
}
