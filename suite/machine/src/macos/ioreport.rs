//! Reads an Apple chip's energy and the machine's power without privileges. Apple documents neither way, so the calls are
//! left to the `macmon` crate, of which this is the only user.

use super::energy::{CONTROLLER, MODEL, Moved, Totals};
use crate::energy::{Reading, Source};
use chipmark_results::machine::Power;
use macmon::sources::{IOReport, SMC, cfio_integer_value};

/// The counters, subscribed to.
pub(crate) struct Counters {
    report: IOReport,
    totals: Totals,
}

impl Counters {
    /// None in a virtual machine, which has no such reports.
    pub(crate) fn open() -> Option<Counters> {
        let report = IOReport::new(vec![(MODEL, None), (CONTROLLER, Some("Energy Counters"))]).ok()?;
        let mut counters = Counters { report, totals: Totals::default() };
        // The first look is what later ones are set against.
        counters.look();
        Some(counters)
    }

    /// By how much each counter moved since the last look. No time is waited for, so that there is one sample.
    fn look(&mut self) -> Vec<Moved> {
        let mut moved = Vec::new();
        for (items, _) in self.report.get_samples(0, 1) {
            // What an item points to is the sample's, and gone after this loop.
            moved.extend(items.map(|item| Moved {
                amount: cfio_integer_value(item.item),
                group: item.group,
                channel: item.channel,
                unit: item.unit,
            }));
        }
        moved
    }
}

impl Source for Counters {
    fn read(&mut self) -> Vec<Reading> {
        let moved = self.look();
        self.totals.add(&moved);
        self.totals.readings()
    }
}

/// What the whole machine draws now, by its management controller (`PSTR`, the system's total).
pub(crate) fn system_power() -> Option<Power> {
    let watts = f64::from(SMC::new().ok()?.read_float_val("PSTR").ok()?);
    let known = watts.is_finite() && watts > 0.0;
    known.then(|| Power { counter: "system".to_owned(), watts: (watts * 100.0).round() / 100.0 })
}
