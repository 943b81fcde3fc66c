//! The rounds: every cell once a round, each round with fresh workers and in a new order. Every launch becomes a row as soon
//! as it is over, whatever came of it.

use crate::canary;
use crate::doubt::{Ask, Doubts, GivenUp, Group};
use crate::interrupt::interrupted;
use crate::launch::Instruments;
use crate::order;
use crate::pace::Pace;
use crate::progress::Progress;
use crate::targets::Available;
use crate::text;
use anyhow::Result;
use chipmark_core::{Cell, Outcome, Target};
use chipmark_results::canary::disturbance;
use chipmark_results::estimate::launch_median;
use chipmark_results::machine::Machine;
use chipmark_results::record::{Canary, Check, Launch, PlannedCase, Profile, Record, Round, Settings};
use chipmark_results::stats::bootstrap::FEWEST;
use chipmark_results::store::{ResultsFile, Writer};
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// How many rounds are measured again, at most, because the machine was disturbed.
const RETRIES: usize = 3;

/// What is measured, and how.
#[derive(Clone, Copy)]
pub(crate) struct Plan<'a> {
    pub cases: &'a [PlannedCase],
    pub targets: &'a [Available],
    pub settings: &'a Settings,
    pub machine: &'a Machine,
}

/// Why the rounds ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Complete,
    OverBudget,
    Interrupted,
}

/// Measures all that is missing, and appends it.
pub(crate) struct Rounds<'a, I> {
    plan: Plan<'a>,
    instruments: &'a mut I,
    writer: &'a mut Writer,
    done: HashSet<(Cell, u32)>,
    given_up: GivenUp,
    pace: Pace,
    deadline: Option<Instant>,
    doubts: Doubts,
    /// The rounds that count for nothing.
    void: HashSet<u32>,
    /// The canaries of those that count, in their order.
    heard: Vec<Vec<Canary>>,
}

impl<'a, I: Instruments> Rounds<'a, I> {
    /// Prepares to measure what the file has not yet.
    pub(crate) fn new(
        plan: Plan<'a>,
        instruments: &'a mut I,
        writer: &'a mut Writer,
        (file, checks): (&ResultsFile, &[Check]),
        deadline: Option<Instant>,
    ) -> Self {
        let void: HashSet<u32> =
            file.rounds.iter().filter(|round| round.void.is_some()).map(|round| round.round).collect();
        let counted = file.rounds.iter().filter(|round| !void.contains(&round.round));
        let mut rounds = Rounds {
            heard: counted.map(|round| round.canaries.clone()).collect(),
            doubts: Doubts::new(plan.settings.seed, checks),
            pace: Pace::new(&plan),
            plan,
            instruments,
            writer,
            done: HashSet::new(),
            given_up: GivenUp::new(),
            deadline,
            void,
        };
        // What ran out of time, or was stopped, is tried again; of a round that counts for nothing, its failures count for nothing.
        for launch in &file.launches {
            if launch.outcome != Outcome::OverBudget && !rounds.void.contains(&launch.round) {
                rounds.note(launch);
            }
        }
        rounds.forget_halves();
        rounds
    }

    fn note(&mut self, launch: &Launch) {
        self.done.insert((launch.cell.clone(), launch.round));
        // A crash may have come from outside; the rest would only come again.
        if !matches!(launch.outcome, Outcome::Ok | Outcome::Crashed) {
            self.given_up.insert(launch.cell.clone(), launch.round);
        }
        let median = launch.samples.as_ref().and_then(|samples| launch_median(launch.cell.mode, samples));
        if let Some(median_ns) = median {
            self.doubts.add(&launch.cell, launch.round, median_ns);
        }
    }

    /// Where an interruption came between the targets of a case, all of them are measured anew: launches before and after it, perhaps
    /// days apart, are no pair.
    fn forget_halves(&mut self) {
        let begun: HashSet<u32> = self.done.iter().map(|(_, round)| *round).collect();
        let targets = self.targets();
        for round in begun {
            let cells = order::round(self.plan.cases, &targets, self.plan.settings.seed, round);
            for group in cells.chunks(targets.len().max(1)) {
                if !group.iter().any(|cell| self.is_due(cell, round)) {
                    continue;
                }
                for cell in group.iter().filter(|cell| !self.given_up.contains_key(cell)) {
                    self.done.remove(&(cell.clone(), round));
                    self.doubts.forget_launch(cell, round);
                }
            }
        }
    }

    fn is_due(&self, cell: &Cell, round: u32) -> bool {
        !self.given_up.contains_key(cell) && !self.done.contains(&(cell.clone(), round))
    }

    /// Measures. Interruption and the end of the budget are no errors; a results file that cannot be written is one.
    pub(crate) fn run(&mut self) -> Result<Ended> {
        let settings = self.plan.settings;
        let (mut round, mut counted) = (0, 0);
        let mut ended = Ended::Complete;
        while counted < settings.rounds && ended == Ended::Complete {
            // Void before this run was gone on with: whatever is measured into it would be void too.
            if !self.void.contains(&round) {
                let (given_up, pace) = (&self.given_up, &self.pace);
                let ask = Ask { plan: &self.plan, counted, given_up, left: self.may_take(), pace };
                let wanted = self.doubts.next_round(&ask);
                if wanted.is_empty() {
                    break;
                }
                ended = self.round(round, counted, &wanted)?;
                // Fresh workers every round.
                self.instruments.end_workers();
                self.writer.sync()?;
                counted += u32::from(!self.void.contains(&round));
            }
            round += 1;
        }
        if ended == Ended::OverBudget {
            self.write_over_budget()?;
        }
        Ok(ended)
    }

    /// Measures what of a round is due, between two songs of the canaries.
    fn round(&mut self, round: u32, counted: u32, wanted: &HashMap<Group, u32>) -> Result<Ended> {
        let settings = self.plan.settings;
        let mut cells = order::round(self.plan.cases, &self.targets(), settings.seed, round);
        cells.retain(|cell| wanted.contains_key(&(cell.case.clone(), cell.mode)));
        let due: Vec<(u32, &Cell)> = (0..).zip(&cells).filter(|(_, cell)| self.is_due(cell, round)).collect();
        let ended = self.ended();
        if due.is_empty() || ended != Ended::Complete {
            return Ok(ended);
        }
        let title = match settings.precision {
            Some(_) => format!("round {} of {} at most", counted + 1, settings.rounds),
            None => format!("round {} of {}", counted + 1, settings.rounds),
        };
        let mut progress = Progress::start(&title, due.len() as u64);
        let before = self.instruments.sing();
        let ended = self.launches(round, (&cells, &due), wanted, &mut progress)?;
        if ended == Ended::Interrupted {
            return Ok(ended);
        }
        // Before its workers are gone: what held the clocks down lets go of them once there is nothing to do.
        let state = self.instruments.state();
        // Before the canaries sing again the workers must be gone: some keep threads that spin.
        self.instruments.end_workers();
        let canaries = canary::record(before, self.instruments.sing());
        let heard: Vec<&[Canary]> = self.heard.iter().map(Vec::as_slice).collect();
        let may_repeat = ended == Ended::Complete && voids(settings) && self.void.len() < RETRIES;
        let void = disturbance(&canaries, &heard).filter(|_| may_repeat);
        match &void {
            Some(why) => {
                progress.say(&format!("round {} counts for nothing and is measured again: {why}", counted + 1));
                self.void.insert(round);
                self.doubts.forget(round);
                self.given_up.retain(|_, of| *of != round);
            }
            None => self.heard.push(canaries.clone()),
        }
        self.writer.append(&Record::Round(Round { round, canaries, void, state }))?;
        Ok(ended)
    }

    /// Measures the cells of a round that are due, each with its place in it, one after the other.
    fn launches(
        &mut self,
        round: u32,
        (cells, mut due): (&[Cell], &[(u32, &Cell)]),
        wanted: &HashMap<Group, u32>,
        progress: &mut Progress,
    ) -> Result<Ended> {
        while let [(order, cell), rest @ ..] = due {
            let ended = self.ended();
            if ended != Ended::Complete {
                return Ok(ended);
            }
            let left = due.iter().map(|(_, cell)| *cell);
            let left = self.pace.left(left, cells, wanted, &self.given_up, self.may_take());
            due = rest;
            progress.now(&cell.to_string(), Some(left));
            let started = Instant::now();
            let Some(launch) = self.instruments.launch(cell, round, *order, self.writer)? else {
                return Ok(Ended::Interrupted);
            };
            self.pace.note(cell, started.elapsed());
            if launch.outcome != Outcome::Ok {
                let why = launch.reason.as_deref().unwrap_or_default();
                progress.say(&format!("{cell}: {}: {why}", launch.outcome));
            }
            self.note(&launch);
            self.writer.append(&Record::Launch(Box::new(launch)))?;
            progress.step();
        }
        Ok(Ended::Complete)
    }

    fn targets(&self) -> Vec<Target> {
        self.plan.targets.iter().map(|available| available.target.clone()).collect()
    }

    /// How long the run may still take.
    fn may_take(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    fn ended(&self) -> Ended {
        Ended::now(self.deadline)
    }

    /// A row for each cell that was never reached in a round that counts.
    fn write_over_budget(&mut self) -> Result<()> {
        let all = order::round(self.plan.cases, &self.targets(), self.plan.settings.seed, 0);
        let counts = |round: &u32| !self.void.contains(round);
        let reached: HashSet<&Cell> =
            self.done.iter().filter(|(_, round)| counts(round)).map(|(cell, _)| cell).collect();
        let round = (0..).find(counts).unwrap_or_default();
        for (order, cell) in (0..).zip(all).filter(|(_, cell)| !reached.contains(cell)) {
            let reason = Some("the time of the run was up before its turn".to_owned());
            let launch = Launch::new(cell, (round, order), text::now());
            let launch = Launch { outcome: Outcome::OverBudget, reason, ..launch };
            self.writer.append(&Record::Launch(Box::new(launch)))?;
        }
        Ok(())
    }
}

impl Ended {
    /// Whether a run has to end now, and why.
    pub(crate) fn now(deadline: Option<Instant>) -> Self {
        if interrupted() {
            Ended::Interrupted
        } else if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            Ended::OverBudget
        } else {
            Ended::Complete
        }
    }
}

/// Whether a disturbed round is void: where verdicts may be drawn from the rounds. What is an indication anyway, as of profile `quick`,
/// keeps it, and is flagged.
fn voids(settings: &Settings) -> bool {
    settings.profile != Some(Profile::Quick) && settings.rounds as usize >= FEWEST
}

#[cfg(test)]
pub(crate) mod tests;
