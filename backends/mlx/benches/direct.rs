//! MLX through the harness beside MLX alone: `cargo bench -p chipmark-mlx --bench direct`.

use chipmark_core::{Backend, Device, HostData, HostTensor, OpError, OpResult, OpenOptions};
use chipmark_mlx::Mlx;
use chipmark_worker::direct;
use mlx_rs::{Array, error::Exception, ops};

fn main() -> OpResult<()> {
    let backend = Mlx::open(Device::Cpu, &OpenOptions { threads: Some(1), seed: 0, ..OpenOptions::default() })?;
    println!("{}", direct::head(&backend.info()));
    let matmul = direct::beside(&backend, direct::MATMUL, |inputs| {
        let (a, b) = (array(&inputs[0])?, array(&inputs[1])?);
        Ok(move || evaluated(ops::matmul(&a, &b)))
    })?;
    println!("{matmul}");
    for case in direct::SOFTMAXES {
        let softmax = direct::beside(&backend, case, |inputs| {
            let x = array(&inputs[0])?;
            Ok(move || evaluated(ops::softmax_axis(&x, -1, true)))
        })?;
        println!("{softmax}");
    }
    Ok(())
}

fn array(host: &HostTensor) -> OpResult<Array> {
    let HostData::F32(values) = host.data() else { return Err(OpError::framework("input", "it is not f32")) };
    let dims: Vec<i32> = host.shape().iter().filter_map(|&dim| i32::try_from(dim).ok()).collect();
    Ok(Array::from_slice(values, &dims))
}

/// MLX is lazy: an op computes nothing until it is told to.
fn evaluated(made: Result<Array, Exception>) -> OpResult<Array> {
    let evaluate = || {
        let output = made?;
        output.eval()?;
        Ok(output)
    };
    evaluate().map_err(|error: Exception| OpError::framework("direct call", error))
}
