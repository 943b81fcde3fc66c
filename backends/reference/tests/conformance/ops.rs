//! The ops of a [`Faulty`] backend: the reference's, but for the one that is wrong.

use crate::fault;
use crate::faulty::Faulty;
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
use chipmark_core::{Backend, HostData, HostTensor, Mask, OpError, OpResult};
use chipmark_reference::Tensor;

/// Ops that are the reference's own.
macro_rules! inner {
    ($($op:ident($($operand:ident: $type:ty),+);)+) => {$(
        fn $op(&self, $($operand: $type),+) -> OpResult<Tensor> {
            self.inner.$op($($operand),+)
        }
    )+};
}

impl<const FAULT: u8> Elementwise for Faulty<FAULT> {
    inner! {
        add(a: &Tensor, b: &Tensor);
        sub(a: &Tensor, b: &Tensor);
        mul(a: &Tensor, b: &Tensor);
        div(a: &Tensor, b: &Tensor);
        affine(x: &Tensor, factor: f64, offset: f64);
        relu(x: &Tensor);
        leaky_relu(x: &Tensor, slope: f64);
        prelu(x: &Tensor, slope: &Tensor);
        selu(x: &Tensor);
        sigmoid(x: &Tensor);
        tanh(x: &Tensor);
        copy(x: &Tensor);
        triad(a: &Tensor, b: &Tensor, factor: f64);
        equal(a: &Tensor, b: &Tensor);
    }
    fn sqrt(&self, x: &Tensor) -> OpResult<Tensor> {
        if FAULT == fault::NO_SQRT { Err(OpError::unsupported("sqrt", "no roots")) } else { self.inner.sqrt(x) }
    }
    fn softplus(&self, x: &Tensor) -> OpResult<Tensor> {
        let y = self.inner.softplus(x)?;
        // ln(1 + eˣ) as it stands there, with an eˣ in f16.
        let overflown = |y: f64| if y > 65504f64.ln() { f64::INFINITY } else { y };
        if FAULT == fault::EXPONENTIAL_OVERFLOWS { self.changed(&y, overflown) } else { Ok(y) }
    }
    fn gelu(&self, x: &Tensor) -> OpResult<Tensor> {
        let y = self.inner.gelu(x)?;
        let by_tanh =
            |x: f64| 0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3))).tanh());
        if FAULT == fault::APPROXIMATE_GELU { self.changed(x, by_tanh) } else { Ok(y) }
    }
}

impl<const FAULT: u8> Reduce for Faulty<FAULT> {
    inner! {
        cumsum(x: &Tensor, axis: usize);
        sum_all(x: &Tensor);
    }
    fn mean_all(&self, x: &Tensor) -> OpResult<Tensor> {
        let mean = self.inner.mean_all(x)?;
        if FAULT == fault::SHAPE_OF_MEAN { self.inner.reshape(&mean, &[1]) } else { Ok(mean) }
    }
    fn sum(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.inner.sum(x, if FAULT == fault::AXIS_NOT_PASSED { 0 } else { axis })
    }
    fn argmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.inner.argmax(x, if FAULT == fault::AXIS_NOT_PASSED { 0 } else { axis })
    }
}

impl<const FAULT: u8> Sort for Faulty<FAULT> {
    fn sort(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let last = x.shape().len().saturating_sub(1);
        self.inner.sort(x, if FAULT == fault::AXIS_NOT_PASSED { last } else { axis })
    }
}

impl<const FAULT: u8> Arrange for Faulty<FAULT> {
    inner! {
        reshape(x: &Tensor, dims: &[usize]);
    }
    fn concat(&self, a: &Tensor, b: &Tensor, axis: usize) -> OpResult<Tensor> {
        self.inner.concat(a, b, if FAULT == fault::AXIS_NOT_PASSED { 0 } else { axis })
    }
    fn swap_axes(&self, x: &Tensor, first: usize, second: usize) -> OpResult<Tensor> {
        let swapped = self.inner.swap_axes(x, first, second)?;
        if FAULT == fault::VIEW_NOT_ARRANGED { self.inner.reshape(x, swapped.shape()) } else { Ok(swapped) }
    }
}

impl<const FAULT: u8> Linalg for Faulty<FAULT> {
    inner! {
        linear(x: &Tensor, w: &Tensor, bias: &Tensor);
    }
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
}

impl<const FAULT: u8> Conv for Faulty<FAULT> {
    fn conv_layout(&self) -> ConvLayout {
        if matches!(FAULT, fault::CHANNELS_FIRST | fault::CHANNELS_CONFUSED) {
            ConvLayout::ChannelsFirst
        } else {
            ConvLayout::ChannelsLast
        }
    }
    fn conv1d(&self, x: &Tensor, filters: &Tensor) -> OpResult<Tensor> {
        self.in_its_layout(x, filters, |x, filters| self.inner.conv1d(x, filters))
    }
    fn conv2d(&self, x: &Tensor, filters: &Tensor) -> OpResult<Tensor> {
        self.in_its_layout(x, filters, |x, filters| self.inner.conv2d(x, filters))
    }
}

impl<const FAULT: u8> Faulty<FAULT> {
    /// Operands and result in the layout that it says is its own; or not, where it confuses them.
    fn in_its_layout(
        &self,
        x: &Tensor,
        filters: &Tensor,
        convolution: impl Fn(&Tensor, &Tensor) -> OpResult<Tensor>,
    ) -> OpResult<Tensor> {
        if FAULT != fault::CHANNELS_FIRST {
            return convolution(x, filters);
        }
        let layout = ConvLayout::ChannelsFirst;
        let last = |tensor: &Tensor| self.upload(&layout.to_channels_last(self.download(tensor)?)?);
        let output = convolution(&last(x)?, &last(filters)?)?;
        self.upload(&layout.from_channels_last(self.download(&output)?)?)
    }
}

impl<const FAULT: u8> Attention for Faulty<FAULT> {
    fn sdpa(&self, q: &Tensor, k: &Tensor, v: &Tensor, mask: Mask<'_, Tensor>, scale: f64) -> OpResult<Tensor> {
        match FAULT {
            fault::MASK_IGNORED => self.inner.sdpa(q, k, v, Mask::None, scale),
            fault::HEADS_INTERLEAVED => {
                // Head i of q is served by head i mod g, as if those of k and v were laid out again and again.
                let &[b, h, _, _] = q.shape() else { return self.inner.sdpa(q, k, v, mask, scale) };
                let g = k.shape()[1];
                if b != 1 || !h.is_multiple_of(g) {
                    return self.inner.sdpa(q, k, v, mask, scale);
                }
                let repeated =
                    |x: &Tensor| (1..h / g).try_fold(self.share(x), |repeated, _| self.inner.concat(&repeated, x, 1));
                self.inner.sdpa(q, &repeated(k)?, &repeated(v)?, mask, scale)
            }
            _ => self.inner.sdpa(q, k, v, mask, scale),
        }
    }
}

impl<const FAULT: u8> Norm for Faulty<FAULT> {
    fn softmax(&self, x: &Tensor, axis: usize) -> OpResult<Tensor> {
        let last = x.shape().len().saturating_sub(1);
        self.inner.softmax(x, if FAULT == fault::AXIS_NOT_PASSED { last } else { axis })
    }
    fn layer_norm(&self, x: &Tensor, weight_and_bias: Option<[&Tensor; 2]>, epsilon: f64) -> OpResult<Tensor> {
        let n = x.shape().last().map_or(0.0, |&n| n as f64);
        if FAULT == fault::VARIANCE_OF_A_SAMPLE && n > 1.0 {
            // √(n/(n−1) · (var + epsilon)) in the place of √(var + epsilon).
            let normal = self.inner.affine(&self.inner.layer_norm(x, None, epsilon)?, ((n - 1.0) / n).sqrt(), 0.0)?;
            let Some([weight, bias]) = weight_and_bias else { return Ok(normal) };
            return self.inner.add(&self.inner.mul(&normal, weight)?, bias);
        }
        self.inner.layer_norm(x, weight_and_bias, epsilon)
    }
}

impl<const FAULT: u8> Index for Faulty<FAULT> {
    inner! {
        gather_rows(x: &Tensor, index: &Tensor);
    }
    fn scatter_add_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        self.scattered(into, self.inner.scatter_add_rows(into, index, source)?)
    }
    fn scatter_set_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        self.scattered(into, self.inner.scatter_set_rows(into, index, source)?)
    }
    fn scatter_max_rows(&self, into: &Tensor, index: &Tensor, source: &Tensor) -> OpResult<Tensor> {
        let output = self.inner.scatter_max_rows(into, index, source)?;
        if FAULT == fault::MAXIMUM_ADDED {
            return self.inner.scatter_add_rows(into, index, source);
        }
        self.scattered(into, output)
    }
    fn slice_rows(&self, x: &Tensor, start: usize, len: usize) -> OpResult<Tensor> {
        if FAULT == fault::SLICE_CLAMPS {
            let start = start.min(x.shape()[0]);
            return self.inner.slice_rows(x, start, len.min(x.shape()[0] - start));
        }
        self.inner.slice_rows(x, start, len)
    }
}

impl<const FAULT: u8> Faulty<FAULT> {
    /// What becomes of a scatter's output.
    fn scattered(&self, into: &Tensor, output: Tensor) -> OpResult<Tensor> {
        if FAULT == fault::SCATTERS_IN_PLACE {
            *self.overwritten.borrow_mut() = Some([self.inner.download(into)?, self.inner.download(&output)?]);
        }
        Ok(if FAULT == fault::RESULT_THROWN_AWAY { self.share(into) } else { output })
    }
}

impl<const FAULT: u8> Loss for Faulty<FAULT> {
    fn cross_entropy(&self, logits: &Tensor, classes: &Tensor) -> OpResult<Tensor> {
        if FAULT == fault::LOGITS_CONFUSED {
            return self.inner.cross_entropy(&self.inner.softmax(logits, 1)?, classes);
        }
        self.inner.cross_entropy(logits, classes)
    }
    fn bce(&self, probabilities: &Tensor, targets: &Tensor) -> OpResult<Tensor> {
        if FAULT == fault::LOGITS_CONFUSED {
            return self.inner.bce(&self.inner.sigmoid(probabilities)?, targets);
        }
        self.inner.bce(probabilities, targets)
    }
}

impl<const FAULT: u8> Optim for Faulty<FAULT> {}
