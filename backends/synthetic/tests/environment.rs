//! The settings come from the environment. A process's environment cannot be changed safely from within, so this program
//! runs itself again with another one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::{Backend, DType, Device, Fill, OpenOptions};
use chipmark_synthetic::sampler::Sampler;
use chipmark_synthetic::{Settings, Synthetic};
use std::process::Command;
use std::time::Instant;

/// What a test of this program prints when it is run in an environment of its own.
fn printed(test: &str, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--include-ignored", "--nocapture"]);
    command.env_remove("CHIPMARK_SYNTHETIC").envs(environment.iter().copied());
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

/// Not a test of its own: opens the backend in whatever environment it is run, and prints what came of it.
#[test]
#[ignore = "run by the other test, in an environment of its own"]
fn open_and_tell() {
    match Synthetic::open(Device::Cpu, &OpenOptions::default()) {
        Ok(backend) => println!("opened: {:?}", backend.info().build),
        Err(error) => println!("refused: {error}"),
    }
}

#[test]
fn settings_are_read_at_open_and_mistakes_are_told() {
    let told = |settings: Option<&str>| {
        let environment = settings.map(|text| ("CHIPMARK_SYNTHETIC", text));
        printed("open_and_tell", environment.as_slice())
    };
    let default = told(None);
    assert!(default.contains("opened: ") && default.contains("latency_us: 100.0"), "{default}");
    let set = told(Some("latency_us=7.5,wait=sleep"));
    assert!(set.contains("opened: ") && set.contains("latency_us: 7.5") && set.contains("wait: Sleep"), "{set}");
    let unknown = told(Some("latency=7.5"));
    assert!(unknown.contains("refused: open failed: CHIPMARK_SYNTHETIC: unknown key 'latency'"), "{unknown}");
}

#[test]
fn there_is_only_one_device() {
    assert!(Synthetic::open(Device::Gpu, &OpenOptions::default()).is_err());
}

const SEED: u64 = 4;

/// Not a test of its own: prints the milliseconds that an op takes in the launch whose number is in the environment.
#[test]
#[ignore = "run by the other test, in an environment of its own"]
fn launch_and_time() {
    let launch = std::env::var("LAUNCH").map_or(0, |launch| launch.parse().unwrap());
    let backend = Synthetic::open(Device::Cpu, &OpenOptions { seed: SEED, launch, ..OpenOptions::default() }).unwrap();
    let x = backend.upload(&Fill::new(1, "x").signed([2], DType::F32).unwrap()).unwrap();
    backend.finish(&[]).unwrap();
    let start = Instant::now();
    backend.finish(&[backend.relu(&x).unwrap()]).unwrap();
    println!("ms={}", start.elapsed().as_secs_f64() * 1e3);
}

#[test]
fn each_launch_of_a_run_has_an_offset_of_its_own() {
    const SETTINGS: &str = "latency_us=100000,launch_noise=0.8";
    let drawn_ms =
        |launch: u32| Sampler::new(Settings::parse(SETTINGS).unwrap(), SEED, launch).next_ns("relu", 0.0) / 1e6;
    // Never early; and another process would have to take the processor for half a second for it to be as late.
    let slowest = (1..50).max_by(|a, b| drawn_ms(*a).total_cmp(&drawn_ms(*b))).unwrap();
    assert!(drawn_ms(slowest) > drawn_ms(0) + 300.0, "{} and {}", drawn_ms(slowest), drawn_ms(0));
    for launch in [0, slowest] {
        let number = launch.to_string();
        let told = printed("launch_and_time", &[("CHIPMARK_SYNTHETIC", SETTINGS), ("LAUNCH", &number)]);
        let took_ms: f64 = told.split("ms=").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
        assert!(took_ms >= drawn_ms(launch), "launch {launch}: {took_ms} ms, not {}", drawn_ms(launch));
        assert!(took_ms < drawn_ms(launch) + 300.0, "launch {launch}: {took_ms} ms, not {}", drawn_ms(launch));
    }
}
