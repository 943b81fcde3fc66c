//! Opening, the precision policy, gradients, transfers and what the backend says about itself.

use crate::common::{f32s, open, read, tensor};
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::index::Index;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{Backend, DType, Device, HostData, HostTensor, Memory, OpError, OpenOptions, Outcome};
use chipmark_tch::{Tch, grad_mode};
use half::{bf16, f16};

#[test]
fn the_cpu_is_always_usable_and_what_is_not_says_why() {
    let devices = Tch::devices();
    assert_eq!(devices.first().map(|status| (status.device, status.why_not.clone())), Some((Device::Cpu, None)));
    assert!(devices.iter().all(|status| status.why_not.as_ref().is_none_or(|why| !why.is_empty())));
}

#[test]
fn a_device_that_is_not_there_is_refused() {
    let refused = |device| Tch::open(device, &OpenOptions::default()).err();
    assert!(matches!(refused(Device::Cuda(999)), Some(OpError::Framework { op: "open", .. })));
    assert!(matches!(refused(Device::Metal), Some(OpError::Unsupported { op: "open", .. })));
    assert!(matches!(refused(Device::Gpu), Some(OpError::Unsupported { op: "open", .. })));
    if cfg!(target_os = "linux") {
        assert!(matches!(refused(Device::Mps), Some(OpError::Framework { op: "open", .. })));
    }
}

#[test]
fn info_is_read_from_libtorch() {
    let info = open().info();
    assert_eq!((info.framework.as_str(), info.version.as_str()), ("PyTorch", "2.11.0"));
    assert_eq!(info.binding, "tch 0.24.0");
    assert!(info.blas.is_some_and(|blas| !blas.is_empty()));
    assert_eq!(info.build.get("headers").map(String::as_str), Some(info.version.as_str()));
    assert!(info.build.get("cpu_capability").is_some_and(|isa| !isa.is_empty()));
    assert!(info.build.get("config").is_some_and(|config| config.contains("BLAS_INFO")));
}

#[test]
fn f32_is_exact_by_libtorch_s_own_account() {
    let info = open().info();
    assert_eq!(info.precision, "f32 exact: TF32 off; sums of f16 and bf16 products in f32");
    for (name, value) in [
        ("precision.matmul", "highest"),
        ("precision.cuda.matmul", "ieee"),
        ("precision.cuda.conv", "ieee"),
        ("precision.onednn.matmul", "ieee"),
        ("precision.onednn.conv", "ieee"),
        ("precision.cublas.tf32", "off"),
        ("precision.cudnn.tf32", "off"),
        ("precision.cublas.f16_sums", "full"),
        ("precision.cublas.bf16_sums", "full"),
        ("precision.cpu.f16_sums", "full"),
    ] {
        assert_eq!(info.build.get(name).map(String::as_str), Some(value), "{name}");
    }
}

#[test]
fn nothing_is_recorded_but_inside_value_and_grad() {
    let b = open();
    assert_eq!(grad_mode(), Ok(false));
    let x = f32s(&b, [1], &[3.0]);
    let (value, grads) = b
        .value_and_grad(
            |b, params| {
                assert_eq!(grad_mode(), Ok(true));
                b.mul(&params[0], &params[0])
            },
            std::slice::from_ref(&x),
        )
        .unwrap();
    assert_eq!((read(&b, &value).1, read(&b, &grads[0]).1), (vec![9.0], vec![6.0]));
    assert_eq!(grad_mode(), Ok(false));
    assert!(!value.requires_grad() && !grads[0].requires_grad() && !x.requires_grad());

    let planted = OpError::framework("mul", "planted");
    let error = b.value_and_grad(|_, _| Err(planted.clone()), &[x]).err();
    assert_eq!((error, grad_mode()), (Some(planted), Ok(false)), "off again after an error too");
}

#[test]
fn what_the_value_does_not_depend_on_has_a_gradient_of_zeros() {
    let b = open();
    let params = [f32s(&b, [2], &[1.0, 3.0]), f32s(&b, [3], &[1.0, 2.0, 3.0])];
    let (_, grads) = b.value_and_grad(|b, params| b.mean_all(&params[0]), &params).unwrap();
    assert_eq!(read(&b, &grads[0]), (vec![2], vec![0.5, 0.5]));
    assert_eq!(read(&b, &grads[1]), (vec![3], vec![0.0, 0.0, 0.0]));
    // A value that depends on none of them has no tape at all.
    let constant = f32s(&b, [1], &[7.0]);
    let (value, grads) = b.value_and_grad(|b, _| Ok(b.share(&constant)), &params).unwrap();
    assert_eq!((read(&b, &value).1, read(&b, &grads[0]).1), (vec![7.0], vec![0.0, 0.0]));
    let (_, none) = b.value_and_grad(|b, _| Ok(b.share(&constant)), &[]).unwrap();
    assert!(none.is_empty());
}

#[test]
fn many_elements_have_no_gradient() {
    let b = open();
    let error = b.value_and_grad(|b, p| b.relu(&p[0]), &[f32s(&b, [2], &[1.0, 2.0])]).err();
    assert_eq!(
        error,
        Some(OpError::framework("value_and_grad", "the function gives 2 elements, and only one has a gradient"))
    );
}

#[test]
fn every_dtype_comes_back_bit_by_bit() {
    let b = open();
    let sent = [
        HostData::F32(vec![f32::MIN_POSITIVE / 4.0, -0.0, f32::INFINITY, 1.0 / 3.0]),
        HostData::F16([1, 0x8000, 0x7c00, 0x3555].map(f16::from_bits).to_vec()),
        HostData::BF16([1, 0x8000, 0x7f80, 0x3eab].map(bf16::from_bits).to_vec()),
        HostData::F64(vec![f64::MIN_POSITIVE / 4.0, -0.0, f64::INFINITY, 1.0 / 3.0]),
        HostData::I64(vec![i64::MIN, -1, 0, i64::MAX]),
    ];
    for data in sent {
        let host = HostTensor::new([2, 2], data).unwrap();
        assert_eq!(b.download(&b.upload(&host).unwrap()).unwrap(), host);
    }
}

#[test]
fn an_upload_is_a_copy_and_a_share_is_none() {
    let b = open();
    let uploaded = {
        let host = HostTensor::new([3], HostData::F32(vec![1.0, 2.0, 3.0])).unwrap();
        b.upload(&host).unwrap()
    };
    // The memory that the host tensor had is likely to be given to this one.
    let _other = HostTensor::new([3], HostData::F32(vec![7.0, 8.0, 9.0])).unwrap();
    assert_eq!(read(&b, &uploaded).1, [1.0, 2.0, 3.0]);
    assert_eq!(b.share(&uploaded).data_ptr(), uploaded.data_ptr());
}

#[test]
fn a_view_is_read_in_row_major_order() {
    let b = open();
    let x = f32s(&b, [2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let transposed = x.f_transpose(0, 1).unwrap();
    assert_eq!(read(&b, &transposed), (vec![3, 2], vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0]));
    assert_eq!(read(&b, &b.slice_rows(&transposed, 1, 2).unwrap()), (vec![2, 2], vec![2.0, 5.0, 3.0, 6.0]));
}

#[test]
fn a_kind_without_a_dtype_is_unsupported_to_read() {
    let b = open();
    let x = f32s(&b, [1], &[1.0]);
    let bools = x.f_eq_tensor(&x).unwrap();
    assert!(matches!(b.download(&bools), Err(OpError::Unsupported { op: "download", .. })));
}

#[test]
fn more_memory_than_there_is_ends_in_an_error() {
    let b = open();
    let one = tensor(&b, [1], &[1.0], DType::F32);
    // 4 EiB, as a product that broadcasts: libtorch asks for them all at once.
    let tall = one.f_expand([1 << 30, 1], false).unwrap();
    let wide = one.f_expand([1, 1 << 30], false).unwrap();
    let error = b.add(&tall, &wide).err();
    assert_eq!(error.as_ref().map(Outcome::from), Some(Outcome::OutOfMemory), "{error:?}");
}

#[test]
fn the_cpu_keeps_no_account_of_memory_and_has_nothing_to_wait_for() {
    let b = open();
    assert_eq!(b.memory(), Memory::default());
    b.finish(&[]).unwrap();
    b.finish(&[f32s(&b, [1], &[1.0])]).unwrap();
}
