//! Samples that stand in another file too. Two measurements never agree in eight times to the nanosecond, so that a few pieces of
//! launches tell a copy, with whatever else of it was changed.

use super::Rule;
use super::look::Looked;
use crate::plain::shown;
use crate::record::{Launch, Samples};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// How many times make a piece.
const PIECE: usize = 8;

/// The fewest times by which a launch that is shorter is told.
const LEAST: usize = 5;

/// The fewest different times among them: a device that is quiet beyond its clock's step may repeat itself.
const LEAST_DIFFERENT: usize = 4;

/// Of all launches, what tells their samples from all others: two pieces a launch at most.
pub(super) fn fingerprints(launches: &[Launch]) -> Vec<u64> {
    let mut fingerprints = Vec::new();
    for samples in launches.iter().filter_map(|launch| launch.samples.as_ref()) {
        let times = times(samples);
        if times.len() < 2 * PIECE {
            fingerprints.extend(of_times(times.get(..PIECE).unwrap_or(&times)));
        } else {
            fingerprints.extend(times.first_chunk::<PIECE>().and_then(|piece| of_times(piece)));
            fingerprints.extend(times.last_chunk::<PIECE>().and_then(|piece| of_times(piece)));
        }
    }
    fingerprints
}

/// Of all samples of a launch; none where they are too few or too alike to tell.
pub(super) fn fingerprint(samples: &Samples) -> Option<u64> {
    of_times(&times(samples))
}

fn times(samples: &Samples) -> Vec<u64> {
    let Samples { block_ns, block4_ns, upload_ns, step_ns, download_ns, .. } = samples;
    [block_ns, block4_ns, upload_ns, step_ns, download_ns].into_iter().flatten().copied().collect()
}

fn of_times(times: &[u64]) -> Option<u64> {
    let mut different: Vec<u64> = times.iter().copied().take(2 * PIECE).collect();
    different.sort_unstable();
    different.dedup();
    if times.len() < LEAST || different.len() < LEAST_DIFFERENT {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    times.hash(&mut hasher);
    Some(hasher.finish())
}

/// Tells of each file that is to be judged in which other its samples stand too.
pub(super) fn find(looked: &mut [Looked]) {
    let same = same(looked);
    for &(file, other) in &same {
        let what = format!("the same file as {}", path_of(looked, other));
        if let Some(looked) = looked.get_mut(file).filter(|looked| looked.asked) {
            // One content has one place, so that it lies elsewhere is no news.
            looked.findings.drop(Rule::Place);
            looked.findings.error(Rule::Copied, None, &what);
        }
    }
    let same: HashSet<usize> = same.into_iter().map(|(file, _)| file).collect();
    parts(looked, &same);
}

/// The files whose whole content another has, each with the other.
fn same(looked: &[Looked]) -> Vec<(usize, usize)> {
    let mut by_hash: HashMap<&str, Vec<usize>> = HashMap::new();
    for (file, looked) in looked.iter().enumerate() {
        if let Some(hash) = &looked.hash {
            by_hash.entry(hash).or_default().push(file);
        }
    }
    let pairs = |files: Vec<usize>| match files[..] {
        [first, second, ..] => files.iter().map(|&file| (file, if file == first { second } else { first })).collect(),
        _ => Vec::new(),
    };
    by_hash.into_values().flat_map(pairs).collect()
}

fn path_of(looked: &[Looked], file: usize) -> String {
    looked.get(file).map(|looked| shown(&looked.path.to_string_lossy(), 200)).unwrap_or_default()
}

/// Tells it of those that share parts of their samples with others; `known` has been told already.
fn parts(looked: &mut [Looked], known: &HashSet<usize>) {
    let mut all: Vec<(u64, usize)> = looked
        .iter()
        .enumerate()
        .flat_map(|(file, looked)| looked.fingerprints.iter().map(move |&fingerprint| (fingerprint, file)))
        .collect();
    all.par_sort_unstable();
    let mut shared: HashMap<(usize, usize), usize> = HashMap::new();
    for same in all.chunk_by(|(a, _), (b, _)| a == b) {
        let (Some(&(_, first)), Some(&(_, last))) = (same.first(), same.last()) else { continue };
        if first == last {
            continue;
        }
        for &(_, file) in same {
            // One other stands for all: a file that was copied a thousand times is no more work.
            *shared.entry((file, if file == first { last } else { first })).or_default() += 1;
        }
    }
    let mut most: HashMap<usize, (usize, usize)> = HashMap::new();
    for ((file, other), count) in shared {
        let best = most.entry(file).or_insert((count, other));
        if (count, std::cmp::Reverse(other)) > (best.0, std::cmp::Reverse(best.1)) {
            *best = (count, other);
        }
    }
    for (file, (count, other)) in most.into_iter().filter(|(file, _)| !known.contains(file)) {
        let path = path_of(looked, other);
        let Some(looked) = looked.get_mut(file).filter(|looked| looked.asked) else { continue };
        let all = looked.fingerprints.len();
        let what = format!("{count} of the {all} pieces of its samples stand in {path} too: one of them is a copy");
        looked.findings.error(Rule::Copied, None, &what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(times: &[u64]) -> Launch {
        let samples = Samples { calls: 1, block_ns: times.to_vec(), ..Samples::default() };
        let cell = crate::fixture::cell(crate::fixture::MATMUL, crate::fixture::TCH, chipmark_core::Mode::Latency);
        crate::fixture::measured(cell, 0, samples)
    }

    fn file(path: &str, launches: &[Vec<u64>]) -> Looked {
        let launches: Vec<Launch> = launches.iter().map(|times| launch(times)).collect();
        Looked { path: path.into(), asked: true, fingerprints: fingerprints(&launches), ..Looked::default() }
    }

    fn times(seed: u64, count: u64) -> Vec<u64> {
        (0..count).map(|n| 10_000_000 + (seed * 7919 + n * n * 104_729) % 1_000_003).collect()
    }

    /// What is said of each file.
    fn said(mut files: Vec<Looked>) -> Vec<Vec<String>> {
        find(&mut files);
        let messages =
            |looked: Looked| looked.findings.into_sorted().into_iter().map(|finding| finding.message).collect();
        files.into_iter().map(messages).collect()
    }

    #[test]
    fn a_copy_is_found_though_parts_of_it_were_changed() {
        let original: Vec<Vec<u64>> = (0..10).map(|seed| times(seed, 20)).collect();
        let mut changed = original.clone();
        changed.iter_mut().take(9).for_each(|times| times[3] += 1);
        let other: Vec<Vec<u64>> = (50..60).map(|seed| times(seed, 20)).collect();
        let said = said(vec![file("a", &original), file("b", &other), file("c", &changed)]);
        assert_eq!(said[1], [] as [&str; 0]);
        assert_eq!(said[2], ["11 of the 20 pieces of its samples stand in a too: one of them is a copy"]);
        assert!(said[0][0].contains("stand in c too"), "{said:?}");
    }

    #[test]
    fn what_may_be_chance_is_no_copy() {
        let quiet =
            vec![10_000_000, 10_000_041, 10_000_041, 10_000_000, 10_000_000, 10_000_041, 10_000_000, 10_000_041];
        let said =
            said(vec![file("a", &[quiet.clone(), times(1, 4), vec![5]]), file("b", &[quiet, times(1, 4), vec![5]])]);
        assert!(said.iter().all(Vec::is_empty), "{said:?}");
    }

    #[test]
    fn many_copies_of_one_are_told_once_each() {
        let launches: Vec<Vec<u64>> = (0..3).map(|seed| times(seed, 10)).collect();
        let said = said((0..50).map(|n| file(&n.to_string(), &launches)).collect());
        assert!(said.iter().all(|said| said.len() == 1), "{said:?}");
    }
}
