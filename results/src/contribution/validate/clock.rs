//! Whether the moments of a run follow each other, and leave the time that its samples take.

use super::Rule;
use super::finding::{Findings, Level, Tally};
use super::read::Contributed;
use crate::plain::quoted;
use crate::record::Samples;
use jiff::{SignedDuration, Timestamp};

/// How far a clock may be set back in a run, and a contributor's be ahead of ours.
const SET_BACK: SignedDuration = SignedDuration::from_secs(1);
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// How much longer samples may take than the time between two launches: moments are written in ms, and clocks are slewed.
const SLEW: f64 = 1.02;
const SLACK_S: f64 = 0.1;

pub(super) fn check(read: &Contributed, now: Timestamp, findings: &mut Findings) {
    let file = &read.file;
    let mut wrong = Tally::default();
    let mut moment = |line: u64, text: &str| {
        let moment = text.parse::<Timestamp>().ok();
        if moment.is_none() {
            wrong.add(Some(line), || format!("{} is no time, such as 2026-03-01T12:00:00Z", quoted(text)));
        }
        moment
    };
    let started = moment(1, &file.run.started_at);
    let launches: Vec<Option<Timestamp>> =
        file.launches.iter().zip(&read.lines.launches).map(|(launch, &line)| moment(line, &launch.at)).collect();
    let ends: Vec<Option<Timestamp>> =
        file.ends.iter().zip(&read.lines.ends).map(|(end, &line)| moment(line, &end.at)).collect();
    let end = ends.last().copied().flatten();
    let ahead = |moment: &Timestamp| moment.duration_since(now) > AHEAD;
    if started.as_ref().is_some_and(ahead) || end.as_ref().is_some_and(ahead) {
        wrong.add(Some(1), || "the run is of the future".to_owned());
    }
    let mut before = started;
    for (at, (launch, &line)) in file.launches.iter().zip(&read.lines.launches).enumerate() {
        let Some(began) = launches.get(at).copied().flatten() else { continue };
        if before.is_some_and(|before| before.duration_since(began) > SET_BACK) {
            wrong.add(Some(line), || format!("{} began before what stands above it", launch.cell));
        }
        before = Some(began);
        let next = launches.get(at + 1).copied().unwrap_or(end);
        let (Some(samples), Some(next)) = (&launch.samples, next) else { continue };
        let (took_s, had_s) = (took_s(samples), next.duration_since(began).as_secs_f64());
        if took_s > had_s * SLEW + SLACK_S {
            wrong.add(Some(line), || {
                format!("{}: its samples take {took_s:.3} s, and what follows began {had_s:.3} s after it", launch.cell)
            });
        }
    }
    if let (Some(before), Some(end)) = (before, end)
        && before.duration_since(end) > SET_BACK
    {
        wrong.add(read.lines.ends.last().copied(), || "the run ended before its last launch".to_owned());
    }
    wrong.tell(findings, Level::Error, Rule::Clock, "moments");
}

/// How long a launch's warm-up and blocks took together, in seconds.
fn took_s(samples: &Samples) -> f64 {
    let Samples { block_ns, block4_ns, upload_ns, step_ns, download_ns, warm_up_ns, .. } = samples;
    let blocks = [block_ns, block4_ns, upload_ns, step_ns, download_ns].into_iter().flatten();
    blocks.fold(*warm_up_ns, |sum, &ns| sum.saturating_add(ns)) as f64 * 1e-9
}
