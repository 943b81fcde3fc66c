//! The backend: one device of libtorch.

use crate::error::{sorted, sorted_message};
use crate::precision::Policy;
use crate::shim;
use crate::{compile, devices, grad, info, transfer};
use chipmark_core::{Backend, BackendInfo, Compiled, Device, DeviceStatus, Execution, HostTensor, Memory};
use chipmark_core::{OpLog, OpResult, OpenOptions};
use tch::{TchError, Tensor};

/// PyTorch on one device.
pub struct Tch {
    device: Device,
    place: tch::Device,
    policy: Policy,
    log: OpLog,
    /// The step that is being traced, while one is.
    pub(crate) tracing: compile::Place,
}

impl Tch {
    /// libtorch's name for the device.
    #[inline]
    pub(crate) fn place(&self) -> tch::Device {
        self.place
    }

    /// Notes that `op` is libtorch's own `call`, and sorts its error.
    #[inline]
    pub(crate) fn native(
        &self,
        op: &'static str,
        call: &'static str,
        made: Result<Tensor, TchError>,
    ) -> OpResult<Tensor> {
        self.log.native(op, call);
        made.map_err(|error| sorted(op, error))
    }

    /// Notes that `op` was built from several calls, and sorts their error.
    #[inline]
    pub(crate) fn composed(
        &self,
        op: &'static str,
        how: &'static str,
        made: Result<Tensor, TchError>,
    ) -> OpResult<Tensor> {
        self.log.composed(op, how);
        made.map_err(|error| sorted(op, error))
    }
}

impl Backend for Tch {
    type Tensor = Tensor;

    const NAME: &'static str = "tch";

    const EXECUTIONS: &'static [Execution] = &[Execution::Eager, Execution::Jit];

    fn devices() -> Vec<DeviceStatus> {
        devices::all()
    }

    fn open(device: Device, options: &OpenOptions) -> OpResult<Self> {
        let failed = |message: String| sorted_message("open", &message);
        let place = devices::usable(device)?;
        if let Some(threads) = options.threads {
            shim::set_threads(threads).map_err(failed)?;
        }
        let policy = Policy::of(options);
        policy.demand()?;
        compile::demand()?;
        shim::seed(options.seed).map_err(failed)?;
        // Recording is a switch of the thread, and one thread makes all calls. It stays off after this backend is gone.
        shim::set_grad_mode(false).map_err(failed)?;
        Ok(Tch { device, place, policy, log: OpLog::default(), tracing: compile::Place::default() })
    }

    fn info(&self) -> BackendInfo {
        info::of(self.device, self.policy)
    }

    fn log(&self) -> &OpLog {
        &self.log
    }

    fn upload(&self, host: &HostTensor) -> OpResult<Tensor> {
        compile::unless_recording("upload", "a traced step would keep the tensor as a constant")?;
        transfer::upload(host, self.place)
    }

    fn adopt(&self, host: &HostTensor) -> OpResult<Tensor> {
        compile::unless_recording("adopt", "a traced step would keep the tensor as a constant")?;
        transfer::adopt(host, self.place)
    }

    fn download(&self, tensor: &Tensor) -> OpResult<HostTensor> {
        compile::unless_recording("download", "what a traced step reads is not part of its trace")?;
        transfer::download(tensor)
    }

    fn share(&self, tensor: &Tensor) -> Tensor {
        tensor.shallow_clone()
    }

    fn finish(&self, _tensors: &[Tensor]) -> OpResult<()> {
        if self.place == tch::Device::Cpu {
            // An op on the CPU returns when it is done.
            return Ok(());
        }
        let (kind, index) = info::place(self.place);
        shim::synchronize(kind, index).map_err(|message| sorted_message("finish", &message))
    }

    fn memory(&self) -> Memory {
        let (kind, index) = info::place(self.place);
        let (now_bytes, peak_bytes) = shim::memory(kind, index).unwrap_or_default();
        Memory { now_bytes, peak_bytes }
    }

    fn reset_peak(&self) -> OpResult<()> {
        let (kind, index) = info::place(self.place);
        shim::reset_peak(kind, index).map_err(|message| sorted_message("reset_peak", &message))
    }

    fn value_and_grad<F>(&self, f: F, params: &[Tensor]) -> OpResult<(Tensor, Vec<Tensor>)>
    where
        F: Fn(&Self, &[Tensor]) -> OpResult<Tensor>,
    {
        if compile::is_recording("value_and_grad")? {
            return compile::value_and_grad(self, f, params);
        }
        grad::value_and_grad(self, f, params)
    }

    fn compile<'a, F>(&'a self, f: F, example: &[Tensor]) -> OpResult<Compiled<'a, Tensor>>
    where
        F: Fn(&Self, &[Tensor]) -> OpResult<Vec<Tensor>> + 'a,
    {
        compile::compile(self, f, example)
    }
}
