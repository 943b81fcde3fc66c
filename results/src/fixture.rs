//! A small literal run for tests, of this crate and of those that show results: two targets, one missing, four cases,
//! three rounds, and one of each thing that can go wrong. Values are round, so that what follows from them can be
//! worked out by hand.

#![expect(clippy::unwrap_used, reason = "literals that parse; for tests alone")]

mod contributed;
mod large;
mod many;

pub use contributed::{Cases, ContributedCase, contributed, contributed_text, matmuls};
pub use large::write_large;
pub use many::{COURSE, OTHER_CHIP, PUBLISHED, write_many};

use crate::machine::{Gpu, GpuState, HeavyProcess, Machine, MachineState, Power};
use crate::record::{
    Against, Canary, Ceiling, Check, CheckedShape, End, Flag, Launch, MemoryPass, MissingTarget, PlannedCase, Purpose,
    Record, Round, Run, SCHEMA, Samples, Sampling, Settings, TargetInfo, Worker,
};
use crate::store::ResultsFile;
use chipmark_core::check::{Comparison, Worst};
use chipmark_core::{BackendInfo, Cell, ConvLayout, Cost, Inputs, Memory, MemoryUse, Mode, OpPath, Outcome, Tier};
use std::collections::BTreeMap;

/// The case that both targets measure in every mode: 2 MFLOP and 60 kB a call.
pub const MATMUL: &str = "matmul/100x100@100x100/f32";
/// The case that one target does in a composed way, and that crashes once: no FLOP, 40 kB a call.
pub const SOFTMAX: &str = "softmax/100x50/f32";
/// The case that one target cannot do and another does wrong.
pub const CONV: &str = "conv2d/1x16x16x3@8x3x3x3/f32";
/// The case that the run did not come to.
pub const LINEAR: &str = "linear/10x10@10x10/f32";
/// The first target.
pub const CANDLE: &str = "candle:cpu";
/// The second target.
pub const TCH: &str = "tch:cpu";

/// A cell from its parts.
///
/// # Panics
/// When a part cannot be parsed.
#[must_use]
pub fn cell(case: &str, target: &str, mode: Mode) -> Cell {
    Cell { case: case.parse().unwrap(), target: target.parse().unwrap(), mode }
}

/// The header, each field filled but those of virtual machines and translation.
#[must_use]
pub fn run() -> Run {
    Run {
        schema: SCHEMA,
        run_id: "0123456789abcdef".to_owned(),
        started_at: "2026-03-01T12:00:00Z".to_owned(),
        harness_version: "0.1.0".to_owned(),
        suite: "quick".to_owned(),
        contribution: None,
        stage: None,
        command: ["run", "--suite", "quick", "--case", "*/f32"].map(str::to_owned).to_vec(),
        settings: Settings {
            tier: Some(Tier::Small),
            profile: None,
            rounds: 3,
            min_rounds: None,
            precision: None,
            seed: 7,
            threads: Some(8),
            tf32: false,
            cora: None,
            ceilings: false,
            memory: false,
            inputs: Inputs::Warm,
            budget_s: Some(60.0),
            sampling: Sampling {
                warm_up_s: 0.1,
                max_warm_up_s: 1.0,
                sample_s: 0.2,
                precision: None,
                min_samples: 5,
                max_samples: 100,
                min_block_s: 0.01,
                max_block_s: 0.5,
            },
            cell_timeout_s: 60.0,
        },
        machine: machine(),
        state: state(),
        targets: vec![target(CANDLE, "candle", "0.11.0", "gemm"), target(TCH, "PyTorch", "2.9.0", "MKL 2024.2")],
        missing: vec![MissingTarget {
            name: "mlx".to_owned(),
            why: "there is no worker program bench-worker-mlx".to_owned(),
            remedy: Some("scripts/setup mlx".to_owned()),
            broken: false,
        }],
        cases: vec![
            planned(MATMUL, &Mode::ALL, Cost { flop: 2_000_000, bytes: 60_000, working_set_bytes: 120_000 }),
            planned(SOFTMAX, &[Mode::Latency], Cost { flop: 0, bytes: 40_000, working_set_bytes: 40_000 }),
            planned(CONV, &[Mode::Latency], Cost { flop: 110_592, bytes: 8_000, working_set_bytes: 12_000 }),
            planned(LINEAR, &[Mode::Latency], Cost { flop: 2_100, bytes: 1_240, working_set_bytes: 1_240 }),
        ],
    }
}

fn machine() -> Machine {
    Machine {
        chip: "Apple M3 Max".to_owned(),
        chip_given: true,
        chip_detected: Some("Apple M3".to_owned()),
        arch: "aarch64".to_owned(),
        physical_cores: Some(16),
        logical_cores: Some(16),
        super_cores: Some(0),
        performance_cores: Some(12),
        efficiency_cores: Some(4),
        gpus: vec![Gpu {
            name: "Apple M3 Max GPU".to_owned(),
            cores: Some(40),
            memory_bytes: Some(64 << 30),
            driver: Some("Metal 3".to_owned()),
        }],
        memory_bytes: Some(64 << 30),
        last_level_cache_bytes: Some(48 << 20),
        os: "macOS".to_owned(),
        os_version: Some("15.3".to_owned()),
        os_build: Some("24D60".to_owned()),
        kernel: Some("24.3.0".to_owned()),
        hypervisor: None,
        translated: false,
    }
}

fn state() -> MachineState {
    MachineState {
        power_source: Some("ac".to_owned()),
        low_power_mode: Some(false),
        thermal: Some("nominal".to_owned()),
        governor: Some("performance".to_owned()),
        cpu_clock_mhz: Some(3800),
        cpu_clock_limit_mhz: Some(4056),
        cpu_clock_max_mhz: Some(4056),
        power: vec![Power { counter: "cpu".to_owned(), watts: 2.5 }],
        load_1m: Some(0.5),
        free_memory_bytes: Some(32 << 30),
        heavy_processes: vec![HeavyProcess { name: "indexer".to_owned(), cpu_percent: 35.0 }],
        gpus: vec![GpuState {
            name: "Apple M3 Max GPU".to_owned(),
            clock_mhz: Some(1398),
            max_clock_mhz: Some(1398),
            memory_clock_mhz: Some(3200),
            utilisation_percent: Some(3),
            power_w: Some(1.5),
            power_limit_w: Some(60.0),
            default_power_limit_w: Some(60.0),
            energy_j: Some(123.456),
            temperature_c: Some(45),
            throttle: vec!["thermal".to_owned()],
        }],
    }
}

fn target(name: &str, framework: &str, version: &str, blas: &str) -> TargetInfo {
    TargetInfo {
        target: name.parse().unwrap(),
        worker_version: "0.1.0".to_owned(),
        arithmetic: true,
        env: BTreeMap::new(),
        threads: None,
        info: BackendInfo {
            framework: framework.to_owned(),
            version: version.to_owned(),
            binding: format!("{framework} of Rust"),
            device_name: Some("the host".to_owned()),
            blas: Some(blas.to_owned()),
            threads: Some(8),
            precision: "f32 exact: TF32 off".to_owned(),
            build: BTreeMap::from([("features".to_owned(), "none".to_owned())]),
        },
    }
}

fn planned(case: &str, modes: &[Mode], cost: Cost) -> PlannedCase {
    PlannedCase { case: case.parse().unwrap(), modes: modes.to_vec(), cost }
}

/// A worker of the run, each field filled.
#[must_use]
pub fn worker(number: u32, target: &str, round: u32) -> Worker {
    Worker {
        worker: number,
        target: target.parse().unwrap(),
        purpose: Purpose::Round,
        round: Some(round),
        start_ns: 90_000_000,
        timer_resolution_ns: 41,
        bare_finish_ns: vec![80, 100, 120],
        finish_share: Some(0.998),
    }
}

/// A check that passed, each field filled but the reason.
#[must_use]
pub fn check(case: &str, target: &str) -> Check {
    let worst = Some(Worst { output: 0, position: 17, expected: 1.0, got: 1.0 + 1e-7 });
    let comparison = Comparison { error: 1e-7, bound: 2e-6, worst, mismatch: None };
    Check {
        case: case.parse().unwrap(),
        target: target.parse().unwrap(),
        outcome: Outcome::Ok,
        reason: None,
        paths: vec![OpPath::Native { op: "matmul".to_owned(), call: "Tensor::matmul".to_owned() }],
        layout: Some(ConvLayout::ChannelsLast),
        tf32: false,
        comparisons: vec![CheckedShape { case: case.parse().unwrap(), against: Against::Reference, comparison }],
    }
}

/// Samples of `per_call_ns` each, in blocks of ten calls, with what the mode stores beside them.
#[must_use]
pub fn samples(mode: Mode, per_call_ns: &[u64]) -> Samples {
    let calls = if mode == Mode::FirstCall { 1 } else { 10 };
    let block_ns: Vec<u64> = match mode {
        // A fixed cost of waiting of 500 ns, which is to cancel.
        Mode::Throughput => per_call_ns.iter().map(|ns| ns * calls + 500).collect(),
        _ => per_call_ns.iter().map(|ns| ns * calls).collect(),
    };
    let memory = Memory { now_bytes: Some(1 << 20), peak_bytes: Some(2 << 20) };
    let mut samples =
        Samples { calls, block_ns, warm_up_ns: 100_000_000, warm_up_calls: 40, memory, ..Samples::default() };
    match mode {
        Mode::Throughput => {
            samples.block4_ns = per_call_ns.iter().map(|ns| ns * calls * 4 + 500).collect();
            samples.submit4_ns = per_call_ns.iter().map(|ns| ns * calls * 2).collect();
        }
        Mode::Transfer => {
            samples.upload_ns = per_call_ns.iter().map(|ns| ns * calls / 5).collect();
            samples.step_ns = per_call_ns.iter().map(|ns| ns * calls * 3 / 5).collect();
            samples.download_ns = per_call_ns.iter().map(|ns| ns * calls / 10).collect();
        }
        Mode::Latency | Mode::FirstCall => {}
    }
    samples
}

/// A try at a ceiling that took 20 µs.
#[must_use]
pub fn ceiling(case: &str, flop: u64, bytes: u64) -> Record {
    Record::Ceiling(Box::new(Ceiling {
        target: CANDLE.parse().unwrap(),
        case: case.parse().unwrap(),
        cost: Cost { flop, bytes, working_set_bytes: bytes },
        worker: None,
        at: "2026-03-01T12:00:30Z".to_owned(),
        outcome: Outcome::Ok,
        reason: None,
        tf32: false,
        samples: Some(samples(Mode::Latency, &[20_000, 20_000, 20_000])),
    }))
}

/// A launch that was measured.
#[must_use]
pub fn measured(cell: Cell, round: u32, samples: Samples) -> Launch {
    Launch { samples: Some(samples), ..Launch::new(cell, (round, 0), "2026-03-01T12:01:00Z".to_owned()) }
}

/// A launch that was not.
#[must_use]
pub fn not_measured(cell: Cell, round: u32, outcome: Outcome, reason: &str) -> Launch {
    let launch = measured(cell, round, Samples::default());
    Launch { outcome, reason: Some(reason.to_owned()), samples: None, ..launch }
}

/// How the run ended: its budget was spent before the last case.
#[must_use]
pub fn end() -> End {
    End {
        at: "2026-03-01T12:02:00Z".to_owned(),
        complete: false,
        reason: Some("the budget of 60 s is spent".to_owned()),
        state: state(),
    }
}

/// The records after the header, in the order in which a run writes them.
#[must_use]
pub fn records() -> Vec<Record> {
    let mut records = Vec::new();
    for target in [CANDLE, TCH] {
        records.push(Record::Check(check(MATMUL, target)));
        records.push(Record::Check(check(LINEAR, target)));
    }
    records.push(Record::Check(check(SOFTMAX, CANDLE)));
    let composed = OpPath::Composed { op: "softmax".to_owned(), how: "exp over a sum".to_owned() };
    records.push(Record::Check(Check { paths: vec![composed], ..check(SOFTMAX, TCH) }));
    let refused = Some("conv2d: this backend has no convolutions".to_owned());
    records.push(Record::Check(Check {
        outcome: Outcome::Unsupported,
        reason: refused,
        paths: Vec::new(),
        layout: None,
        tf32: false,
        comparisons: Vec::new(),
        ..check(CONV, CANDLE)
    }));
    let mut wrong = check(CONV, TCH);
    wrong.outcome = Outcome::Wrong;
    wrong.reason = Some("element 17 of output 0 is 2 instead of 1".to_owned());
    for checked in &mut wrong.comparisons {
        checked.comparison.error = 1.0;
    }
    records.push(Record::Check(wrong));

    records.extend([
        // 120 GB/s and 4 TFLOP/s.
        ceiling("copy/1200000B/f32", 0, 2_400_000),
        ceiling("matmul/340x340@340x340/f32", 80_000_000, 1_387_200),
    ]);
    let counted = MemoryUse {
        before_bytes: Some(50 << 20),
        process_peak_bytes: Some(53 << 20),
        allocator_before_bytes: None,
        allocator_peak_bytes: None,
    };
    records.push(Record::Memory(MemoryPass {
        case: MATMUL.parse().unwrap(),
        target: CANDLE.parse().unwrap(),
        worker: None,
        outcome: Outcome::Ok,
        reason: None,
        memory: Some(counted),
    }));

    let mut number = 0;
    for round in 0..3u32 {
        for (target, factor) in [(CANDLE, 1u64), (TCH, 2)] {
            records.push(Record::Worker(worker(number, target, round)));
            // Launch medians of 1000, 1010 and 1020 ns on the first target, twice that on the second.
            let center = (1000 + 10 * u64::from(round)) * factor;
            for mode in Mode::ALL {
                let per_call =
                    if mode == Mode::FirstCall { vec![center * 50] } else { vec![center - 5, center, center + 5] };
                let launch = measured(cell(MATMUL, target, mode), round, samples(mode, &per_call));
                records.push(Record::Launch(Box::new(Launch { worker: Some(number), ..launch })));
            }
            let softmax = cell(SOFTMAX, target, Mode::Latency);
            let launch = if target == TCH && round == 1 {
                not_measured(softmax, round, Outcome::Crashed, "the worker was killed by signal 11 (SIGSEGV)")
            } else {
                let mut samples = samples(Mode::Latency, &[center * 2]);
                samples.flags = vec![Flag::FewSamples];
                measured(softmax, round, samples)
            };
            records.push(Record::Launch(Box::new(Launch { worker: Some(number), order: 4, ..launch })));
            number += 1;
        }
        records.push(Record::Round(calm(round)));
    }
    records.push(Record::End(end()));
    records
}

/// A round in which nothing disturbed the machine.
#[must_use]
pub fn calm(round: u32) -> Round {
    let canary = Canary { canary: "spin".to_owned(), before_ns: vec![1000; 9], after_ns: vec![1001; 9] };
    let mut state = state();
    // Once the work is over nothing holds the clocks down.
    state.gpus.iter_mut().for_each(|gpu| gpu.throttle.clear());
    Round { round, canaries: vec![canary], void: None, state }
}

/// A run of one case, [`MATMUL`] in latency, on both targets: in each round the launches that `medians_ns` gives for it, in ns a call.
#[must_use]
pub fn rounds(medians_ns: &[[f64; 2]]) -> ResultsFile {
    let mut run = run();
    run.cases.truncate(1);
    run.cases.iter_mut().for_each(|planned| planned.modes = vec![Mode::Latency]);
    run.settings.rounds = u32::try_from(medians_ns.len()).unwrap();
    let mut records = vec![Record::Check(check(MATMUL, CANDLE)), Record::Check(check(MATMUL, TCH))];
    for (round, medians_ns) in (0..).zip(medians_ns) {
        for (target, ns) in [CANDLE, TCH].into_iter().zip(medians_ns) {
            // A thousand calls a block keep the parts of a nanosecond.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive time")]
            let samples = Samples { calls: 1000, block_ns: vec![(ns * 1000.0) as u64; 3], ..Samples::default() };
            records.push(Record::Launch(Box::new(measured(cell(MATMUL, target, Mode::Latency), round, samples))));
        }
        records.push(Record::Round(calm(round)));
    }
    file_of(run, records)
}

/// The text of a results file: the header and [`records`].
#[must_use]
pub fn text() -> String {
    let mut text = String::new();
    for record in std::iter::once(Record::Run(Box::new(run()))).chain(records()) {
        text.push_str(&serde_json::to_string(&record).unwrap());
        text.push('\n');
    }
    text
}

/// A results file as if read from `run.jsonl`.
#[must_use]
pub fn file_of(run: Run, records: Vec<Record>) -> ResultsFile {
    let mut file = ResultsFile::new("run.jsonl".into(), run);
    records.into_iter().for_each(|record| file.keep(record));
    file
}

/// The whole run of [`run`] and [`records`].
#[must_use]
pub fn file() -> ResultsFile {
    file_of(run(), records())
}
