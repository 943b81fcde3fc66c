//! Runs and records of any content that the rules allow.

use crate::contribution::Contribution;
use crate::fixture;
use crate::machine::{Gpu, GpuState, HeavyProcess, Machine, MachineState, Power};
use crate::record::{
    Against, Canary, Ceiling, Check, CheckedShape, End, Energy, Flag, Launch, MemoryPass, MissingTarget, PlannedCase,
    Profile, Purpose, Record, Round, Run, Samples, Settings, Stage, TargetInfo, Worker,
};
use crate::valid::{MAX_BLOCK_NS, MAX_CALLS, MAX_WORKER};
use chipmark_core::check::{Comparison, Worst};
use chipmark_core::{
    BackendInfo, CaseId, Cell, ConvLayout, Cost, DType, Device, Execution, Inputs, Memory, MemoryUse, Mode, OpPath,
    Outcome, Target, Tier,
};
use proptest::array::{uniform3, uniform4};
use proptest::collection::{btree_map, hash_set, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// A run, and records of it.
pub(super) fn file() -> impl Strategy<Value = (Run, Vec<Record>)> {
    run().prop_flat_map(|run| {
        let records = vec(record(&run), 0..8);
        (Just(run), records)
    })
}

/// A float that JSON can hold.
fn finite() -> impl Strategy<Value = f64> + Clone {
    prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO
}

fn dtype() -> impl Strategy<Value = DType> {
    select(DType::ALL.to_vec())
}

fn outcome() -> impl Strategy<Value = Outcome> {
    select(Outcome::ALL.to_vec())
}

fn case() -> impl Strategy<Value = CaseId> {
    let parts = ("[A-Za-z0-9_@.+-]{1,12}", "[A-Za-z0-9_@.+-]{1,40}", dtype());
    parts.prop_map(|(workload, label, dtype)| CaseId { workload, label, dtype })
}

fn target() -> impl Strategy<Value = Target> {
    let device = prop_oneof![
        Just(Device::Cpu),
        Just(Device::Gpu),
        Just(Device::Metal),
        Just(Device::Mps),
        any::<usize>().prop_map(Device::Cuda)
    ];
    let variant = "[a-z0-9-]{1,32}".prop_filter("an execution", |name| name.parse::<Execution>().is_err());
    ("[a-z0-9-]{1,32}", device, select(Execution::ALL.to_vec()), of(variant))
        .prop_map(|(framework, device, execution, variant)| Target { framework, device, execution, variant })
}

fn cost() -> impl Strategy<Value = Cost> {
    any::<(u64, u64, u64)>().prop_map(|(flop, bytes, working_set_bytes)| Cost { flop, bytes, working_set_bytes })
}

fn run() -> impl Strategy<Value = Run> {
    let modes = subsequence(Mode::ALL.to_vec(), 1..=4);
    let cases = btree_map(case(), (modes, cost()), 1..4).prop_map(|cases| {
        cases.into_iter().map(|(case, (modes, cost))| PlannedCase { case, modes, cost }).collect::<Vec<_>>()
    });
    let targets =
        hash_set(target(), 1..4).prop_flat_map(|targets| targets.into_iter().map(target_info).collect::<Vec<_>>());
    let missing = any::<(String, String, Option<String>, bool)>()
        .prop_map(|(name, why, remedy, broken)| MissingTarget { name, why, remedy, broken });
    let contribution = ("[0-9a-f]{32}", of("[A-Za-z0-9_.-][A-Za-z0-9_. -]{0,63}"))
        .prop_map(|(machine_id, contributor)| Contribution { machine_id, contributor });
    let texts = uniform4(any::<String>());
    let parts = (texts, vec(any::<String>(), 0..4), of(contribution), of(Just(Stage::Decision)), settings());
    let parts = (parts, machine(), state(), targets, vec(missing, 0..3), cases);
    parts.prop_map(|((texts, command, contribution, stage, settings), machine, state, targets, missing, cases)| {
        let [run_id, started_at, harness_version, suite] = texts;
        let schema = crate::record::SCHEMA;
        Run {
            schema,
            run_id,
            started_at,
            harness_version,
            suite,
            contribution,
            stage,
            command,
            settings,
            machine,
            state,
            targets,
            missing,
            cases,
        }
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    let share = 1e-9..0.999;
    let words = (
        of(select(Tier::ALL.to_vec())),
        of(select([Profile::Quick, Profile::Standard, Profile::Publish].to_vec())),
        select([Inputs::Warm, Inputs::Cold].to_vec()),
    );
    let numbers = (1u32..=1000, any::<prop::sample::Index>(), any::<u64>(), of(1usize..=4096));
    let seconds = (of(1e-9..1e8), 1e-9..1e8);
    (words, numbers, seconds, uniform3(any::<bool>()), of(any::<String>()), of(share.clone()), of(share)).prop_map(
        |((tier, profile, inputs), (rounds, least, seed, threads), seconds, flags, cora, precision, within)| {
            let mut settings = fixture::run().settings;
            settings.sampling.precision = within;
            let [tf32, ceilings, memory] = flags;
            let least = u32::try_from(least.index(rounds as usize)).unwrap();
            Settings {
                tier,
                profile,
                rounds,
                min_rounds: least.checked_sub(1).map(|least| least + 1),
                precision,
                seed,
                threads,
                tf32,
                cora: cora.map(Into::into),
                budget_s: seconds.0,
                ceilings,
                memory,
                inputs,
                cell_timeout_s: seconds.1,
                ..settings
            }
        },
    )
}

fn machine() -> impl Strategy<Value = Machine> {
    let gpu = any::<(String, Option<u32>, Option<u64>, Option<String>)>()
        .prop_map(|(name, cores, memory_bytes, driver)| Gpu { name, cores, memory_bytes, driver });
    let texts = (uniform3(any::<String>()), any::<[Option<String>; 5]>(), any::<[bool; 2]>());
    (texts, any::<[Option<u32>; 5]>(), any::<[Option<u64>; 2]>(), vec(gpu, 0..3)).prop_map(
        |((texts, details, flags), cores, bytes, gpus)| {
            let [chip, arch, os] = texts;
            let [chip_detected, os_version, os_build, kernel, hypervisor] = details;
            let [physical_cores, logical_cores, super_cores, performance_cores, efficiency_cores] = cores;
            Machine {
                chip,
                chip_given: flags[0],
                chip_detected,
                arch,
                physical_cores,
                logical_cores,
                super_cores,
                performance_cores,
                efficiency_cores,
                gpus,
                memory_bytes: bytes[0],
                last_level_cache_bytes: bytes[1],
                os,
                os_version,
                os_build,
                kernel,
                hypervisor,
                translated: flags[1],
            }
        },
    )
}

fn state() -> impl Strategy<Value = MachineState> {
    let gpu = (any::<String>(), any::<[Option<u32>; 5]>(), uniform4(of(finite())), vec(any::<String>(), 0..2))
        .prop_map(|(name, numbers, figures, throttle)| {
            let [clock_mhz, max_clock_mhz, memory_clock_mhz, utilisation_percent, temperature_c] = numbers;
            let [power_w, power_limit_w, default_power_limit_w, energy_j] = figures;
            GpuState {
                name,
                clock_mhz,
                max_clock_mhz,
                memory_clock_mhz,
                utilisation_percent,
                power_w,
                power_limit_w,
                default_power_limit_w,
                energy_j,
                temperature_c,
                throttle,
            }
        });
    let power = (any::<String>(), finite()).prop_map(|(counter, watts)| Power { counter, watts });
    let process = (any::<String>(), finite()).prop_map(|(name, cpu_percent)| HeavyProcess { name, cpu_percent });
    let words = (any::<[Option<String>; 3]>(), any::<Option<bool>>(), any::<[Option<u32>; 3]>());
    let parts = (words, of(finite()), any::<Option<u64>>(), vec(power, 0..2), vec(process, 0..2), vec(gpu, 0..3));
    parts.prop_map(|((words, low_power_mode, clocks), load_1m, free_memory_bytes, power, heavy_processes, gpus)| {
        let [power_source, thermal, governor] = words;
        let [cpu_clock_mhz, cpu_clock_limit_mhz, cpu_clock_max_mhz] = clocks;
        MachineState {
            power_source,
            low_power_mode,
            thermal,
            governor,
            cpu_clock_mhz,
            cpu_clock_limit_mhz,
            cpu_clock_max_mhz,
            power,
            load_1m,
            free_memory_bytes,
            heavy_processes,
            gpus,
        }
    })
}

fn target_info(target: Target) -> impl Strategy<Value = TargetInfo> {
    let build = btree_map(any::<String>(), any::<String>(), 0..2);
    let info = (any::<[String; 4]>(), any::<[Option<String>; 2]>(), any::<Option<usize>>(), build).prop_map(
        |([framework, version, binding, precision], [device_name, blas], threads, build)| BackendInfo {
            framework,
            version,
            binding,
            device_name,
            blas,
            threads,
            precision,
            build,
        },
    );
    let env = btree_map("[A-Z_][A-Z0-9_]{0,20}", "[ -~]{0,40}", 0..3);
    (any::<String>(), any::<bool>(), env, of(1usize..=4096), info).prop_map(
        move |(worker_version, arithmetic, env, threads, info)| TargetInfo {
            target: target.clone(),
            worker_version,
            arithmetic,
            env,
            threads,
            info,
        },
    )
}

fn samples(mode: Mode) -> impl Strategy<Value = Samples> {
    let list = || vec(0..=MAX_BLOCK_NS, 0..4);
    let blocks = (1usize..6, any::<bool>()).prop_flat_map(move |(count, submits)| {
        let times = |wanted: bool, least: u64| vec(least..=MAX_BLOCK_NS, if wanted { count } else { 0 });
        let is_pair = mode == Mode::Throughput;
        (times(true, 1), times(is_pair, 1), times(is_pair && submits, 0))
    });
    let counts = (1..=MAX_CALLS, any::<Option<u64>>(), any::<u32>(), any::<[u64; 2]>(), any::<[Option<u64>; 2]>());
    let flags = subsequence(Flag::ALL.to_vec(), 0..4);
    (blocks, uniform3(list()), counts, vec(any::<u64>(), 0..3), flags).prop_map(
        |(
            (block_ns, block4_ns, submit4_ns),
            stages,
            (calls, traces, input_sets, warm_up, memory),
            bare_finish_ns,
            flags,
        )| {
            let [upload_ns, step_ns, download_ns] = stages;
            Samples {
                calls,
                block_ns,
                block4_ns,
                submit4_ns,
                upload_ns,
                step_ns,
                download_ns,
                traces,
                input_sets,
                bare_finish_ns,
                warm_up_ns: warm_up[0],
                warm_up_calls: warm_up[1],
                memory: Memory { now_bytes: memory[0], peak_bytes: memory[1] },
                flags,
            }
        },
    )
}

/// A record that belongs to the run.
fn record(run: &Run) -> impl Strategy<Value = Record> + use<> {
    let targets = select(run.targets.iter().map(|info| info.target.clone()).collect::<Vec<_>>());
    let cases = select(run.cases.iter().map(|planned| planned.case.clone()).collect::<Vec<_>>());
    let cells = run.cases.iter().flat_map(|planned| planned.modes.iter().map(|mode| (planned.case.clone(), *mode)));
    let cells = (select(cells.collect::<Vec<_>>()), targets.clone());
    prop_oneof![
        worker(targets.clone()),
        check(cases.clone(), targets.clone()),
        ceiling(targets.clone()),
        memory(cases, targets),
        cells.prop_flat_map(|((case, mode), target)| launch(Cell { case, target, mode })),
        round(),
        (any::<String>(), any::<bool>(), any::<Option<String>>(), state())
            .prop_map(|(at, complete, reason, state)| Record::End(End { at, complete, reason, state })),
    ]
}

fn worker(targets: impl Strategy<Value = Target>) -> impl Strategy<Value = Record> {
    let purposes = [Purpose::Check, Purpose::Round, Purpose::FirstCall, Purpose::Ceiling, Purpose::Memory];
    let numbers = (0..=MAX_WORKER, any::<Option<u32>>(), any::<[u64; 2]>(), vec(any::<u64>(), 0..3), of(finite()));
    (targets, select(purposes.to_vec()), numbers).prop_map(
        |(target, purpose, (worker, round, ns, bare_finish_ns, finish_share))| {
            let [start_ns, timer_resolution_ns] = ns;
            Record::Worker(Worker {
                worker,
                target,
                purpose,
                round,
                start_ns,
                timer_resolution_ns,
                bare_finish_ns,
                finish_share,
            })
        },
    )
}

fn check(
    cases: impl Strategy<Value = CaseId>,
    targets: impl Strategy<Value = Target>,
) -> impl Strategy<Value = Record> {
    let path = any::<(String, String, bool)>().prop_map(|(op, how, is_native)| {
        if is_native { OpPath::Native { op, call: how } } else { OpPath::Composed { op, how } }
    });
    let any_float = prop_oneof![finite(), Just(f64::INFINITY), Just(f64::NEG_INFINITY)];
    let floats = uniform4(any_float);
    let shape = (case(), any::<bool>(), floats, of(any::<[u32; 2]>()), any::<Option<String>>()).prop_map(
        |(case, targets, [error, bound, expected, got], place, mismatch)| {
            let worst = place.map(|[output, position]| Worst {
                output: output as usize,
                position: position as usize,
                expected,
                got,
            });
            let against = if targets { Against::Targets } else { Against::Reference };
            CheckedShape { case, against, comparison: Comparison { error, bound, worst, mismatch } }
        },
    );
    let layout = of(select([ConvLayout::ChannelsLast, ConvLayout::ChannelsFirst].to_vec()));
    let parts = (any::<Option<String>>(), vec(path, 0..3), layout, any::<bool>(), vec(shape, 0..3));
    (cases, targets, outcome(), parts).prop_map(
        |(case, target, outcome, (reason, paths, layout, tf32, comparisons))| {
            Record::Check(Check { case, target, outcome, reason, paths, layout, tf32, comparisons })
        },
    )
}

fn ceiling(targets: impl Strategy<Value = Target>) -> impl Strategy<Value = Record> {
    let parts = (any::<Option<u32>>(), any::<String>(), any::<Option<String>>(), any::<bool>());
    (targets, case(), cost(), outcome(), parts, samples(Mode::Latency)).prop_map(
        |(target, case, cost, outcome, (worker, at, reason, tf32), samples)| {
            let samples = (outcome == Outcome::Ok).then_some(samples);
            Record::Ceiling(Box::new(Ceiling { target, case, cost, worker, at, outcome, reason, tf32, samples }))
        },
    )
}

fn memory(
    cases: impl Strategy<Value = CaseId>,
    targets: impl Strategy<Value = Target>,
) -> impl Strategy<Value = Record> {
    let parts = any::<(Option<u32>, Option<String>, [Option<u64>; 4])>();
    (cases, targets, outcome(), parts).prop_map(|(case, target, outcome, (worker, reason, bytes))| {
        let [before_bytes, process_peak_bytes, allocator_before_bytes, allocator_peak_bytes] = bytes;
        let memory = MemoryUse { before_bytes, process_peak_bytes, allocator_before_bytes, allocator_peak_bytes };
        let memory = (outcome == Outcome::Ok).then_some(memory);
        Record::Memory(MemoryPass { case, target, worker, outcome, reason, memory })
    })
}

fn launch(cell: Cell) -> impl Strategy<Value = Record> {
    let joules = btree_map(any::<String>(), 0.0..1e12, 0..3);
    let energy = (1..=MAX_CALLS, 1..=u64::MAX, joules).prop_map(|(calls, duration_ns, joules)| Energy {
        calls,
        duration_ns,
        joules,
    });
    let parts = any::<([u32; 2], Option<u32>, String, Option<String>)>();
    (samples(cell.mode), outcome(), parts, of(energy)).prop_map(
        move |(samples, outcome, ([round, order], worker, at, reason), energy)| {
            let samples = (outcome == Outcome::Ok).then_some(samples);
            Record::Launch(Box::new(Launch {
                cell: cell.clone(),
                round,
                order,
                worker,
                at,
                outcome,
                reason,
                samples,
                energy,
            }))
        },
    )
}

fn round() -> impl Strategy<Value = Record> {
    let canary = any::<(String, Vec<u64>, Vec<u64>)>().prop_map(|(canary, before_ns, after_ns)| Canary {
        canary,
        before_ns,
        after_ns,
    });
    (any::<u32>(), vec(canary, 0..3), any::<Option<String>>(), state())
        .prop_map(|(round, canaries, void, state)| Record::Round(Round { round, canaries, void, state }))
}
