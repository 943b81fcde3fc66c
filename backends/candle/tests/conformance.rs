//! What every backend must do, on candle's CPU, and exactly what is known to be missing there.

use chipmark_candle::Candle;
use chipmark_core::{DType, Device};
use chipmark_reference::conformance::{self, Gap};

/// What `gaps` names, without the reasons, which are candle's wording.
fn named(gaps: Vec<Gap>) -> Vec<(String, DType)> {
    gaps.into_iter().map(|gap| (gap.what, gap.dtype)).collect()
}

macro_rules! families {
    ($($family:ident: $gaps:expr,)+) => {$(
        #[test]
        fn $family() {
            let gaps: &[(&str, DType)] = &$gaps;
            let expected: Vec<_> = gaps.iter().map(|&(what, dtype)| (what.to_owned(), dtype)).collect();
            assert_eq!(named(conformance::$family::<Candle>(Device::Cpu).unwrap()), expected);
        }
    )+};
}

families! {
    elementwise: [],
    reductions: [],
    products: [],
    convolutions: [("conv2d", DType::BF16)],
    normalisations: [],
    indexing: [],
    losses: [],
    optimisers: [],
    gradients: [],
    bad_shapes: [],
    transfers: [],
}
