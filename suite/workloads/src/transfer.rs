//! Copies between host and device, and what they cost beside a tensor on the host's own buffer. Here the copy is the work, so
//! it is inside the step.

use crate::size::BySize;
use crate::sum;
use crate::workload::named;
use chipmark_core::{Cost, DType, FullBackend, HostTensor, Mode, OpResult, Outputs, Tolerance};

/// A host buffer to a fresh tensor.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HostToDevice;

impl BySize for HostToDevice {
    const ID: &'static str = "host_to_device";
    const ABOUT: &'static str = "copy from a host buffer to a fresh tensor on the device";
    const MODES: &'static [Mode] = &[Mode::Latency, Mode::Throughput, Mode::FirstCall];
    const RESIDENT: bool = false;

    fn cost(_: u64, bytes: u64) -> Cost {
        Cost { flop: 0, bytes, working_set_bytes: 2 * bytes }
    }

    fn step<B: FullBackend>(b: &B, host: &[HostTensor], _: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x] = named(Self::ID, host)?;
        Ok(Outputs::one(b.upload(x)?))
    }
}

/// A tensor to a fresh host buffer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeviceToHost;

impl BySize for DeviceToHost {
    const ID: &'static str = "device_to_host";
    const ABOUT: &'static str = "copy from a tensor on the device to a fresh host buffer, every byte of it";
    const MODES: &'static [Mode] = &[Mode::Latency, Mode::FirstCall];
    const COMPILABLE: bool = false;

    fn cost(_: u64, bytes: u64) -> Cost {
        Cost { flop: 0, bytes, working_set_bytes: 2 * bytes }
    }

    fn step<B: FullBackend>(b: &B, _: &[HostTensor], device: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x] = named(Self::ID, device)?;
        Ok(Outputs::host(b.download(x)?))
    }
}

/// Both, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RoundTrip;

impl BySize for RoundTrip {
    const ID: &'static str = "round_trip";
    const ABOUT: &'static str = "copy from a host buffer to the device and back to a fresh host buffer";
    const MODES: &'static [Mode] = &[Mode::Latency, Mode::FirstCall];
    const RESIDENT: bool = false;

    fn cost(_: u64, bytes: u64) -> Cost {
        Cost { flop: 0, bytes: 2 * bytes, working_set_bytes: 3 * bytes }
    }

    fn step<B: FullBackend>(b: &B, host: &[HostTensor], _: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x] = named(Self::ID, host)?;
        Ok(Outputs::host(b.download(&b.upload(x)?)?))
    }
}

/// A tensor on the host's own buffer. Nothing is moved and nothing read: what is timed is the wrapping, whatever the size.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ZeroCopy;

impl BySize for ZeroCopy {
    const ID: &'static str = "zero_copy";
    const ABOUT: &'static str = "a tensor made of a host buffer itself, without a copy; nothing is read";
    const MODES: &'static [Mode] = &[Mode::Latency, Mode::FirstCall];
    const RESIDENT: bool = false;

    fn cost(_: u64, bytes: u64) -> Cost {
        Cost { flop: 0, bytes: 0, working_set_bytes: bytes }
    }

    fn step<B: FullBackend>(b: &B, host: &[HostTensor], _: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x] = named(Self::ID, host)?;
        Ok(Outputs::one(b.adopt(x)?))
    }
}

/// The two that read a host buffer once on the device differ in how it gets there: the difference of their times is what a
/// copy costs. Both are counted as one reading, so that their rates compare too.
macro_rules! read_once {
    ($name:ident, $id:literal, $about:literal, $way:ident, copies: $copies:literal) => {
        #[doc = concat!("`", $id, "`: ", $about, ".")]
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) struct $name;

        impl BySize for $name {
            const ID: &'static str = $id;
            const ABOUT: &'static str = $about;
            const MODES: &'static [Mode] = &[Mode::Latency, Mode::FirstCall];
            const RESIDENT: bool = false;

            fn cost(elements: u64, bytes: u64) -> Cost {
                Cost { flop: elements, bytes, working_set_bytes: (1 + $copies) * bytes }
            }

            fn range(elements: usize) -> [f64; 2] {
                sum::range(elements)
            }

            fn tolerance(dtype: DType) -> Tolerance {
                // The copy is what is timed. In half dtypes a framework that adds up in itself may be off by more of the sum than
                // passes for sum_all, and has still read all of it: zeros show at `tiny`.
                let each = sum::symmetric_sum(dtype);
                Tolerance { summed: each.bound, ..each }
            }

            fn step<B: FullBackend>(b: &B, host: &[HostTensor], _: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
                let [x] = named(Self::ID, host)?;
                Ok(Outputs::one(b.sum_all(&b.$way(x)?)?))
            }
        }
    };
}
read_once!(ZeroCopySum, "zero_copy_sum",
    "the sum of a host buffer, read where it lies; beside upload_sum it shows what a copy costs", adopt, copies: 0);
read_once!(UploadSum, "upload_sum",
    "the sum of a host buffer, copied to the device first; beside zero_copy_sum it shows what the copy costs", upload, copies: 1);
