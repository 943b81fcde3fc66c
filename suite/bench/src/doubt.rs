//! What of a run is still in doubt: which cases go into the next round, and how long the rest will take.

use crate::pace::Pace;
use crate::rounds::Plan;
use chipmark_core::{CaseId, Cell, Mode, Target};
use chipmark_results::compare::Series;
use chipmark_results::convergence::{Known, half_widths};
use chipmark_results::record::{Check, Settings};
use chipmark_results::stats::bootstrap::Bootstrap;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// A case in a mode: its targets are measured back to back, and stop together.
pub(crate) type Group = (CaseId, Mode);

/// The cells that are not measured any more, with the round in which that came out.
pub(crate) type GivenUp = HashMap<Cell, u32>;

/// What the launches so far say about every cell.
pub(crate) struct Doubts {
    series: HashMap<Cell, Series>,
    /// What is f32 in name and TF32 in error: it is not ranked, so that nothing waits for it.
    unranked: HashSet<(CaseId, Target)>,
    bootstrap: Bootstrap,
}

impl Doubts {
    pub(crate) fn new(seed: u64, checks: &[Check]) -> Self {
        let tf32 = checks.iter().filter(|check| check.tf32);
        let unranked = tf32.map(|check| (check.case.clone(), check.target.clone())).collect();
        Doubts { series: HashMap::new(), unranked, bootstrap: Bootstrap::new(seed) }
    }

    /// Takes in a launch's median, instead of an earlier one of the same round.
    pub(crate) fn add(&mut self, cell: &Cell, round: u32, median_ns: f64) {
        self.forget_launch(cell, round);
        self.series.entry(cell.clone()).or_default().launches.push((round, median_ns.ln()));
    }

    /// Forgets what a cell took in a round.
    pub(crate) fn forget_launch(&mut self, cell: &Cell, round: u32) {
        if let Some(series) = self.series.get_mut(cell) {
            series.launches.retain(|(of, _)| *of != round);
        }
    }

    /// Forgets a round.
    pub(crate) fn forget(&mut self, round: u32) {
        for series in self.series.values_mut() {
            series.launches.retain(|(of, _)| *of != round);
        }
    }

    /// How wide the widest interval of a group's targets is, beside how many rounds it comes of. Infinite where an interval is
    /// wanting; zero where there is nothing to measure.
    pub(crate) fn of(&mut self, group: &Group, targets: &[Target], given_up: &GivenUp) -> (f64, usize) {
        let cell = |target: &Target| Cell { case: group.0.clone(), target: target.clone(), mode: group.1 };
        let ranked = targets.iter().filter(|target| !self.unranked.contains(&(group.0.clone(), (*target).clone())));
        let cells = ranked.map(cell).filter(|cell| !given_up.contains_key(cell));
        let series: Vec<Series> = cells.map(|cell| self.series.get(&cell).cloned().unwrap_or_default()).collect();
        let launches = series.iter().map(|series| series.launches.len()).min().unwrap_or(0);
        let width = |known: Known| match known {
            Known::Fastest => 0.0,
            Known::To(half_width) => half_width,
            Known::TooFew => f64::INFINITY,
        };
        (half_widths(&series, &mut self.bootstrap).into_iter().map(width).fold(0.0, f64::max), launches)
    }

    /// The groups that the next round takes, with how many rounds each will need from here, itself included. All of them until
    /// the fewest rounds are done; then those whose ratios are not known well enough. Where the time is too short for those, the
    /// ones in most doubt.
    pub(crate) fn next_round(&mut self, ask: &Ask<'_>) -> HashMap<Group, u32> {
        let settings = ask.plan.settings;
        let most = settings.rounds - ask.counted.min(settings.rounds);
        let least = settings.min_rounds.unwrap_or(settings.rounds).saturating_sub(ask.counted);
        let targets: Vec<Target> = ask.plan.targets.iter().map(|available| available.target.clone()).collect();
        let groups = ask.plan.cases.iter().flat_map(|case| case.modes.iter().map(|&mode| (case.case.clone(), mode)));
        let mut open: Vec<(Group, f64, u32)> = Vec::new();
        for group in groups {
            let (doubt, launches) = self.of(&group, &targets, ask.given_up);
            let enough = settings.precision.is_some_and(|wanted| doubt <= wanted);
            let needed = rounds_needed(settings, doubt, launches).clamp(least, most);
            if least > 0 || !enough {
                open.push((group, doubt, needed.max(1)));
            }
        }
        if let Some(left) = ask.left.filter(|_| least == 0) {
            open.sort_by(|a, b| b.1.total_cmp(&a.1));
            let mut spent = Duration::ZERO;
            let fits = open.iter().take_while(|(group, ..)| {
                spent += targets.iter().map(|target| ask.takes(group, target)).sum::<Duration>();
                spent <= left
            });
            // At least one: the end of the time ends the run, not this.
            let count = fits.count().max(1);
            open.truncate(count);
        }
        open.into_iter().map(|(group, _, needed)| (group, needed)).collect()
    }
}

/// What the next round depends on.
pub(crate) struct Ask<'a> {
    pub plan: &'a Plan<'a>,
    /// The rounds that count so far.
    pub counted: u32,
    /// The cells that are not measured any more.
    pub given_up: &'a GivenUp,
    /// How long the run may still take.
    pub left: Option<Duration>,
    /// How long each cell took.
    pub pace: &'a Pace,
}

impl Ask<'_> {
    fn takes(&self, group: &Group, target: &Target) -> Duration {
        let cell = Cell { case: group.0.clone(), target: target.clone(), mode: group.1 };
        self.pace.took(&cell)
    }
}

/// How many more rounds bring a doubt down to the precision asked for: intervals narrow with the root of the rounds.
fn rounds_needed(settings: &Settings, doubt: f64, launches: usize) -> u32 {
    let Some(wanted) = settings.precision.filter(|_| doubt.is_finite()) else { return settings.rounds };
    let all = launches as f64 * (doubt / wanted).powi(2);
    // Beyond 32 bits is cut off, and then to the most rounds by the caller.
    (all.ceil() as u32).saturating_sub(u32::try_from(launches).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Program;
    use crate::targets::{Available, Setup};
    use crate::worker_process::Hello;
    use chipmark_core::{Cost, Execution};
    use chipmark_results::fixture;
    use chipmark_results::record::PlannedCase;

    const CASES: [&str; 3] = ["softmax/8x8/f32", "softmax/16x16/f32", "softmax/32x32/f32"];
    const TARGET: &str = "candle:cpu";

    /// What is chosen of three cases, of which the first is known well, the second less and the third badly, after eight rounds
    /// of a second a case; with how many rounds each still needs.
    fn chosen(precision: Option<f64>, left_s: Option<f64>, given_up: &[&str]) -> Vec<(String, u32)> {
        chosen_beside(&[], precision, left_s, given_up)
    }

    /// The same where some cases are TF32.
    fn chosen_beside(
        tf32: &[&str],
        precision: Option<f64>,
        left_s: Option<f64>,
        given_up: &[&str],
    ) -> Vec<(String, u32)> {
        let checks: Vec<Check> = tf32.iter().map(|case| Check { tf32: true, ..fixture::check(case, TARGET) }).collect();
        let targets = [Available {
            target: TARGET.parse().unwrap(),
            program: Program::BuiltIn("candle"),
            hello: Hello {
                worker: "candle".to_owned(),
                version: String::new(),
                arithmetic: true,
                executions: vec![Execution::Eager],
            },
            setup: Setup::default(),
        }];
        let planned = |case: &&str| PlannedCase {
            case: case.parse().unwrap(),
            modes: vec![Mode::Latency],
            cost: Cost::default(),
        };
        let cases: Vec<PlannedCase> = CASES.iter().map(planned).collect();
        let run = fixture::run();
        let settings = Settings { rounds: 100, min_rounds: Some(5), precision, ..run.settings };
        let mut doubts = Doubts::new(1, &checks);
        let plan = Plan { cases: &cases, targets: &targets, settings: &settings, machine: &run.machine };
        let mut pace = Pace::new(&plan);
        for (case, spread) in CASES.iter().zip([0.001, 0.02, 0.1]) {
            let cell = fixture::cell(case, TARGET, Mode::Latency);
            for round in 0..8u32 {
                let wave = [-1.0, 0.3, 0.8, -0.4, 0.1, 1.0, -0.7, -0.1][round as usize % 8];
                doubts.add(&cell, round, 1000.0 * f64::exp(spread * wave));
            }
            pace.note(&cell, Duration::from_secs(1));
        }
        let given_up = given_up.iter().map(|case| (fixture::cell(case, TARGET, Mode::Latency), 0)).collect();
        let left = left_s.map(Duration::from_secs_f64);
        let ask = Ask { plan: &plan, counted: 8, given_up: &given_up, left, pace: &pace };
        let mut chosen: Vec<(String, u32)> =
            doubts.next_round(&ask).into_iter().map(|((case, _), rounds)| (case.to_string(), rounds)).collect();
        chosen.sort();
        chosen
    }

    fn names(chosen: &[(String, u32)]) -> Vec<&str> {
        chosen.iter().map(|(case, _)| case.as_str()).collect()
    }

    #[test]
    fn what_is_known_well_enough_is_left_alone_and_worse_doubt_needs_more_rounds() {
        let chosen = chosen(Some(0.01), None, &[]);
        assert_eq!(names(&chosen), [CASES[1], CASES[2]]);
        assert!(chosen[0].1 < chosen[1].1, "{chosen:?}");
        assert_eq!(super::tests::chosen(Some(0.5), None, &[]), []);
    }

    #[test]
    fn nothing_waits_for_what_is_not_ranked() {
        assert_eq!(names(&chosen_beside(&[CASES[2]], Some(0.01), None, &[])), [CASES[1]]);
    }

    #[test]
    fn a_budget_too_small_for_all_goes_where_the_doubt_is_largest() {
        assert_eq!(names(&chosen(Some(1e-6), Some(3.5), &[])).len(), 3);
        assert_eq!(names(&chosen(Some(1e-6), Some(2.5), &[])), [CASES[1], CASES[2]]);
        assert_eq!(names(&chosen(Some(1e-6), Some(1.5), &[])), [CASES[2]]);
        // The end of the time ends the run, not this.
        assert_eq!(names(&chosen(Some(1e-6), Some(0.1), &[])), [CASES[2]]);
        // What was given up leaves its time to the others.
        assert_eq!(names(&chosen(Some(1e-6), Some(1.5), &[CASES[2]])), [CASES[1]]);
    }
}
