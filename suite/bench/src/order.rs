//! The order of a round: cases at random, and for each case the targets back to back, so that what drifts hits all alike.

use chipmark_core::Cell;
use chipmark_core::Target;
use chipmark_results::record::PlannedCase;
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

/// The cells of a round in their order. It depends on the seed and the round alone.
///
/// The targets of a case start from a random order of their own and move on by one place each round: over as many rounds
/// as there are targets, each has stood in each place once.
pub(crate) fn round(cases: &[PlannedCase], targets: &[Target], seed: u64, round: u32) -> Vec<Cell> {
    let mut pairs: Vec<_> =
        cases.iter().flat_map(|case| case.modes.iter().map(|&mode| (case.case.clone(), mode))).enumerate().collect();
    shuffle(&mut pairs, &mut generator(seed, u64::from(round) + 1, 0));
    let mut cells = Vec::with_capacity(pairs.len() * targets.len());
    for (number, (case, mode)) in pairs {
        let mut order = targets.to_vec();
        shuffle(&mut order, &mut generator(seed, 0, number as u64));
        order.rotate_left(round as usize % targets.len().max(1));
        cells.extend(order.into_iter().map(|target| Cell { case: case.clone(), target, mode }));
    }
    cells
}

fn generator(seed: u64, round: u64, number: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    for (part, value) in key.chunks_exact_mut(8).zip([seed, round, number, 0x6f72_6465_7200_0000]) {
        part.copy_from_slice(&value.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

/// Fisher and Yates's shuffle.
fn shuffle<T>(items: &mut [T], rng: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        // The bias of a remainder is under items / 2^64.
        #[expect(clippy::cast_possible_truncation, reason = "the remainder is an index")]
        let other = (rng.next_u64() % (last as u64 + 1)) as usize;
        items.swap(last, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipmark_core::{Cost, Mode};
    use std::collections::HashSet;

    fn plan() -> (Vec<PlannedCase>, Vec<Target>) {
        let case = |n: usize| PlannedCase {
            case: format!("softmax/{n}x8/f32").parse().unwrap(),
            modes: vec![Mode::Latency, Mode::Throughput],
            cost: Cost::default(),
        };
        let targets = ["candle:cpu", "tch:cpu", "mlx:cpu"].map(|t| t.parse().unwrap()).to_vec();
        ((1..=10).map(case).collect(), targets)
    }

    #[test]
    fn a_round_has_every_cell_once_and_is_reproducible() {
        let (cases, targets) = plan();
        let cells = round(&cases, &targets, 1, 0);
        assert_eq!(cells.len(), 60);
        assert_eq!(cells.iter().collect::<HashSet<_>>().len(), 60);
        assert_eq!(cells, round(&cases, &targets, 1, 0));
        assert_ne!(cells, round(&cases, &targets, 2, 0));
        let without_targets = |cells: &[Cell]| cells.iter().map(|c| (c.case.clone(), c.mode)).collect::<Vec<_>>();
        assert_ne!(without_targets(&cells), without_targets(&round(&cases, &targets, 1, 1)));
    }

    #[test]
    fn the_targets_of_a_case_stand_together_and_change_places() {
        let (cases, targets) = plan();
        let mut places: std::collections::HashMap<_, HashSet<usize>> = std::collections::HashMap::new();
        for number in 0..3 {
            for chunk in round(&cases, &targets, 1, number).chunks(3) {
                assert!(chunk.iter().all(|c| c.case == chunk[0].case && c.mode == chunk[0].mode));
                for (place, cell) in chunk.iter().enumerate() {
                    places.entry(cell.clone()).or_default().insert(place);
                }
            }
        }
        assert!(places.values().all(|p| p.len() == 3));
    }
}
