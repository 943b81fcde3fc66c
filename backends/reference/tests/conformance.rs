//! The conformance checks: the reference passes them, and each planted fault is found and named.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use chipmark_core::backend::DeviceStatus;
use chipmark_core::ops::conv::{Conv, ConvLayout};
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::index::Index;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::ops::loss::Loss;
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::optim::Optim;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{Backend, BackendInfo, DType, Device, HostData, HostTensor, OpError, OpLog, OpResult, OpenOptions};
use chipmark_reference::conformance::{self, Verdict};
use chipmark_reference::{Reference, Tensor};

#[test]
fn the_reference_passes_and_lacks_nothing() {
    assert_eq!(conformance::everything::<Reference>(Device::Cpu).unwrap(), []);
}

#[test]
fn a_device_that_is_not_there_is_a_failure() {
    let failures = conformance::elementwise::<Reference>(Device::Metal).unwrap_err().to_string();
    assert!(failures.contains("reference:metal does not open"), "{failures}");
}

/// What is wrong with a [`Faulty`] backend.
mod fault {
    pub(crate) const NONE: u8 = 0;
    pub(crate) const AXIS_NOT_PASSED: u8 = 1;
    pub(crate) const RESULT_THROWN_AWAY: u8 = 2;
    pub(crate) const LOGITS_AS_PROBABILITIES: u8 = 3;
    pub(crate) const ONE_ELEMENT_OFF: u8 = 4;
    pub(crate) const NOTES_NOTHING: u8 = 5;
    pub(crate) const SLICE_CLAMPS: u8 = 6;
    pub(crate) const PANICS: u8 = 7;
    pub(crate) const NO_SQRT: u8 = 8;
    pub(crate) const NO_F16: u8 = 9;
    pub(crate) const NO_GRADIENT: u8 = 10;
    pub(crate) const GRADIENT_NOT_ADDED_UP: u8 = 11;
    pub(crate) const WIDENS: u8 = 12;
    pub(crate) const LOSES_SIGN_OF_ZERO: u8 = 13;
    pub(crate) const SHAPE_OF_MEAN: u8 = 14;
    pub(crate) const CHANNELS_FIRST: u8 = 15;
    pub(crate) const CHANNELS_CONFUSED: u8 = 16;
    pub(crate) const HIDES_ITS_DEVICE: u8 = 17;
    pub(crate) const REWRITES_ERRORS: u8 = 18;
    pub(crate) const GRADIENT_OF_MANY: u8 = 19;
}

/// The reference with one thing wrong.
struct Faulty<const FAULT: u8> {
    inner: Reference,
    silent: OpLog,
}

impl<const FAULT: u8> Backend for Faulty<FAULT> {
    type Tensor = Tensor;

    // Only the reference may widen to f64.
    const NAME: &'static str = if FAULT == fault::WIDENS { "faulty" } else { "reference" };

    fn devices() -> Vec<DeviceStatus> {
        if FAULT == fault::HIDES_ITS_DEVICE { Vec::new() } else { Reference::devices() }
    }

    fn open(device: Device, options: &OpenOptions) -> OpResult<Self> {
        Ok(Faulty { inner: Reference::open(device, options)?, silent: OpLog::default() })
    }

    fn info(&self) -> BackendInfo {
        self.inner.info()
    }

    fn log(&self) -> &OpLog {
        if FAULT == fault::NOTES_NOTHING { &self.silent } else { self.inner.log() }
    }

    fn upload(&self, host: &HostTensor) -> OpResult<Tensor> {
        if FAULT == fault::NO_F16 && host.dtype() == DType::F16 {
            return Err(OpError::unsupported("upload", "no f16 here"));
        }
        self.inner.upload(host)
    }

    fn download(&self, tensor: &Tensor) -> OpResult<HostTensor> {
        let host = self.inner.download(tensor)?;
        match host.data() {
            HostData::F64(values) if FAULT == fault::LOSES_SIGN_OF_ZERO => {
                let values = values.iter().map(|&x| if x == 0.0 { 0.0 } else { x }).collect();
                HostTensor::new(host.shape().clone(), HostData::F64(values))
            }
            _ => Ok(host),
        }
    }

    fn share(&self, tensor: &Tensor) -> Tensor {
        self.inner.share(tensor)
    }

    fn finish(&self, tensors: &[Tensor]) -> OpResult<()> {
        self.inner.finish(tensors)
    }

    fn value_and_grad<F>(&self, f: F, params: &[Tensor]) -> OpResult<(Tensor, Vec<Tensor>)>
    where
        F: Fn(&Self, &[Tensor]) -> OpResult<Tensor>,
    {
        if FAULT == fault::NO_GRADIENT {
            return Err(OpError::unsupported("value_and_grad", "forward only"));
        }
        let scalar = |inner: &Reference, params: &[Tensor]| {
            let value = f(self, params)?;
            if FAULT == fault::GRADIENT_OF_MANY { inner.mean_all(&value) } else { Ok(value) }
        };
        let (value, mut gradients) = self.inner.value_and_grad(scalar, params).map_err(|error| match FAULT {
            fault::REWRITES_ERRORS => OpError::framework("value_and_grad", error),
            _ => error,
        })?;
        if FAULT == fault::GRADIENT_NOT_ADDED_UP {
            // As if only one of the paths to a parameter had counted.
            gradients = gradients.iter().map(|g| self.inner.affine(g, 0.5, 0.0)).collect::<OpResult<_>>()?;
        }
        Ok((value, gradients))
    }
}

impl<const FAULT: u8> Elementwise for Faulty<FAULT> {
    fn add(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.inner.add(a, b)
    }
    fn sub(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.inner.sub(a, b)
    }
    fn mul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.inner.mul(a, b)
    }
    fn div(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.inner.div(a, b)
    }
    fn affine(&self, x: &Tensor, factor: f64, offset: f64) -> OpResult<Tensor> {
        self.inner.affine(x, factor, offset)
    }
    fn sqrt(&self, x: &Tensor) -> OpResult<Tensor> {
        if FAULT == fault::NO_SQRT { Err(OpError::unsupported("sqrt", "no roots")) } else { self.inner.sqrt(x) }
    }
    fn relu(&self, x: &Tensor) -> OpResult<Tensor> {
        self.inner.relu(x)
    }
    fn equal(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.inner.equal(a, b)
    }
}

impl<const FAULT: u8> Reduce for Faulty<FAULT> {
    fn mean_all(&self, x: &Tensor) -> OpResult<Tensor> {
        let mean = self.inner.mean_all(x)?;
        if FAULT == fault::SHAPE_OF_MEAN {
            let value = self.download(&mean)?.to_f64();
            return self.upload(&HostTensor::new([1], HostData::F64(value))?);
        }
        Ok(mean)
    }
    fn argmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.inner.argmax(x, if FAULT == fault::AXIS_NOT_PASSED { 0 } else { axis })
    }
}

impl<const FAULT: u8> Linalg for Faulty<FAULT> {
    fn matmul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        if FAULT == fault::PANICS {
            return Ok(self.inner.matmul(a, b).unwrap());
        }
        let product = self.inner.matmul(a, b)?;
        if FAULT == fault::ONE_ELEMENT_OFF {
            let host = self.download(&product)?;
            let mut values = host.to_f64();
            values[host.shape().numel() / 2] += 1e-4;
            return self.upload(&HostTensor::new(host.shape().clone(), HostData::F64(values))?);
        }
        Ok(product)
    }
    fn linear(&self, x: &Tensor, w: &Tensor, bias: &Tensor) -> OpResult<Tensor> {
        self.inner.linear(x, w, bias)
    }
}

impl<const FAULT: u8> Conv for Faulty<FAULT> {
    fn conv_layout(&self) -> ConvLayout {
        if matches!(FAULT, fault::CHANNELS_FIRST | fault::CHANNELS_CONFUSED) {
            ConvLayout::ChannelsFirst
        } else {
            ConvLayout::ChannelsLast
        }
    }
    fn conv2d(&self, x: &Tensor, filters: &Tensor) -> OpResult<Tensor> {
        if FAULT != fault::CHANNELS_FIRST {
            return self.inner.conv2d(x, filters);
        }
        let layout = ConvLayout::ChannelsFirst;
        let last = |tensor: &Tensor| self.upload(&layout.to_channels_last(self.download(tensor)?)?);
        let output = self.inner.conv2d(&last(x)?, &last(filters)?)?;
        self.upload(&layout.from_channels_last(self.download(&output)?)?)
    }
}

impl<const FAULT: u8> Norm for Faulty<FAULT> {
    fn softmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let last = x.shape().len().saturating_sub(1);
        self.inner.softmax(x, if FAULT == fault::AXIS_NOT_PASSED { last } else { axis })
    }
}

impl<const FAULT: u8> Index for Faulty<FAULT> {
    fn gather_rows(&self, x: &Tensor, index: &Tensor) -> OpResult<Tensor> {
        self.inner.gather_rows(x, index)
    }
    fn scatter_add_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        let output = self.inner.scatter_add_rows(into, index, source)?;
        Ok(if FAULT == fault::RESULT_THROWN_AWAY { self.share(into) } else { output })
    }
    fn slice_rows(&self, x: &Tensor, start: usize, len: usize) -> OpResult<Tensor> {
        if FAULT == fault::SLICE_CLAMPS {
            let start = start.min(x.shape()[0]);
            return self.inner.slice_rows(x, start, len.min(x.shape()[0] - start));
        }
        self.inner.slice_rows(x, start, len)
    }
}

impl<const FAULT: u8> Loss for Faulty<FAULT> {
    fn cross_entropy(&self, logits: &Tensor, classes: &Tensor) -> OpResult<Tensor> {
        if FAULT == fault::LOGITS_AS_PROBABILITIES {
            return self.inner.cross_entropy(&self.inner.softmax(logits, 1)?, classes);
        }
        self.inner.cross_entropy(logits, classes)
    }
}

impl<const FAULT: u8> Optim for Faulty<FAULT> {}

/// Asserts that each line of the failures has `what` in it.
#[track_caller]
fn assert_only(verdict: Verdict, what: &str) {
    let failures = verdict.unwrap_err().0;
    assert!(!failures.is_empty());
    for failure in failures {
        assert!(failure.contains(what), "'{what}' is not in: {failure}");
    }
}

/// The gaps as `what dtype`.
#[track_caller]
fn gaps(verdict: Verdict) -> Vec<String> {
    verdict.unwrap().iter().map(|gap| format!("{} {}", gap.what, gap.dtype)).collect()
}

#[test]
fn without_a_fault_the_wrapper_passes() {
    assert_eq!(conformance::everything::<Faulty<{ fault::NONE }>>(Device::Cpu).unwrap(), []);
}

#[test]
fn an_axis_that_is_not_passed() {
    type B = Faulty<{ fault::AXIS_NOT_PASSED }>;
    assert_only(conformance::normalisations::<B>(Device::Cpu), "softmax");
    assert_only(conformance::reductions::<B>(Device::Cpu), "argmax");
    assert_only(conformance::elementwise::<B>(Device::Cpu), "EqualArgmax");
}

#[test]
fn a_result_that_is_thrown_away() {
    assert_only(conformance::indexing::<Faulty<{ fault::RESULT_THROWN_AWAY }>>(Device::Cpu), "scatter_add_rows");
}

#[test]
fn logits_taken_as_probabilities() {
    let failures = conformance::losses::<Faulty<{ fault::LOGITS_AS_PROBABILITIES }>>(Device::Cpu).unwrap_err().0;
    for dtype in DType::TIMED {
        let named = failures.iter().any(|f| f.contains(&format!("(cross_entropy) {dtype} of 1x3")));
        assert!(named, "{dtype}: {failures:?}");
    }
}

#[test]
fn one_element_that_is_off_is_shown() {
    let failures = conformance::products::<Faulty<{ fault::ONE_ELEMENT_OFF }>>(Device::Cpu).unwrap_err();
    let first = &failures.0[0];
    assert!(first.starts_with("Matmul (matmul) f32 of 3x5, 5x7: error "), "{first}");
    assert!(first.contains("worst in output 0 at 10: "), "{first}");
}

#[test]
fn an_op_that_notes_no_path() {
    let verdict = conformance::convolutions::<Faulty<{ fault::NOTES_NOTHING }>>(Device::Cpu);
    assert_only(verdict, "notes no path for conv2d");
}

#[test]
fn a_slice_beyond_the_end_that_is_cut_short() {
    type B = Faulty<{ fault::SLICE_CLAMPS }>;
    assert_only(conformance::bad_shapes::<B>(Device::Cpu), "accepted, and gave");
    assert_eq!(conformance::indexing::<B>(Device::Cpu).unwrap(), [], "slices that fit are right");
}

#[test]
fn a_panic_is_a_failure_with_its_message() {
    let verdict = conformance::bad_shapes::<Faulty<{ fault::PANICS }>>(Device::Cpu);
    assert_only(verdict.clone(), "Matmul of");
    assert_only(verdict, "panicked: called `Result::unwrap()`");
}

#[test]
fn what_is_unsupported_is_listed_once_for_each_dtype() {
    let missing = gaps(conformance::everything::<Faulty<{ fault::NO_SQRT }>>(Device::Cpu));
    let ops = ["adam", "gradient of sqrt", "sqrt"];
    let expected: Vec<String> = ops.iter().flat_map(|op| DType::TIMED.map(|dtype| format!("{op} {dtype}"))).collect();
    assert_eq!(missing, expected);
    assert_eq!(gaps(conformance::everything::<Faulty<{ fault::NO_F16 }>>(Device::Cpu)), ["upload f16"]);
}

#[test]
fn a_backend_without_gradients() {
    type B = Faulty<{ fault::NO_GRADIENT }>;
    let missing = gaps(conformance::gradients::<B>(Device::Cpu));
    assert!(missing.contains(&"gradient of matmul f32".to_owned()), "{missing:?}");
    assert!(missing.iter().all(|gap| gap.starts_with("gradient of ")), "{missing:?}");
}

#[test]
fn wrong_gradients() {
    let failures = conformance::gradients::<Faulty<{ fault::GRADIENT_NOT_ADDED_UP }>>(Device::Cpu).unwrap_err().0;
    for op in ["Add", "Relu", "Linear", "Conv2d", "Softmax", "GatherRows", "CrossEntropy"] {
        assert!(failures.iter().any(|f| f.starts_with(&format!("gradient of {op} "))), "{op} is not in {failures:?}");
    }
    assert!(failures.iter().any(|f| f.starts_with("gradient of a network f32")), "{failures:?}");
}

#[test]
fn gradients_of_what_has_none() {
    assert_only(
        conformance::gradients::<Faulty<{ fault::GRADIENT_OF_MANY }>>(Device::Cpu),
        "the gradient of a function of 3 elements: accepted",
    );
    assert_only(
        conformance::gradients::<Faulty<{ fault::REWRITES_ERRORS }>>(Device::Cpu),
        "an error inside value_and_grad came out as",
    );
}

#[test]
fn a_result_in_another_dtype() {
    type B = Faulty<{ fault::WIDENS }>;
    assert_only(conformance::products::<B>(Device::Cpu), "gives f64 instead of ");
    assert_only(conformance::transfers::<B>(Device::Cpu), "comes back as f64 instead of ");
}

#[test]
fn bytes_that_change_on_the_way() {
    let verdict = conformance::transfers::<Faulty<{ fault::LOSES_SIGN_OF_ZERO }>>(Device::Cpu);
    assert_only(verdict, "comes back as Some(0.0) instead of Some(-0.0)");
}

#[test]
fn a_result_of_another_shape() {
    let verdict = conformance::reductions::<Faulty<{ fault::SHAPE_OF_MEAN }>>(Device::Cpu);
    assert_only(verdict, "shape 1 instead of scalar");
}

#[test]
fn channels_first_passes_where_it_is_done_and_fails_where_it_is_only_claimed() {
    assert_eq!(conformance::convolutions::<Faulty<{ fault::CHANNELS_FIRST }>>(Device::Cpu).unwrap(), []);
    assert_only(conformance::convolutions::<Faulty<{ fault::CHANNELS_CONFUSED }>>(Device::Cpu), "conv2d");
}

#[test]
fn a_device_that_opens_but_is_not_listed() {
    let verdict = conformance::transfers::<Faulty<{ fault::HIDES_ITS_DEVICE }>>(Device::Cpu);
    assert_only(verdict, "cpu opens, but devices() does not list it");
}
