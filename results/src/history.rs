//! How the times of cells went from run to run, and where they shifted: from many results files to one series for each cell and
//! conditions, to the runs at which its level changed for good, to those that somebody has accepted.

mod blessed;
mod detect;
mod series;
mod split;

pub use blessed::{BLESSED, Blessing, Blessings};
pub use detect::{FALSE_SHARE, SHORT};
pub use series::{Collected, Point, Series};

use chipmark_core::Cell;
use detect::{Change, Values};
use serde::Serialize;

/// How far a shift may move, in points, before a blessing no longer means it: each new run is weighed with the others, and
/// may move the place where the level is seen to change. Two shifts are never as close as that.
const MOVES: usize = 2;

/// The series of a folder with their shifts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct History {
    /// The smallest change that is reported, as a share.
    pub threshold: f64,
    /// Every series, by conditions and cell.
    pub series: Vec<Judged>,
}

/// A series and what was found in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// The series.
    #[serde(flatten)]
    pub series: Series,
    /// Where its level changed, in the order of the runs.
    pub shifts: Vec<Shift>,
}

/// A run from which on a cell took longer, or less long, than before.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shift {
    /// The place in the series of the first point of the new level.
    pub at: usize,
    /// The time over that of the level before: above 1, it became slower.
    pub ratio: f64,
    /// The level before.
    pub before: Level,
    /// The level from then on, up to the next shift.
    pub after: Level,
    /// How likely so clear a shift is where there is none, adjusted for how many series were looked at.
    pub p: f64,
    /// Who accepted it, and why.
    pub blessed: Option<Blessing>,
}

/// The points between two shifts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Level {
    /// The geometric mean of the times in ns, its most extreme points drawn in.
    pub mean_ns: f64,
    /// How many points.
    pub points: usize,
}

impl Shift {
    /// Whether it became slower.
    #[must_use]
    pub fn is_slower(&self) -> bool {
        self.ratio > 1.0
    }
}

impl Judged {
    /// Whether there are too few points to look for a shift.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.series.points.len() < SHORT
    }

    /// The last point before a shift and the first one of it.
    #[must_use]
    pub fn around(&self, shift: &Shift) -> Option<(&Point, &Point)> {
        let before = self.series.points.get(shift.at.checked_sub(1)?)?;
        Some((before, self.series.points.get(shift.at)?))
    }

    fn place(&self, run: &str) -> Option<usize> {
        self.series.points.iter().position(|point| point.run_id == run)
    }
}

impl History {
    /// Looks for shifts of at least `threshold`, as a share, in all series together.
    #[must_use]
    pub fn of(series: Vec<Series>, threshold: f64, blessings: &Blessings) -> Self {
        let values = |series: &Series| Values {
            name: format!(
                "{} {}{} {:?}",
                series.conditions,
                series.machine_id.as_ref().map(|id| format!("{id} ")).unwrap_or_default(),
                series.cell,
                series.in_force
            ),
            logarithms: series.points.iter().map(|point| point.median_ns.ln()).collect(),
        };
        let found = detect::shifts(&series.iter().map(values).collect::<Vec<_>>(), threshold);
        let judged = series.into_iter().zip(found).map(|(series, changes)| {
            let mut judged = Judged { series, shifts: changes.into_iter().map(shift).collect() };
            bless(&mut judged, blessings);
            judged
        });
        History { threshold, series: judged.collect() }
    }

    /// Leaves only the series of the cells that are wanted. What was found in them stays as all series together had it.
    pub fn retain(&mut self, wanted: impl Fn(&Cell) -> bool) {
        self.series.retain(|judged| wanted(&judged.series.cell));
    }

    /// How many series were judged, how many points they have, and how many series are too short.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let judged = self.series.iter().filter(|judged| !judged.is_short());
        let points = judged.clone().map(|judged| judged.series.points.len()).sum();
        (judged.clone().count(), points, self.series.len() - judged.count())
    }

    /// Whether a cell became slower at a run and nobody has accepted it.
    #[must_use]
    pub fn is_slower(&self) -> bool {
        self.series.iter().flat_map(|judged| &judged.shifts).any(|shift| shift.is_slower() && shift.blessed.is_none())
    }

    /// The shift of a cell that begins at a run, given by its id or the beginning of it.
    ///
    /// # Errors
    /// A line that says what there is instead: the nearest shift of the cell.
    pub fn find(&self, cell: &Cell, run: &str) -> Result<(&Judged, &Shift), String> {
        let of_cell: Vec<&Judged> = self.series.iter().filter(|judged| judged.series.cell == *cell).collect();
        let name = format!("{} {} {}", cell.case, cell.target, cell.mode);
        if of_cell.is_empty() {
            return Err(format!("no results file has a time of {name}"));
        }
        let is_it = |point: &Point| !run.is_empty() && point.run_id.starts_with(run);
        let shifts = || of_cell.iter().flat_map(|judged| judged.shifts.iter().map(move |shift| (*judged, shift)));
        let begins = |(judged, shift): &(&Judged, &Shift)| judged.around(shift).is_some_and(|(_, first)| is_it(first));
        let mut there = shifts().filter(begins);
        if let Some(found) = there.next() {
            return match there.next() {
                None => Ok(found),
                Some(_) => Err(format!("more than one shift of {name} begins at a run {run}…: write more of its id")),
            };
        }
        let distance = |(judged, shift): &(&Judged, &Shift)| {
            judged.series.points.iter().position(is_it).map_or(usize::MAX, |place| place.abs_diff(shift.at))
        };
        // Of a run that is not there none is near; then it is the latest.
        match shifts().rev().min_by_key(distance).and_then(|(judged, shift)| Some((judged.around(shift)?.1, shift))) {
            Some((first, shift)) => Err(format!(
                "no shift of {name} begins at run {run}; the nearest, {} by {:.1} %, begins at run {} of {}",
                if shift.is_slower() { "slower" } else { "faster" },
                100.0 * (shift.ratio - 1.0).abs(),
                first.run_id,
                first.started_at
            )),
            None => Err(format!("no shift of {name} begins at run {run}: it has none")),
        }
    }
}

fn shift(change: Change) -> Shift {
    let level = |(mean, points): (f64, usize)| Level { mean_ns: mean.exp(), points };
    let (before, after) = (level(change.before), level(change.after));
    Shift { at: change.at, ratio: (change.after.0 - change.before.0).exp(), before, after, p: change.p, blessed: None }
}

/// Writes into each shift of a series the blessing that means it.
fn bless(judged: &mut Judged, blessings: &Blessings) {
    let of_cell = blessings.list.iter().filter(|blessing| blessing.is_of(&judged.series.cell));
    let placed: Vec<_> = of_cell.filter_map(|blessing| Some((judged.place(&blessing.run)?, blessing))).collect();
    for shift in &mut judged.shifts {
        let near = placed.iter().filter(|(place, _)| place.abs_diff(shift.at) <= MOVES);
        shift.blessed = near.min_by_key(|(place, _)| place.abs_diff(shift.at)).map(|(_, it)| (*it).clone());
    }
}

#[cfg(test)]
mod tests;
