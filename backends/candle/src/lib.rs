//! candle behind the Backend trait: plain Rust on the CPU, Metal and Accelerate on macOS, CUDA by the feature `cuda`.
//!
//! candle is eager: an op returns once it has run (CPU) or been submitted (Metal, CUDA), and [`Backend::finish`] is one
//! `Device::synchronize`.

mod copy;
mod device;
mod error;
mod grad;
mod info;
mod ops;
mod threads;

use candle_core::Tensor;
use chipmark_core::{
    Backend, BackendInfo, Device, DeviceStatus, HostTensor, Memory, OpError, OpLog, OpResult, OpenOptions,
};
use error::Named;
use ops::NeutralAffine;

/// candle on one device.
pub struct Candle {
    device: candle_core::Device,
    log: OpLog,
    neutral_affine: NeutralAffine,
}

impl Backend for Candle {
    type Tensor = Tensor;

    const NAME: &'static str = "candle";

    fn devices() -> Vec<DeviceStatus> {
        device::list()
    }

    /// None of the ops here draws random numbers, so the seed goes nowhere.
    fn open(device: Device, options: &OpenOptions) -> OpResult<Self> {
        threads::set(options.threads)?;
        device::set_precision(options);
        let device = device::open(device)?;
        Ok(Candle { device, log: OpLog::default(), neutral_affine: NeutralAffine::default() })
    }

    fn info(&self) -> BackendInfo {
        info::read(&self.device)
    }

    fn log(&self) -> &OpLog {
        &self.log
    }

    fn upload(&self, host: &HostTensor) -> OpResult<Tensor> {
        copy::upload(host, &self.device)
    }

    fn adopt(&self, _: &HostTensor) -> OpResult<Tensor> {
        Err(OpError::unsupported(
            "adopt",
            "candle's storage owns its memory: it takes over a Vec that is given up, without a copy, and has no way to memory that \
             stays the caller's, which is what is measured",
        ))
    }

    fn download(&self, tensor: &Tensor) -> OpResult<HostTensor> {
        copy::download(tensor)
    }

    fn share(&self, tensor: &Tensor) -> Tensor {
        tensor.clone()
    }

    fn finish(&self, _: &[Tensor]) -> OpResult<()> {
        self.device.synchronize().named("finish")
    }

    fn memory(&self) -> Memory {
        device::memory(&self.device)
    }

    fn value_and_grad<F>(&self, f: F, params: &[Tensor]) -> OpResult<(Tensor, Vec<Tensor>)>
    where
        F: Fn(&Self, &[Tensor]) -> OpResult<Tensor>,
    {
        self.log.native("value_and_grad", "Tensor::backward");
        grad::value_and_grad(|params| f(self, params), params)
    }
}
