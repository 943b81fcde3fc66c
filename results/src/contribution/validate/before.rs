//! Times that are far from what files of the same machine and framework say of the same cell. An upgrade of a system can do that, and
//! so can somebody: a reviewer looks.

use super::Rule;
use super::finding::{Finding, Level};
use super::look::Looked;
use crate::cells::CellResult;
use crate::conditions::Conditions;
use crate::record::Run;
use chipmark_core::Cell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Times that lie further apart are far from each other, either way.
const FAR: f64 = 1.5;

/// A time of a cell, and what it may be set beside.
#[derive(Debug)]
pub(super) struct Time {
    /// Of the conditions, the framework's version and the cell.
    key: u64,
    cell: Cell,
    median_ns: f64,
}

/// The times of a run that may be set beside those of others.
pub(super) fn times(run: &Run, rows: &[CellResult]) -> Vec<Time> {
    let conditions = Conditions::of(run);
    let versions: HashMap<_, _> = run.targets.iter().map(|info| (&info.target, &info.info.version)).collect();
    let time = |row: &CellResult| {
        let mut hasher = DefaultHasher::new();
        (&conditions, versions.get(&row.cell.target), &row.cell).hash(&mut hasher);
        let median_ns = row.estimate.as_ref()?.median_ns;
        Some(Time { key: hasher.finish(), cell: row.cell.clone(), median_ns })
    };
    rows.iter().filter_map(time).collect()
}

/// Tells of each file that is to be judged how many of its times are far from those of others.
pub(super) fn find(looked: &mut [Looked]) {
    let mut known: HashMap<u64, Vec<f64>> = HashMap::new();
    for time in looked.iter().flat_map(|looked| &looked.times) {
        known.entry(time.key).or_default().push(time.median_ns);
    }
    known.values_mut().for_each(|all| all.sort_by(f64::total_cmp));
    for looked in looked.iter_mut().filter(|looked| looked.asked) {
        let (mut compared, mut far, mut files) = (0, 0, 0);
        let mut worst: Option<(f64, f64, &Cell)> = None;
        for time in &looked.times {
            let all = known.get(&time.key).map(Vec::as_slice).unwrap_or_default();
            let Some(others_ns) = median_without(all, time.median_ns) else { continue };
            files = files.max(all.len() - 1);
            compared += 1;
            let ratio = time.median_ns / others_ns;
            let apart = ratio.max(1.0 / ratio);
            far += usize::from(apart > FAR);
            if worst.is_none_or(|(worst, ..)| apart > worst) {
                worst = Some((apart, ratio, &time.cell));
            }
        }
        if let Some((_, ratio, cell)) = worst.filter(|(apart, ..)| *apart > FAR) {
            let what = format!(
                "{far} of {compared} times are {FAR} times away or more from what this machine and framework have in other files \
                 ({files}): {cell} takes {ratio:.2} times as long"
            );
            looked.findings.add(Finding::new(Level::Warning, Rule::Before, None, &what));
        }
    }
}

/// The median of sorted times but one of them. Each file's is left out in turn, so that they are sorted once for all.
fn median_without(sorted: &[f64], one: f64) -> Option<f64> {
    let out = sorted.partition_point(|other| *other < one);
    let rest = |at: usize| sorted.get(if at < out { at } else { at + 1 }).copied();
    let count = sorted.len().checked_sub(1)?;
    Some(f64::midpoint(rest(count.checked_sub(1)? / 2)?, rest(count / 2)?))
}

#[cfg(test)]
mod tests {
    use super::median_without;
    use crate::estimate::median;

    #[test]
    fn the_median_of_the_others_is_that_without_one() {
        let all = [1.0, 2.0, 2.0, 5.0, 9.0];
        for (at, &one) in all.iter().enumerate() {
            let others: Vec<f64> =
                all.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, ns)| *ns).collect();
            assert_eq!(median_without(&all, one), median(&others), "{one}");
        }
        assert_eq!(median_without(&[3.0, 4.0], 3.0), Some(4.0));
        assert_eq!((median_without(&[3.0], 3.0), median_without(&[], 3.0)), (None, None));
    }
}
