//! The list of workloads. It makes the framework-free table ([`workloads`], [`describe`]) and the way to a case's own
//! type ([`visit`]): the one choice at run time, once a case and never inside a step.

use crate::tier::{TINY_BYTES, TINY_FLOP};
use crate::workload::{CaseError, Workload};
use chipmark_core::{CaseId, Cost, DType, Mode, Tier, Tolerance};

/// Work to be done with a case once its type is known.
pub trait Visitor {
    /// What comes of it.
    type Output;

    /// Does it.
    fn visit<W: Workload>(self, workload: &W) -> Self::Output;
}

/// A workload of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkloadInfo {
    /// Its id.
    pub id: &'static str,
    /// What it computes.
    pub about: &'static str,
    /// The ways to write a case by named parts.
    pub forms: &'static [&'static str],
    /// The dtypes that it has.
    pub dtypes: &'static [DType],
}

/// A case of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseInfo {
    /// Its id, in its one spelling.
    pub case: CaseId,
    /// The modes in which it can be timed.
    pub modes: &'static [Mode],
    /// What one call costs by counting.
    pub cost: Cost,
    /// How far its outputs may be off.
    pub tolerances: Vec<Tolerance>,
    /// The FLOP of all the calls that a check compares.
    pub check_flop: u64,
    /// The same case at each tier, in the order of [`Tier::ALL`].
    pub tiers: [CaseId; 3],
}

impl CaseInfo {
    /// The same case at another size.
    #[must_use]
    pub fn at(&self, tier: Tier) -> &CaseId {
        let [tiny, small, full] = &self.tiers;
        match tier {
            Tier::Tiny => tiny,
            Tier::Small => small,
            Tier::Full => full,
        }
    }
}

fn info<W: Workload>() -> WorkloadInfo {
    WorkloadInfo { id: W::ID, about: W::ABOUT, forms: W::FORMS, dtypes: W::DTYPES }
}

fn parse<W: Workload>(case: &CaseId) -> Result<W, CaseError> {
    if !W::DTYPES.contains(&case.dtype) {
        return Err(CaseError::NoDtype { workload: W::ID, dtype: case.dtype });
    }
    W::parse(&case.label, case.dtype).map_err(|why| CaseError::BadLabel {
        workload: W::ID,
        label: case.label.clone(),
        why,
    })
}

macro_rules! registry {
    ($($workload:ty),+ $(,)?) => {
        /// Every workload, in the order of the registry.
        #[must_use]
        pub fn workloads() -> Vec<WorkloadInfo> {
            vec![$(info::<$workload>()),+]
        }

        /// Does the visitor's work with the case that `case` names.
        ///
        /// # Errors
        /// When it names none.
        pub fn visit<V: Visitor>(case: &CaseId, visitor: V) -> Result<V::Output, CaseError> {
            match case.workload.as_str() {
                $(name if name == <$workload>::ID => Ok(visitor.visit(&parse::<$workload>(case)?)),)+
                name => Err(unknown(name)),
            }
        }
    };
}

registry! {
    crate::matmul::Matmul,
    crate::linear::Linear,
    crate::conv1d::Conv1d,
    crate::conv2d::Conv2d,
    crate::softmax::Softmax,
    crate::layer_norm::LayerNorm,
    crate::sdpa::Sdpa,
    crate::bce::Bce,
    crate::activation::Activation<crate::activation::Relu>,
    crate::activation::Activation<crate::activation::LeakyRelu>,
    crate::activation::Activation<crate::activation::Prelu>,
    crate::activation::Activation<crate::activation::Selu>,
    crate::activation::Activation<crate::activation::Sigmoid>,
    crate::activation::Activation<crate::activation::Tanh>,
    crate::activation::Activation<crate::activation::Softplus>,
    crate::sum::SumAlong<crate::sum::Total>,
    crate::sum::SumAll,
    crate::sum::SumAlong<crate::sum::Running>,
    crate::argmax::Argmax,
    crate::sort::Sort,
    crate::concat::Concat,
    crate::gather::Gather,
    crate::scatter::Scatter<crate::scatter::Set>,
    crate::scatter::Scatter<crate::scatter::Sum>,
    crate::scatter::Scatter<crate::scatter::Max>,
    crate::causal_attention::CausalAttention,
    crate::size::OfSize<crate::bandwidth::DeviceCopy>,
    crate::size::OfSize<crate::bandwidth::Triad>,
    crate::bandwidth::Launch,
    crate::size::OfSize<crate::transfer::HostToDevice>,
    crate::size::OfSize<crate::transfer::DeviceToHost>,
    crate::size::OfSize<crate::transfer::RoundTrip>,
    crate::size::OfSize<crate::transfer::ZeroCopy>,
    crate::size::OfSize<crate::transfer::ZeroCopySum>,
    crate::size::OfSize<crate::transfer::UploadSum>,
    crate::message_passing::MessagePassing,
    crate::gcn::GcnEpoch,
    crate::layers::Train<crate::layers::Linear>,
    crate::layers::Forward<crate::layers::Mlp>,
    crate::layers::Train<crate::layers::Mlp>,
    crate::layers::Forward<crate::layers::ConvBlock>,
    crate::layers::Train<crate::layers::ConvBlock>,
    crate::layers::Forward<crate::layers::Attention>,
    crate::layers::Train<crate::layers::Attention>,
    crate::layers::Forward<crate::layers::Transformer>,
    crate::layers::Train<crate::layers::Transformer>,
}

/// The workload of this name.
///
/// # Errors
/// When there is none.
pub fn workload(name: &str) -> Result<WorkloadInfo, CaseError> {
    workloads().into_iter().find(|known| known.id == name).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> CaseError {
    let names = workloads().into_iter().map(|w| w.id);
    CaseError::UnknownWorkload { name: name.to_owned(), nearest: nearest(name, names) }
}

/// The candidate that `name` most likely meant, if any is close.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(score, _)| *score > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}

/// Whether a case is small enough to be checked whole: a tiny case's tiny case is itself.
fn is_tiny(cost: &Cost, check_flop: u64) -> bool {
    cost.working_set_bytes <= TINY_BYTES && check_flop <= TINY_FLOP
}

/// What the table has of a case.
///
/// # Errors
/// When `case` names none.
pub fn describe(case: &CaseId) -> Result<CaseInfo, CaseError> {
    struct Describe;
    impl Visitor for Describe {
        type Output = CaseInfo;

        fn visit<W: Workload>(self, workload: &W) -> CaseInfo {
            let cost = workload.cost();
            let check_flop = cost.flop.saturating_mul(workload.checked_calls() as u64);
            CaseInfo {
                case: workload.id(),
                modes: workload.modes(),
                cost,
                tolerances: workload.tolerances(),
                check_flop,
                tiers: Tier::ALL.map(|tier| match tier {
                    Tier::Tiny if is_tiny(&cost, check_flop) => workload.id(),
                    tier => workload.at(tier).id(),
                }),
            }
        }
    }
    visit(case, Describe)
}
