//! What is not arithmetic: bytes that go to the device and come back, second handles, waiting, and what the backend
//! says about itself.

use super::checker::{Checker, attempt};
use super::{Verdict, widens};
use chipmark_core::{DType, Device, Fill, FullBackend, HostData, HostTensor, OpError, OpResult};

/// The elements' bits: unlike their values, these can be compared where there are NaNs and signed zeros.
fn bits(data: &HostData) -> Vec<u64> {
    match data {
        HostData::F32(v) => v.iter().map(|x| u64::from(x.to_bits())).collect(),
        HostData::F16(v) => v.iter().map(|x| u64::from(x.to_bits())).collect(),
        HostData::BF16(v) => v.iter().map(|x| u64::from(x.to_bits())).collect(),
        HostData::F64(v) => v.iter().map(|x| x.to_bits()).collect(),
        HostData::I64(v) => v.iter().map(|x| x.cast_unsigned()).collect(),
    }
}

/// Random elements, and among floats those that a careless copy changes. Indices stay below 2^31, because a backend may
/// keep them in fewer bits on the device.
fn elements(dtype: DType, dims: &[usize]) -> OpResult<HostTensor> {
    let mut fill = Fill::new(1, "transfers");
    let special = [-0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 2f64.powi(-24), -(2f64.powi(-133)), 1.0 / 3.0];
    let numel = dims.iter().product();
    let mut values: Vec<f64> = match dtype {
        DType::I64 => (0..numel).map(|_| fill.below((1 << 31) - 1) as f64).collect(),
        _ => special.into_iter().chain(std::iter::repeat_with(|| fill.unit() * 100.0 - 50.0)).take(numel).collect(),
    };
    values.rotate_right(numel.min(3) / 2);
    HostTensor::new(dims, HostData::from_f64(&values, dtype))
}

impl<B: FullBackend> Checker<B> {
    /// Whether `got` is what was sent, bit by bit.
    fn same(&mut self, label: &str, sent: &HostTensor, got: &HostTensor) {
        let dtype = if widens::<B>() && sent.dtype() != DType::I64 { DType::F64 } else { sent.dtype() };
        self.require(got.dtype() == dtype, || format!("{label}: comes back as {} instead of {dtype}", got.dtype()));
        let (want, have) = (sent.shape(), got.shape());
        self.require(want == have, || format!("{label}: comes back with shape {have} instead of {want}"));
        if !B::ARITHMETIC || got.dtype() != dtype || want != have {
            return;
        }
        let expected = if dtype == sent.dtype() { bits(sent.data()) } else { bits(&HostData::F64(sent.to_f64())) };
        let differs = expected.iter().zip(bits(got.data())).position(|(want, have)| *want != have);
        if let Some(i) = differs {
            let (want, have) = (sent.data().get_f64(i), got.data().get_f64(i));
            self.fail(format!("{label}: element {i} comes back as {have:?} instead of {want:?}"));
        }
    }

    fn round_trip(&mut self, dtype: DType, dims: &[usize]) -> OpResult<()> {
        let sent = elements(dtype, dims)?;
        let label = format!("round trip {dtype} of {}", sent.shape());
        let result = attempt(|| {
            let tensor = self.backend.upload(&sent)?;
            let got = self.backend.download(&tensor)?;
            // A second handle outlives the first, and reading twice gives the same.
            let second = self.backend.share(&tensor);
            drop(tensor);
            self.backend.finish(std::slice::from_ref(&second))?;
            Ok((got, self.backend.download(&second)?))
        });
        if let Some((got, again)) = self.keep("upload", dtype, &label, result) {
            self.same(&label, &sent, &got);
            self.same(&format!("{label}, by share"), &sent, &again);
        }
        Ok(())
    }

    /// A tensor on the host's own memory, where the backend has that: it is what was sent, an op takes it, it outlives the
    /// host tensor, and the host's elements stay as they are.
    fn adopted(&mut self, dtype: DType, dims: &[usize]) -> OpResult<()> {
        let sent = elements(dtype, dims)?;
        let label = format!("adoption {dtype} of {}", sent.shape());
        let result = attempt(|| {
            let host = elements(dtype, dims)?;
            let tensor = match self.backend.adopt(&host) {
                Err(OpError::Unsupported { .. }) => return Ok(None),
                other => other?,
            };
            let copied = self.backend.copy(&tensor)?;
            let first = self.backend.download(&copied)?;
            drop(tensor);
            let kept = bits(host.data()) == bits(sent.data());
            let again = self.backend.adopt(&host)?;
            drop(host);
            // What the host had freed by now would be overwritten by these.
            let others =
                (0..4).map(|_| HostTensor::new(dims, HostData::from_f64(&vec![1.0; sent.data().len()], dtype)));
            let others = others.collect::<OpResult<Vec<_>>>()?;
            let second = self.backend.download(&again)?;
            drop(others);
            Ok(Some((first, second, kept)))
        });
        if let Some(Some((first, second, kept))) = self.keep("adopt", dtype, &label, result) {
            self.same(&format!("{label}, by an op"), &sent, &first);
            self.same(&format!("{label}, without its host tensor"), &sent, &second);
            self.require(kept, || format!("{label}: changes the host's elements"));
        }
        Ok(())
    }

    /// Waiting for nothing, for something submitted, and twice for the same.
    fn waiting(&mut self) -> OpResult<()> {
        let sent = elements(DType::F32, &[5, 3])?;
        let result = attempt(|| {
            self.backend.finish(&[])?;
            self.backend.submit(&[])?;
            let outputs = [self.backend.upload(&sent)?, self.backend.upload(&sent)?];
            self.backend.submit(&outputs)?;
            self.backend.finish(&[])?;
            self.backend.finish(&outputs)?;
            self.backend.finish(&outputs)
        });
        self.keep("finish", DType::F32, "finish", result);
        Ok(())
    }

    /// What the backend says about itself.
    fn account(&mut self, device: Device) {
        let known = B::devices();
        let usable = known.iter().any(|status| status.device == device && status.why_not.is_none());
        self.require(usable, || format!("{device} opens, but devices() does not list it as usable: {known:?}"));
        let info = self.backend.info();
        for (what, text) in [("framework", info.framework), ("version", info.version), ("precision", info.precision)] {
            self.require(!text.is_empty(), || format!("info() tells no {what}"));
        }
        let memory = self.backend.memory();
        if let (Some(now), Some(peak)) = (memory.now_bytes, memory.peak_bytes) {
            self.require(peak >= now, || format!("memory() tells a peak of {peak} bytes under {now} held now"));
        }
    }
}

/// Uploads and downloads give back the same bits, for each dtype that can be timed and for indices; second handles,
/// waiting, the host's own memory where the backend adopts it, and the backend's account of itself.
///
/// # Errors
/// With everything that failed.
pub fn transfers<B: FullBackend>(device: Device) -> Verdict {
    let mut checker = Checker::<B>::open(device)?;
    checker.account(device);
    let mut result = checker.waiting();
    for dtype in DType::TIMED.into_iter().chain([DType::I64]) {
        for dims in [[].as_slice(), &[1], &[13], &[3, 5, 7]] {
            result = result.and_then(|()| checker.round_trip(dtype, dims));
        }
    }
    for dtype in DType::TIMED {
        for dims in [[13].as_slice(), &[3, 5, 7], &[64, 1024]] {
            result = result.and_then(|()| checker.adopted(dtype, dims));
        }
    }
    if let Err(error) = result {
        checker.fail(format!("no inputs: {error}"));
    }
    checker.verdict()
}
