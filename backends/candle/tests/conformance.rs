//! What every backend must do, on candle's CPU and on whatever GPU is here: nothing may be missing.

use chipmark_candle::Candle;
use chipmark_core::Device;
use chipmark_reference::conformance;

macro_rules! complete {
    ($($family:ident),+ $(,)?) => {$(
        #[test]
        fn $family() {
            assert_eq!(conformance::$family::<Candle>(Device::Cpu), Ok(Vec::new()));
        }
    )+};
}
complete!(
    elementwise,
    reductions,
    ordering,
    products,
    convolutions,
    attention,
    normalisations,
    arranging,
    indexing,
    losses,
    optimisers,
    gradients,
    bad_shapes,
    compiled,
    transfers,
);

#[cfg(any(target_os = "macos", feature = "cuda"))]
#[test]
fn every_gpu_that_can_be_used_conforms() {
    use chipmark_core::Backend as _;
    for status in Candle::devices() {
        if status.device != Device::Cpu && status.why_not.is_none() {
            assert_eq!(conformance::everything::<Candle>(status.device), Ok(Vec::new()), "{}", status.device);
        }
    }
}
