//! Many tests at once: p-values adjusted so that together they keep the promise of one.

/// Holm's adjustment: the probability of one false alarm or more among all of them stays below the level that the adjusted
/// values are held against (S. Holm, Scandinavian Journal of Statistics 6, 1979). In the order given.
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let order = ascending(p);
    let mut adjusted = vec![1.0; p.len()];
    let mut running: f64 = 0.0;
    for (rank, &(at, value)) in order.iter().enumerate() {
        running = running.max(value * (p.len() - rank) as f64).min(1.0);
        set(&mut adjusted, at, running);
    }
    adjusted
}

/// Benjamini and Hochberg's adjustment: among what is held for found, the expected share that is not there stays below the
/// level (Journal of the Royal Statistical Society B 57, 1995). In the order given.
#[must_use]
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let order = ascending(p);
    let mut adjusted = vec![1.0; p.len()];
    let mut running: f64 = 1.0;
    for (rank, &(at, value)) in order.iter().enumerate().rev() {
        running = running.min(value * p.len() as f64 / (rank + 1) as f64);
        set(&mut adjusted, at, running);
    }
    adjusted
}

/// The values with their places, the smallest first. What is no number counts as 1: it shows nothing.
fn ascending(p: &[f64]) -> Vec<(usize, f64)> {
    let mut order: Vec<(usize, f64)> =
        p.iter().map(|p| if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) }).enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    order
}

fn set(list: &mut [f64], at: usize, value: f64) {
    if let Some(place) = list.get_mut(at) {
        *place = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(a: &[f64], b: &[f64]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12)
    }

    #[test]
    fn worked_by_hand() {
        let p = [0.01, 0.04, 0.03, 0.005];
        assert!(close(&holm(&p), &[0.03, 0.06, 0.06, 0.02]), "{:?}", holm(&p));
        assert!(close(&benjamini_hochberg(&p), &[0.02, 0.04, 0.04, 0.02]), "{:?}", benjamini_hochberg(&p));
        assert_eq!((holm(&[]), benjamini_hochberg(&[])), (vec![], vec![]));
        assert_eq!(holm(&[f64::NAN, 0.2]), [1.0, 0.4]);
    }

    proptest! {
        #[test]
        fn adjusting_keeps_order_and_never_lowers(p in prop::collection::vec(0.0f64..=1.0, 1..30)) {
            let (holm, hochberg) = (holm(&p), benjamini_hochberg(&p));
            for i in 0..p.len() {
                prop_assert!(p[i] <= hochberg[i] + 1e-15 && hochberg[i] <= holm[i] + 1e-15 && holm[i] <= 1.0);
                prop_assert!(holm[i] <= (p[i] * p.len() as f64).min(1.0) + 1e-12, "at most Bonferroni's");
                for j in 0..p.len() {
                    if p[i] < p[j] {
                        prop_assert!(holm[i] <= holm[j] && hochberg[i] <= hochberg[j]);
                    }
                }
            }
        }
    }
}
