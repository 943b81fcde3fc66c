//! Tensors on the host's own memory: no copy, and the memory goes when the last tensor on it does.

use crate::common::{open, read};
use chipmark_core::ops::arrange::Arrange;
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::{Backend, DType, HostData, HostTensor};
use std::ffi::c_void;
use std::sync::{Arc, Weak};

fn address(data: &HostData) -> *mut c_void {
    match data {
        HostData::F32(v) => v.as_ptr().cast_mut().cast(),
        HostData::F16(v) => v.as_ptr().cast_mut().cast(),
        HostData::BF16(v) => v.as_ptr().cast_mut().cast(),
        HostData::F64(v) => v.as_ptr().cast_mut().cast(),
        HostData::I64(v) => v.as_ptr().cast_mut().cast(),
    }
}

#[test]
fn every_dtype_is_adopted_where_it_lies() {
    let b = open();
    for dtype in DType::ALL {
        let host = HostTensor::new([2, 3], HostData::from_f64(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], dtype)).unwrap();
        let tensor = b.adopt(&host).unwrap();
        assert_eq!(tensor.data_ptr(), address(host.data()), "{dtype}: copied");
        assert_eq!(b.download(&tensor).unwrap(), host);
    }
}

#[test]
fn the_memory_lives_as_long_as_the_last_tensor_on_it_and_no_longer() {
    let b = open();
    let host = HostTensor::new([2, 2], HostData::F32(vec![1.0, 2.0, 3.0, 4.0])).unwrap();
    let memory: Weak<HostData> = Arc::downgrade(&host.shared_data());
    let tensor = b.adopt(&host).unwrap();
    assert_eq!(memory.strong_count(), 2);
    drop(host);
    assert_eq!(memory.strong_count(), 1);
    let view = b.swap_axes(&tensor, 0, 1).unwrap();
    drop(tensor);
    assert_eq!(read(&b, &view).1, [1.0, 3.0, 2.0, 4.0]);
    assert_eq!(memory.strong_count(), 1, "a view holds it too");
    drop(view);
    assert_eq!(memory.strong_count(), 0);
}

#[test]
fn an_adopted_tensor_is_an_input_like_any_other() {
    let b = open();
    let host = HostTensor::new([2], HostData::F32(vec![1.0, -2.0])).unwrap();
    let tensor = b.adopt(&host).unwrap();
    assert_eq!(read(&b, &b.relu(&tensor).unwrap()).1, [1.0, 0.0]);
    let (value, grads) = b
        .value_and_grad(
            |b, p| {
                let square = b.mul(&p[0], &p[0])?;
                chipmark_core::ops::reduce::Reduce::sum_all(b, &square)
            },
            &[tensor],
        )
        .unwrap();
    assert_eq!((read(&b, &value).1, read(&b, &grads[0]).1), (vec![5.0], vec![2.0, -4.0]));
    assert_eq!(host.data(), &HostData::F32(vec![1.0, -2.0]), "nothing wrote into it");
}

#[test]
fn no_elements_are_adopted_too() {
    let b = open();
    let host = HostTensor::new([0, 3], HostData::F32(Vec::new())).unwrap();
    let memory = Arc::downgrade(&host.shared_data());
    let tensor = b.adopt(&host).unwrap();
    drop(host);
    assert_eq!(read(&b, &tensor), (vec![0, 3], vec![]));
    drop(tensor);
    assert_eq!(memory.strong_count(), 0);
}
