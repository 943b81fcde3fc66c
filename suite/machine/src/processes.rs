//! Which processes take time from a measurement, out of what the system tells of all of them.

use chipmark_results::machine::HeavyProcess;
use std::collections::{HashMap, HashSet};

/// Below a tenth of a core is what any desktop does when nobody works at it.
const HEAVY_PERCENT: f64 = 10.0;

/// More would make the record long and tell nothing new.
const LISTED: usize = 5;

/// A process and the time it takes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Process {
    pub(crate) id: u32,
    pub(crate) parent: u32,
    /// Its program, without folder and arguments: those may name a user.
    pub(crate) name: String,
    /// Percent of one core.
    pub(crate) cpu_percent: f64,
}

/// The processes that take more than a tenth of a core, heaviest first, at most five, without `own` and what descends
/// from it.
pub(crate) fn heaviest(processes: &[Process], own: u32) -> Vec<HeavyProcess> {
    let parents: HashMap<u32, u32> = processes.iter().map(|process| (process.id, process.parent)).collect();
    let mut heavy: Vec<&Process> = processes
        .iter()
        .filter(|process| process.cpu_percent > HEAVY_PERCENT && !descends(process.id, own, &parents))
        .collect();
    heavy.sort_by(|a, b| b.cpu_percent.total_cmp(&a.cpu_percent));
    heavy.truncate(LISTED);
    heavy
        .into_iter()
        .map(|process| HeavyProcess {
            name: process.name.clone(),
            // What is counted in ticks of 10 ms has no more digits.
            cpu_percent: process.cpu_percent.round(),
        })
        .collect()
}

/// Whether `id` is `ancestor` or was started by it, or by what it started.
fn descends(id: u32, ancestor: u32, parents: &HashMap<u32, u32>) -> bool {
    let mut at = id;
    let mut seen = HashSet::new();
    // Ids are used again: a list that was read while processes came and went may hold a ring.
    while seen.insert(at) {
        if at == ancestor {
            return true;
        }
        match parents.get(&at) {
            Some(&parent) => at = parent,
            None => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(id: u32, parent: u32, name: &str, cpu_percent: f64) -> Process {
        Process { id, parent, name: name.to_owned(), cpu_percent }
    }

    #[test]
    fn own_processes_and_light_ones_are_left_out() {
        let all = [
            process(1, 0, "init", 0.0),
            process(10, 1, "shell", 50.0),
            process(20, 10, "bench", 90.0),
            process(21, 20, "worker", 400.0),
            process(22, 21, "helper", 99.0),
            process(30, 1, "indexer", 120.4),
            process(31, 1, "clock", 10.0),
        ];
        let names: Vec<(String, f64)> =
            heaviest(&all, 20).into_iter().map(|heavy| (heavy.name, heavy.cpu_percent)).collect();
        assert_eq!(names, [("indexer".to_owned(), 120.0), ("shell".to_owned(), 50.0)]);
    }

    #[test]
    fn five_at_most_and_a_ring_of_parents_ends() {
        let mut all: Vec<Process> = (1..=8).map(|i| process(i, 0, &format!("p{i}"), f64::from(i) * 11.0)).collect();
        all.push(process(50, 51, "ring", 20.0));
        all.push(process(51, 50, "ring", 0.0));
        let heavy = heaviest(&all, 99);
        assert_eq!(heavy.len(), 5);
        assert_eq!(heavy.first().map(|heavy| heavy.name.as_str()), Some("p8"));
    }
}
