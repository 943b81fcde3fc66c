//! The one trait that a framework implements, and what it tells about itself.
//!
//! Laziness and synchronisation live in [`Backend::finish`] alone, never in an op. Each group of ops is a supertrait in
//! [`crate::ops`], whose methods refuse by default, so that a backend that lags still compiles.

use crate::ops::{arrange::Arrange, attention::Attention, conv::Conv, elementwise::Elementwise, index::Index};
use crate::ops::{linalg::Linalg, loss::Loss, norm::Norm, optim::Optim, reduce::Reduce, sort::Sort};
use crate::{Device, Execution, HostTensor, OpError, OpLog, OpResult};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How to open a backend.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenOptions {
    /// Threads that the framework may use on the CPU; `None` leaves the framework's own default.
    pub threads: Option<usize>,
    /// Seed of whatever randomness the framework has of its own.
    pub seed: u64,
    /// Whether products of f32 may be computed from factors rounded to TF32 or the like. Off unless somebody asks.
    #[serde(default)]
    pub tf32: bool,
    /// The worker's number in the run, so that a backend which draws chance draws another in every launch. Inputs depend on
    /// the seed alone.
    #[serde(default)]
    pub launch: u32,
}

/// What was in force, read back from the framework, not assumed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BackendInfo {
    /// The framework's full name, such as `PyTorch`.
    pub framework: String,
    /// Its version.
    pub version: String,
    /// How it is bound, such as `tch 0.24.0`.
    pub binding: String,
    /// The device's name where the framework tells.
    pub device_name: Option<String>,
    /// The linear-algebra library in force.
    pub blas: Option<String>,
    /// Threads in force for one op on the CPU.
    pub threads: Option<usize>,
    /// The precision policy, such as `f32 exact: TF32 off`.
    pub precision: String,
    /// Build flags and whatever else a reader may need, by name.
    pub build: BTreeMap<String, String>,
}

/// A device that a worker was built for, and whether it can be used here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceStatus {
    /// The device.
    pub device: Device,
    /// Why it cannot be used on this machine; `None` when it can.
    pub why_not: Option<String>,
}

/// The framework's own account of its memory on the device, in bytes. `None` where it keeps none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Memory {
    /// Held by live tensors now.
    pub now_bytes: Option<u64>,
    /// The most ever held since the process started, or since the peak was last reset.
    pub peak_bytes: Option<u64>,
}

/// What one call of a step made. Held until the clock has stopped.
pub struct Outputs<T> {
    /// Tensors on the device. [`Backend::finish`] is called on them.
    pub tensors: SmallVec<[T; 4]>,
    /// Tensors read back to the host inside the step, by workloads whose work that is.
    pub host: Vec<HostTensor>,
}

impl<T> Outputs<T> {
    /// One tensor on the device.
    #[must_use]
    pub fn one(tensor: T) -> Self {
        let mut tensors = SmallVec::new();
        tensors.push(tensor);
        Outputs { tensors, host: Vec::new() }
    }

    /// Several tensors on the device.
    pub fn many(tensors: impl IntoIterator<Item = T>) -> Self {
        Outputs { tensors: tensors.into_iter().collect(), host: Vec::new() }
    }

    /// One tensor on the host.
    #[must_use]
    pub fn host(tensor: HostTensor) -> Self {
        Outputs { tensors: SmallVec::new(), host: vec![tensor] }
    }
}

/// A step that the framework has been given to compile.
pub struct Compiled<'a, T> {
    run: CompiledStep<'a, T>,
    traces: Rc<Cell<u64>>,
}

/// What a backend makes of a step: a function of the same inputs.
pub type CompiledStep<'a, T> = Box<dyn FnMut(&[T]) -> OpResult<Vec<T>> + 'a>;

impl<'a, T> Compiled<'a, T> {
    /// Joins the compiled step with the count of times that the step was traced, which the step's own trace keeps.
    #[must_use]
    pub fn new(run: CompiledStep<'a, T>, traces: Rc<Cell<u64>>) -> Self {
        Compiled { run, traces }
    }

    /// Runs it on inputs of the shapes and dtypes that it was compiled for.
    ///
    /// # Errors
    /// Whatever the step or the framework reports.
    #[inline]
    pub fn run(&mut self, inputs: &[T]) -> OpResult<Vec<T>> {
        (self.run)(inputs)
    }

    /// How often the framework has traced the step so far: once, unless it compiled it again.
    #[must_use]
    pub fn traces(&self) -> u64 {
        self.traces.get()
    }
}

/// A framework on one device. All calls come from one thread.
pub trait Backend: Sized + 'static {
    /// The framework's tensor.
    type Tensor: 'static;

    /// The short name, as it stands in targets: `candle`, `tch`, `mlx`.
    const NAME: &'static str;

    /// Whether results are computed at all. False for the synthetic backend alone, whose results are not checked.
    const ARITHMETIC: bool = true;

    /// The ways in which it can execute a step.
    const EXECUTIONS: &'static [Execution] = &[Execution::Eager];

    /// The devices this build knows, each with the reason if it cannot be used here. The best comes last.
    fn devices() -> Vec<DeviceStatus>;

    /// Opens a device and sets the precision policy: no reduced-precision accumulation, and no TF32 unless it is asked for.
    ///
    /// # Errors
    /// When the device is not there or the framework refuses.
    fn open(device: Device, options: &OpenOptions) -> OpResult<Self>;

    /// What is in force.
    fn info(&self) -> BackendInfo;

    /// The notebook in which each op notes its path.
    fn log(&self) -> &OpLog;

    /// Copies a host tensor to the device, in its own dtype. May be lazy: [`Backend::finish`] completes it.
    ///
    /// # Errors
    /// When the dtype is unsupported or memory is short.
    fn upload(&self, host: &HostTensor) -> OpResult<Self::Tensor>;

    /// A tensor on the host's own memory, without a copy, where framework and device have a way. The tensor holds on to
    /// the memory.
    ///
    /// # Errors
    /// By default [`OpError::Unsupported`].
    fn adopt(&self, host: &HostTensor) -> OpResult<Self::Tensor> {
        let _ = host;
        Err(OpError::unsupported("adopt", "this backend always copies"))
    }

    /// Copies a tensor to fresh host memory, row-major, every byte of it. Waits for the tensor.
    ///
    /// # Errors
    /// When the dtype is unsupported or memory is short.
    fn download(&self, tensor: &Self::Tensor) -> OpResult<HostTensor>;

    /// A second handle on the same tensor, without a copy.
    fn share(&self, tensor: &Self::Tensor) -> Self::Tensor;

    /// Forces exactly these tensors and waits until the device has made them. The only place where a backend waits.
    /// With no tensors, waits for whatever was submitted: its cost is then that of a bare wait.
    ///
    /// # Errors
    /// Whatever the framework reports late.
    fn finish(&self, tensors: &[Self::Tensor]) -> OpResult<()>;

    /// Starts these tensors without waiting, where the framework is lazy. Elsewhere they have been started.
    ///
    /// # Errors
    /// Whatever the framework reports.
    fn submit(&self, tensors: &[Self::Tensor]) -> OpResult<()> {
        let _ = tensors;
        Ok(())
    }

    /// The framework's account of its memory.
    fn memory(&self) -> Memory {
        Memory::default()
    }

    /// Starts the peak of [`Backend::memory`] anew, where the framework has a way: it is then the most held since.
    ///
    /// # Errors
    /// Whatever the framework reports.
    fn reset_peak(&self) -> OpResult<()> {
        Ok(())
    }

    /// The value of `f` at `params` and its gradient with respect to each of them. `f` must return one element.
    ///
    /// # Errors
    /// By default [`OpError::Unsupported`]; otherwise whatever `f` or the framework reports.
    fn value_and_grad<F>(&self, f: F, params: &[Self::Tensor]) -> OpResult<(Self::Tensor, Vec<Self::Tensor>)>
    where
        F: Fn(&Self, &[Self::Tensor]) -> OpResult<Self::Tensor>,
    {
        let _ = (f, params);
        Err(OpError::unsupported("value_and_grad", "this backend has no automatic differentiation"))
    }

    /// Has the framework compile `f`, a pure function of its inputs, for inputs like `example`. Each time that the framework
    /// traces `f` is counted.
    ///
    /// # Errors
    /// By default [`OpError::Unsupported`]; otherwise whatever `f` or the framework reports.
    fn compile<'a, F>(&'a self, f: F, example: &[Self::Tensor]) -> OpResult<Compiled<'a, Self::Tensor>>
    where
        F: Fn(&Self, &[Self::Tensor]) -> OpResult<Vec<Self::Tensor>> + 'a,
    {
        let _ = (f, example);
        Err(OpError::unsupported("compile", "this backend executes step by step only"))
    }
}

/// A backend with every group of ops. What workloads are written against.
pub trait FullBackend:
    Backend + Arrange + Attention + Conv + Elementwise + Index + Linalg + Loss + Norm + Optim + Reduce + Sort
{
}

impl<B> FullBackend for B where
    B: Backend + Arrange + Attention + Conv + Elementwise + Index + Linalg + Loss + Norm + Optim + Reduce + Sort
{
}
