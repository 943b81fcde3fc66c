//! What a host sees of the device's time, by the real clock. Upper bounds are wide: another process may take the processor.

use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::{Backend, DType, Fill, HostTensor, OpError};
use chipmark_synthetic::{Settings, Synthetic, Tensor};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn open(settings: &str) -> Synthetic {
    #[expect(clippy::unwrap_used, reason = "the text stands in a test")]
    Synthetic::with_settings(Settings::parse(settings).unwrap(), 1, 0)
}

fn ones(dims: &[usize]) -> HostTensor {
    #[expect(clippy::unwrap_used, reason = "the shape stands in a test")]
    Fill::new(1, "ones").uniform(dims, 1.0, 1.0, DType::F32).unwrap()
}

/// What `f` gives and how long it takes.
fn timed<T>(f: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = f();
    (result, start.elapsed())
}

const MS: Duration = Duration::from_millis(1);

#[test]
fn ops_are_queued_and_finish_waits_for_all_of_them() {
    let b = open("latency_us=50000");
    let x = b.upload(&ones(&[2, 2])).unwrap();
    b.finish(&[]).unwrap();
    let start = Instant::now();
    let (y, submitting) = timed(|| b.relu(&b.relu(&b.relu(&x).unwrap()).unwrap()).unwrap());
    assert!(submitting < 50 * MS, "an op returns before it is done: {submitting:?}");
    b.finish(&[y]).unwrap();
    assert!(start.elapsed() >= 150 * MS, "three ops take 150 ms: {:?}", start.elapsed());
    let ((), idle) = timed(|| b.finish(&[]).unwrap());
    assert!(idle < 50 * MS, "there is nothing left to wait for: {idle:?}");
}

#[test]
fn finish_waits_for_exactly_the_tensors_it_is_given() {
    let b = open("latency_us=100000");
    let x = b.upload(&ones(&[2])).unwrap();
    let start = Instant::now();
    let first = b.relu(&x).unwrap();
    let second = b.relu(&first).unwrap();
    b.finish(std::slice::from_ref(&first)).unwrap();
    assert!((100 * MS..200 * MS).contains(&start.elapsed()), "the first alone: {:?}", start.elapsed());
    b.finish(&[second, first]).unwrap();
    assert!(start.elapsed() >= 200 * MS, "both: {:?}", start.elapsed());
}

#[test]
fn spinning_is_exact() {
    let b = open("latency_us=1000");
    let x = b.upload(&ones(&[2])).unwrap();
    let call = |_| {
        b.finish(&[]).unwrap();
        timed(|| b.finish(&[b.relu(&x).unwrap()]).unwrap()).1
    };
    // The fastest call is what the machine can do when nothing disturbs it.
    let fastest = (0..51).map(call).min().unwrap();
    assert!(fastest >= MS, "never early: {fastest:?}");
    assert!(fastest < MS + MS / 100, "within 1%: {fastest:?}");
}

#[test]
fn copies_cost_their_bytes() {
    // 4 MB at 0.04 GB/s: 100 ms each way.
    let b = open("latency_us=0,gbps=0.04");
    let host = ones(&[1000, 1000]);
    let start = Instant::now();
    let (x, submitting) = timed(|| b.upload(&host).unwrap());
    assert!(submitting < 100 * MS, "an upload is queued: {submitting:?}");
    b.finish(std::slice::from_ref(&x)).unwrap();
    assert!(start.elapsed() >= 100 * MS, "{:?}", start.elapsed());
    let (back, downloading) = timed(|| b.download(&x).unwrap());
    assert!(downloading >= 100 * MS, "{downloading:?}");
    assert_eq!(back.shape(), host.shape());
    assert!(back.to_f64().iter().all(|&value| value == 0.0));
}

#[test]
fn a_gradient_costs_as_much_as_its_function() {
    let b = open("latency_us=5000");
    let w = b.upload(&ones(&[2, 2])).unwrap();
    let loss = |b: &Synthetic, p: &[Tensor]| {
        use chipmark_core::ops::reduce::Reduce;
        b.mean_all(&b.matmul(&p[0], &p[0])?)
    };
    b.finish(&[]).unwrap();
    let start = Instant::now();
    let (value, gradients) = b.value_and_grad(loss, std::slice::from_ref(&w)).unwrap();
    b.finish(&[value]).unwrap();
    assert!(start.elapsed() >= 10 * MS, "the two ops of the function: {:?}", start.elapsed());
    assert_eq!(gradients[0].shape(), w.shape());
    b.finish(&gradients).unwrap();
    assert!(start.elapsed() >= 20 * MS, "and as much again: {:?}", start.elapsed());
}

#[test]
fn a_later_launch_starts_where_the_drift_is() {
    // 1% a second since an epoch that is a thousand seconds gone: eleven times as long.
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let taken = |settings: &str| {
        let b = open(settings);
        let x = b.upload(&ones(&[2])).unwrap();
        b.finish(&[]).unwrap();
        timed(|| b.finish(&[b.relu(&x).unwrap()]).unwrap()).1
    };
    let late = taken(&format!("latency_us=20000,drift=0.01,epoch_s={}", now_s - 1000.0));
    assert!((220 * MS..320 * MS).contains(&late), "{late:?}");
    let opening = taken("latency_us=20000,drift=0.01");
    assert!((20 * MS..120 * MS).contains(&opening), "without an epoch, it begins when it is opened: {opening:?}");
}

#[test]
fn a_slowdown_can_be_for_one_op() {
    let b = open("latency_us=1000,slowdown=100,slow_op=matmul");
    let x = b.upload(&ones(&[2, 2])).unwrap();
    b.finish(&[]).unwrap();
    let ((), relu) = timed(|| b.finish(&[b.relu(&x).unwrap()]).unwrap());
    assert!(relu < 100 * MS, "{relu:?}");
    let ((), matmul) = timed(|| b.finish(&[b.matmul(&x, &x).unwrap()]).unwrap());
    assert!(matmul >= 100 * MS, "{matmul:?}");
}

#[test]
fn dtypes_do_not_mix() {
    let b = open("");
    let x = b.upload(&ones(&[2])).unwrap();
    let half = b.upload(&Fill::new(1, "half").signed([2], DType::F16).unwrap()).unwrap();
    let error = b.add(&x, &half).unwrap_err();
    assert!(
        matches!(&error, OpError::Framework { message, .. } if message.contains("another operand is f16")),
        "{error}"
    );
    let index = b.upload(&Fill::new(1, "index").indices(2, 2).unwrap()).unwrap();
    assert!(b.relu(&index).is_err());
    assert!(b.equal(&x, &index).is_err());
}
