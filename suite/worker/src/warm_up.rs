//! When a case is warm: once the blocks' times have stopped moving, as far as their own scatter lets anybody see.
//!
//! The warm-up is cut into windows, and the medians of the last three must agree within a hundredth, or within what the
//! scatter of their blocks explains. A hundredth alone would never be reached on a machine whose blocks scatter by more,
//! a virtual one for example, and the flag would say nothing.

use chipmark_core::Sampling;

/// Windows whose medians must agree, and how closely, as a share.
const WINDOWS: usize = 3;
const STEADY: f64 = 0.01;
/// How long a window is, and how many blocks it has at least.
const WINDOW_S: f64 = 0.1;
const WINDOW_BLOCKS: usize = 5;
/// Blocks below which a window's scatter is not known. Above, a case that drifts evenly cannot excuse it by the scatter
/// that its drift makes: see the tests.
const SCATTER_BLOCKS: usize = 3;
/// The range of the medians that scatter explains, in standard errors of one. Of three medians of a steady case the range is
/// below this two times in three (Tippett, Biometrika 17, 1925), and the next window is another chance: a steady case
/// passes a window or two later at the latest, nearly always. A drift goes unseen if it is below one standard error
/// from window to window. Three and a half would pass a steady case nineteen times in twenty, and nearly twice the drift.
const SCATTER: f64 = 2.0;

/// Blocks of the warm-up, window by window.
#[derive(Debug)]
pub(crate) struct WarmUp {
    window_s: f64,
    longest_s: f64,
    /// The last [`WINDOWS`].
    done: Vec<Vec<u64>>,
    current: Vec<u64>,
}

impl WarmUp {
    /// Nothing yet.
    pub(crate) fn new(sampling: &Sampling) -> Self {
        WarmUp {
            window_s: WINDOW_S.min(sampling.warm_up_s / WINDOWS as f64),
            // Slow calls get shorter windows, of a single call at worst, rather than fewer than are compared.
            longest_s: sampling.max_warm_up_s / (2 * WINDOWS) as f64,
            done: Vec::new(),
            current: Vec::new(),
        }
    }

    /// Adds a block. `spent_s` are the seconds since the window began. Whether the window ends with it.
    pub(crate) fn push(&mut self, block_ns: u64, spent_s: f64) -> bool {
        self.current.push(block_ns);
        let over = spent_s >= self.window_s && (self.current.len() >= WINDOW_BLOCKS || spent_s >= self.longest_s);
        if over {
            if self.done.len() == WINDOWS {
                self.done.remove(0);
            }
            self.done.push(std::mem::take(&mut self.current));
        }
        over
    }

    /// Whether the last windows agree.
    pub(crate) fn settled(&self) -> bool {
        self.done.first_chunk::<WINDOWS>().is_some_and(agree)
    }
}

fn agree(windows: &[Vec<u64>; WINDOWS]) -> bool {
    let medians = windows.each_ref().map(|window| median(&mut window.clone()));
    let (low, high) = medians.iter().fold((u64::MAX, 0), |(low, high), &ns| (low.min(ns), high.max(ns)));
    let explained = SCATTER * standard_error_ns(windows, &medians);
    high.saturating_sub(low) as f64 <= explained.max(STEADY * low as f64)
}

/// The standard error of a window's median in ns: √(π/2)·σ/√n of n blocks (David and Nagaraja, Order Statistics, 3rd ed., 2003,
/// section 10.3). σ is 1.4826 times the median absolute deviation of each block from its own window's median (Hampel, J. Am.
/// Stat. Assoc. 69, 1974): a few interrupted blocks do not swell it, nor do the differences between the windows.
fn standard_error_ns(windows: &[Vec<u64>; WINDOWS], medians: &[u64; WINDOWS]) -> f64 {
    let fewest = windows.iter().map(Vec::len).min().unwrap_or(0);
    if fewest < SCATTER_BLOCKS {
        return 0.0;
    }
    let pairs = windows.iter().zip(medians);
    let mut deviations: Vec<u64> =
        pairs.flat_map(|(window, median)| window.iter().map(|ns| ns.abs_diff(*median))).collect();
    let sigma = 1.4826 * median(&mut deviations) as f64;
    sigma * (std::f64::consts::FRAC_PI_2 / fewest as f64).sqrt()
}

/// The middle value; of an even number, the upper of the two in the middle. Zero of none.
pub(crate) fn median(values: &mut [u64]) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(blocks: usize, ns: impl Fn(usize) -> u64) -> Vec<u64> {
        (0..blocks).map(ns).collect()
    }

    #[test]
    fn a_hundredth_is_agreement_whatever_the_scatter() {
        let of = |last| [vec![1000], vec![1005], vec![last]];
        assert!(agree(&of(1010)));
        assert!(!agree(&of(1011)), "single blocks have no scatter to explain it");
        assert!(!agree(&of(989)));
    }

    #[test]
    fn scatter_explains_so_many_standard_errors_and_no_more() {
        // Each window's blocks are 100 away from its median, but for one at the median: σ = 148.26, and of nine blocks the
        // standard error is √(π/2)·148.26/3 = 61.94.
        let around = |median: u64| window(9, |i| if i == 0 { median } else { median - 100 + 200 * (i as u64 % 2) });
        assert!(agree(&[around(5000), around(5123), around(5060)]));
        assert!(!agree(&[around(5000), around(5125), around(5060)]));
    }

    #[test]
    fn an_even_drift_is_not_explained_by_the_scatter_that_it_makes() {
        for blocks in 1..=50 {
            for percent in [2, 10, 50] {
                // In thousandths of a block, so that rounding does nothing.
                let step = 1_000_000 * percent / 100 / blocks as u64;
                let drifting = |w: u64| window(blocks, |i| 1_000_000 + step * (w * blocks as u64 + i as u64));
                assert!(!agree(&[0, 1, 2].map(drifting)), "{blocks} blocks, {percent} %");
            }
        }
    }

    #[test]
    fn a_window_has_its_time_and_its_blocks_but_no_more_than_a_share_of_all() {
        let sampling = Sampling {
            warm_up_s: 0.3,
            max_warm_up_s: 6.0,
            sample_s: 1.0,
            precision: None,
            min_samples: 15,
            max_samples: 1000,
            min_block_s: 0.01,
            max_block_s: 0.5,
        };
        let blocks_of = |block_s: f64| {
            let mut warm_up = WarmUp::new(&sampling);
            (1..=100).find(|&n| warm_up.push(1, f64::from(n) * block_s))
        };
        // 100 ms; five blocks; a sixth of the longest warm-up.
        assert_eq!([0.0125, 0.125, 0.5, 2.0].map(blocks_of), [Some(8), Some(5), Some(2), Some(1)]);
    }
}
