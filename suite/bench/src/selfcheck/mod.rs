//! Does Chipmark decide rightly? Whole runs of devices whose times are known, through the same sampler, the same order, the same
//! rule for stopping and the same two stages of a comparison as real ones, but in virtual time.

mod rivals;
mod simulation;
mod tally;

use simulation::Cases;
pub(crate) use simulation::World;
pub(crate) use tally::{Counts, CurvePoint, Findings};

use crate::interrupt::interrupted;
use anyhow::{Result, bail};
use chipmark_core::OpResult;
use std::sync::atomic::{AtomicU64, Ordering};

/// The slowdowns that are to be found, as shares.
pub(crate) const SLOWDOWNS: [f64; 2] = [0.02, 0.05];

/// The rounds at which the power is shown.
const CURVE: [u32; 8] = [5, 10, 15, 20, 25, 30, 35, 40];

/// A suite's cases, and how many of them are slowed where any is.
const CASES: usize = 20;
const SLOWED: usize = 4;

/// Simulates at least so many comparisons of each kind: of equal devices, and of ones slowed by each of [`SLOWDOWNS`].
///
/// # Errors
/// When it is interrupted, or the simulation cannot be made.
pub(crate) fn findings(world: &World, cells: usize, seed: u64) -> Result<Findings> {
    let mut found = Findings { known: tally::known(world, cells, seed)?, ..Findings::default() };
    // Where four in twenty are slowed, as many suites more are needed.
    let suites = |slowdown: f64| cells.div_ceil(if slowdown > 0.0 { SLOWED } else { CASES });
    for slowdown in [0.0].into_iter().chain(SLOWDOWNS) {
        let cases = Cases { all: CASES, slowed: if slowdown > 0.0 { SLOWED } else { 0 }, slowdown };
        let kind = |kind: u64| 2 * kind + u64::from(slowdown > 0.0);
        let ab = many(suites(slowdown), |suite| Counts::of_ab(world, mixed(seed, kind(0), suite), cases))?;
        if slowdown > 0.0 {
            found.slowed.push((slowdown, ab));
        } else {
            found.same = ab;
        }
        // Runs apart share no drift: where a machine drifts, its noise floor hides what it does by itself.
        let still = World { drift: 0.0, ..*world };
        let check =
            |world: &World| many(suites(slowdown), |suite| Counts::of_check(world, mixed(seed, kind(1), suite), cases));
        found.check.push((slowdown, check(&still)?));
        if slowdown == 0.0 {
            found.drifting_check = check(world)?;
        }
    }
    let cases = Cases { all: SLOWED, slowed: SLOWED, slowdown: SLOWDOWNS[0] };
    for rounds in CURVE {
        let counts =
            many(suites(SLOWDOWNS[0]), |suite| Counts::of_rounds(world, mixed(seed, 4, suite), cases, rounds))?;
        found.curve.push(CurvePoint::of(rounds, &counts));
    }
    if interrupted() {
        bail!("interrupted: the simulation is not whole, and nothing is concluded");
    }
    Ok(found)
}

/// The seed of a suite of a kind: no two suites have the same, and another seed gives all others. (The finaliser of SplitMix64:
/// G. L. Steele, D. Lea and C. H. Flood, OOPSLA 2014.)
fn mixed(seed: u64, kind: u64, suite: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(kind << 48 | suite);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Adds up what many suites say, on all cores. Which core does which suite makes no difference.
fn many(suites: usize, one: impl Fn(u64) -> OpResult<Counts> + Sync) -> OpResult<Counts> {
    let next = AtomicU64::new(0);
    let work = || {
        let mut counts = Counts::default();
        loop {
            let suite = next.fetch_add(1, Ordering::Relaxed);
            if suite >= suites as u64 || interrupted() {
                return Ok(counts);
            }
            counts.add(&one(suite)?);
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..cores).map(|_| scope.spawn(work)).collect();
        let mut all = work()?;
        for other in others {
            let counts = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            all.add(&counts);
        }
        Ok(all)
    })
}
