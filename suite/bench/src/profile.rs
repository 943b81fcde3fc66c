//! Profiles: how much is spent on a run.

use chipmark_core::Sampling;
use chipmark_results::record::Profile;
use chipmark_workloads::Suite;
use chipmark_workloads::suite::SuiteSampling;

/// The ratio of each target to the fastest is to be known to a hundredth, in each direction.
const PRECISION: f64 = 0.01;
/// The most rounds.
const MOST_ROUNDS: u32 = 20;

/// The rounds and the sampling of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Effort {
    pub rounds: u32,
    pub min_rounds: Option<u32>,
    pub precision: Option<f64>,
    pub sampling: Sampling,
}

impl Effort {
    /// What a profile spends; without one, what the suite says.
    pub(crate) fn of(profile: Option<Profile>, suite: &Suite) -> Self {
        let until = |min_rounds| Effort {
            rounds: MOST_ROUNDS,
            min_rounds: Some(min_rounds),
            precision: Some(PRECISION),
            sampling: SuiteSampling::default().into(),
        };
        match profile {
            None => Effort { rounds: suite.rounds, min_rounds: None, precision: None, sampling: suite.sampling.into() },
            Some(Profile::Quick) => {
                Effort { rounds: 3, min_rounds: None, precision: None, sampling: SuiteSampling::quick().into() }
            }
            Some(Profile::Standard) => until(8),
            Some(Profile::Publish) => until(12),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_profile_is_the_quick_suite_s() {
        let suite = Suite::find("quick").unwrap();
        assert_eq!(Effort::of(Some(Profile::Quick), &suite), Effort::of(None, &suite));
    }

    #[test]
    fn what_is_published_is_known_no_less() {
        let suite = Suite::find("main").unwrap();
        let [standard, publish] =
            [Profile::Standard, Profile::Publish].map(|profile| Effort::of(Some(profile), &suite));
        assert!(publish.min_rounds > standard.min_rounds && publish.precision <= standard.precision);
        assert!(publish.min_rounds <= Some(publish.rounds));
    }
}
