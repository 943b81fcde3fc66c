//! Tests of the virtual device under the worker's own sampler. What it draws is tested in `tests/truth`.

use super::*;

const SAMPLING: Sampling = Sampling {
    warm_up_s: 0.3,
    max_warm_up_s: 5.0,
    sample_s: 1.0,
    precision: None,
    min_samples: 15,
    max_samples: 1000,
    min_block_s: 0.01,
    max_block_s: 0.5,
};

fn device(settings: &str) -> VirtualDevice {
    VirtualDevice::new(Settings::parse(settings).unwrap(), "copy", 1, 0, 0.0)
}

#[test]
fn a_launch_is_cheap_however_short_its_calls() {
    // A launch of 1.3 s makes from a thousand to a thousand million calls here. What it costs is what it draws.
    for latency_us in [0.001, 1.0, 20.0, 100.0, 150.0, 170.0, 400.0, 1000.0] {
        let mut device = device(&format!(
            "latency_us={latency_us},noise=0.05,distribution=normal,autocorrelation=0.3,spike_rate=0.001,spike_us=5,\
             drift=0.01,launch_noise=0.02"
        ));
        let samples = device.sample(Mode::Latency, &SAMPLING).unwrap();
        assert!(device.now_s() > 1.3 && samples.block_ns.len() > 30, "{latency_us} µs: {}", device.now_s());
        let words = device.sampler.words();
        assert!(words < 60_000, "{latency_us} µs: {words} words");
    }
}

#[test]
fn every_mode_is_told_the_setting() {
    let per_call = |mode| {
        let samples = device("latency_us=1000").sample(mode, &SAMPLING).unwrap();
        (samples.calls, samples.block_ns[0] / samples.calls, samples.flags)
    };
    assert_eq!(per_call(Mode::Latency), (16, 1_000_000, vec![]));
    assert_eq!(per_call(Mode::Throughput), (16, 1_000_000, vec![]));
    assert_eq!(per_call(Mode::Transfer), (16, 1_000_000, vec![]));
    let samples = device("latency_us=1000").sample(Mode::Throughput, &SAMPLING).unwrap();
    assert!(samples.block4_ns.iter().all(|&ns| ns == 64_000_000) && samples.submit4_ns.iter().all(|&ns| ns == 0));
    let samples = device("latency_us=1000").sample(Mode::Transfer, &SAMPLING).unwrap();
    assert_eq!(
        (samples.upload_ns[0], samples.step_ns[0], samples.download_ns[0]),
        (0, 16_000_000, 0),
        "copies are free"
    );
    let samples = device("latency_us=10,first_call_us=5000").sample(Mode::FirstCall, &SAMPLING).unwrap();
    assert_eq!((samples.calls, samples.block_ns), (1, vec![5_010_000]));
}

#[test]
fn the_clock_shows_what_the_blocks_say_and_always_moves() {
    let mut device = device("latency_us=0.0005,noise=0.5");
    let clock = device.clock();
    let blocks_ns: u64 = [1, 2, 5, 1000].map(|calls| device.latency(calls).unwrap().block_ns).iter().sum();
    assert_eq!(clock.now_ns(), blocks_ns);
    assert!(device.now_s() * 1e9 - blocks_ns as f64 <= 1.0);
    let mut idle = self::device("latency_us=0");
    assert_eq!(idle.latency(1000).unwrap().block_ns, 1000);
    assert!(idle.sample(Mode::Latency, &SAMPLING).unwrap().block_ns.len() > 30);
}

#[test]
fn the_slowdown_is_for_the_op_that_the_calls_are() {
    let settings = Settings::parse("latency_us=1000,slowdown=1.03,slow_op=matmul").unwrap();
    let block_ns = |op| VirtualDevice::new(settings.clone(), op, 1, 0, 0.0).latency(1000).unwrap().block_ns;
    assert_eq!((block_ns("matmul"), block_ns("softmax")), (1_030_000_000, 1_000_000_000));
}

#[test]
fn a_slowdown_between_launches_is_found() {
    const ROUNDS: u32 = 400;
    let plain = Settings::parse("latency_us=1000,noise=0.05,launch_noise=0.02,drift=0.0001").unwrap();
    let slowed = Settings { slowdown: 1.05, ..plain.clone() };
    let mut now_s = 0.0;
    let mut launch = |settings: &Settings, number: u32| {
        let mut device = VirtualDevice::new(settings.clone(), "matmul", 9, number, now_s);
        let mut blocks_ns = device.sample(Mode::Latency, &SAMPLING).unwrap().block_ns;
        now_s = device.now_s();
        blocks_ns.sort_unstable();
        (blocks_ns[blocks_ns.len() / 2] as f64).ln()
    };
    let ratios = (0..ROUNDS).map(|round| launch(&slowed, 2 * round + 1) - launch(&plain, 2 * round));
    let ratio = ratios.sum::<f64>() / f64::from(ROUNDS);
    // A launch is off by its 2 %, and its median of 63 blocks of 16 calls by 0.2 %. The drift adds a hundredth of a per
    // cent to the one that comes second.
    let error = (2.0 * (0.02f64.powi(2) + 0.002f64.powi(2)) / f64::from(ROUNDS)).sqrt();
    assert!((ratio - 1.05f64.ln()).abs() < 4.0 * error, "{} ± {error}", ratio.exp());
    assert!(now_s > 1.3 * 2.0 * f64::from(ROUNDS), "each launch began where the last ended: {now_s}");
}
