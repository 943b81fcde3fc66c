//! Copies between host and device. Here the copy is the work, so it is inside the step.

use crate::workload::{Workload, named};
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, Mode, OpResult, Outputs, Tier, Tolerance};

const SIZES: [&str; 6] = ["4KiB", "64KiB", "1MiB", "16MiB", "256MiB", "1GiB"];
const UNITS: [(&str, usize); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// The most bytes copied at tier `small`.
const SMALL_BYTES: usize = 16 << 20;

fn size_label(bytes: usize) -> String {
    UNITS
        .into_iter()
        .find(|(_, unit)| bytes.is_multiple_of(*unit))
        .map_or_else(|| format!("{bytes}B"), |(name, unit)| format!("{}{name}", bytes / unit))
}

fn parse_size(label: &str, dtype: DType) -> Result<usize, String> {
    let bad = || format!("'{label}' is not a size: write it like 64KiB, 16MiB or 1GiB");
    let (digits, unit) = UNITS
        .into_iter()
        .find_map(|(name, unit)| label.strip_suffix(name).map(|digits| (digits, unit)))
        .or_else(|| label.strip_suffix('B').map(|digits| (digits, 1)))
        .ok_or_else(bad)?;
    let bytes = digits.parse::<usize>().ok().and_then(|n| n.checked_mul(unit)).ok_or_else(bad)?;
    if digits.starts_with(['0', '+']) || bytes == 0 || bytes > 1 << 40 || !bytes.is_multiple_of(dtype.size_bytes()) {
        return Err(format!("'{label}' must be at least one element, whole elements, and at most 1024GiB"));
    }
    Ok(bytes)
}

/// The three workloads differ in their step, and in where the data starts.
macro_rules! transfer {
    ($name:ident, $id:literal, $about:literal, resident: $resident:literal, modes: $modes:expr, copies: $copies:literal,
     |$backend:ident, $host:ident, $device:ident| $step:expr) => {
        #[doc = concat!("`", $id, "`: ", $about, ".")]
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) struct $name {
            bytes: usize,
            dtype: DType,
        }

        impl Workload for $name {
            const ID: &'static str = $id;
            const ABOUT: &'static str = $about;

            fn catalogue() -> Vec<Self> {
                SIZES.into_iter().filter_map(|label| Self::parse(label, DType::F32).ok()).collect()
            }

            fn at(&self, tier: Tier) -> Self {
                let bytes = match tier {
                    Tier::Full => self.bytes,
                    Tier::Small => self.bytes.min(SMALL_BYTES),
                    // A prime number of elements: no copy kernel's width divides it.
                    Tier::Tiny => self.bytes.min(251 * self.dtype.size_bytes()),
                };
                $name { bytes, dtype: self.dtype }
            }

            fn label(&self) -> String {
                // 1GiB and 1024MiB are one case with one id.
                size_label(self.bytes)
            }

            fn dtype(&self) -> DType {
                self.dtype
            }

            fn parse(label: &str, dtype: DType) -> Result<Self, String> {
                Ok($name { bytes: parse_size(label, dtype)?, dtype })
            }

            fn modes(&self) -> &'static [Mode] {
                $modes
            }

            fn cost(&self) -> Cost {
                let bytes = self.bytes as u64;
                Cost { flop: 0, bytes: bytes * $copies, working_set_bytes: bytes * ($copies + 1) }
            }

            fn tolerances(&self) -> Vec<Tolerance> {
                vec![Tolerance::EXACT]
            }

            fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
                Ok(vec![fill.signed([self.bytes / self.dtype.size_bytes()], self.dtype)?])
            }

            fn resident(&self) -> bool {
                $resident
            }

            fn step<B: FullBackend>(
                &self,
                $backend: &B,
                $host: &[HostTensor],
                $device: &[B::Tensor],
            ) -> OpResult<Outputs<B::Tensor>> {
                $step
            }
        }
    };
}

transfer!(HostToDevice, "host_to_device", "copy from a host buffer to a fresh tensor on the device",
resident: false, modes: &[Mode::Latency, Mode::Throughput, Mode::FirstCall], copies: 1,
|backend, host, _device| {
    let [x] = named(Self::ID, host)?;
    Ok(Outputs::one(backend.upload(x)?))
});

transfer!(DeviceToHost, "device_to_host", "copy from a tensor on the device to a fresh host buffer, every byte of it",
resident: true, modes: &[Mode::Latency, Mode::FirstCall], copies: 1,
|backend, _host, device| {
    let [x] = named(Self::ID, device)?;
    Ok(Outputs::host(backend.download(x)?))
});

transfer!(RoundTrip, "round_trip", "copy from a host buffer to the device and back to a fresh host buffer",
resident: false, modes: &[Mode::Latency, Mode::FirstCall], copies: 2,
|backend, host, _device| {
    let [x] = named(Self::ID, host)?;
    Ok(Outputs::host(backend.download(&backend.upload(x)?)?))
});
