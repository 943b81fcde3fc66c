//! MLX, through mlx-rs, behind the [`Backend`] trait: on the CPU, and on the GPU by Metal (macOS) or CUDA (Linux).
//!
//! MLX is lazy. An op here adds a node to MLX's graph and computes nothing; [`Backend::finish`], [`Backend::submit`] and
//! [`Backend::download`] alone make it compute. MLX is not thread-safe: one thread makes all calls.

mod blas;
mod compile;
mod device;
mod error;
mod grad;
mod graph;
mod host;
mod info;
#[cfg(not(target_vendor = "apple"))]
mod mach_time;
mod ops;
mod scalar;
mod shape;
mod vector;

use chipmark_core::{
    Backend, BackendInfo, Compiled, Device, DeviceStatus, Execution, HostTensor, Memory, OpError, OpLog, OpResult,
    OpenOptions,
};
use mlx_rs::{Array, Stream, transforms};
use std::cell::Cell;
use std::rc::Rc;

/// MLX on one device.
pub struct Mlx {
    /// The device's default stream, on which every op is put.
    stream: Stream,
    log: OpLog,
    lease: device::Lease,
    /// What MLX's allocator takes for the memory it may use.
    limit_bytes: usize,
}

impl Mlx {
    fn device(&self) -> Device {
        self.lease.device()
    }

    /// Refuses what cannot fit. MLX's allocator for the CPU writes to null where the system has no memory to give, and
    /// that ends the process; so a tensor larger than the limit must not be tried.
    fn check_room(&self, op: &'static str, bytes: usize) -> OpResult<()> {
        if bytes <= self.limit_bytes {
            return Ok(());
        }
        let message = format!("{bytes} bytes are needed, and MLX may use {}", self.limit_bytes);
        Err(OpError::OutOfMemory { op, message })
    }
}

/// Bytes of all these tensors, computed or not.
fn bytes_of(tensors: &[Array]) -> usize {
    tensors.iter().fold(0, |bytes, tensor| bytes.saturating_add(tensor.nbytes()))
}

impl Backend for Mlx {
    type Tensor = Array;

    const NAME: &'static str = "mlx";

    const EXECUTIONS: &'static [Execution] = &[Execution::Eager, Execution::Compile];

    fn devices() -> Vec<DeviceStatus> {
        device::list()
    }

    /// Forbids TF32 for the whole process, or allows it if it is asked for, makes the device MLX's default, and sets the threads of the BLAS where it has
    /// a call for that. MLX itself computes on one thread per CPU stream, whatever is asked.
    fn open(device: Device, options: &OpenOptions) -> OpResult<Self> {
        device::set_tf32(options.tf32)?;
        // The first call through mlx-rs that can fail, which puts its error handler in place of mlx-c's own: that one
        // ends the process.
        mlx_rs::memory::active_memory().map_err(error::from_mlx("open"))?;
        let lease = device::Lease::take(device)?;
        let stream = mlx_rs::Device::try_default()
            .and_then(|device| Stream::try_default_on_device(&device))
            .map_err(error::from_mlx("open"))?;
        mlx_rs::random::seed(options.seed).map_err(error::from_mlx("open"))?;
        if let Some(threads) = options.threads {
            blas::set_threads(threads);
        }
        let limit_bytes = mlx_rs::memory::memory_limit().map_err(error::from_mlx("open"))?;
        Ok(Mlx { stream, log: OpLog::default(), lease, limit_bytes })
    }

    fn info(&self) -> BackendInfo {
        info::read(self.device())
    }

    fn log(&self) -> &OpLog {
        &self.log
    }

    /// Allocates and copies before it returns, on unified memory too. Indices stay 64 bits wide.
    fn upload(&self, host: &HostTensor) -> OpResult<Array> {
        self.check_room("upload", host.size_bytes())?;
        host::upload(self.device(), host)
    }

    /// On Metal; elsewhere MLX copies and this refuses.
    ///
    /// MLX computes some ops in place, in the memory of an input that nobody holds any more, and this memory is the host's.
    /// So an adopted tensor must be held until an op whose output is as large has been finished.
    fn adopt(&self, host: &HostTensor) -> OpResult<Array> {
        self.check_room("adopt", host.size_bytes())?;
        host::adopt(self.device(), host)
    }

    /// A view, such as a transpose, is made row-major on the device first.
    fn download(&self, tensor: &Array) -> OpResult<HostTensor> {
        self.check_room("download", tensor.nbytes())?;
        host::download(tensor)
    }

    /// A second handle on the same node of the graph, evaluated or not.
    fn share(&self, tensor: &Array) -> Array {
        tensor.clone()
    }

    /// MLX's `eval`, which waits for what it was given; without tensors, MLX's `synchronize` of the stream. Errors of a
    /// kernel, which runs on MLX's own thread or on the GPU, come out here.
    fn finish(&self, tensors: &[Array]) -> OpResult<()> {
        if tensors.is_empty() {
            // SAFETY: the stream is valid for as long as `self`.
            return match unsafe { mlx_sys::mlx_synchronize(self.stream.as_ptr()) } {
                0 => Ok(()),
                _ => Err(error::from_status("finish", "mlx_synchronize")),
            };
        }
        self.check_room("finish", bytes_of(tensors))?;
        transforms::eval(tensors).map_err(error::from_mlx("finish"))
    }

    /// MLX's `async_eval`.
    fn submit(&self, tensors: &[Array]) -> OpResult<()> {
        self.check_room("submit", bytes_of(tensors))?;
        transforms::async_eval(tensors).map_err(error::from_mlx("submit"))
    }

    /// What MLX's allocator holds in live arrays, without its cache.
    fn memory(&self) -> Memory {
        let bytes = |result: mlx_rs::error::Result<usize>| result.ok().and_then(|bytes| u64::try_from(bytes).ok());
        Memory { now_bytes: bytes(mlx_rs::memory::active_memory()), peak_bytes: bytes(mlx_rs::memory::peak_memory()) }
    }

    fn reset_peak(&self) -> OpResult<()> {
        mlx_rs::memory::reset_peak_memory().map_err(error::from_mlx("reset_peak"))
    }

    /// MLX's `value_and_grad` of a closure: `f` is called once, on tracers.
    fn value_and_grad<F>(&self, f: F, params: &[Array]) -> OpResult<(Array, Vec<Array>)>
    where
        F: Fn(&Self, &[Array]) -> OpResult<Array>,
    {
        grad::value_and_grad(|inputs| f(self, inputs), params)
    }

    /// MLX's `compile`, for exact shapes. It traces `f` on the example here, and again when inputs of other shapes or dtypes
    /// come. Kernels are made when the first outputs are finished; for the CPU by calling g++, which must be there.
    fn compile<'a, F>(&'a self, f: F, example: &[Array]) -> OpResult<Compiled<'a, Array>>
    where
        F: Fn(&Self, &[Array]) -> OpResult<Vec<Array>> + 'a,
    {
        let traces = Rc::new(Cell::new(0));
        let step = compile::Step::new(Box::new(move |inputs| f(self, inputs)), Rc::clone(&traces))?;
        step.run(example)?;
        // Where MLX cannot compile it says nothing, and calls the function each time.
        step.run(example)?;
        if traces.get() > 1 {
            return Err(OpError::unsupported("compile", compile::why_not(self.device())));
        }
        Ok(Compiled::new(Box::new(move |inputs| step.run(inputs)), traces))
    }
}
