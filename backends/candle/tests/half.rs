//! f16 and bf16 on candle: long sums come out right, and what has no kernel in a half dtype goes by way of f32. Each op's note
//! says so.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chipmark_candle::Candle;
use chipmark_core::ops::attention::{Attention, Mask};
use chipmark_core::ops::conv::Conv;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::ops::loss::Loss;
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{Backend, DType, Device, HostData, HostTensor, OpPath, OpResult, OpenOptions};

type Tensor = <Candle as Backend>::Tensor;

/// More terms than either dtype can count one by one.
const MANY: usize = 1 << 13;

fn all(candle: &Candle, shape: &[usize], value: f64, dtype: DType) -> Tensor {
    let values = vec![value; shape.iter().product()];
    candle.upload(&HostTensor::new(shape, HostData::from_f64(&values, dtype)).unwrap()).unwrap()
}

/// The elements that `op` gives, all equal, and its note.
fn run(candle: &Candle, dtype: DType, op: impl FnOnce() -> OpResult<Tensor>) -> (f64, OpPath) {
    candle.log().open();
    let host = candle.download(&op().unwrap()).unwrap();
    let notes = candle.log().close();
    assert_eq!(host.dtype(), dtype);
    let values = host.to_f64();
    assert!(values.iter().all(|value| *value == values[0]), "{values:?}");
    (values[0], notes.last().unwrap().clone())
}

#[track_caller]
fn assert_close(got: f64, wanted: f64) {
    assert!((got - wanted).abs() <= wanted.abs() / 128.0, "{got} instead of {wanted}");
}

#[track_caller]
fn assert_composed(note: &OpPath) {
    assert!(matches!(note, OpPath::Composed { how, .. } if how.contains("f32")), "{note}");
}

#[test]
fn long_sums_do_not_stop_growing() {
    let candle = Candle::open(Device::Cpu, &OpenOptions::default()).unwrap();
    let n = MANY as f64;
    for dtype in [DType::F16, DType::BF16] {
        let all = |shape: &[usize], value| all(&candle, shape, value, dtype);
        let ones = all(&[2, MANY], 1.0);
        let columns = all(&[MANY, 2], 1.0);
        let zeros = all(&[1, MANY], 0.0);
        let halves = all(&[2, MANY], 0.5);
        let classes = candle.upload(&HostTensor::new([1], HostData::I64(vec![7])).unwrap()).unwrap();
        let (query, keys) = (all(&[1, 1, 1, 4], 0.0), all(&[1, 1, MANY, 4], 1.0));
        let ln_2 = std::f64::consts::LN_2;
        let cases: [(f64, &dyn Fn() -> OpResult<Tensor>); 9] = [
            (n, &|| candle.sum(&ones, 1)),
            (n, &|| candle.sum(&columns, 0)),
            (2.0 * n, &|| candle.sum_all(&ones)),
            (1.0, &|| candle.mean_all(&ones)),
            (1.0 / n, &|| candle.softmax(&zeros, 1)),
            (1.0 / n, &|| candle.softmax(&columns, 0)),
            (n.ln(), &|| candle.cross_entropy(&zeros, &classes)),
            (ln_2, &|| candle.bce(&halves, &ones)),
            (1.0, &|| candle.sdpa(&query, &keys, &keys, Mask::None, 1.0)),
        ];
        for (wanted, op) in cases {
            let (got, note) = run(&candle, dtype, op);
            assert_close(got, wanted);
            assert_composed(&note);
        }
    }
}

/// In f16 what the crate gemm takes for a vector; bf16 candle widens by itself, and so does gemm for matrices.
#[test]
fn long_products_do_not_stop_growing() {
    let candle = Candle::open(Device::Cpu, &OpenOptions::default()).unwrap();
    for dtype in [DType::F16, DType::BF16] {
        let all = |shape: &[usize]| all(&candle, shape, 1.0, dtype);
        for (m, n) in [(1, 3), (3, 1), (3, 3), (1, 1)] {
            let (a, b) = (all(&[m, MANY]), all(&[MANY, n]));
            let (w, bias) = (all(&[n, MANY]), all(&[n]));
            let (got, note) = run(&candle, dtype, || candle.matmul(&a, &b));
            assert_eq!(got, MANY as f64, "{dtype} {m}x{n}");
            let by_way_of_f32 = matches!(note, OpPath::Composed { .. });
            assert_eq!(by_way_of_f32, dtype == DType::F16 && (m == 1 || n == 1 || cfg!(target_os = "macos")), "{note}");
            let (got, note) = run(&candle, dtype, || candle.linear(&a, &w, &bias));
            assert_close(got, MANY as f64);
            assert_eq!(note.to_string().contains("f32"), by_way_of_f32, "{note}");
        }
    }
}

#[test]
fn f32_is_summed_as_it_is() {
    let candle = Candle::open(Device::Cpu, &OpenOptions::default()).unwrap();
    let ones = all(&candle, &[MANY], 1.0, DType::F32);
    let (sum, note) = run(&candle, DType::F32, || candle.sum_all(&ones));
    assert_eq!(sum, MANY as f64);
    assert!(matches!(note, OpPath::Native { .. }), "{note}");
}

#[test]
fn images_are_convolved_in_bf16_by_way_of_f32() {
    let candle = Candle::open(Device::Cpu, &OpenOptions::default()).unwrap();
    let (images, filters) =
        (all(&candle, &[1, 3, 5, 5], 0.5, DType::BF16), all(&candle, &[2, 3, 2, 2], 2.0, DType::BF16));
    let (got, note) = run(&candle, DType::BF16, || candle.conv2d(&images, &filters));
    assert_eq!(got, 12.0);
    assert_composed(&note);
}
