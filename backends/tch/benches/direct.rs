//! PyTorch through the harness beside PyTorch alone: `cargo bench -p chipmark-tch --bench direct`.

use chipmark_core::{Backend, Device, HostData, HostTensor, OpError, OpResult, OpenOptions};
use chipmark_tch::Tch;
use chipmark_worker::direct;
use tch::{Kind, TchError, Tensor};

fn main() -> OpResult<()> {
    let backend = Tch::open(Device::Cpu, &OpenOptions { threads: Some(1), seed: 0, ..OpenOptions::default() })?;
    println!("{}", direct::head(&backend.info()));
    // An op on the CPU returns when it is done: there is nothing to wait for.
    let matmul = direct::beside(&backend, direct::MATMUL, |inputs| {
        let (a, b) = (tensor(&inputs[0])?, tensor(&inputs[1])?);
        Ok(move || a.f_matmul(&b).map_err(failed))
    })?;
    println!("{matmul}");
    for case in direct::SOFTMAXES {
        let softmax = direct::beside(&backend, case, |inputs| {
            let x = tensor(&inputs[0])?;
            Ok(move || x.f_softmax(-1, None::<Kind>).map_err(failed))
        })?;
        println!("{softmax}");
    }
    Ok(())
}

fn tensor(host: &HostTensor) -> OpResult<Tensor> {
    let HostData::F32(values) = host.data() else { return Err(OpError::framework("input", "it is not f32")) };
    let dims: Vec<i64> = host.shape().iter().filter_map(|&dim| i64::try_from(dim).ok()).collect();
    Tensor::f_from_slice(values).and_then(|flat| flat.f_reshape(dims)).map_err(failed)
}

fn failed(error: TchError) -> OpError {
    OpError::framework("direct call", error)
}
