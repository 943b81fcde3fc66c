//! The reference with one thing wrong. Its ops are in [`crate::ops`].

use crate::fault;
use chipmark_core::backend::DeviceStatus;
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{
    Backend, BackendInfo, Compiled, DType, Device, Execution, HostData, HostTensor, OpError, OpLog, OpResult,
    OpenOptions,
};
use chipmark_reference::{Reference, Tensor};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, Weak};

/// The reference with one thing wrong.
pub(crate) struct Faulty<const FAULT: u8> {
    pub(crate) inner: Reference,
    silent: OpLog,
    /// A tensor's elements, and those that it has since an op wrote over it.
    pub(crate) overwritten: RefCell<Option<[HostTensor; 2]>>,
    /// The host's memory that was last adopted, where it is not held on to.
    adopted: RefCell<Option<Weak<HostData>>>,
}

impl<const FAULT: u8> Faulty<FAULT> {
    /// A tensor of the elements that `change` makes of another's.
    pub(crate) fn changed(&self, tensor: &Tensor, change: impl Fn(f64) -> f64) -> OpResult<Tensor> {
        let host = self.inner.download(tensor)?;
        let values = host.to_f64().into_iter().map(change).collect();
        self.inner.upload(&HostTensor::new(host.shape().clone(), HostData::F64(values))?)
    }
}

impl<const FAULT: u8> Backend for Faulty<FAULT> {
    type Tensor = Tensor;

    // Only the reference may widen to f64.
    const NAME: &'static str = if FAULT == fault::WIDENS { "faulty" } else { "reference" };

    const EXECUTIONS: &'static [Execution] = match FAULT {
        fault::COMPILES
        | fault::COMPILES_IN_THE_INPUTS
        | fault::COMPILES_AGAIN
        | fault::COMPILES_ERRORS_AWAY
        | fault::LISTS_WHAT_IT_CANNOT_COMPILE => &[Execution::Eager, Execution::Compile],
        _ => &[Execution::Eager],
    };

    fn devices() -> Vec<DeviceStatus> {
        if FAULT == fault::HIDES_ITS_DEVICE { Vec::new() } else { Reference::devices() }
    }

    fn open(device: Device, options: &OpenOptions) -> OpResult<Self> {
        Ok(Faulty {
            inner: Reference::open(device, options)?,
            silent: OpLog::default(),
            overwritten: RefCell::default(),
            adopted: RefCell::default(),
        })
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

    fn adopt(&self, host: &HostTensor) -> OpResult<Tensor> {
        match FAULT {
            fault::ADOPTS => self.inner.upload(host),
            fault::ADOPTS_WITHOUT_HOLDING_ON => {
                *self.adopted.borrow_mut() = Some(Arc::downgrade(&host.shared_data()));
                self.inner.upload(host)
            }
            fault::ADOPTS_ANOTHER => self.changed(&self.inner.upload(host)?, |x| x + 1.0),
            _ => self.inner.adopt(host),
        }
    }

    fn download(&self, tensor: &Tensor) -> OpResult<HostTensor> {
        let host = self.inner.download(tensor)?;
        if let Some([before, after]) = &*self.overwritten.borrow()
            && *before == host
        {
            return Ok(after.clone());
        }
        if self.adopted.borrow().as_ref().is_some_and(|memory| memory.strong_count() == 0) {
            return self.inner.download(&self.changed(tensor, |_| 1.0)?);
        }
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

    /// Traces the step on the example, and then calls it.
    fn compile<'a, F>(&'a self, f: F, example: &[Tensor]) -> OpResult<Compiled<'a, Tensor>>
    where
        F: Fn(&Self, &[Tensor]) -> OpResult<Vec<Tensor>> + 'a,
    {
        if Self::EXECUTIONS.len() == 1 && FAULT != fault::COMPILES_UNLISTED
            || FAULT == fault::LISTS_WHAT_IT_CANNOT_COMPILE
        {
            return Err(OpError::unsupported("compile", "not here"));
        }
        let traces = Rc::new(Cell::new(1));
        let traced = match f(self, example) {
            Err(_) if FAULT == fault::COMPILES_ERRORS_AWAY => Vec::new(),
            traced => traced?,
        };
        let count = Rc::clone(&traces);
        let run = move |inputs: &[Tensor]| match FAULT {
            fault::COMPILES_IN_THE_INPUTS => Ok(traced.clone()),
            fault::COMPILES_ERRORS_AWAY => f(self, inputs).or_else(|_| Ok(Vec::new())),
            _ => {
                count.set(count.get() + u64::from(FAULT == fault::COMPILES_AGAIN));
                f(self, inputs)
            }
        };
        Ok(Compiled::new(Box::new(run), traces))
    }
}
