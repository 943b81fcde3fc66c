//! Which of the counters that macOS keeps belong to which part of an Apple chip, and their sums. They are what the chip's
//! own model of its power reckons, not what a shunt measures: good for comparing programs on one chip, not chips.

use crate::energy::Reading;

/// What one counter has moved by since the last look.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The group of reports that it is in.
    pub group: String,
    /// Its name in that group.
    pub channel: String,
    /// The unit of `amount`, such as `nJ`.
    pub unit: String,
    /// By how much.
    pub amount: i64,
}

/// A group that holds the energy of the chip's parts.
pub const MODEL: &str = "Energy Model";

/// The group that holds it since macOS 27, where [`MODEL`] may stand still for programs without Apple's leave.
pub const CONTROLLER: &str = "CLPC";

/// A part's name, and whether a channel counts its energy.
type Part = (&'static str, fn(&str) -> bool);

/// The parts. A chip of several dies has several channels of one, such as `DIE_0_CPU Energy`, `ANE0`, `DRAM0`.
const PARTS: [Part; 5] = [
    ("cpu", |channel| channel.ends_with("CPU Energy")),
    ("gpu", |channel| channel == "GPU Energy"),
    ("gpu-sram", |channel| channel.starts_with("GPU SRAM")),
    ("ane", |channel| channel.starts_with("ANE")),
    ("dram", |channel| channel.starts_with("DRAM")),
];

/// What each part has drawn since the first look, in the order of `PARTS`; none for one that no counter was seen of.
#[derive(Debug, Default)]
pub struct Totals([Option<f64>; PARTS.len()]);

impl Totals {
    /// Adds one look at all counters.
    pub fn add(&mut self, moved: &[Moved]) {
        for ((_, is_its), total) in PARTS.iter().zip(&mut self.0) {
            let in_group = |group: &str| {
                let its = moved.iter().filter(|one| one.group == group && is_its(&one.channel));
                // A counter that was reset, or is not told, moves backwards.
                its.filter_map(joules).filter(|joules| *joules >= 0.0).reduce(|a, b| a + b)
            };
            if let Some(joules) = in_group(CONTROLLER).or_else(|| in_group(MODEL)) {
                *total = Some(total.unwrap_or(0.0) + joules);
            }
        }
    }

    /// What each part has drawn.
    #[must_use]
    pub fn readings(&self) -> Vec<Reading> {
        let parts = PARTS.iter().zip(self.0);
        parts.filter_map(|((part, _), joules)| Some(Reading { counter: (*part).to_owned(), joules: joules? })).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "the energy of one look, to nine digits at least")]
fn joules(moved: &Moved) -> Option<f64> {
    let per_joule = match moved.unit.as_str() {
        "mJ" => 1e3,
        "uJ" => 1e6,
        "nJ" => 1e9,
        _ => return None,
    };
    Some(moved.amount as f64 / per_joule)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(group: &str, channel: &str, unit: &str, amount: i64) -> Moved {
        Moved { group: group.to_owned(), channel: channel.to_owned(), unit: unit.to_owned(), amount }
    }

    fn told(totals: &Totals) -> Vec<(String, f64)> {
        totals.readings().into_iter().map(|reading| (reading.counter, reading.joules)).collect()
    }

    #[test]
    fn the_parts_of_a_chip_are_summed_over_its_dies() {
        let mut totals = Totals::default();
        let look = [
            moved(MODEL, "DIE_0_CPU Energy", "mJ", 1500),
            moved(MODEL, "DIE_1_CPU Energy", "mJ", 500),
            moved(MODEL, "ECPU", "mJ", 999),
            moved(MODEL, "GPU Energy", "nJ", 250_000_000),
            moved(MODEL, "GPU SRAM0_0", "mJ", 10),
            moved(MODEL, "ANE0_1", "mJ", 0),
            moved(MODEL, "DRAM0", "uJ", 30_000),
            moved("Other", "GPU Energy", "mJ", 7),
        ];
        totals.add(&look);
        let expected = [("cpu", 2.0), ("gpu", 0.25), ("gpu-sram", 0.01), ("ane", 0.0), ("dram", 0.03)];
        assert_eq!(told(&totals), expected.map(|(part, joules)| (part.to_owned(), joules)));
        totals.add(&look);
        assert_eq!(told(&totals)[0], ("cpu".to_owned(), 4.0), "readings add up");
    }

    #[test]
    fn the_controller_goes_before_the_model_where_it_tells() {
        let mut totals = Totals::default();
        totals.add(&[
            moved(MODEL, "CPU Energy", "mJ", 0),
            moved(CONTROLLER, "CPU Energy", "nJ", 3_000_000_000),
            moved(MODEL, "GPU Energy", "nJ", 1_000_000_000),
            moved(CONTROLLER, "GPU Energy", "nJ", i64::MIN),
        ]);
        assert_eq!(told(&totals), [("cpu".to_owned(), 3.0), ("gpu".to_owned(), 1.0)]);
    }

    #[test]
    fn what_goes_back_or_has_no_known_unit_counts_for_nothing() {
        let mut totals = Totals::default();
        totals.add(&[moved(MODEL, "GPU Energy", "mJ", 2000)]);
        totals.add(&[moved(MODEL, "GPU Energy", "mJ", -5), moved(MODEL, "ANE", "24Mticks", 3)]);
        assert_eq!(told(&totals), [("gpu".to_owned(), 2.0)]);
        assert_eq!(told(&Totals::default()), []);
    }
}
