//! How long a run takes: by the plan before it starts, and by what its launches took once there are some.

use crate::ceilings;
use crate::doubt::{GivenUp, Group};
use crate::rounds::Plan;
use chipmark_core::{Cell, DType, Mode};
use chipmark_results::record::Settings;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// What a launch takes beside warming up and sampling, before there is experience: inputs, calibration, slow calls.
const OVERHEAD_S: f64 = 0.1;
/// What starting a worker takes, before there is experience.
const START_S: f64 = 0.5;

/// What each cell took of late.
#[derive(Debug)]
pub(crate) struct Pace {
    took: HashMap<Cell, Duration>,
    by_mode: HashMap<Mode, (Duration, u32)>,
    /// What a launch takes by the plan.
    planned: Duration,
    /// What comes after the rounds.
    after: Duration,
}

impl Pace {
    pub(crate) fn new(plan: &Plan<'_>) -> Self {
        let after = Planned::of(plan).memory;
        Pace { took: HashMap::new(), by_mode: HashMap::new(), planned: planned_launch(plan.settings), after }
    }

    /// Takes in what a launch took.
    pub(crate) fn note(&mut self, cell: &Cell, took: Duration) {
        self.took.insert(cell.clone(), took);
        let (sum, count) = self.by_mode.entry(cell.mode).or_default();
        *sum += took;
        *count += 1;
    }

    /// What a cell took the last time; nothing where it was not yet measured.
    pub(crate) fn took(&self, cell: &Cell) -> Duration {
        self.took.get(cell).copied().unwrap_or_default()
    }

    /// What a cell will take: what it took the last time, or else what launches in its mode took on average, or else the plan's.
    fn takes(&self, cell: &Cell) -> Duration {
        let average = || self.by_mode.get(&cell.mode).map(|(sum, count)| *sum / (*count).max(1));
        self.took.get(cell).copied().or_else(average).unwrap_or(self.planned)
    }

    /// How long is left: the cells `due` in this round, those of the rounds after it that each group will need, `wanted` counting this
    /// one, and what comes then. Never more than the run may still take.
    pub(crate) fn left<'c>(
        &self,
        due: impl Iterator<Item = &'c Cell>,
        round: &[Cell],
        wanted: &HashMap<Group, u32>,
        given_up: &GivenUp,
        may_take: Option<Duration>,
    ) -> Duration {
        let now: Duration = due.map(|cell| self.takes(cell)).sum();
        let later = |cell: &Cell| {
            let rounds = wanted.get(&(cell.case.clone(), cell.mode)).copied().unwrap_or(1);
            self.takes(cell) * rounds.saturating_sub(1)
        };
        let later: Duration = round.iter().filter(|cell| !given_up.contains_key(cell)).map(later).sum();
        let all = now + later + self.after;
        may_take.map_or(all, |most| all.min(most))
    }
}

/// What the parts of a whole run take by the plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Planned {
    pub checks: Duration,
    pub ceilings: Duration,
    pub rounds: Duration,
    pub memory: Duration,
}

impl Planned {
    pub(crate) fn of(plan: &Plan<'_>) -> Self {
        let Plan { cases, targets, settings, .. } = plan;
        let of = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let modes = |first_call: bool| {
            let modes = cases.iter().flat_map(|case| &case.modes);
            of(modes.filter(|&&mode| (mode == Mode::FirstCall) == first_call).count())
        };
        let start = Duration::from_secs_f64(START_S);
        let round = planned_launch(settings) * modes(false) + start * (modes(true) + 1);
        // A check is two calls or so of the framework and two of the reference.
        let checks = Duration::from_secs_f64(OVERHEAD_S) * of(cases.len()) * of(targets.len() + 2);
        let computing = targets.iter().filter(|available| available.hello.arithmetic).count();
        let dtypes: HashSet<DType> = cases.iter().map(|case| case.case.dtype).collect();
        let ceilings = if settings.ceilings { of(computing * dtypes.len()) } else { 0 };
        let passes = if settings.memory { of(cases.len() * targets.len()) } else { 0 };
        Planned {
            checks: checks + start * of(targets.len()),
            ceilings: Duration::from_secs_f64(ceilings::DTYPE_S) * ceilings,
            rounds: round * of(targets.len()) * settings.rounds,
            memory: (start + Duration::from_secs_f64(OVERHEAD_S)) * passes,
        }
    }

    pub(crate) fn all(&self) -> Duration {
        self.checks + self.ceilings + self.rounds + self.memory
    }
}

/// What a launch takes by the plan.
fn planned_launch(settings: &Settings) -> Duration {
    let sampling = &settings.sampling;
    Duration::from_secs_f64(sampling.warm_up_s + sampling.sample_s + OVERHEAD_S)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipmark_core::Sampling;
    use chipmark_results::fixture::{self, CANDLE, MATMUL, SOFTMAX};
    use chipmark_results::record::{PlannedCase, Run};

    /// Two cases of one mode, on no target that matters: what a launch takes by the plan is 1.1 s.
    fn run() -> Run {
        let mut run = fixture::run();
        run.cases.truncate(2);
        run.cases.iter_mut().for_each(|case: &mut PlannedCase| case.modes = vec![Mode::Latency]);
        run.settings.sampling = Sampling { warm_up_s: 0.4, sample_s: 0.6, ..run.settings.sampling };
        run
    }

    fn s(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn what_was_measured_takes_the_place_of_the_plan_as_the_round_goes() {
        let run = run();
        let plan = Plan { cases: &run.cases, targets: &[], settings: &run.settings, machine: &run.machine };
        let mut pace = Pace::new(&plan);
        let cells = [MATMUL, SOFTMAX].map(|case| fixture::cell(case, CANDLE, Mode::Latency));
        let wanted = HashMap::from(cells.clone().map(|cell| ((cell.case, cell.mode), 3)));
        let none = GivenUp::new();
        let left = |pace: &Pace, due: &[Cell], may_take| pace.left(due.iter(), &cells, &wanted, &none, may_take);
        // Two cells in this round and the two after it.
        assert_eq!(left(&pace, &cells, None), s(1.1) * 6);
        // The first took ten times what was planned: so will the second.
        pace.note(&cells[0], s(11.0));
        assert_eq!(left(&pace, &cells[1..], None), s(11.0) * 5);
        pace.note(&cells[1], s(1.0));
        assert_eq!(left(&pace, &[], None), s(12.0) * 2);
        assert_eq!(left(&pace, &[], Some(s(3.0))), s(3.0), "no longer than the run may take");
        let given_up = GivenUp::from([(cells[0].clone(), 0)]);
        assert_eq!(pace.left([].iter(), &cells, &wanted, &given_up, None), s(1.0) * 2);
    }

    #[test]
    fn the_plan_has_all_parts() {
        let mut run = run();
        let targets = [crate::rounds::tests::available(CANDLE)];
        let planned = |run: &Run| {
            let plan = Plan { cases: &run.cases, targets: &targets, settings: &run.settings, machine: &run.machine };
            Planned::of(&plan)
        };
        let without = planned(&run);
        assert_eq!((without.ceilings, without.memory), (Duration::ZERO, Duration::ZERO));
        (run.settings.ceilings, run.settings.memory) = (true, true);
        let with = planned(&run);
        assert_eq!((with.ceilings, with.memory), (s(ceilings::DTYPE_S), s(1.2)));
        assert_eq!(with.all(), without.all() + with.ceilings + with.memory);
        // What comes after the rounds is left too.
        let plan = Plan { cases: &run.cases, targets: &targets, settings: &run.settings, machine: &run.machine };
        let pace = Pace::new(&plan);
        assert_eq!(pace.left([].iter(), &[], &HashMap::new(), &GivenUp::new(), None), with.memory);
    }
}
