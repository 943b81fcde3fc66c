//! What every backend must do, on candle's CPU and on whatever GPU is here, and exactly what is known to be missing.

use chipmark_candle::Candle;
use chipmark_core::{DType, Device};
use chipmark_reference::conformance::{self, Gap};

/// What is missing in f16 where Accelerate does the products: it has none in f16.
fn accelerate(names: &[&'static str]) -> Vec<(&'static str, DType)> {
    let names = if cfg!(target_os = "macos") { names } else { &[] };
    names.iter().map(|&name| (name, DType::F16)).collect()
}

/// Whether the gaps are those expected. Their reasons are candle's wording, and not compared.
#[track_caller]
fn assert_gaps(mut gaps: Vec<Gap>, mut expected: Vec<(&str, DType)>) {
    gaps.sort();
    expected.sort_unstable();
    let found: Vec<_> = gaps.iter().map(|gap| (gap.what.as_str(), gap.dtype)).collect();
    assert_eq!(found, expected);
}

macro_rules! families {
    ($($family:ident: $in_bf16:expr, $in_f16_by_accelerate:expr,)+) => {$(
        #[test]
        fn $family() {
            let gaps = conformance::$family::<Candle>(Device::Cpu).unwrap();
            let in_bf16: &[&str] = &$in_bf16;
            let mut expected = accelerate(&$in_f16_by_accelerate);
            expected.extend(in_bf16.iter().map(|&name| (name, DType::BF16)));
            assert_gaps(gaps, expected);
        }
    )+};
}

families! {
    elementwise: [], [],
    reductions: [], [],
    ordering: [], [],
    products: [], ["linear", "matmul"],
    convolutions: ["conv2d"], ["conv1d", "conv2d"],
    attention: [], ["sdpa"],
    normalisations: [], [],
    arranging: [], [],
    indexing: [], [],
    losses: [], [],
    optimisers: [], [],
    gradients: ["gradient of conv1d", "gradient of conv2d"],
        [
            "gradient of conv1d",
            "gradient of conv2d",
            "gradient of cross_entropy",
            "gradient of linear",
            "gradient of matmul",
            "gradient of sdpa",
        ],
    bad_shapes: [], [],
    compiled: [], [],
    transfers: [], [],
}

/// On a GPU candle has every op here in every dtype.
#[cfg(any(target_os = "macos", feature = "cuda"))]
#[test]
fn every_gpu_that_can_be_used_conforms() {
    use chipmark_core::Backend as _;
    for status in Candle::devices() {
        if status.device != Device::Cpu && status.why_not.is_none() {
            assert_gaps(conformance::everything::<Candle>(status.device).unwrap(), Vec::new());
        }
    }
}
