//! The reference backend: opening, uploads and downloads. The ops are in [`crate::ops`].

use crate::tape::{Backward, Tape};
use crate::tensor::{Elements, Floats, Tensor};
use chipmark_core::backend::DeviceStatus;
use chipmark_core::{Backend, BackendInfo, Device, HostTensor, OpError, OpLog, OpResult, OpenOptions};

/// Plain f64 arithmetic on the CPU, on one thread.
#[derive(Default)]
pub struct Reference {
    log: OpLog,
    tape: Tape,
}

impl Reference {
    /// The tensor that an op made, noted on the tape with how a gradient flows back to each of `inputs`.
    pub(crate) fn made(&self, floats: Floats, inputs: Vec<(&Tensor, Backward)>) -> Tensor {
        let slot = self.tape.record(inputs.into_iter().map(|(input, backward)| (input.slot, backward)).collect());
        Tensor { elements: Elements::Floats(floats), slot }
    }
}

impl Backend for Reference {
    type Tensor = Tensor;

    const NAME: &'static str = "reference";

    fn devices() -> Vec<DeviceStatus> {
        vec![DeviceStatus { device: Device::Cpu, why_not: None }]
    }

    fn open(device: Device, _options: &OpenOptions) -> OpResult<Self> {
        match device {
            Device::Cpu => Ok(Reference::default()),
            _ => Err(OpError::unsupported("open", format!("the reference has no device {device}, only cpu"))),
        }
    }

    fn info(&self) -> BackendInfo {
        BackendInfo {
            framework: "Chipmark reference".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            binding: "ndarray".to_owned(),
            threads: Some(1),
            precision: "f64".to_owned(),
            ..BackendInfo::default()
        }
    }

    fn log(&self) -> &OpLog {
        &self.log
    }

    fn upload(&self, host: &HostTensor) -> OpResult<Tensor> {
        Tensor::from_host(host)
    }

    /// A copy after all, since every float here is an f64: what others adopt is checked against its elements.
    fn adopt(&self, host: &HostTensor) -> OpResult<Tensor> {
        Tensor::from_host(host)
    }

    fn download(&self, tensor: &Tensor) -> OpResult<HostTensor> {
        tensor.to_host()
    }

    fn share(&self, tensor: &Tensor) -> Tensor {
        tensor.clone()
    }

    fn finish(&self, _tensors: &[Tensor]) -> OpResult<()> {
        Ok(())
    }

    fn value_and_grad<F>(&self, f: F, params: &[Tensor]) -> OpResult<(Tensor, Vec<Tensor>)>
    where
        F: Fn(&Self, &[Tensor]) -> OpResult<Tensor>,
    {
        self.tape.run(|leaves| f(self, leaves), params)
    }
}
