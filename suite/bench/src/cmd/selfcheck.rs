//! `bench selfcheck`: what the harness decides where the truth is known.

use super::print;
use crate::Exit;
use crate::cli::{Format, SelfCheck};
use crate::selfcheck::{Counts, Findings, SLOWDOWNS, World, findings};
use anyhow::{Context, Result, bail};
use chipmark_reports::out::replace;
use chipmark_reports::svg;
use chipmark_results::compare::Verdict;
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;

/// What is promised, of what was found.
#[derive(Debug, Serialize)]
struct Promise {
    what: String,
    /// What was found, and the range that it is to be in, as shares.
    found: f64,
    least: f64,
    most: f64,
    kept: bool,
}

pub(crate) fn selfcheck(args: &SelfCheck) -> Result<Exit> {
    if args.format == Format::Csv {
        bail!("the findings can be printed as a table or as JSON");
    }
    let world = World {
        noise: args.noise,
        launch_noise: args.launch_noise,
        drift: args.drift,
        threshold: args.threshold,
        detect: args.detect,
    };
    let found = findings(&world, args.cells as usize, args.seed)?;
    let promises = promises(&found);
    if let Some(path) = &args.curve {
        draw(&found, path)?;
    }
    if args.format == Format::Table {
        print(&page(&world, &found, &promises))?;
    } else {
        #[derive(Serialize)]
        struct Out<'a> {
            promises: &'a [Promise],
            findings: &'a Findings,
        }
        print(&serde_json::to_string_pretty(&Out { promises: &promises, findings: &found })?)?;
    }
    Ok(if promises.iter().all(|promise| promise.kept) { Exit::Ok } else { Exit::Failed })
}

/// Writes the power against the rounds as a picture.
fn draw(found: &Findings, path: &Path) -> Result<()> {
    let points: Vec<(u32, f64)> = found.curve.iter().map(|point| (point.rounds, point.power)).collect();
    let chart = svg::power_curve(&points, SLOWDOWNS[0])?;
    replace(path, chart.document().as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn promises(found: &Findings) -> Vec<Promise> {
    let promise = |what: &str, found: f64, least: f64, most: f64| Promise {
        what: what.to_owned(),
        found,
        least,
        most,
        kept: (least..=most).contains(&found),
    };
    let all = || std::iter::once(&found.same).chain(found.slowed.iter().map(|(_, counts)| counts));
    let sum = |part: fn(&Counts) -> usize| all().map(part).sum::<usize>();
    let mut list = vec![
        promise("equal devices called different", share(found.same.false_alarms, found.same.same), 0.0, 0.01),
        promise(
            "equal devices beside slowed ones called different",
            {
                let beside =
                    |part: fn(&Counts) -> usize| found.slowed.iter().map(|(_, counts)| part(counts)).sum::<usize>();
                share(beside(|counts| counts.false_alarms), beside(|counts| counts.same))
            },
            0.0,
            0.01,
        ),
    ];
    let check = |part: fn(&Counts) -> usize| {
        part(&found.drifting_check) + found.check.iter().map(|(_, counts)| part(counts)).sum::<usize>()
    };
    let alarms = share(check(|counts| counts.false_alarms), check(|counts| counts.same));
    list.push(promise("equal to a baseline of another run and called different", alarms, 0.0, 0.01));
    for (slowdown, counts) in &found.slowed {
        let least = if *slowdown < 0.05 { 0.90 } else { 0.99 };
        let what = format!("slowed by {:.0}% and called {}", 100.0 * slowdown, Verdict::Regressed.name());
        list.push(promise(&what, share(counts.found, counts.slowed), least, 1.0));
    }
    list.push(promise(
        "first stage's 95% intervals that hold the truth",
        share(sum(|c| c.held), sum(|c| c.intervals)),
        0.93,
        0.97,
    ));
    list.push(promise(
        "fresh rounds' 95% intervals that hold the truth",
        share(sum(|c| c.fresh_held), sum(|c| c.fresh_intervals)),
        0.93,
        0.97,
    ));
    list.push(promise("largest error of a known time in one launch", found.known.worst_error, 0.0, 0.01));
    list.push(promise("error of the mean of known times over cells", found.known.mean_error, 0.0, 0.01));
    list
}

/// The findings as Markdown.
fn page(world: &World, found: &Findings, promises: &[Promise]) -> String {
    let mut page = String::new();
    let percent = |share: f64| format!("{:.2}%", 100.0 * share);
    let _ = writeln!(
        page,
        "Noise {:.1}% from call to call and {:.1}% from launch to launch, drift {:.0}% over a run; threshold {:.2}%, planned to find {:.1}%.\n",
        100.0 * world.noise,
        100.0 * world.launch_noise,
        100.0 * world.drift,
        100.0 * world.threshold,
        100.0 * world.detect
    );
    page.push_str("| what | found | promised | kept |\n|---|---:|---:|---|\n");
    for promise in promises {
        let range = match (promise.least, promise.most) {
            (0.0, most) => format!("at most {:.0}%", 100.0 * most),
            (least, 1.0) => format!("at least {:.0}%", 100.0 * least),
            (least, most) => format!("{:.0}% to {:.0}%", 100.0 * least, 100.0 * most),
        };
        let kept = if promise.kept { "yes" } else { "NO" };
        let _ = writeln!(page, "| {} | {} | {range} | {kept} |", promise.what, percent(promise.found));
    }
    page.push_str("\n| rule, on the same samples | equal called different |");
    for (slowdown, _) in &found.slowed {
        let _ = write!(page, " {:.0}% slower found |", 100.0 * slowdown);
    }
    page.push_str("\n|---|---:|");
    page.push_str(&"---:|".repeat(found.slowed.len()));
    let mut line = |name: &str, alarms: usize, hits: &[f64]| {
        let hits: String = hits.iter().map(|hit| format!(" {} |", percent(*hit))).collect();
        let _ = write!(page, "\n| {name} | {} |{hits}", percent(share(alarms, found.same.same)));
    };
    let of_check = |slowed: bool| found.check.iter().filter(move |(slowdown, _)| (*slowdown > 0.0) == slowed);
    let own: Vec<f64> = found.slowed.iter().map(|(_, counts)| share(counts.found, counts.slowed)).collect();
    line("Chipmark, `ab`", found.same.false_alarms, &own);
    let own: Vec<f64> = of_check(true).map(|(_, counts)| share(counts.found, counts.slowed)).collect();
    let alarms = of_check(false).map(|(_, counts)| counts.false_alarms).sum();
    line("Chipmark, `check` (runs apart, without drift)", alarms, &own);
    for (rival, [alarms, _]) in &found.same.rivals {
        let hits = found
            .slowed
            .iter()
            .map(|(_, counts)| share(counts.rivals.get(rival).map_or(0, |[_, found]| *found), counts.slowed));
        line(rival.name(), *alarms, &hits.collect::<Vec<_>>());
    }
    page.push_str("\n\n| spent | suites | rounds of the first stage | suites with fresh rounds | fresh rounds of those | cells decided by them |\n|---|---:|---:|---:|---:|---:|\n");
    let name = |verb: &str, slowdown: f64| match slowdown {
        0.0 => format!("{verb}, equal"),
        slowdown => format!("{verb}, {:.0}% slower", 100.0 * slowdown),
    };
    let ab =
        std::iter::once((0.0, &found.same)).chain(found.slowed.iter().map(|(slowdown, counts)| (*slowdown, counts)));
    let ab = ab.map(|(slowdown, counts)| (name("`ab`", slowdown), counts));
    let check = found.check.iter().map(|(slowdown, counts)| (name("`check`", *slowdown), counts));
    for (name, counts) in ab.chain(check) {
        let _ = writeln!(
            page,
            "| {name} | {} | {:.1} | {} | {:.1} | {:.1} of {:.0} |",
            counts.suites,
            counts.pilot_rounds as f64 / (counts.same + counts.slowed).max(1) as f64,
            counts.decided,
            counts.fresh_rounds as f64 / counts.decided.max(1) as f64,
            share(counts.candidates, counts.suites),
            share(counts.same + counts.slowed, counts.suites),
        );
    }
    page.push_str("\n| rounds |");
    found.curve.iter().for_each(|point| {
        let _ = write!(page, " {} |", point.rounds);
    });
    page.push_str("\n|---|");
    page.push_str(&"---:|".repeat(found.curve.len()));
    page.push_str("\n| slowed cells found |");
    found.curve.iter().for_each(|point| {
        let _ = write!(page, " {:.0}% |", 100.0 * point.power);
    });
    page.push('\n');
    page
}
