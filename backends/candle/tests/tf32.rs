//! The precision that is asked for is in force. A test binary of its own, with one test: the choice is the process's.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use candle_core::cuda::{gemm_reduced_precision_bf16, gemm_reduced_precision_f16, gemm_reduced_precision_f32};
use chipmark_candle::Candle;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::{Backend, Device, HostData, HostTensor, OpenOptions};

/// What TF32 would round away: 1 + 2⁻¹² takes a bit more than its eleven.
const FINE: f32 = 1.0 + 1.0 / 4096.0;

/// The product of a matrix with [`FINE`] on its diagonal and one of ones.
fn product(candle: &Candle) -> Vec<f64> {
    let side = 64;
    let diagonal = (0..side * side).map(|i| if i % (side + 1) == 0 { FINE } else { 0.0 }).collect();
    let upload = |values| candle.upload(&HostTensor::new([side, side], HostData::F32(values)).unwrap()).unwrap();
    let (a, b) = (upload(diagonal), upload(vec![1.0; side * side]));
    candle.download(&candle.matmul(&a, &b).unwrap()).unwrap().to_f64()
}

#[test]
fn tf32_is_on_where_it_exists_and_was_asked_for() {
    for status in Candle::devices().into_iter().filter(|status| status.why_not.is_none()) {
        for (tf32, on_cuda) in [(false, "TF32 off"), (true, "TF32 on")] {
            let options = OpenOptions { tf32, ..OpenOptions::default() };
            // The other way round first, so that it is this opening that decides.
            candle_core::cuda::set_gemm_reduced_precision_f32(!tf32);
            candle_core::cuda::set_gemm_reduced_precision_f16(true);
            candle_core::cuda::set_gemm_reduced_precision_bf16(true);
            let candle = Candle::open(status.device, &options).unwrap();
            let flags = (gemm_reduced_precision_f32(), gemm_reduced_precision_f16(), gemm_reduced_precision_bf16());
            // Without CUDA candle has the functions, and no flags behind them.
            if cfg!(feature = "cuda") {
                assert_eq!(flags, (tf32, false, false), "the flags that candle's CUDA products read");
            }
            let precision = candle.info().precision;
            let expected = match status.device {
                Device::Cuda(_) => on_cuda,
                Device::Metal => "no TF32",
                _ => "without TF32",
            };
            assert!(precision.contains(expected), "{}: {precision}", status.device);
            if !tf32 {
                assert!(product(&candle).iter().all(|&x| x == f64::from(FINE)), "{}", status.device);
            }
        }
    }
}
