//! Upload and download keep every bit, whatever the layout on the device.

use crate::{f32s, on_cpu, on_mlx, read};
use chipmark_core::ops::{elementwise::Elementwise, linalg::Linalg};
use chipmark_core::{Backend, DType, Device, Fill, HostData, HostTensor, OpError, OpenOptions};
use chipmark_mlx::Mlx;
use std::sync::Arc;

#[test]
fn every_dtype_makes_the_round_trip() {
    on_cpu(|mlx| {
        let mut fill = Fill::new(7, "transfer");
        for dtype in [DType::F32, DType::F16, DType::BF16, DType::F64] {
            let host = fill.signed([3, 5, 7], dtype).expect("fits");
            let tensor = mlx.upload(&host).expect("supported");
            assert_eq!(mlx.download(&tensor).expect("readable"), host);
        }
        let indices = HostTensor::new([3], HostData::I64(vec![0, i64::MAX, i64::MIN])).expect("three elements");
        assert_eq!(mlx.download(&mlx.upload(&indices).expect("supported")).expect("readable"), indices);
    });
}

#[test]
fn values_that_are_not_finite_survive() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [4], &[f32::INFINITY, f32::NEG_INFINITY, f32::NAN, -0.0]);
        let (_, back) = read(mlx, &x);
        assert!(back[0] == f64::INFINITY && back[1] == f64::NEG_INFINITY && back[2].is_nan());
        assert!(back[3] == 0.0 && back[3].is_sign_negative());
    });
}

#[test]
fn a_scalar_and_an_empty_tensor_are_tensors() {
    on_cpu(|mlx| {
        for shape in [vec![], vec![0], vec![2, 0, 3]] {
            let numel: usize = shape.iter().product();
            let host = HostTensor::new(shape.as_slice(), HostData::F32(vec![1.5; numel])).expect("fits");
            assert_eq!(mlx.download(&mlx.upload(&host).expect("supported")).expect("readable"), host);
        }
    });
}

#[test]
fn a_view_is_read_row_major() {
    on_cpu(|mlx| {
        let x = f32s(mlx, [2, 3], &[1., 2., 3., 4., 5., 6.]);
        let transposed = mlx_rs::ops::swap_axes(&x, 0, 1).expect("two axes");
        assert_eq!(read(mlx, &transposed), (vec![3, 2], vec![1., 4., 2., 5., 3., 6.]));
        let spread = mlx_rs::ops::broadcast_to(f32s(mlx, [1, 2], &[7., 8.]), &[3, 2]).expect("broadcasts");
        assert_eq!(read(mlx, &spread), (vec![3, 2], vec![7., 8., 7., 8., 7., 8.]));
        // An op on a view, too.
        let product = mlx.matmul(&transposed, &x).expect("supported");
        assert_eq!(read(mlx, &product), (vec![3, 3], vec![17., 22., 27., 22., 29., 36., 27., 36., 45.]));
    });
}

#[test]
fn the_host_tensor_may_go_before_the_tensor_is_used() {
    on_cpu(|mlx| {
        let host = HostTensor::new([1000], HostData::F32(vec![3.0; 1000])).expect("fits");
        let x = mlx.upload(&host).expect("supported");
        drop(host);
        let _other = vec![9.0f32; 1000];
        assert_eq!(read(mlx, &x).1, vec![3.0; 1000]);
    });
}

/// The library for Linux copies what it is offered, on the CPU as on CUDA. On a Mac's GPU, what lies on whole pages stays
/// where it is.
#[test]
fn memory_is_adopted_where_it_lies_or_refused_and_is_let_go_in_the_end() {
    on_mlx(|| {
        for status in Mlx::devices().into_iter().filter(|status| status.why_not.is_none()) {
            let mlx = Mlx::open(status.device, &OpenOptions::default()).expect("it is there");
            let host = HostTensor::new([1 << 20], HostData::F32(vec![3.0; 1 << 20])).expect("fits");
            let data = host.shared_data();
            let lies_at = match &*data {
                HostData::F32(values) => values.as_ptr(),
                _ => unreachable!("it is made of f32"),
            };
            let adopted = mlx.adopt(&host);
            drop(host);
            match &adopted {
                Ok(tensor) => {
                    assert_eq!(tensor.as_slice::<f32>().as_ptr(), lies_at);
                    assert_eq!(Arc::strong_count(&data), 2, "the tensor holds on to the memory");
                    let doubled = mlx.add(tensor, tensor).expect("supported");
                    assert_eq!(read(&mlx, &doubled).1, vec![6.0; 1 << 20]);
                }
                Err(OpError::Unsupported { op: "adopt", why }) => assert!(why.starts_with("MLX copies"), "{why}"),
                Err(other) => panic!("{other:?}"),
            }
            assert!(status.device != Device::Cpu || cfg!(target_os = "macos") || adopted.is_err());
            drop(adopted);
            mlx.finish(&[]).expect("nothing is running");
            assert_eq!(Arc::strong_count(&data), 1, "nobody else holds the memory now");
        }
    });
}
