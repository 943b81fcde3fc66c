//! The time that each process takes, from two looks at `/proc/*/stat`.

use crate::files;
use crate::processes::{Process, heaviest};
use chipmark_results::machine::HeavyProcess;
use std::collections::HashMap;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// The unit of the times in `/proc/*/stat` (`USER_HZ`), the same on every architecture that Rust has.
const TICKS_PER_SECOND: f64 = 100.0;

/// What one look tells of a process.
#[derive(Debug, PartialEq)]
struct Look {
    parent: u32,
    name: String,
    ticks: u64,
}

/// The processes that took most of the time during `window`; see [`heaviest`].
pub(super) fn heavy(root: &Path, own: u32, window: Duration) -> Vec<HeavyProcess> {
    let start = Instant::now();
    let before = look(root);
    thread::sleep(window);
    let after = look(root);
    heaviest(&used(&before, after, start.elapsed()), own)
}

/// What each process used between two looks. One that came in between has all of its time counted, and one that went
/// no longer disturbs.
fn used(before: &HashMap<u32, Look>, after: HashMap<u32, Look>, elapsed: Duration) -> Vec<Process> {
    let ticks_per_percent = elapsed.as_secs_f64().max(0.001) * TICKS_PER_SECOND / 100.0;
    after
        .into_iter()
        .map(|(id, now)| {
            let ticks = now.ticks.saturating_sub(before.get(&id).map_or(0, |then| then.ticks));
            #[expect(clippy::cast_precision_loss, reason = "the ticks of a fraction of a second")]
            let cpu_percent = ticks as f64 / ticks_per_percent;
            Process { id, parent: now.parent, name: now.name, cpu_percent }
        })
        .collect()
}

fn look(root: &Path) -> HashMap<u32, Look> {
    files::entries(&root.join("proc"))
        .into_iter()
        .filter_map(|folder| {
            let id = folder.file_name()?.to_str()?.parse().ok()?;
            Some((id, parse(&files::text(&folder.join("stat"))?)?))
        })
        .collect()
}

/// `1234 (name) S 1 …`: the name may hold blanks and brackets, so it ends at the last one. The times are the 14th and
/// 15th field of the line.
fn parse(stat: &str) -> Option<Look> {
    let (head, fields) = stat.rsplit_once(')')?;
    let (_, name) = head.split_once('(')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Look {
        parent: u32::try_from(number(1)?).ok()?,
        name: name.to_owned(),
        ticks: number(11)?.saturating_add(number(12)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look_of(parent: u32, name: &str, ticks: u64) -> Look {
        Look { parent, name: name.to_owned(), ticks }
    }

    #[test]
    fn a_stat_line_with_a_difficult_name() {
        let line = "4711 (tmux: (a) b) S 17 4711 4711 0 -1 4194368 1500 0 0 0 250 50 0 0 20 0 1 0 98765 1 2 3";
        assert_eq!(parse(line), Some(look_of(17, "tmux: (a) b", 300)));
        assert_eq!(parse("4711 (short) S 17"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn percent_of_a_core_by_the_ticks_between() {
        let before = HashMap::from([(1, look_of(0, "old", 1000)), (2, look_of(1, "gone", 5))]);
        let after = HashMap::from([(1, look_of(0, "old", 1010)), (3, look_of(1, "new", 20))]);
        let mut used = used(&before, after, Duration::from_millis(200));
        used.sort_by_key(|process| process.id);
        assert_eq!(used.len(), 2);
        // 10 ticks of 10 ms in 200 ms are half a core, 20 are a whole one.
        assert!((used[0].cpu_percent - 50.0).abs() < 1e-9);
        assert!((used[1].cpu_percent - 100.0).abs() < 1e-9);
    }
}
