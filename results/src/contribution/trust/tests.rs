//! Who confirms whom: runs of one kind with times that are a little, or much, apart.

use super::*;
use crate::cells::cells;
use crate::contribution::Contribution;
use crate::fixture::{self, CANDLE};
use chipmark_core::Mode;

const ADA: &str = "0a";
const BOB: &str = "0b";

/// A contributed run of `cases` cases on candle, each with eight launches that scatter by a hundredth around `ns`.
struct Made {
    run: Run,
    cells: Vec<CellResult>,
}

fn made(machine: &str, cases: usize, ns: f64) -> Made {
    let launches: Vec<[f64; 2]> = (0..8u32).map(|n| ns * (1.0 + 0.01 * f64::from(n % 4))).map(|ns| [ns, 1.0]).collect();
    let file = fixture::rounds(&launches);
    let template = cells(&file).into_iter().find(|cell| cell.cell.target.to_string() == CANDLE).unwrap();
    let of = |n: usize| {
        let case = format!("softmax/8x{}/f32", n + 1);
        CellResult { cell: fixture::cell(&case, CANDLE, Mode::Latency), ..template.clone() }
    };
    let mut run = file.run;
    run.contribution = Some(Contribution { machine_id: machine.repeat(16), contributor: None });
    Made { run, cells: (0..cases).map(of).collect() }
}

impl Made {
    fn with(mut self, change: impl FnOnce(&mut Run)) -> Self {
        change(&mut self.run);
        self
    }

    fn named(self, name: &str) -> Self {
        self.with(|run| run.contribution.as_mut().unwrap().contributor = Some(name.to_owned()))
    }

    /// With the times of some cells longer by a factor.
    fn slower(mut self, cells: usize, factor: f64) -> Self {
        for estimate in self.cells.iter_mut().take(cells).filter_map(|cell| cell.estimate.as_mut()) {
            estimate.median_ns *= factor;
            estimate.launch_medians_ns.iter_mut().for_each(|ns| *ns *= factor);
        }
        self
    }
}

fn judged(runs: &[Made]) -> Vec<Option<Standing>> {
    let accounts: Vec<_> = runs.iter().map(|made| Account::of(&made.run, &made.cells)).collect();
    standings(&accounts, &[])
}

/// The first run's standing beside the others.
fn first(runs: &[Made]) -> Standing {
    judged(runs).swap_remove(0).unwrap()
}

fn level(runs: &[Made]) -> Trust {
    first(runs).level
}

#[test]
fn another_machine_that_says_the_same_confirms() {
    let found = judged(&[made(ADA, 10, 1000.0), made(BOB, 8, 1001.0)]);
    let [Some(ada), Some(bob)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((ada.level, bob.level), (Trust::Reproduced, Trust::Reproduced));
    assert_eq!((ada.agreeing.as_slice(), bob.agreeing.as_slice()), (&[1][..], &[0][..]));
    assert_eq!((ada.machines, ada.confirmed, ada.timed, ada.disagreeing.len()), (1, 8, 10, 0));
    assert_eq!((bob.confirmed, bob.timed), (8, 8));
}

#[test]
fn the_machines_and_the_cells_that_confirm_are_counted_once() {
    let again = made(BOB, 8, 1002.0).with(|run| "2".clone_into(&mut run.run_id));
    let found = first(&[made(ADA, 10, 1000.0), made(BOB, 8, 1001.0), again, made("0c", 10, 2000.0)]);
    assert_eq!((found.agreeing, found.machines, found.confirmed), (vec![1, 2], 1, 8));
    assert_eq!(found.disagreeing, [3]);
}

#[test]
fn a_run_that_nobody_contributed_has_no_standing_and_confirms_nothing() {
    let own = made(BOB, 10, 1001.0).with(|run| run.contribution = None);
    let found = judged(&[made(ADA, 10, 1000.0), own]);
    assert_eq!(found[0].as_ref().unwrap().level, Trust::Community);
    assert_eq!(found[1], None);
}

#[test]
fn neither_the_same_machine_nor_the_same_name_confirms() {
    assert_eq!(level(&[made(ADA, 10, 1000.0), made(ADA, 10, 1001.0)]), Trust::Community);
    let [ada, other] = [made(ADA, 10, 1000.0).named("Ada"), made(BOB, 10, 1001.0).named("ada ")];
    assert_eq!(level(&[ada, other]), Trust::Community);
    let [ada, bob] = [made(ADA, 10, 1000.0).named("Ada"), made(BOB, 10, 1001.0).named("Bob")];
    assert_eq!(level(&[ada, bob]), Trust::Reproduced);
}

#[test]
fn who_says_something_else_disagrees() {
    let found = first(&[made(ADA, 10, 1000.0), made(BOB, 10, 1100.0)]);
    assert_eq!((found.level, found.disagreeing.len()), (Trust::Community, 1));
    // One cell in ten may be apart, two may not.
    let beside = |cells| first(&[made(ADA, 10, 1000.0), made(BOB, 10, 1001.0).slower(cells, 1.1)]);
    assert_eq!((beside(1).level, beside(1).confirmed), (Trust::Reproduced, 9));
    assert_eq!((beside(2).level, beside(2).disagreeing.len()), (Trust::Community, 1));
}

#[test]
fn wide_intervals_overlap_and_are_still_held_against_the_mean() {
    let wide = |machine, ns: f64| {
        let mut made = made(machine, 10, ns);
        for estimate in made.cells.iter_mut().filter_map(|cell| cell.estimate.as_mut()) {
            estimate.launch_medians_ns.iter_mut().zip([0.7, 1.4].into_iter().cycle()).for_each(|(ns, by)| *ns *= by);
        }
        made
    };
    assert_eq!(level(&[wide(ADA, 1000.0), wide(BOB, 1040.0)]), Trust::Reproduced);
    assert_eq!(first(&[wide(ADA, 1000.0), wide(BOB, 1080.0)]).disagreeing, [1]);
}

#[test]
fn too_little_in_common_says_nothing() {
    let found = first(&[made(ADA, 4, 1000.0), made(BOB, 10, 1001.0)]);
    assert_eq!((found.level, found.disagreeing.len()), (Trust::Community, 0));
    assert_eq!(level(&[made(ADA, 5, 1000.0), made(BOB, 10, 1001.0)]), Trust::Reproduced);
    // Of four launches there is no interval.
    let mut few = made(BOB, 10, 1001.0);
    for cell in &mut few.cells {
        cell.estimate.as_mut().unwrap().launch_medians_ns.truncate(4);
    }
    assert_eq!(level(&[made(ADA, 10, 1000.0), few]), Trust::Community);
}

#[test]
fn a_copy_confirms_nothing() {
    let found = first(&[made(ADA, 10, 1000.0), made(BOB, 10, 1000.0)]);
    assert_eq!((found.level, found.disagreeing.len()), (Trust::Community, 0));
    let mostly = made(BOB, 10, 1000.0).slower(4, 1.001);
    assert_eq!(level(&[made(ADA, 10, 1000.0), mostly]), Trust::Community);
}

#[test]
fn another_kind_of_run_is_not_compared() {
    let beside = |change: fn(&mut Run)| {
        let found = first(&[made(ADA, 10, 1000.0), made(BOB, 10, 1001.0).with(change)]);
        (found.level, found.disagreeing.len())
    };
    assert_eq!(beside(|_| ()), (Trust::Reproduced, 0));
    for change in [
        (|run| run.targets[0].info.version = "0.11.1".to_owned()) as fn(&mut Run),
        |run| run.targets[0].info.precision = "TF32".to_owned(),
        |run| run.targets[0].info.threads = Some(1),
        |run| run.machine.chip = "Apple M4".to_owned(),
        |run| run.machine.chip_detected = Some("Apple M4".to_owned()),
        |run| run.machine.physical_cores = Some(14),
        |run| run.machine.memory_bytes = Some(36 << 30),
        |run| run.machine.os = "Linux".to_owned(),
        |run| run.suite = "classic".to_owned(),
        |run| run.settings.inputs = Inputs::Cold,
        |run| run.settings.threads = Some(1),
        |run| run.settings.tf32 = true,
        // Of a file without a place nobody knows of what kind it is.
        |run| run.started_at = "then".to_owned(),
    ] {
        assert_eq!(beside(change), (Trust::Community, 0));
    }
    // An update of the system and another day make no other kind.
    assert_eq!(beside(|run| run.machine.os_version = Some("16".to_owned())), (Trust::Reproduced, 0));
    assert_eq!(beside(|run| run.started_at = "2027-01-01T00:00:00Z".to_owned()), (Trust::Reproduced, 0));
}

#[test]
fn who_is_vouched_for_is_reference_whatever_others_say() {
    let vouched = Vouched {
        file: "x.jsonl".to_owned(),
        date: "2026-03-01".to_owned(),
        who: "the maintainers".to_owned(),
        why: "measured by them".to_owned(),
    };
    let runs = [made(ADA, 10, 1000.0), made(BOB, 10, 1001.0), made("0c", 10, 2000.0)];
    let accounts: Vec<_> = runs.iter().map(|made| Account::of(&made.run, &made.cells)).collect();
    let found = standings(&accounts, &[Some(vouched.clone()), None, Some(vouched.clone())]);
    let [Some(ada), Some(bob), Some(other)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!([ada.level, bob.level, other.level], [Trust::Reference, Trust::Reproduced, Trust::Reference]);
    assert_eq!((ada.agreeing.len(), ada.reference.as_ref()), (1, Some(&vouched)));
    assert!(Trust::ALL.is_sorted());
}
