//! The tests of the MLX backend. One program, since MLX is not thread-safe: every test's body runs on the one thread
//! that [`on_mlx`] keeps for it.

mod activations;
mod along;
mod attention;
mod compile;
mod conformance;
mod devices;
mod errors;
mod gradient;
mod lazy;
mod ops;
mod processes;
mod transfer;

use chipmark_core::{Backend, DType, Device, HostData, HostTensor, OpenOptions};
use chipmark_mlx::Mlx;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};

type Job = Box<dyn FnOnce() + Send>;

/// Runs `test` on the thread that makes all calls of MLX, and fails as it fails.
#[expect(clippy::panic, reason = "this is how a test fails")]
fn on_mlx(test: impl FnOnce() + Send + 'static) {
    static JOBS: OnceLock<Mutex<mpsc::Sender<Job>>> = OnceLock::new();
    let jobs = JOBS.get_or_init(|| {
        let (send, receive) = mpsc::channel::<Job>();
        std::thread::spawn(move || {
            // The test harness would show a failure here under the test that happened to start the thread.
            let mlx_thread = std::thread::current().id();
            let usual = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                if std::thread::current().id() == mlx_thread {
                    *FAILURE.lock().unwrap_or_else(PoisonError::into_inner) = panic.to_string();
                } else {
                    usual(panic);
                }
            }));
            receive.into_iter().for_each(|job| job());
        });
        Mutex::new(send)
    });
    let (done, outcome) = mpsc::channel();
    let job: Job = Box::new(move || {
        let failed = catch_unwind(AssertUnwindSafe(test)).is_err();
        let failure = std::mem::take(&mut *FAILURE.lock().unwrap_or_else(PoisonError::into_inner));
        done.send(failed.then_some(failure)).expect("the test waits for its outcome");
    });
    jobs.lock().unwrap_or_else(PoisonError::into_inner).send(job).expect("the thread lives as long as the program");
    if let Some(failure) = outcome.recv().expect("every job sends its outcome") {
        panic!("{failure}");
    }
}

/// What the last test to fail on MLX's thread said, and where.
static FAILURE: Mutex<String> = Mutex::new(String::new());

/// As [`on_mlx`], with the CPU opened.
fn on_cpu(test: impl FnOnce(&Mlx) + Send + 'static) {
    on_mlx(move || test(&Mlx::open(Device::Cpu, &OpenOptions::default()).expect("MLX always has a CPU")));
}

/// An f32 tensor on the device.
fn f32s<const N: usize>(mlx: &Mlx, shape: [usize; N], values: &[f32]) -> <Mlx as Backend>::Tensor {
    let host = HostTensor::new(shape, HostData::F32(values.to_vec())).expect("the test's own shape");
    mlx.upload(&host).expect("f32 is supported")
}

/// An index tensor on the device.
fn i64s(mlx: &Mlx, values: &[i64]) -> <Mlx as Backend>::Tensor {
    let host = HostTensor::new([values.len()], HostData::I64(values.to_vec())).expect("the test's own shape");
    mlx.upload(&host).expect("i64 is supported")
}

/// A tensor of this dtype on the device.
fn upload(mlx: &Mlx, shape: &[usize], values: &[f64], dtype: DType) -> <Mlx as Backend>::Tensor {
    let host = HostTensor::new(shape, HostData::from_f64(values, dtype)).expect("the test's own shape");
    mlx.upload(&host).expect("every dtype is supported")
}

/// Fails unless all values are near what is wanted.
fn close(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "{got:?} instead of {want:?}");
    for (g, w) in got.iter().zip(want) {
        assert!((g - w).abs() <= tolerance * w.abs().max(1.0), "{got:?} instead of {want:?}");
    }
}

/// All elements of a tensor, and its shape.
fn read(mlx: &Mlx, tensor: &<Mlx as Backend>::Tensor) -> (Vec<usize>, Vec<f64>) {
    let host = mlx.download(tensor).expect("the tensor can be computed and read");
    (host.shape().to_vec(), host.to_f64())
}
