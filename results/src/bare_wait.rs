//! What a wait with nothing to wait for costs on each target of a run: the part of a latency that is no work.

use crate::estimate::median;
use crate::record::Purpose;
use crate::store::ResultsFile;
use chipmark_core::Target;
use serde::Serialize;

/// The cost of a wait with nothing to wait for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BareWait {
    /// The target.
    pub target: Target,
    /// The median over the workers that measured its rounds, in ns. Each call of the latency mode holds one such wait; it is never
    /// subtracted.
    pub ns: f64,
}

/// The bare waits of a run, in the order of its targets; without those that were not measured.
#[must_use]
pub fn bare_waits(file: &ResultsFile) -> Vec<BareWait> {
    let of = |target: &Target| {
        let workers = file.workers.iter().filter(|worker| worker.target == *target && worker.purpose == Purpose::Round);
        let times: Vec<f64> = workers.flat_map(|worker| &worker.bare_finish_ns).map(|&ns| ns as f64).collect();
        Some(BareWait { target: target.clone(), ns: median(&times)? })
    };
    file.run.targets.iter().filter_map(|info| of(&info.target)).collect()
}

#[cfg(all(test, feature = "fixture"))]
mod tests {
    use super::*;
    use crate::fixture::{self, CANDLE, TCH};

    #[test]
    fn the_rounds_workers_alone_say_what_waiting_costs() {
        let mut file = fixture::file();
        file.workers = vec![fixture::worker(0, CANDLE, 0), fixture::worker(1, CANDLE, 1), fixture::worker(2, TCH, 0)];
        file.workers[1].bare_finish_ns = vec![300, 300, 300, 300];
        (file.workers[2].purpose, file.workers[2].round) = (Purpose::Check, None);
        let candle = CANDLE.parse().unwrap();
        assert_eq!(bare_waits(&file), [BareWait { target: candle, ns: 300.0 }]);
        file.workers.clear();
        assert_eq!(bare_waits(&file), []);
    }
}
