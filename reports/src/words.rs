//! The words that renderers share: what an outcome, a flag and a mark mean.

use crate::model::{CellView, RunReport};
use crate::text::clean;
use crate::units;
use chipmark_core::Outcome;
use chipmark_results::bare_wait::BareWait;
use chipmark_results::ceiling::{Best, Reached};
use chipmark_results::chips::Statement;
use chipmark_results::contribution::{Trust, Vouched};
use chipmark_results::estimate::Estimate;
use chipmark_results::history::Point;
use chipmark_results::machine::{Gpu, GpuState, Machine, MachineState};
use chipmark_results::record::{Flag, Run};
use chipmark_results::stats::Interval;

/// A flag's name as it stands in records.
#[must_use]
pub fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::NeverWarm => "never-warm",
        Flag::DispatchBound => "dispatch-bound",
        Flag::Recompiled => "recompiled",
        Flag::Tf32 => "tf32",
        Flag::ReducedCheck => "reduced-check",
        Flag::FewSamples => "few-samples",
        Flag::PartlyCold => "partly-cold",
        Flag::CacheMeasured => "cache-measured",
        Flag::Unconverged => "unconverged",
        Flag::Disturbed => "disturbed",
    }
}

/// A flag's letter beside a time.
#[must_use]
pub fn flag_letter(flag: Flag) -> char {
    match flag {
        Flag::NeverWarm => 'w',
        Flag::DispatchBound => 'd',
        Flag::Recompiled => 'r',
        Flag::Tf32 => 't',
        Flag::ReducedCheck => 's',
        Flag::FewSamples => 'f',
        Flag::PartlyCold => 'p',
        Flag::CacheMeasured => 'k',
        Flag::Unconverged => 'u',
        Flag::Disturbed => 'x',
    }
}

/// What a flag means for the number.
#[must_use]
pub fn flag_about(flag: Flag) -> &'static str {
    match flag {
        Flag::NeverWarm => "the warm-up ended at its limit, the times still drifting",
        Flag::DispatchBound => {
            "submitting took nine tenths of the time or more: the device waited for the host, so this is the cost of \
             submitting, not of the work"
        }
        Flag::Recompiled => "the framework compiled the step more than once while it was timed",
        Flag::Tf32 => "f32 in name, TF32 in error: factors were rounded to 11 bits; not ranked beside f32",
        Flag::ReducedCheck => {
            "checked at a smaller shape alone: this one is too large for the reference, and no other target had it"
        }
        Flag::FewSamples => "fewer samples than asked for fitted into the time",
        Flag::PartlyCold => {
            "not all the sets of inputs that cold inputs need could be held: calls may have found some in the cache"
        }
        Flag::CacheMeasured => "its data came from a cache: more bytes a second than this machine's memory moves",
        Flag::Unconverged => "the rounds ended before the ratio to the fastest was known as well as was asked for",
        Flag::Disturbed => "the machine was disturbed in a round that had to count",
    }
}

/// What an outcome means, for those without a time.
#[must_use]
pub fn outcome_about(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "checked and timed",
        Outcome::Unsupported => "the framework cannot do it",
        Outcome::Wrong => "it computed something else than the reference; a wrong result gets no time",
        Outcome::OutOfMemory => "it needs more memory than there is",
        Outcome::OverBudget => "the run's time was up before its turn",
        Outcome::TimedOut => "it did not end within its time limit",
        Outcome::Crashed => "the worker process died; only this cell is lost",
        Outcome::Failed => "any other error",
    }
}

/// What a word of trust means.
#[must_use]
pub fn trust_about(trust: Trust) -> &'static str {
    match trust {
        Trust::Imported => "others published it: it was not checked, has no samples, and is never ranked",
        Trust::Community => {
            "somebody contributed it, checked and with all samples; no other contributor's file confirms it yet"
        }
        Trust::Reproduced => {
            "another contributor's machine of the same kind says the same: of the cells that both have, nine in ten have 95% intervals \
             that overlap, and the times are within 5% by their geometric mean"
        }
        Trust::Reference => "the maintainers measured it, or saw it reproduced, and vouch for it",
    }
}

/// How far a contributed run is to be trusted, and what that rests on, such as `contributed by ada; reproduced by 2 files from 1 other
/// machine, in 40 of 52 cells`; nothing of a run that nobody contributed.
#[must_use]
pub fn trust(run: &RunReport) -> Option<(Trust, String)> {
    let standing = run.trust.as_ref()?;
    let contributor = run.run.contribution.as_ref().and_then(|contribution| contribution.contributor.as_deref());
    let mut parts = vec![contributor.map_or("contributed".to_owned(), |name| format!("contributed by {name}"))];
    if !standing.agreeing.is_empty() {
        parts.push(format!(
            "reproduced by {} from {}, in {} of {}",
            counted(standing.agreeing.len(), "file"),
            counted(standing.machines, "other machine"),
            standing.confirmed,
            counted(standing.timed, "cell")
        ));
    }
    match standing.disagreeing.len() {
        0 => {}
        1 => parts.push("1 other file says something else".to_owned()),
        n => parts.push(format!("{n} other files say something else")),
    }
    let vouched = |by: &Vouched| format!("vouched for since {} by {}: {}", by.date, by.who, by.why);
    parts.extend(standing.reference.as_ref().map(vouched));
    Some((standing.level, clean(&parts.join("; "))))
}

/// What `c` and hatching mean.
pub const COMPOSED: &str = "composed: built from other ops, where the framework has no kernel of its own for it";

/// What `*` and bold mean.
pub const FASTEST: &str = "the fastest of its row";

/// What `±` means.
pub const RANGE: &str = "half the range of the launches' medians; a launch is one worker process";

/// The chip's name, or that it has none.
#[must_use]
pub fn chip(machine: &Machine) -> String {
    if machine.chip.trim().is_empty() { "unknown chip".to_owned() } else { machine.chip.clone() }
}

/// The chips of runs, each once; from four on, how many.
#[must_use]
pub fn chips(runs: &[RunReport]) -> String {
    let mut chips: Vec<String> = Vec::new();
    for name in runs.iter().map(|run| chip(&run.run.machine)) {
        if !chips.contains(&name) {
            chips.push(name);
        }
    }
    if chips.len() > 3 { format!("{} chips", chips.len()) } else { chips.join(", ") }
}

/// The cores, such as `16 (12 performance, 4 efficiency)`.
#[must_use]
pub fn cores(machine: &Machine) -> Option<String> {
    let kinds = [
        (machine.super_cores, "super"),
        (machine.performance_cores, "performance"),
        (machine.efficiency_cores, "efficiency"),
    ];
    let kinds: Vec<String> =
        kinds.into_iter().filter_map(|(n, kind)| n.filter(|n| *n > 0).map(|n| format!("{n} {kind}"))).collect();
    let all = match (machine.physical_cores, machine.logical_cores) {
        (Some(physical), Some(logical)) if physical != logical => format!("{physical} with {logical} threads"),
        (Some(n), _) | (None, Some(n)) => n.to_string(),
        (None, None) => return None,
    };
    Some(if kinds.is_empty() { all } else { format!("{all} ({})", kinds.join(", ")) })
}

/// A graphics processor, such as `NVIDIA H100, 80 GiB`.
#[must_use]
pub fn gpu(gpu: &Gpu) -> String {
    let mut parts = vec![gpu.name.clone()];
    parts.extend(gpu.cores.map(|n| count(n, "core")));
    parts.extend(gpu.memory_bytes.map(crate::units::bytes));
    parts.extend(gpu.driver.as_ref().map(|driver| format!("driver {driver}")));
    parts.join(", ")
}

/// The operating system with its version.
#[must_use]
pub fn system(machine: &Machine) -> String {
    let parts = [Some(machine.os.as_str()), machine.os_version.as_deref(), Some(machine.arch.as_str())];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A machine in one line, such as `Apple M3 Max · 16 cores · 64 GiB · macOS 15.3 aarch64`.
#[must_use]
pub fn machine(machine: &Machine) -> String {
    let mut parts = vec![chip(machine)];
    parts.extend(machine.physical_cores.or(machine.logical_cores).map(|n| count(n, "core")));
    // Where the graphics processor is the chip's own, its name says nothing new.
    parts.extend(machine.gpus.iter().map(|gpu| match gpu.cores {
        Some(n) if gpu.name.starts_with(&machine.chip) => count(n, "GPU core"),
        _ => gpu.name.clone(),
    }));
    parts.extend(machine.memory_bytes.map(crate::units::bytes));
    parts.push(system(machine));
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

/// Such as `1 core` and `1200 cores`.
pub(crate) fn count<N: std::fmt::Display + PartialEq + From<u8> + Copy>(n: N, what: &str) -> String {
    format!("{n} {what}{}", if n == N::from(1) { "" } else { "s" })
}

/// Such as `1 case` and `1,200 cases`.
#[must_use]
pub fn counted(n: impl std::borrow::Borrow<usize>, what: &str) -> String {
    let n = *n.borrow();
    let digits = n.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    format!("{shown} {what}{}", if n == 1 { "" } else { "s" })
}

/// What a run was, in one line, such as `suite quick (small) · 3 rounds · warm inputs · 8 threads · 2026-03-01T12:00:00Z`.
#[must_use]
pub fn run(run: &Run) -> String {
    let settings = &run.settings;
    let tier = settings.tier.map(|tier| format!(" ({tier})")).unwrap_or_default();
    let mut parts = vec![format!("suite {}{tier}", run.suite), count(settings.rounds, "round")];
    parts.push(format!("{} inputs", settings.inputs));
    parts.extend(settings.threads.map(|n| count(n, "thread")));
    parts.extend(settings.tf32.then(|| "TF32 allowed".to_owned()));
    parts.push(run.started_at.clone());
    parts.join(" · ")
}

/// The machine's state, name and value, as far as it was read.
#[must_use]
pub fn state_facts(state: &MachineState) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut add = |name, value: Option<String>| {
        facts.extend(value.filter(|value| !value.trim().is_empty()).map(|value| (name, value)));
    };
    add("Power", state.power_source.clone());
    add("Low-power mode", state.low_power_mode.map(|on| if on { "on" } else { "off" }.to_owned()));
    add("Thermal state", state.thermal.clone());
    add("Governor", state.governor.clone());
    add(
        "Clock limit",
        state.cpu_clock_limit_mhz.zip(state.cpu_clock_max_mhz).map(|(limit, max)| format!("{limit} of {max} MHz")),
    );
    add("Load", state.load_1m.map(|load| format!("{load:.2}")));
    add("Free memory", state.free_memory_bytes.map(crate::units::bytes));
    for gpu in &state.gpus {
        add("GPU", Some(gpu_state(gpu)));
    }
    facts
}

/// A graphics processor's state, such as `NVIDIA H100 at 1980 of 1980 MHz, 45 °C, 70 of 700 W, held down by thermal`.
fn gpu_state(gpu: &GpuState) -> String {
    let of = |now: Option<String>, most: Option<String>, unit: &str| {
        now.map(|now| most.map_or(format!("{now} {unit}"), |most| format!("{now} of {most} {unit}")))
    };
    let number = |value: Option<u32>| value.map(|value| value.to_string());
    let watts = |value: Option<f64>| value.map(|value| format!("{value:.0}"));
    let parts = [
        of(number(gpu.clock_mhz), number(gpu.max_clock_mhz), "MHz"),
        of(number(gpu.temperature_c), None, "°C"),
        of(watts(gpu.power_w), watts(gpu.power_limit_w), "W"),
        (!gpu.throttle.is_empty()).then(|| format!("held down by {}", gpu.throttle.join(", "))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { gpu.name.clone() } else { format!("{} at {}", gpu.name, parts.join(", ")) }
}

/// The state before the first check in one line, such as `at the start: power ac · thermal state nominal · load 1.20`; nothing
/// where none was read.
#[must_use]
pub fn state(state: &MachineState) -> Option<String> {
    let named = |(name, value): (&str, String)| {
        let name = if name == "GPU" { name.to_owned() } else { name.to_lowercase() };
        format!("{name} {value}")
    };
    let facts: Vec<String> = state_facts(state).into_iter().map(named).collect();
    (!facts.is_empty()).then(|| clean(&format!("at the start: {}", facts.join(" · "))))
}

/// What waiting for nothing costs in one line, such as `waiting for nothing takes 100 ns (candle:cpu), 2.10 µs (tch:cpu), …`; nothing
/// where it was not measured.
#[must_use]
pub fn bare_waits(waits: &[BareWait]) -> Option<String> {
    let of = |wait: &BareWait| format!("{} ({})", units::time(wait.ns), clean(&wait.target.to_string()));
    let parts: Vec<String> = waits.iter().map(of).collect();
    (!parts.is_empty())
        .then(|| format!("waiting for nothing takes {}; each latency holds one such wait", parts.join(", ")))
}

/// A time with all that is known of its doubt, such as `1.01 µs ±1.0%, launches from 1.00 µs to 1.02 µs`, and behind it the 95% interval where
/// there is one.
#[must_use]
pub fn estimate(estimate: &Estimate) -> String {
    let range = (estimate.launches > 1).then_some((estimate.low_ns, estimate.high_ns));
    in_full(estimate.median_ns, range, estimate.interval_ns)
}

/// The same of a point of a history, with its run and its version.
#[must_use]
pub fn point(point: &Point) -> String {
    let time = in_full(point.median_ns, range(point), point.interval_ns);
    format!("{}, version {}: {time}", point.started_at, point.version)
}

/// The range of the launches of a point; nothing of one launch, which shows no doubt.
#[must_use]
pub fn range(point: &Point) -> Option<(f64, f64)> {
    (point.low_ns < point.high_ns).then_some((point.low_ns, point.high_ns))
}

/// A time with its range and its interval, as far as there are any.
fn in_full(median_ns: f64, range_ns: Option<(f64, f64)>, interval_ns: Option<Interval>) -> String {
    let mut told = units::time(median_ns);
    if let Some((low, high)) = range_ns {
        let doubt = units::plus_minus((high - low) / 2.0 / median_ns);
        told += &format!(" {doubt}, launches from {} to {}", units::time(low), units::time(high));
    }
    if let Some(Interval { low, high }) = interval_ns {
        told += &format!(", 95% interval {} to {}", units::time(low), units::time(high));
    }
    told
}

/// A cell in one line: its time with its doubt and its marks, such as `1.01 µs; composed, few-samples`, or the word in their place.
#[must_use]
pub fn cell(cell: &CellView) -> String {
    let Some(known) = &cell.result.estimate else { return cell.result.outcome.to_string() };
    let tags = cell.tags();
    if tags.is_empty() { estimate(known) } else { format!("{}; {}", estimate(known), tags.join(", ")) }
}

/// What a vendor says of its chip, such as `Apple M3 Max: 400 GB/s`.
#[must_use]
pub fn statement(statement: &Statement) -> String {
    match statement.dtype {
        Some(dtype) => format!("{}: {} in {dtype}", statement.chip, units::gflops(statement.rate)),
        None => format!("{}: {}", statement.chip, units::gbps(statement.rate)),
    }
}

/// What `of the roof` means.
pub const ROOF: &str = "of the roof: of the most arithmetic that any framework reached in matrix products here, or of what the memory \
                        can feed at the case's bytes for each operation, whichever is lower (Williams et al., 2009)";

/// What a device reached at best, such as `cpu f32: 12.0 GB/s (triad/64MiB/f32 on tch:cpu), 140 GFLOP/s (…)`.
#[must_use]
pub fn ceiling(reached: &Reached) -> String {
    let of = |best: &Option<Best>, unit: fn(f64) -> String| {
        best.as_ref().map(|best| format!("{} ({} on {})", unit(best.rate), clean(&best.case.to_string()), best.target))
    };
    let parts: Vec<String> =
        [of(&reached.gbps, units::gbps), of(&reached.gflops, units::gflops)].into_iter().flatten().collect();
    let dtype = if reached.tf32 { "tf32".to_owned() } else { reached.dtype.to_string() };
    format!("{} {dtype}: at best {}", reached.place, parts.join(", "))
}
