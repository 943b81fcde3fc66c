//! Every op in every dtype against the f64 reference, on the CPU. What libtorch lacks there is listed, and nothing else
//! may be missing.

use chipmark_core::Device;
use chipmark_reference::conformance;
use chipmark_tch::Tch;

macro_rules! complete {
    ($($family:ident),+ $(,)?) => {$(
        #[test]
        fn $family() {
            assert_eq!(conformance::$family::<Tch>(Device::Cpu), Ok(Vec::new()));
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
