//! What every backend must do: the checks that each backend's tests call, on its own device.
//!
//! One function a family, so that a test's name says what broke: [`conformance_tests`](crate::conformance_tests) makes a test of
//! each, and [`everything`] is all of them. Inputs are small, seeded, with distinct odd lengths; results are compared with
//! [`Reference`]'s on the same rounded inputs. Of a backend without arithmetic only shapes, dtypes and notes are checked.
//!
//! What a backend refuses as unsupported is no failure: it comes back as a list of [`Gap`]s, for the caller's test to
//! assert that it is exactly what this backend is known to lack.

mod bad;
mod call;
mod cases;
mod checker;
mod compiled;
mod gradients;
mod transfers;

use crate::Reference;
use checker::Checker;
use chipmark_core::{DType, Device, FullBackend};
use std::fmt;

pub use bad::bad_shapes;
pub use compiled::compiled;
pub use gradients::gradients;
pub use transfers::transfers;

/// Something that a backend says it does not support.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The op's name in its trait; `gradient of OP` where only the gradient is missing.
    pub what: String,
    /// The dtype of its inputs.
    pub dtype: DType,
    /// The backend's reason.
    pub why: String,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.what, self.dtype, self.why)
    }
}

/// What a backend did wrong, a line each: op, dtype, shapes and the worst element.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} failures:\n{}", .0.len(), .0.join("\n"))]
pub struct Failures(pub Vec<String>);

/// As `Display`, because this is what `unwrap` prints.
impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is missing, each thing once and in order; or everything that failed.
pub type Verdict = Result<Vec<Gap>, Failures>;

/// Runs a family's cases in each dtype that can be timed.
fn forward<B: FullBackend>(device: Device, family: cases::Family) -> Verdict {
    let mut checker = Checker::<B>::open(device)?;
    for dtype in DType::TIMED {
        match family(dtype) {
            Ok(cases) => cases.iter().for_each(|case| checker.forward(case)),
            Err(error) => checker.fail(format!("no inputs: {error}")),
        }
    }
    checker.verdict()
}

// The one list of families. `$dollar` is a dollar sign, for the macro that this one makes.
macro_rules! families {
    ($dollar:tt { $($(#[$doc:meta])* $name:ident),+ $(,)? } and { $($other:ident),+ $(,)? }) => {
        $(
            $(#[$doc])*
            ///
            /// # Errors
            /// With every case that failed.
            pub fn $name<B: FullBackend>(device: Device) -> Verdict {
                forward::<B>(device, cases::$name)
            }
        )+

        /// Every family, gradients, bad shapes, compiled steps and transfers.
        ///
        /// # Errors
        /// With every case that failed.
        pub fn everything<B: FullBackend>(device: Device) -> Verdict {
            let (mut gaps, mut failures) = (Vec::new(), Vec::new());
            for verdict in [$($name::<B>,)+ $($other::<B>,)+].map(|family| family(device)) {
                match verdict {
                    Ok(more) => gaps.extend(more),
                    Err(Failures(more)) => failures.extend(more),
                }
            }
            gaps.sort();
            gaps.dedup_by(|a, b| a.what == b.what && a.dtype == b.dtype);
            if failures.is_empty() { Ok(gaps) } else { Err(Failures(failures)) }
        }

        /// A test of each family, by its name, which hands the family's function for a backend to a function that asserts what
        /// that backend must do: `conformance_tests!(Candle, nothing_is_missing);` with
        /// `fn nothing_is_missing(family: fn(Device) -> Verdict)`.
        #[macro_export]
        macro_rules! conformance_tests {
            ($dollar backend:ty, $dollar asserts:path) => {
                $(#[test] fn $name() { $dollar asserts($crate::conformance::$name::<$dollar backend>); })+
                $(#[test] fn $other() { $dollar asserts($crate::conformance::$other::<$dollar backend>); })+
            };
        }
    };
}
families! { $ {
    /// Elementwise ops, broadcasting in every way, and comparisons of indices.
    elementwise,
    /// Reductions over one axis or all.
    reductions,
    /// Sorts along each axis.
    ordering,
    /// Products of matrices, plain and batched, and linear layers.
    products,
    /// Convolutions of sequences and images, in the backend's own layout.
    convolutions,
    /// Attention, with each mask and with grouped heads.
    attention,
    /// Normalisations along each axis.
    normalisations,
    /// Elements joined, under other dimensions, and with axes exchanged.
    arranging,
    /// Rows taken and placed by index.
    indexing,
    /// Losses.
    losses,
    /// Optimisers.
    optimisers,
} and { gradients, bad_shapes, compiled, transfers } }

/// Whether the backend is one that widens everything to f64: the reference itself.
fn widens<B: FullBackend>() -> bool {
    B::NAME == <Reference as chipmark_core::Backend>::NAME
}
