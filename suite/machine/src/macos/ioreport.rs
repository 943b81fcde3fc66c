//! Reads an Apple chip's energy and clocks and the machine's power without privileges. Apple documents neither way, so the calls are
//! left to the `macmon` crate, of which this is the only user.

use super::clocks::{Work, kind};
use super::energy::{CONTROLLER, MODEL, Moved, Totals};
use crate::energy::{Reading, Source};
use chipmark_results::machine::{GpuState, MachineState, Power};
use macmon::SocInfo;
use macmon::sources::{IOReport, SMC, cfio_get_residencies, cfio_integer_value};
use std::cell::RefCell;

/// The groups of reports, and the parts of them, that hold how long cores were in each state.
const CPU: (&str, &str) = ("CPU Stats", "CPU Core Performance States");
const GPU: (&str, &str) = ("GPU Stats", "GPU Performance States");

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

/// How long cores were in each state, subscribed to.
struct Clocks {
    report: IOReport,
    soc: SocInfo,
}

impl Clocks {
    /// None in a virtual machine, which has no such reports.
    fn open() -> Option<Clocks> {
        let soc = SocInfo::new().ok()?;
        let report = IOReport::new(vec![(CPU.0, Some(CPU.1)), (GPU.0, Some(GPU.1))]).ok()?;
        let mut clocks = Clocks { report, soc };
        // The first look is what later ones are set against.
        clocks.look();
        Some(clocks)
    }

    /// The work of the processor's cores and of the graphics processor since the last look.
    fn look(&mut self) -> (Work, Work) {
        let (mut cpu, mut gpu) = (Work::default(), Work::default());
        for (items, _) in self.report.get_samples(0, 1) {
            for item in items {
                let place = (item.group.as_str(), item.subgroup.as_str());
                if place == CPU {
                    let kind = kind(&item.channel, self.soc.cpu_tiers.len());
                    if let Some(kind) = kind.and_then(|kind| self.soc.cpu_tiers.get(kind)) {
                        cpu.add(&cfio_get_residencies(item.item), &kind.freqs);
                    }
                } else if place == GPU && item.channel == "GPUPH" {
                    // The first of the table is that of being off.
                    gpu.add(&cfio_get_residencies(item.item), self.soc.gpu_freqs.get(1..).unwrap_or_default());
                }
            }
        }
        (cpu, gpu)
    }
}

thread_local! {
    /// Open from the first state that was read to the last, so that each tells the clocks since the one before. Per thread,
    /// because a subscription stays with the thread that made it.
    static CLOCKS: RefCell<Option<Clocks>> = const { RefCell::new(None) };
}

/// Writes into a state the clocks at which work was done since this was last called; nothing at the first call.
pub(crate) fn add_clocks(state: &mut MachineState) {
    CLOCKS.with_borrow_mut(|clocks| {
        let Some(clocks) = clocks else {
            *clocks = Clocks::open();
            return;
        };
        let (cpu, gpu) = clocks.look();
        if let Some((mean_mhz, max_mhz)) = cpu.mean_and_max_mhz() {
            (state.cpu_clock_mhz, state.cpu_clock_max_mhz) = (Some(mean_mhz), Some(max_mhz));
        }
        if let Some((mean_mhz, max_mhz)) = gpu.mean_and_max_mhz() {
            state.gpus.push(GpuState {
                name: clocks.soc.chip_name.clone(),
                clock_mhz: Some(mean_mhz),
                max_clock_mhz: Some(max_mhz),
                ..GpuState::default()
            });
        }
    });
}

/// What the whole machine draws now, by its management controller (`PSTR`, the system's total).
pub(crate) fn system_power() -> Option<Power> {
    let watts = f64::from(SMC::new().ok()?.read_float_val("PSTR").ok()?);
    let known = watts.is_finite() && watts > 0.0;
    known.then(|| Power { counter: "system".to_owned(), watts: (watts * 100.0).round() / 100.0 })
}
