//! Shifts in made series: found where they are, and not where there are none.

use super::*;
use crate::stats::summary::mean;

/// Values that scatter by 1 % around `level(i)`, itself a share above one.
fn series(name: &str, points: usize, level: impl Fn(usize) -> f64) -> Values {
    let mut fill = Fill::new(11, name);
    // The sum of twelve even draws is nearly normal, of variance one.
    let mut normal = || (0..12).map(|_| fill.below(1_000_001) as f64 / 1e6).sum::<f64>() - 6.0;
    let logarithms = (0..points).map(|i| level(i).ln_1p() + 0.01 * normal()).collect();
    Values { name: name.to_owned(), logarithms }
}

#[test]
fn a_step_is_found_at_its_place_with_its_size() {
    let found = shifts(&[series("step", 40, |i| if i < 25 { 0.0 } else { 0.05 })], 0.01);
    let [change] = found[0][..] else { panic!("{found:?}") };
    assert!(change.at.abs_diff(25) <= 1, "{change:?}");
    assert!((change.after.0 - change.before.0 - 0.05f64.ln_1p()).abs() < 0.01, "{change:?}");
    assert!(change.p < 0.01 && change.before.1 + change.after.1 == 40, "{change:?}");
}

#[test]
fn a_level_that_comes_and_goes_has_two_ends() {
    let found = shifts(&[series("hill", 60, |i| if (20..40).contains(&i) { 0.1 } else { 0.0 })], 0.01);
    let places: Vec<usize> = found[0].iter().map(|change| change.at).collect();
    assert_eq!(places, [20, 40]);
}

#[test]
fn where_nothing_happens_nothing_is_found() {
    let quiet: Vec<Values> = (0..200).map(|i| series(&format!("quiet {i}"), 30, |_| 0.0)).collect();
    let found = shifts(&quiet, 0.0).iter().filter(|changes| !changes.is_empty()).count();
    assert!(found <= 4, "{found} of 200 series");
}

#[test]
fn an_outlier_is_no_level_and_too_few_points_are_not_judged() {
    let outlier = series("outlier", 30, |i| if i == 20 { 3.0 } else { 0.0 });
    let short = series("short", SHORT - 1, |i| if i < 5 { 0.0 } else { 1.0 });
    assert_eq!(shifts(&[outlier, short], 0.0), [vec![], vec![]]);
}

#[test]
fn a_shift_below_the_threshold_is_left_out() {
    let step = || series("small", 60, |i| if i < 30 { 0.0 } else { 0.03 });
    assert_eq!(shifts(&[step()], 0.01)[0].len(), 1);
    assert_eq!(shifts(&[step()], 0.05)[0], []);
}

#[test]
fn what_creeps_is_seen_once_it_has_come_far_enough() {
    let creeping = series("creeping", 80, |i| (i / 10) as f64 * 0.01);
    let found = shifts(&[creeping], 0.03);
    assert!(!found[0].is_empty());
    assert!(found[0].iter().all(|change| change.after.0 - change.before.0 >= 0.03f64.ln_1p()), "{found:?}");
}

#[test]
fn the_same_series_has_the_same_shifts() {
    let all: Vec<Values> = (0..5).map(|i| series(&format!("{i}"), 40, |at| if at < 20 { 0.0 } else { 0.02 })).collect();
    let once = shifts(&all, 0.0);
    assert_eq!(once, shifts(&all, 0.0));
    assert!(mean(&all[0].logarithms).is_some() && once.iter().any(|changes| !changes.is_empty()));
}
