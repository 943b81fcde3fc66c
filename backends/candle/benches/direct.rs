//! candle through the harness beside candle alone: `cargo bench -p chipmark-candle --bench direct`.

use candle_core::Tensor;
use chipmark_candle::Candle;
use chipmark_core::{Backend, Device, HostData, HostTensor, OpError, OpResult, OpenOptions};
use chipmark_worker::direct;

const CPU: candle_core::Device = candle_core::Device::Cpu;

fn main() -> OpResult<()> {
    let backend = Candle::open(Device::Cpu, &OpenOptions { threads: Some(1), seed: 0, ..OpenOptions::default() })?;
    println!("{}", direct::head(&backend.info()));
    let matmul = direct::beside(&backend, direct::MATMUL, |inputs| {
        let (a, b) = (tensor(&inputs[0])?, tensor(&inputs[1])?);
        Ok(move || run(|| a.matmul(&b)))
    })?;
    println!("{matmul}");
    for case in direct::SOFTMAXES {
        let softmax = direct::beside(&backend, case, |inputs| {
            let x = tensor(&inputs[0])?;
            Ok(move || run(|| candle_nn::ops::softmax_last_dim(&x)))
        })?;
        println!("{softmax}");
    }
    Ok(())
}

fn tensor(host: &HostTensor) -> OpResult<Tensor> {
    let HostData::F32(values) = host.data() else { return Err(OpError::framework("input", "it is not f32")) };
    run(|| Tensor::from_slice(values, &host.shape()[..], &CPU))
}

fn run(work: impl FnOnce() -> candle_core::Result<Tensor>) -> OpResult<Tensor> {
    let synchronized = || {
        let output = work()?;
        CPU.synchronize()?;
        Ok(output)
    };
    synchronized().map_err(|error: candle_core::Error| OpError::framework("direct call", error))
}
