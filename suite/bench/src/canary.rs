//! Canaries: three fixed pieces of work that `bench` times in its own process right before and right after a round. What they say is
//! decided in `chipmark_results::canary`.

use chipmark_results::record::Canary;
use std::hint::black_box;
use std::time::Instant;

/// How often each is timed on either side of a round.
const TIMES: usize = 15;
/// The product's side: 2·320³ FLOP. Each of the three takes some two milliseconds, so that a clock that changes by the millisecond is
/// averaged out.
const SIDE: usize = 320;
/// The copy's length, 8 MiB, beyond the caches of one core, and how often it is copied.
const BYTES: usize = 8 << 20;
const COPIES: usize = 4;
/// The spin's steps.
const STEPS: u64 = 1_500_000;

/// The pieces of work with their buffers.
pub(crate) struct Canaries {
    a: Vec<f32>,
    b: Vec<f32>,
    c: Vec<f32>,
    from: Vec<u8>,
    to: Vec<u8>,
}

/// How long each took, each time.
pub(crate) struct Times([Vec<u64>; 3]);

#[cfg(test)]
impl Times {
    /// Times that are always the same.
    pub(crate) fn of(ns: u64) -> Self {
        Times([const { Vec::new() }; 3].map(|_: Vec<u64>| vec![ns; TIMES]))
    }
}

const NAMES: [&str; 3] = ["product", "copy", "spin"];

impl Canaries {
    pub(crate) fn new() -> Self {
        let a = (0..SIDE * SIDE).map(|i| 1.0 / (1 + i % 97) as f32).collect();
        let b = (0..SIDE * SIDE).map(|i| 1.0 / (1 + i % 89) as f32).collect();
        Canaries { a, b, c: vec![0.0; SIDE * SIDE], from: vec![1; BYTES], to: vec![0; BYTES] }
    }

    /// Times all three.
    pub(crate) fn sing(&mut self) -> Times {
        // Once for nothing: what ran before has the caches and the clocks.
        product(&self.a, &self.b, &mut self.c);
        black_box(spin());
        let mut times = Times([const { Vec::new() }; 3]);
        for _ in 0..TIMES {
            let [products, copies, spins] = &mut times.0;
            products.push(timed(|| product(black_box(&self.a), black_box(&self.b), &mut self.c)));
            copies.push(timed(|| {
                for _ in 0..COPIES {
                    black_box(&mut self.to).copy_from_slice(black_box(&self.from));
                }
                self.to.last().copied()
            }));
            spins.push(timed(spin));
        }
        times
    }
}

/// The canaries of a round.
pub(crate) fn record(before: Times, after: Times) -> Vec<Canary> {
    let both = NAMES.into_iter().zip(before.0.into_iter().zip(after.0));
    both.map(|(name, (before_ns, after_ns))| Canary { canary: name.to_owned(), before_ns, after_ns }).collect()
}

fn timed<T>(work: impl FnOnce() -> T) -> u64 {
    let start = Instant::now();
    black_box(work());
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Writes a·b to `c`, whose place stays the same: where a buffer lies makes a difference of its own.
fn product(a: &[f32], b: &[f32], c: &mut [f32]) {
    c.fill(0.0);
    for (row_a, row_c) in a.chunks_exact(SIDE).zip(c.chunks_exact_mut(SIDE)) {
        for (factor, row_b) in row_a.iter().zip(b.chunks_exact(SIDE)) {
            for (sum, value) in row_c.iter_mut().zip(row_b) {
                *sum += factor * value;
            }
        }
    }
    black_box(c);
}

/// Steps of a generator that depend on each other: nothing but the clock of a core makes them faster.
fn spin() -> u64 {
    (0..STEPS).fold(black_box(0x9e37_79b9_7f4a_7c15), |x, _| {
        let x = x ^ (x << 13);
        let x = x ^ (x >> 7);
        x ^ (x << 17)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_timed_on_both_sides() {
        let mut canaries = Canaries::new();
        let (before, after) = (canaries.sing(), canaries.sing());
        let found = record(before, after);
        assert_eq!(found.iter().map(|canary| canary.canary.as_str()).collect::<Vec<_>>(), NAMES);
        for canary in found {
            assert_eq!((canary.before_ns.len(), canary.after_ns.len()), (TIMES, TIMES));
            assert!(canary.before_ns.iter().all(|&ns| ns > 1000), "{canary:?}: not optimised away");
        }
    }
}
