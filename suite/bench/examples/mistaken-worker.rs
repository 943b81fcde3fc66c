//! A worker for the tests of `bench verify`: the reference, with one mistake planted in it. The environment variable
//! `MISTAKE` chooses among those that a backend's author can make and never see in a time.

use chipmark_core::ops::conv::Conv;
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::index::Index;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::ops::loss::Loss;
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::optim::Optim;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{Backend, BackendInfo, ConvLayout, DeviceStatus, HostData, HostTensor, OpLog, OpResult};
use chipmark_core::{Device, OpError, OpenOptions};
use chipmark_reference::{Reference, Tensor};
use std::cell::Cell;
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mistake {
    /// None: this backend is right.
    None,
    /// The axis of softmax is not passed on: the framework takes its default, which is another.
    Axis,
    /// The result of an op that does not work in place is thrown away.
    Discard,
    /// A loss that wants log-probabilities is given logits.
    Logits,
    /// Dropout leaves everything as it is.
    Mask,
    /// Ops only begin the work, and `finish` does not wait for it.
    Unfinished,
}

/// How many times as long as the call the device takes, where it works on by itself: so much longer that a busy machine
/// cannot make the call itself look like the wait.
const DEVICE_TIMES: u32 = 4;

struct Mistaken {
    right: Reference,
    mistake: Mistake,
    /// When the device will have done all that it was given.
    busy_until: Cell<Instant>,
}

impl Mistaken {
    /// Has the reference do an op, and the device be busy with it.
    fn op<T>(&self, op: impl FnOnce(&Reference) -> OpResult<T>) -> OpResult<T> {
        let start = Instant::now();
        let made = op(&self.right);
        if self.mistake == Mistake::Unfinished {
            let now = Instant::now();
            self.busy_until.set(self.busy_until.get().max(now) + (now - start) * DEVICE_TIMES);
        }
        made
    }
}

impl Backend for Mistaken {
    type Tensor = Tensor;

    const NAME: &'static str = "mistaken";

    fn devices() -> Vec<DeviceStatus> {
        Reference::devices()
    }

    fn open(device: Device, options: &OpenOptions) -> OpResult<Self> {
        let name = std::env::var("MISTAKE").unwrap_or_default();
        let mistake = match name.as_str() {
            "none" => Mistake::None,
            "axis" => Mistake::Axis,
            "discard" => Mistake::Discard,
            "logits" => Mistake::Logits,
            "mask" => Mistake::Mask,
            "unfinished" => Mistake::Unfinished,
            _ => return Err(OpError::framework("open", format!("MISTAKE={name} is no mistake"))),
        };
        Ok(Mistaken { right: Reference::open(device, options)?, mistake, busy_until: Cell::new(Instant::now()) })
    }

    fn info(&self) -> BackendInfo {
        self.right.info()
    }

    fn log(&self) -> &OpLog {
        self.right.log()
    }

    fn upload(&self, host: &HostTensor) -> OpResult<Tensor> {
        self.right.upload(host)
    }

    fn download(&self, tensor: &Tensor) -> OpResult<HostTensor> {
        // A copy from the device stands in its queue like everything else, and so it waits, whatever `finish` does.
        let left: Duration = self.busy_until.get().saturating_duration_since(Instant::now());
        std::thread::sleep(left);
        self.right.download(tensor)
    }

    fn share(&self, tensor: &Tensor) -> Tensor {
        self.right.share(tensor)
    }

    fn finish(&self, tensors: &[Tensor]) -> OpResult<()> {
        self.right.finish(tensors)
    }

    fn value_and_grad<F>(&self, f: F, params: &[Tensor]) -> OpResult<(Tensor, Vec<Tensor>)>
    where
        F: Fn(&Self, &[Tensor]) -> OpResult<Tensor>,
    {
        self.right.value_and_grad(|_, params| f(self, params), params)
    }
}

/// Ops that are the reference's own.
macro_rules! right {
    ($($op:ident($($name:ident: $type:ty),+);)+) => {
        $(fn $op(&self, $($name: $type),+) -> OpResult<Tensor> {
            self.op(|right| right.$op($($name),+))
        })+
    };
}

impl Elementwise for Mistaken {
    right! {
        add(a: &Tensor, b: &Tensor);
        sub(a: &Tensor, b: &Tensor);
        div(a: &Tensor, b: &Tensor);
        affine(x: &Tensor, factor: f64, offset: f64);
        sqrt(x: &Tensor);
        relu(x: &Tensor);
        equal(a: &Tensor, b: &Tensor);
    }

    fn mul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        if self.mistake == Mistake::Mask && self.is_mask(b)? {
            return Ok(self.share(a));
        }
        self.op(|right| right.mul(a, b))
    }
}

impl Mistaken {
    /// Whether a tensor is the mask of a dropout of one half: zeros and twos, and both.
    fn is_mask(&self, tensor: &Tensor) -> OpResult<bool> {
        let values = self.right.download(tensor)?.to_f64();
        Ok(values.contains(&0.0) && values.contains(&2.0) && values.iter().all(|x| [0.0, 2.0].contains(x)))
    }
}

impl Reduce for Mistaken {
    right! {
        mean_all(x: &Tensor);
        argmax(x: &Tensor, axis: usize);
    }
}

impl Linalg for Mistaken {
    right! {
        matmul(a: &Tensor, b: &Tensor);
        linear(x: &Tensor, w: &Tensor, bias: &Tensor);
    }
}

impl Conv for Mistaken {
    fn conv_layout(&self) -> ConvLayout {
        self.right.conv_layout()
    }

    right! {
        conv2d(x: &Tensor, filters: &Tensor);
    }
}

impl Norm for Mistaken {
    fn softmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let another = (axis + 1) % x.shape().len().max(1);
        let axis = if self.mistake == Mistake::Axis { another } else { axis };
        self.op(|right| right.softmax(x, axis))
    }
}

impl Index for Mistaken {
    right! {
        gather_rows(x: &Tensor, index: &Tensor);
        slice_rows(x: &Tensor, start: usize, len: usize);
    }

    fn scatter_add_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        let sum = self.op(|right| right.scatter_add_rows(into, index, source))?;
        Ok(if self.mistake == Mistake::Discard { self.share(into) } else { sum })
    }
}

impl Loss for Mistaken {
    fn cross_entropy(&self, logits: &Tensor, classes: &Tensor) -> OpResult<Tensor> {
        if self.mistake == Mistake::Logits {
            return self.of_log_probabilities(logits, classes);
        }
        self.op(|right| right.cross_entropy(logits, classes))
    }
}

impl Mistaken {
    /// The mean over rows of −xᵢ,classᵢ: the loss, if x were the logarithms of probabilities. With a gradient.
    fn of_log_probabilities(&self, x: &Tensor, classes: &Tensor) -> OpResult<Tensor> {
        let &[rows, columns] = x.shape() else { return Err(OpError::framework("cross_entropy", "not a matrix")) };
        let mut picks = vec![0.0; rows * columns];
        for (row, class) in picks.chunks_exact_mut(columns).zip(self.right.download(classes)?.to_f64()) {
            row.iter_mut().zip(0u32..).filter(|(_, at)| f64::from(*at) == class).for_each(|(pick, _)| *pick = -1.0);
        }
        let picks = self.upload(&HostTensor::new([rows, columns], HostData::F64(picks))?)?;
        let width = f64::from(u32::try_from(columns).map_err(|error| OpError::framework("cross_entropy", error))?);
        self.affine(&self.mean_all(&self.mul(x, &picks)?)?, width, 0.0)
    }
}

impl Optim for Mistaken {}

fn main() -> ExitCode {
    chipmark_worker::serve::<Mistaken>()
}
