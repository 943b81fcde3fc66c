//! That each disturbance is found, and that a quiet machine has none.

use super::*;

const GIB: u64 = 1 << 30;

fn machine() -> Machine {
    Machine { logical_cores: Some(8), memory_bytes: Some(16 * GIB), ..Machine::default() }
}

#[test]
fn a_quiet_machine_has_none() {
    let state = MachineState {
        power_source: Some("ac".to_owned()),
        low_power_mode: Some(false),
        thermal: Some("nominal".to_owned()),
        governor: Some("performance".to_owned()),
        cpu_clock_mhz: Some(800),
        cpu_clock_limit_mhz: Some(4940),
        cpu_clock_max_mhz: Some(5200),
        load_1m: Some(4.0),
        free_memory_bytes: Some(8 * GIB),
        gpus: vec![GpuState {
            clock_mhz: Some(210),
            max_clock_mhz: Some(1980),
            utilisation_percent: Some(10),
            power_limit_w: Some(665.0),
            default_power_limit_w: Some(700.0),
            ..GpuState::default()
        }],
        ..MachineState::default()
    };
    assert_eq!(of_state(&machine(), &state), []);
    assert_eq!(of_state(&machine(), &MachineState::default()), [], "what is not known does not disturb");
}

#[test]
fn each_is_found_and_says_what_to_do() {
    let state = MachineState {
        power_source: Some("battery".to_owned()),
        low_power_mode: Some(true),
        thermal: Some("serious".to_owned()),
        governor: Some("performance,powersave".to_owned()),
        load_1m: Some(4.01),
        free_memory_bytes: Some(GIB),
        heavy_processes: vec![HeavyProcess { name: "indexer".to_owned(), cpu_percent: 97.6 }],
        gpus: vec![GpuState {
            name: "NVIDIA T4".to_owned(),
            throttle: vec!["thermal".to_owned(), "power-cap".to_owned()],
            utilisation_percent: Some(98),
            power_limit_w: Some(50.0),
            default_power_limit_w: Some(70.0),
            ..GpuState::default()
        }],
        cpu_clock_limit_mhz: Some(2400),
        cpu_clock_max_mhz: Some(5200),
        ..MachineState::default()
    };
    let machine = Machine { hypervisor: Some("QEMU".to_owned()), translated: true, ..machine() };
    let found = disturbances(&machine, &state);
    let what: Vec<String> = found.iter().map(Disturbance::what).collect();
    assert_eq!(
        what,
        [
            "this program is translated, as by Rosetta or QEMU",
            "the machine runs on battery",
            "a low-power mode is on",
            "the machine is warm (thermal state: serious)",
            "the clocks of NVIDIA T4 are held down (thermal, power-cap)",
            "NVIDIA T4 may draw 50 W of its default of 70 W",
            "NVIDIA T4 is at work 98% of the time",
            "the processor's clock is limited to 2400 MHz of 5200 MHz",
            "the frequency governor is performance,powersave",
            "the load average is 4.0 on 8 cores",
            "indexer takes 98% of a core",
            "only 1024 MiB of memory are free",
            "this is a virtual machine (QEMU)",
        ]
    );
    for disturbance in found.iter().chain([&Disturbance::DebugBuild]) {
        let line = disturbance.to_string();
        assert!(line.ends_with(disturbance.remedy()) && !line.contains('\n'), "{line}");
    }
}

#[test]
fn load_is_relative_to_the_cores_and_memory_to_the_machine() {
    let loaded = |load_1m, cores| {
        let state = MachineState { load_1m: Some(load_1m), ..MachineState::default() };
        !of_state(&Machine { logical_cores: cores, ..Machine::default() }, &state).is_empty()
    };
    assert!(!loaded(1.0, Some(2)) && loaded(1.1, Some(2)));
    assert!(!loaded(8.0, Some(16)) && loaded(8.1, Some(16)));
    assert!(!loaded(0.5, None) && loaded(0.6, None));
    assert!(is_little(GIB - 1, None) && !is_little(GIB, None));
    assert!(is_little(6 * GIB, Some(64 * GIB)) && !is_little(7 * GIB, Some(64 * GIB)));
}

#[test]
fn in_the_middle_of_a_run_its_own_load_is_no_disturbance() {
    let busy = MachineState {
        thermal: Some("fair".to_owned()),
        load_1m: Some(16.0),
        free_memory_bytes: Some(GIB),
        gpus: vec![GpuState { utilisation_percent: Some(99), ..GpuState::default() }],
        ..MachineState::default()
    };
    fn slowed(state: &MachineState) -> Vec<Disturbance> {
        slowed_by(&machine(), &MachineState::default(), state)
    }
    assert_eq!(slowed(&busy), []);
    let hot = MachineState { thermal: Some("serious".to_owned()), power_source: Some("battery".to_owned()), ..busy };
    let hot_too = Disturbance::Hot { thermal: "serious".to_owned() };
    assert_eq!(slowed(&hot), [Disturbance::OnBattery, hot_too]);
}

fn with_process(cpu_percent: f64) -> MachineState {
    let process = HeavyProcess { name: "compiler".to_owned(), cpu_percent };
    MachineState { heavy_processes: vec![process], ..MachineState::default() }
}

#[test]
fn what_comes_in_the_middle_of_a_run_slows_it() {
    let start = MachineState::default();
    let found = slowed_by(&machine(), &start, &with_process(97.0));
    assert!(matches!(found.as_slice(), [Disturbance::HeavyProcess(process)] if process.cpu_percent == 97.0));
    assert_eq!(slowed_by(&machine(), &start, &with_process(20.0)), [], "a desktop's own");
    assert_eq!(slowed_by(&machine(), &with_process(97.0), &with_process(97.0)).len(), 1, "work goes on disturbing");

    let limited = MachineState {
        governor: Some("powersave".to_owned()),
        gpus: vec![GpuState { power_limit_w: Some(50.0), default_power_limit_w: Some(70.0), ..GpuState::default() }],
        ..MachineState::default()
    };
    assert_eq!(slowed_by(&machine(), &start, &limited).len(), 2);
    assert_eq!(slowed_by(&machine(), &limited, &limited), [], "how the machine is was told when it started");
}

#[test]
fn rounds_are_counted_and_the_worst_is_shown() {
    let run = crate::fixture::run();
    let round = |number, state| Round { state, ..crate::fixture::calm(number) };
    let rounds = [round(0, with_process(60.0)), round(1, with_process(90.0)), round(2, with_process(10.0))];
    let found = slowed_rounds(&run, &rounds);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0.what().as_str(), found[0].1), ("compiler takes 90% of a core", 2));
    assert_eq!(disturbed_rounds(&run, &rounds), HashSet::from([0, 1]));

    // On a busy machine none of many takes much, and all of them take all of it.
    let mut many = with_process(40.0);
    many.heavy_processes.extend(many.heavy_processes.clone());
    let found = slowed_rounds(&run, &[round(0, many)]);
    assert_eq!((found[0].0.what().as_str(), found[0].1, found.len()), ("compiler takes 80% of a core", 1, 1));
}

#[test]
fn a_round_apart_from_those_before_it_is_disturbed_and_a_void_one_is_no_measure() {
    let run = crate::fixture::run();
    let at = |number, ns| {
        let mut round = crate::fixture::calm(number);
        round.canaries.iter_mut().for_each(|canary| (canary.before_ns, canary.after_ns) = (vec![ns; 9], vec![ns; 9]));
        round
    };
    let mut rounds: Vec<Round> = (0..4).map(|number| at(number, 1000)).collect();
    rounds.extend([at(4, 1200), at(5, 1200), at(6, 1000)]);
    rounds[4].void = Some("apart".to_owned());
    assert_eq!(disturbed_rounds(&run, &rounds), HashSet::from([5]));
    // What counts is what the next is held against.
    rounds[4].void = None;
    assert_eq!(disturbed_rounds(&run, &rounds), HashSet::from([4]));
}
