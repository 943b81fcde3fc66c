//! What every backend must do, by the checks that all of them share.

use crate::on_mlx;
use chipmark_core::Device;
use chipmark_mlx::Mlx;
use chipmark_reference::conformance::{self, Verdict};

/// MLX has every op, on the CPU in every dtype that is timed: nothing may be missing.
fn nothing_is_missing(family: fn(Device) -> Verdict) {
    on_mlx(move || assert_eq!(family(Device::Cpu).expect("every case is right"), []));
}

macro_rules! families {
    ($($name:ident),+ $(,)?) => {$(
        #[test]
        fn $name() {
            nothing_is_missing(conformance::$name::<Mlx>);
        }
    )+};
}
families!(
    elementwise,
    reductions,
    products,
    convolutions,
    normalisations,
    indexing,
    losses,
    optimisers,
    gradients,
    bad_shapes,
    transfers,
);
