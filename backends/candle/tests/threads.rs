//! The number of threads asked for is the number in force. A test binary of its own, with one test: the pools are made
//! once a process.

use candle_core::Tensor;
use chipmark_candle::Candle;
use chipmark_core::ops::elementwise::Elementwise as _;
use chipmark_core::{Backend, Device, OpError, OpenOptions};

/// No machine's default, but for one of exactly three cores.
const THREADS: usize = 3;

#[test]
fn threads_are_honoured_and_read_back() {
    let open = |threads| Candle::open(Device::Cpu, &OpenOptions { threads, seed: 0, ..OpenOptions::default() });
    assert!(matches!(open(Some(0)), Err(OpError::Framework { op: "open", .. })));

    let candle = open(Some(THREADS)).unwrap();
    let info = candle.info();
    assert_eq!(info.threads, Some(THREADS));
    assert_eq!(info.build["threads-rayon"], THREADS.to_string());
    assert_eq!(info.build["threads-elementwise"], THREADS.to_string());
    assert_eq!(rayon::current_num_threads(), THREADS);

    // Large enough for candle to split it.
    let x = Tensor::ones((1 << 20,), candle_core::DType::F32, &candle_core::Device::Cpu).unwrap();
    assert_eq!(candle.add(&x, &x).unwrap().max(0).unwrap().to_scalar::<f32>().unwrap(), 2.0);
    #[cfg(target_os = "linux")]
    assert_eq!(helpers_of_candle(), THREADS - 1);

    // The same again is fine, another number is refused, and no number takes what is there.
    assert!(open(Some(THREADS)).is_ok());
    assert!(matches!(open(Some(THREADS + 1)), Err(OpError::Framework { op: "open", .. })));
    assert_eq!(open(None).unwrap().info().build["threads-rayon"], THREADS.to_string());
}

/// How many threads of this process candle has started for elementwise work, by the operating system's account.
#[cfg(target_os = "linux")]
#[expect(clippy::unwrap_used, reason = "a part of the test")]
fn helpers_of_candle() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    tasks
        .filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok())
        .filter(|name| name.starts_with("candle-bp-"))
        .count()
}
