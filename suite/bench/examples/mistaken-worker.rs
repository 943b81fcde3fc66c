//! A worker for the tests of `bench verify`: the reference, with one mistake planted in it. The environment variable
//! `MISTAKE` chooses among those that a backend's author can make and never see in a time.

use chipmark_core::ops::arrange::Arrange;
use chipmark_core::ops::attention::Attention;
use chipmark_core::ops::conv::Conv;
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::index::Index;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::ops::loss::Loss;
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::optim::Optim;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::ops::sort::Sort;
use chipmark_core::{Backend, BackendInfo, ConvLayout, DeviceStatus, HostData, HostTensor, OpLog, OpResult};
use chipmark_core::{Device, Mask, OpError, OpenOptions};
use chipmark_reference::{Reference, Tensor};
use std::cell::Cell;
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mistake {
    /// None: this backend is right.
    None,
    /// The axis is not passed on: the framework takes its default, which is another.
    Axis,
    /// The result of an op that does not work in place is thrown away.
    Discard,
    /// A loss that wants probabilities, or their logarithms, is given something else.
    Logits,
    /// A mask is all ones: dropout leaves everything as it is, attention sees what it must not.
    Mask,
    /// Of two addends the second is left out: a bias, or what a residual connection goes around.
    Addend,
    /// A layer's bias is not passed on.
    Bias,
    /// A normalisation's weight and bias are not passed on.
    Affine,
    /// Attention scales its scores twice.
    Scale,
    /// Groups of heads take turns: each head of k and v serves others than its neighbours.
    Heads,
    /// The last parameter has no gradient, as if it had been detached.
    Gradient,
    /// None, but factors of f32 are rounded to TF32's eleven bits before they are multiplied.
    Tf32,
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
            "addend" => Mistake::Addend,
            "bias" => Mistake::Bias,
            "affine" => Mistake::Affine,
            "scale" => Mistake::Scale,
            "heads" => Mistake::Heads,
            "gradient" => Mistake::Gradient,
            "tf32" => Mistake::Tf32,
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
        let (value, mut gradients) = self.right.value_and_grad(|_, params| f(self, params), params)?;
        if let Some(last) = gradients.last_mut().filter(|_| self.mistake == Mistake::Gradient) {
            *last = self.right.affine(last, 0.0, 0.0)?;
        }
        Ok((value, gradients))
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
        sub(a: &Tensor, b: &Tensor);
        div(a: &Tensor, b: &Tensor);
        affine(x: &Tensor, factor: f64, offset: f64);
        sqrt(x: &Tensor);
        relu(x: &Tensor);
        leaky_relu(x: &Tensor, slope: f64);
        prelu(x: &Tensor, slope: &Tensor);
        selu(x: &Tensor);
        sigmoid(x: &Tensor);
        softplus(x: &Tensor);
        tanh(x: &Tensor);
        gelu(x: &Tensor);
        copy(x: &Tensor);
        triad(a: &Tensor, b: &Tensor, factor: f64);
        equal(a: &Tensor, b: &Tensor);
    }

    fn add(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        if self.mistake == Mistake::Addend {
            return Ok(self.share(a));
        }
        self.op(|right| right.add(a, b))
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

impl Mistaken {
    /// The axis that the framework takes.
    fn axis(&self, x: &Tensor, axis: usize) -> usize {
        if self.mistake == Mistake::Axis { (axis + 1) % x.shape().len().max(1) } else { axis }
    }

    /// A factor as the hardware sees it.
    fn factor(&self, x: &Tensor) -> OpResult<Tensor> {
        if self.mistake != Mistake::Tf32 {
            return Ok(self.share(x));
        }
        let host = self.right.download(x)?;
        let rounded = host.to_f64().into_iter().map(tf32).collect();
        self.right.upload(&HostTensor::new(host.shape().clone(), HostData::F64(rounded))?)
    }
}

/// Rounded to eleven significant bits, as TF32 keeps them.
fn tf32(x: f64) -> f64 {
    let unit = f64::from_bits(x.to_bits() & 0x7ff0_0000_0000_0000) / 1024.0;
    if unit == 0.0 { x } else { (x / unit).round_ties_even() * unit }
}

impl Reduce for Mistaken {
    right! {
        mean_all(x: &Tensor);
        sum_all(x: &Tensor);
    }

    fn sum(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.op(|right| right.sum(x, self.axis(x, axis)))
    }

    fn cumsum(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.op(|right| right.cumsum(x, self.axis(x, axis)))
    }

    fn argmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.op(|right| right.argmax(x, self.axis(x, axis)))
    }
}

impl Sort for Mistaken {
    fn sort(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.op(|right| right.sort(x, self.axis(x, axis)))
    }
}

impl Arrange for Mistaken {
    right! {
        concat(a: &Tensor, b: &Tensor, axis: usize);
        reshape(x: &Tensor, dims: &[usize]);
        swap_axes(x: &Tensor, first: usize, second: usize);
    }
}

impl Attention for Mistaken {
    fn sdpa(&self, q: &Tensor, k: &Tensor, v: &Tensor, mask: Mask<'_, Tensor>, scale: f64) -> OpResult<Tensor> {
        let mask = if self.mistake == Mistake::Mask { Mask::None } else { mask };
        let scale = if self.mistake == Mistake::Scale { scale * scale } else { scale };
        if self.mistake == Mistake::Heads {
            let [k, v] = [self.in_turns(q, k)?, self.in_turns(q, v)?];
            return self.op(|right| right.sdpa(q, &k, &v, mask, scale));
        }
        self.op(|right| right.sdpa(q, k, v, mask, scale))
    }
}

impl Mistaken {
    /// The heads of k or v once for each head of q, as if the n-th of q were served by the n-th modulo their number. With a
    /// gradient.
    fn in_turns(&self, q: &Tensor, kv: &Tensor) -> OpResult<Tensor> {
        let (&[_, heads, ..], &[_, kv_heads, ..]) = (q.shape(), kv.shape()) else {
            return Err(OpError::framework("sdpa", "too few axes"));
        };
        (1..heads / kv_heads).try_fold(self.share(kv), |all, _| self.right.concat(&all, kv, 1))
    }
}

impl Linalg for Mistaken {
    fn matmul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        let (a, b) = (self.factor(a)?, self.factor(b)?);
        self.op(|right| right.matmul(&a, &b))
    }

    fn linear(&self, x: &Tensor, w: &Tensor, bias: &Tensor) -> OpResult<Tensor> {
        let (x, w) = (self.factor(x)?, self.factor(w)?);
        let none = if self.mistake == Mistake::Bias { Some(self.right.affine(bias, 0.0, 0.0)?) } else { None };
        self.op(|right| right.linear(&x, &w, none.as_ref().unwrap_or(bias)))
    }
}

impl Conv for Mistaken {
    fn conv_layout(&self) -> ConvLayout {
        self.right.conv_layout()
    }

    right! {
        conv1d(x: &Tensor, filters: &Tensor);
        conv2d(x: &Tensor, filters: &Tensor);
    }
}

impl Norm for Mistaken {
    fn layer_norm(&self, x: &Tensor, weight_and_bias: Option<[&Tensor; 2]>, epsilon: f64) -> OpResult<Tensor> {
        let given = weight_and_bias.filter(|_| self.mistake != Mistake::Affine);
        self.op(|right| right.layer_norm(x, given, epsilon))
    }

    fn softmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.op(|right| right.softmax(x, self.axis(x, axis)))
    }
}

/// An op whose result is thrown away leaves the tensor as it is.
macro_rules! discarded {
    ($($op:ident;)+) => {
        $(fn $op(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
            let made = self.op(|right| right.$op(into, index, source))?;
            Ok(if self.mistake == Mistake::Discard { self.share(into) } else { made })
        })+
    };
}

impl Index for Mistaken {
    right! {
        gather_rows(x: &Tensor, index: &Tensor);
        slice_rows(x: &Tensor, start: usize, len: usize);
    }

    discarded! {
        scatter_add_rows;
        scatter_set_rows;
        scatter_max_rows;
    }
}

impl Loss for Mistaken {
    fn cross_entropy(&self, logits: &Tensor, classes: &Tensor) -> OpResult<Tensor> {
        if self.mistake == Mistake::Logits {
            return self.of_log_probabilities(logits, classes);
        }
        self.op(|right| right.cross_entropy(logits, classes))
    }

    fn bce(&self, probabilities: &Tensor, targets: &Tensor) -> OpResult<Tensor> {
        if self.mistake == Mistake::Logits {
            return self.op(|right| right.bce(&right.sigmoid(probabilities)?, targets));
        }
        self.op(|right| right.bce(probabilities, targets))
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
