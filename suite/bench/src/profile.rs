//! Profiles: how much is spent on a run.

use crate::cli::Measuring;
use chipmark_core::Sampling;
use chipmark_results::record::{Profile, Settings};
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

    /// The same in at most so many rounds, where that is said.
    pub(crate) fn within(self, rounds: Option<u32>) -> Self {
        let rounds = rounds.unwrap_or(self.rounds);
        Effort { rounds, min_rounds: self.min_rounds.map(|least| least.min(rounds)), ..self }
    }

    /// The settings of a run of a suite by these arguments. Ceilings and memory are not measured, and products of f32 are in f32.
    pub(crate) fn settings(self, profile: Option<Profile>, suite: &Suite, args: &Measuring) -> Settings {
        Settings {
            tier: Some(args.selection.tier.unwrap_or(suite.tier)),
            profile,
            rounds: self.rounds,
            min_rounds: self.min_rounds,
            precision: self.precision,
            seed: args.seed,
            threads: None,
            tf32: false,
            cora: args.selection.cora.clone(),
            ceilings: false,
            memory: false,
            inputs: args.inputs,
            budget_s: args.spending.budget_s(),
            sampling: self.sampling,
            cell_timeout_s: args.cell_timeout.as_secs_f64(),
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

    #[test]
    fn the_least_of_rounds_is_never_more_than_the_most() {
        let effort = Effort::of(Some(Profile::Standard), &Suite::find("quick").unwrap());
        assert_eq!(effort.within(None), effort);
        let [few, many] = [5, 30].map(|rounds| effort.within(Some(rounds)));
        assert_eq!((few.rounds, few.min_rounds), (5, Some(5)));
        assert_eq!((many.rounds, many.min_rounds), (30, effort.min_rounds));
    }
}
