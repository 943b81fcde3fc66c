//! Host tensors, fills, layouts, shapes and names.

use chipmark_core::{
    CaseId, ConvLayout, DType, Device, Execution, Fill, HostData, HostTensor, OpError, OpLog, OpPath, Shape, Target,
};
use proptest::prelude::*;

#[test]
fn permute_moves_each_element_to_its_place() {
    let tensor = HostTensor::new([2, 3], HostData::I64(vec![0, 1, 2, 10, 11, 12])).unwrap();
    let turned = tensor.permute(&[1, 0]).unwrap();
    assert_eq!(turned.shape(), &Shape::from([3, 2]));
    assert_eq!(turned.data(), &HostData::I64(vec![0, 10, 1, 11, 2, 12]));
    for bad in [&[0][..], &[0, 0], &[0, 2], &[0, 1, 2]] {
        assert!(tensor.permute(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn channels_first_and_back_is_nothing() {
    let image = Fill::new(1, "image").signed([2, 3, 4, 5], DType::F32).unwrap();
    let first = ConvLayout::ChannelsFirst.from_channels_last(image.clone()).unwrap();
    assert_eq!(first.shape(), &Shape::from([2, 5, 3, 4]));
    // n = 1, h = 2, w = 3, c = 4 in either order.
    let at = |t: &HostTensor, index: [usize; 4]| {
        t.data().get_f64(index.iter().zip(t.shape().strides()).map(|(i, s)| i * s).sum())
    };
    assert_eq!(at(&image, [1, 2, 3, 4]), at(&first, [1, 4, 2, 3]));
    assert_eq!(ConvLayout::ChannelsFirst.to_channels_last(first).unwrap(), image);
}

#[test]
fn a_tensor_holds_as_many_elements_as_its_shape() {
    assert!(HostTensor::new([2, 2], HostData::F32(vec![0.0; 3])).is_err());
    assert!(HostTensor::new([usize::MAX, 2], HostData::F32(vec![])).is_err());
}

#[test]
fn fills_are_the_same_everywhere() {
    // Fixed for good: a change here changes every input, and with it what old results were measured on.
    let values = Fill::new(1, "case").uniform([4], 0.0, 1.0, DType::F64).unwrap().to_f64();
    let again = Fill::new(1, "case").uniform([4], 0.0, 1.0, DType::F64).unwrap().to_f64();
    assert_eq!(values, again);
    let first = (values[0] * f64::from(1u32 << 24)) as u32;
    assert_eq!(first, FIRST_BITS, "{first}");
    assert_ne!(values, Fill::new(2, "case").uniform([4], 0.0, 1.0, DType::F64).unwrap().to_f64());
    assert_ne!(values, Fill::new(1, "other").uniform([4], 0.0, 1.0, DType::F64).unwrap().to_f64());
}

const FIRST_BITS: u32 = 15_089_273;

#[test]
fn half_inputs_are_the_full_ones_rounded() {
    let full = Fill::new(1, "x").signed([100], DType::F64).unwrap();
    let half = Fill::new(1, "x").signed([100], DType::BF16).unwrap();
    for (f, h) in full.to_f64().into_iter().zip(half.to_f64()) {
        assert!((f - h).abs() <= f.abs() * DType::BF16.unit_roundoff(), "{f} {h}");
    }
}

#[test]
fn targets_and_cases_are_read_as_they_are_written() {
    for text in ["candle:cpu", "tch:cuda:1", "mlx:gpu", "tch:mps", "candle:metal", "tch:cuda:0+jit", "mlx:cpu+openblas"]
    {
        assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
    }
    let both: Target = "mlx:cpu+compile+openblas".parse().unwrap();
    assert_eq!((both.execution, both.variant.as_deref()), (Execution::Compile, Some("openblas")));
    // Eager goes without saying.
    assert_eq!("mlx:cpu+eager".parse::<Target>().unwrap(), Target::new("mlx", Device::Cpu));
    for bad in ["mlx:cpu+", "mlx:cpu+compile+jit", "mlx:cpu+a+b", "mlx:cpu+a+compile", "mlx:cpu+a b", "mlx+compile"] {
        assert!(bad.parse::<Target>().is_err(), "{bad}");
    }
    assert_eq!("cuda".parse::<Device>(), Ok(Device::Cuda(0)));
    for bad in ["candle", "candle:", ":cpu", "Candle:cpu", "tch:cuda:x", "tch:npu", "a b:cpu"] {
        assert!(bad.parse::<Target>().is_err(), "{bad}");
    }
    for bad in ["", "matmul", "matmul/2x2", "matmul/2x2/f32/x", "mat mul/2/f32", "matmul/2;rm/f32", "m//f32"] {
        assert!(bad.parse::<CaseId>().is_err(), "{bad}");
    }
}

#[test]
fn shapes_have_limits() {
    for bad in ["", "x", "0x2", "2x", "-1", "+1", "1.5", "2x2x2x2x2x2x2x2x2", "99999999999999", "1048576x1048576x2"] {
        assert!(bad.parse::<Shape>().is_err(), "{bad}");
    }
}

#[test]
fn a_closed_log_notes_nothing_and_an_open_one_each_path_once() {
    let log = OpLog::default();
    log.native("softmax", "at::softmax");
    log.open();
    log.native("softmax", "at::softmax");
    log.native("softmax", "at::softmax");
    log.composed("adam", "elementwise ops");
    let composed = OpPath::Composed { op: "adam".into(), how: "elementwise ops".into() };
    assert_eq!(log.close(), [OpPath::Native { op: "softmax".into(), call: "at::softmax".into() }, composed]);
    assert!(log.close().is_empty());
}

#[test]
fn running_out_of_memory_is_told_from_other_errors() {
    let error = |message: &str| OpError::framework("matmul", message);
    assert!(matches!(error("CUDA out of memory. Tried"), OpError::OutOfMemory { .. }));
    assert!(matches!(error("shape mismatch"), OpError::Framework { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

    /// Permuting by an order and then by its inverse changes nothing.
    #[test]
    fn a_permutation_can_be_undone(
        (dims, order) in prop::collection::vec(1usize..5, 1..5)
            .prop_flat_map(|dims| { let axes: Vec<usize> = (0..dims.len()).collect(); (Just(dims), Just(axes).prop_shuffle()) })
    ) {
        let tensor = Fill::new(1, "p").signed(dims.as_slice(), DType::F32).unwrap();
        let mut inverse = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, &from)| inverse[from] = to);
        prop_assert_eq!(tensor.permute(&order).unwrap().permute(&inverse).unwrap(), tensor);
    }
}
