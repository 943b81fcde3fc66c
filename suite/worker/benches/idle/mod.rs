//! A backend and a workload that do nothing: what is left of a timed region is the harness. For the benchmark of that
//! region's cost and for the test of what lies inside it.

use chipmark_core::check::Scale;
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
use chipmark_core::{
    Backend, BackendInfo, Cost, DType, Device, DeviceStatus, Fill, FullBackend, HostData, HostTensor, OpLog, OpResult,
    OpenOptions, Outputs, Tier, Tolerance,
};
use chipmark_workloads::Workload;
use std::marker::PhantomData;

/// What an [`Idle`] backend has for a tensor.
pub(crate) trait Handle: 'static {
    /// Another one. This is all that uploading and a step do.
    fn new() -> Self;

    /// Told of each wait.
    #[inline]
    fn finish(tensors: &[Self]) -> OpResult<()>
    where
        Self: Sized,
    {
        let _ = tensors;
        Ok(())
    }
}

/// A handle of a pointer's size, as frameworks have.
impl Handle for usize {
    #[inline]
    fn new() -> Self {
        std::hint::black_box(1)
    }
}

/// A backend that has nothing to do.
pub(crate) struct Idle<H>(OpLog, PhantomData<H>);

impl<H> Idle<H> {
    /// One on no device at all.
    pub(crate) fn new() -> Self {
        Idle(OpLog::default(), PhantomData)
    }
}

impl<H: Handle> Backend for Idle<H> {
    type Tensor = H;

    const NAME: &'static str = "idle";

    fn devices() -> Vec<DeviceStatus> {
        vec![DeviceStatus { device: Device::Cpu, why_not: None }]
    }

    fn open(_: Device, _: &OpenOptions) -> OpResult<Self> {
        Ok(Idle::new())
    }

    fn info(&self) -> BackendInfo {
        BackendInfo::default()
    }

    fn log(&self) -> &OpLog {
        &self.0
    }

    #[inline]
    fn upload(&self, _: &HostTensor) -> OpResult<H> {
        Ok(H::new())
    }

    fn download(&self, _: &H) -> OpResult<HostTensor> {
        HostTensor::new([0], HostData::F32(Vec::new()))
    }

    #[inline]
    fn share(&self, _: &H) -> H {
        H::new()
    }

    #[inline]
    fn finish(&self, tensors: &[H]) -> OpResult<()> {
        H::finish(tensors)
    }
}

impl<H: Handle> Conv for Idle<H> {
    fn conv_layout(&self) -> ConvLayout {
        ConvLayout::ChannelsLast
    }
}

impl<H: Handle> Arrange for Idle<H> {}
impl<H: Handle> Attention for Idle<H> {}
impl<H: Handle> Elementwise for Idle<H> {}
impl<H: Handle> Index for Idle<H> {}
impl<H: Handle> Linalg for Idle<H> {}
impl<H: Handle> Loss for Idle<H> {}
impl<H: Handle> Norm for Idle<H> {}
impl<H: Handle> Optim for Idle<H> {}
impl<H: Handle> Reduce for Idle<H> {}
impl<H: Handle> Sort for Idle<H> {}

/// One output, which is the input's second handle.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Nothing;

impl Workload for Nothing {
    const ID: &'static str = "nothing";
    const ABOUT: &'static str = "no work at all";
    const FORMS: &'static [&'static str] = &["nothing"];

    fn at(&self, _: Tier) -> Self {
        Nothing
    }

    fn label(&self) -> String {
        "1".to_owned()
    }

    fn dtype(&self) -> DType {
        DType::F32
    }

    fn parse(_: &str, _: DType) -> Result<Self, String> {
        Ok(Nothing)
    }

    fn cost(&self) -> Cost {
        Cost::streaming(0, 4, 4)
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![Tolerance::new(0.0, Scale::One)]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        Ok(vec![fill.signed([1], DType::F32)?])
    }

    #[inline]
    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        Ok(Outputs::many(x.iter().map(|x| backend.share(x))))
    }
}
