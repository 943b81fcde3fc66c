//! Whether the samples of launches are like those that a clock gives: enough of them, scattered, no launch like another, and neither
//! coarser nor finer than the clock can tell.

use super::extent::LEAST_SAMPLES;
use super::finding::{Findings, Level, Tally};
use super::read::Contributed;
use super::{Rule, copies};
use crate::record::{Flag, Samples};
use chipmark_core::Mode;
use std::collections::HashMap;

/// The fewest samples that there are of any launch: the sampler takes no fewer.
const FEWEST_SAMPLES: usize = 3;

/// Blocks of so many steps of the clock cannot all be equal.
const STEPS_THAT_SCATTER: u64 = 1000;

/// A block of fewer steps of the clock is known too badly to be a time.
const LEAST_STEPS: u64 = 10;

/// Times are quantised if so large a share of them are multiples of a step that is so many times the clock's own.
const QUANTISED_SHARE: f64 = 0.9;
const QUANTISED_STEPS: u64 = 10;

/// The fewest times by which that is told.
const LEAST_TIMES: usize = 100;

/// What times are rounded to by who writes them by hand, in ns.
const ROUND_STEPS_NS: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];

pub(super) fn check(read: &Contributed, findings: &mut Findings) {
    let file = &read.file;
    let resolutions: HashMap<u32, u64> =
        file.workers.iter().map(|worker| (worker.worker, worker.timer_resolution_ns)).collect();
    let coarsest_ns = resolutions.values().copied().max().unwrap_or(1).max(1);
    let (mut few, mut same, mut short) = (Tally::default(), Tally::default(), Tally::default());
    let mut seen: HashMap<u64, u64> = HashMap::new();
    for (launch, &line) in file.launches.iter().zip(&read.lines.launches) {
        let Some(samples) = &launch.samples else { continue };
        let step_ns = launch.worker.and_then(|worker| resolutions.get(&worker)).map_or(coarsest_ns, |&ns| ns.max(1));
        if middle(&samples.block_ns) < step_ns.saturating_mul(LEAST_STEPS) {
            short.add(Some(line), || {
                format!("{}: blocks of {} ns by a clock of {step_ns} ns", launch.cell, middle(&samples.block_ns))
            });
        }
        if launch.cell.mode == Mode::FirstCall {
            continue;
        }
        let count = samples.block_ns.len();
        let least = if samples.flags.contains(&Flag::FewSamples) { FEWEST_SAMPLES } else { LEAST_SAMPLES };
        if count < least {
            few.add(Some(line), || format!("{} has {count} samples of at least {least}", launch.cell));
        }
        if is_constant(samples, step_ns.saturating_mul(STEPS_THAT_SCATTER)) {
            same.add(Some(line), || format!("{}: all samples of the launch are the same", launch.cell));
        } else if let Some(fingerprint) = copies::fingerprint(samples)
            && let Some(first) = seen.insert(fingerprint, line)
        {
            same.add(Some(line), || format!("{}: the samples are those of the launch on line {first}", launch.cell));
        }
    }
    few.tell(findings, Level::Error, Rule::Samples, "launches");
    same.tell(findings, Level::Error, Rule::Samples, "launches");
    short.tell(findings, Level::Error, Rule::Resolution, "launches");
    let all = || file.launches.iter().filter_map(|launch| launch.samples.as_ref());
    if let Some(step_ns) = quantised(|| all().flat_map(times_ns), coarsest_ns) {
        let what = format!("its times are multiples of {step_ns} ns, and its clock tells {coarsest_ns} ns apart");
        findings.error(Rule::Quantised, None, &what);
    }
}

/// The time in the middle.
fn middle(times_ns: &[u64]) -> u64 {
    let mut sorted = times_ns.to_vec();
    let at = sorted.len() / 2;
    if sorted.is_empty() { 0 } else { *sorted.select_nth_unstable(at).1 }
}

/// Whether all blocks of a kind are equal, and long enough to scatter.
fn is_constant(samples: &Samples, long_ns: u64) -> bool {
    [&samples.block_ns, &samples.block4_ns].into_iter().any(|times| {
        let first = times.first().copied().unwrap_or_default();
        times.len() >= FEWEST_SAMPLES && first >= long_ns && times.iter().all(|&ns| ns == first)
    })
}

fn times_ns(samples: &Samples) -> impl Iterator<Item = u64> {
    samples.block_ns.iter().chain(&samples.block4_ns).copied()
}

/// The step of which the times are multiples, where a clock that tells `resolution_ns` apart would not have given it.
fn quantised<I: Iterator<Item = u64>>(times_ns: impl Fn() -> I, resolution_ns: u64) -> Option<u64> {
    let count = times_ns().count();
    let common = times_ns().fold(0, gcd);
    let steps = ROUND_STEPS_NS.into_iter().rev().chain([common]);
    let mut coarse = steps.filter(|&step| step > 1 && step >= resolution_ns.saturating_mul(QUANTISED_STEPS));
    coarse.find(|step| {
        let multiples = times_ns().filter(|ns| ns.is_multiple_of(*step)).count();
        count >= LEAST_TIMES && multiples as f64 >= QUANTISED_SHARE * count as f64
    })
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(times_ns: &[u64], resolution_ns: u64) -> Option<u64> {
        quantised(|| times_ns.iter().copied(), resolution_ns)
    }

    #[test]
    fn rounded_times_are_told_from_those_of_a_coarse_clock() {
        let of = |step: u64| (0..200u64).map(|n| (10_000_000 + n * n * 7919) / step * step).collect::<Vec<_>>();
        assert_eq!(step(&of(1), 20), None);
        assert_eq!(step(&of(1000), 20), Some(1000));
        assert_eq!(step(&of(10_000), 20), Some(10_000));
        assert_eq!(step(&of(750), 20), Some(750), "by their greatest common divisor");
        assert_eq!(step(&of(1000), 1000), None, "as the clock is");
        assert_eq!(step(&of(1000)[..50], 20), None, "too few to tell");
        let mut few_of_them = of(1);
        few_of_them[..100].copy_from_slice(&of(1000)[..100]);
        assert_eq!(step(&few_of_them, 20), None);
        // A Mac's clock has steps of 125/3 ns.
        let ticks: Vec<u64> = (0..200u64).map(|n| (240_000 + n * 31) * 125 / 3).collect();
        assert_eq!(step(&ticks, 41), None);
    }

    #[test]
    fn the_middle_of_nothing_is_no_time() {
        assert_eq!((middle(&[]), middle(&[3, 1, 2]), middle(&[2, 1])), (0, 2, 2));
    }
}
