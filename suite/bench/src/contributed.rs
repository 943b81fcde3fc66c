//! What this program knows, by which contributed files are judged: its suites, cases, tolerances and frameworks.

use crate::cases::select;
use crate::checks;
use crate::cli::Selection;
use crate::env_consent::is_foreign;
use crate::program::KNOWN;
use anyhow::Result;
use chipmark_core::{CaseId, Tier};
use chipmark_results::contribution::validate::{CaseFacts, Catalogue, FileFindings, validate};
use chipmark_results::record::{Against, TargetInfo};
use chipmark_workloads::suite::BUILT_IN;
use chipmark_workloads::{Suite, describe};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The framework whose worker computes nothing.
const COMPUTES_NOTHING: &str = "synthetic";

/// Holds files, and those of folders, to the rules; `data` is the tree that they are to be part of. A file outside of it must lie in
/// folders that are called as its place there.
///
/// # Errors
/// When a path is not there or cannot be read, or the tree's list of what was withdrawn cannot.
pub(crate) fn findings(paths: &[PathBuf], data: &Path) -> Result<Vec<FileFindings>> {
    Ok(validate(paths, data, &Known::default(), jiff::Timestamp::now())?)
}

type Cases = Option<Arc<HashSet<CaseId>>>;

/// This program's catalogue.
#[derive(Default)]
struct Known {
    /// Suites that were asked for: working out the cases of one takes longer than all the rest of a file.
    suites: Mutex<HashMap<(String, Option<Tier>), Cases>>,
}

impl Catalogue for Known {
    fn harness_version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn cases_of(&self, suite: &str, tier: Option<Tier>) -> Cases {
        // A suite's name may be the path of a file, and a stranger's file names none here.
        let (name, _) = BUILT_IN.iter().find(|(name, _)| *name == suite)?;
        let mut suites = self.suites.lock().unwrap_or_else(PoisonError::into_inner);
        suites.entry(((*name).to_owned(), tier)).or_insert_with(|| cases_at(name, tier)).clone()
    }

    fn case(&self, case: &CaseId) -> Option<CaseFacts> {
        let info = describe(case).ok()?;
        let reduced = info.at(Tier::Tiny).clone();
        Some(CaseFacts { case: info.case, cost: info.cost, modes: info.modes.to_vec(), reduced })
    }

    fn largest_bound(&self, compared: &CaseId, against: Against, tf32: bool) -> Option<f64> {
        checks::largest_bound(compared, against, tf32)
    }

    fn computes(&self, framework: &str) -> Option<bool> {
        KNOWN.iter().any(|known| known.name == framework).then_some(framework != COMPUTES_NOTHING)
    }

    fn is_built_in(&self, target: &TargetInfo) -> bool {
        !is_foreign(target)
    }
}

fn cases_at(suite: &str, tier: Option<Tier>) -> Cases {
    let suite = Suite::find(suite).ok()?;
    let all = Selection { cases: Vec::new(), modes: Vec::new(), dtypes: Vec::new(), tier, cora: None };
    let planned = select(&suite, &all).ok()?;
    Some(Arc::new(planned.into_iter().map(|planned| planned.case).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_are_the_built_in_ones_and_no_paths() {
        let known = Known::default();
        let quick = known.cases_of("quick", Some(Tier::Small)).unwrap();
        assert!(quick.len() > 30 && quick.iter().all(|case| known.case(case).is_some()));
        assert_ne!(known.cases_of("quick", Some(Tier::Full)).unwrap(), quick);
        assert_eq!(known.cases_of("quick", None), Some(quick), "at its own tier");
        for name in ["", "mine", "../quick", "suites/quick.toml", "Cargo.toml"] {
            assert_eq!(known.cases_of(name, None), None, "{name}");
        }
    }

    #[test]
    fn bounds_are_those_of_the_checks() {
        let known = Known::default();
        let case: CaseId = "matmul/64x1000000@1000000x32/f32".parse().unwrap();
        let bound = |against, tf32| known.largest_bound(&case, against, tf32).unwrap();
        let own = describe(&case).unwrap().tolerances[0].bound;
        assert!((bound(Against::Reference, false) - own).abs() < 1e-15);
        assert!(bound(Against::Targets, false) > own && bound(Against::Reference, true) > own + 9e-4);
        assert_eq!(known.largest_bound(&"nothing/1/f32".parse().unwrap(), Against::Reference, false), None);
        assert_eq!(
            [known.computes("mlx"), known.computes("synthetic"), known.computes("mine")],
            [Some(true), Some(false), None]
        );
    }

    /// A file may name any case, and working out what it would be must cost nothing.
    #[test]
    fn cases_of_any_size_are_described_at_once() {
        let known = Known::default();
        let start = std::time::Instant::now();
        for case in [
            "matmul/99999999999x99999999999@99999999999x99999999999/f32",
            "gcn_epoch/dense-9999999n-9999999e-9999999f-9999999c/f32",
            "gcn_epoch/sparse-9999999n-9999999e-9999999f-9999999c/f32",
            "softmax/18446744073709551615x18446744073709551615/f32",
            "copy/17179869183GiB/f32",
            "sdpa/1x999999999999x1x999999999999@1x999999999999x1x999999999999/f32",
        ] {
            let case: CaseId = case.parse().unwrap();
            known.case(&case);
            known.largest_bound(&case, Against::Targets, true);
        }
        assert!(start.elapsed().as_secs() < 2);
    }
}
