//! What is written beside a compiled step's samples, with a framework that traces it as often as it is told to.

use super::*;
use chipmark_core::ops::arrange::Arrange;
use chipmark_core::ops::attention::Attention;
use chipmark_core::ops::conv::{Conv, ConvLayout};
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::index::Index;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::ops::loss::Loss;
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::optim::Optim;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::ops::sort::Sort;
use chipmark_core::{Backend, BackendInfo, Compiled, DeviceStatus, HostData, HostTensor, OpLog, Samples};
use std::cell::Cell;
use std::fs::File;
use std::rc::Rc;

/// A framework that computes nothing, and compiles a step by tracing it so many times.
struct Tracing {
    traces: u64,
    log: OpLog,
}

impl Backend for Tracing {
    type Tensor = ();

    const NAME: &'static str = "tracing";

    const EXECUTIONS: &'static [Execution] = &[Execution::Eager, Execution::Compile];

    fn devices() -> Vec<DeviceStatus> {
        Vec::new()
    }

    fn open(_: Device, _: &OpenOptions) -> OpResult<Self> {
        Ok(Tracing { traces: 1, log: OpLog::default() })
    }

    fn info(&self) -> BackendInfo {
        BackendInfo::default()
    }

    fn log(&self) -> &OpLog {
        &self.log
    }

    fn upload(&self, _: &HostTensor) -> OpResult<()> {
        Ok(())
    }

    fn download(&self, (): &()) -> OpResult<HostTensor> {
        HostTensor::new([0], HostData::F32(Vec::new()))
    }

    fn share(&self, (): &()) {}

    fn finish(&self, _: &[()]) -> OpResult<()> {
        Ok(())
    }

    fn compile<'a, F>(&'a self, f: F, example: &[()]) -> OpResult<Compiled<'a, ()>>
    where
        F: Fn(&Self, &[()]) -> OpResult<Vec<()>> + 'a,
    {
        let traces = Rc::new(Cell::new(0));
        for _ in 0..self.traces {
            f(self, example)?;
            traces.set(traces.get() + 1);
        }
        Ok(Compiled::new(Box::new(|_| Ok(vec![()])), traces))
    }
}

impl Elementwise for Tracing {
    fn relu(&self, (): &()) -> OpResult<()> {
        Ok(())
    }
}

impl Conv for Tracing {
    fn conv_layout(&self) -> ConvLayout {
        ConvLayout::ChannelsLast
    }
}

impl Arrange for Tracing {}
impl Attention for Tracing {}
impl Index for Tracing {}
impl Linalg for Tracing {}
impl Loss for Tracing {}
impl Norm for Tracing {}
impl Optim for Tracing {}
impl Reduce for Tracing {}
impl Sort for Tracing {}

/// Samples of a case on a framework that traces so many times.
fn measured(execution: Execution, traces: u64) -> Samples {
    let backend = Tracing { traces, log: OpLog::default() };
    let floor = Floor::new(1, &[0; 3]);
    let opened = Opened { backend, execution, seed: 1, floor };
    let sampling = Sampling {
        warm_up_s: 0.0,
        max_warm_up_s: 0.0,
        sample_s: 0.0,
        precision: None,
        min_samples: 1,
        max_samples: 1,
        min_block_s: 0.0,
        max_block_s: 0.001,
    };
    let case = "relu/2x3x4/f32".parse().unwrap();
    let request = Request::Measure { case, mode: Mode::Latency, sampling, cold: None };
    let mut replies = Replies(File::options().write(true).open("/dev/null").unwrap());
    match opened.answer(&request, &Monotonic::start(), &mut replies).unwrap() {
        Reply::Measured { samples } => *samples,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_step_that_was_traced_twice_is_flagged() {
    let once = measured(Execution::Compile, 1);
    assert_eq!((once.traces, once.flags.contains(&Flag::Recompiled)), (Some(1), false));
    let twice = measured(Execution::Compile, 2);
    assert_eq!((twice.traces, twice.flags.contains(&Flag::Recompiled)), (Some(2), true));
    let eager = measured(Execution::Eager, 2);
    assert_eq!((eager.traces, eager.flags.contains(&Flag::Recompiled)), (None, false));
}
