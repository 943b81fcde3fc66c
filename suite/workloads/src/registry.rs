//! The list of workloads. It makes the framework-free table ([`workloads`], [`describe`]) and the way to a case's own
//! type ([`visit`]): the one choice at run time, once a case and never inside a step.

use crate::workload::{CaseError, Workload};
use chipmark_core::{CaseId, Cost, Mode, Tier, Tolerance};

/// Work to be done with a case once its type is known.
pub trait Visitor {
    /// What comes of it.
    type Output;

    /// Does it.
    fn visit<W: Workload>(self, workload: &W) -> Self::Output;
}

/// A workload of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadInfo {
    /// Its id.
    pub id: &'static str,
    /// What it computes.
    pub about: &'static str,
    /// The ids of its catalogue's cases, at full size.
    pub cases: Vec<CaseId>,
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
    WorkloadInfo { id: W::ID, about: W::ABOUT, cases: W::catalogue().iter().map(Workload::id).collect() }
}

fn parse<W: Workload>(case: &CaseId) -> Result<W, CaseError> {
    if !chipmark_core::DType::TIMED.contains(&case.dtype) {
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
        /// Every workload with its catalogue, in the order of the registry.
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
    crate::conv2d::Conv2d,
    crate::softmax::Softmax,
    crate::transfer::HostToDevice,
    crate::transfer::DeviceToHost,
    crate::transfer::RoundTrip,
    crate::gcn::GcnEpoch,
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
    cost.working_set_bytes <= 256 << 10 && check_flop <= 16_000_000
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
