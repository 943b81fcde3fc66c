//! The synthetic backend: its queue, its waiting and its transfers. The ops are in [`crate::ops`].

use crate::queue::Queue;
use crate::sampler::Sampler;
use crate::settings::Settings;
use crate::tensor::Tensor;
use crate::time::Time;
use chipmark_core::backend::DeviceStatus;
use chipmark_core::{Backend, BackendInfo, DType, Device, HostTensor, OpError, OpLog, OpResult, OpenOptions, Shape};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// A device on which everything takes a known time, and nothing is computed.
pub struct Synthetic {
    log: OpLog,
    settings: Settings,
    /// How long after the epoch it was opened.
    since_epoch_s: f64,
    time: Time,
    sampler: RefCell<Sampler>,
    queue: RefCell<Queue>,
}

impl Synthetic {
    /// Opens it with settings that do not come from the environment. `seed` and the launch's number decide all noise.
    #[must_use]
    pub fn with_settings(settings: Settings, seed: u64, launch: u32) -> Self {
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        Synthetic {
            log: OpLog::default(),
            since_epoch_s: settings.epoch_s.map_or(0.0, |epoch_s| now_s - epoch_s),
            time: Time::start(settings.wait),
            sampler: RefCell::new(Sampler::new(settings.clone(), seed, launch)),
            settings,
            queue: RefCell::new(Queue::default()),
        }
    }

    fn now_ns(&self) -> f64 {
        self.time.now_ns()
    }

    /// The output of an op, whose latency goes on the queue.
    pub(crate) fn made(&self, op: &'static str, shape: Shape, dtype: DType) -> Tensor {
        self.log.native(op, "latency");
        let (now_ns, mut queue) = (self.now_ns(), self.queue.borrow_mut());
        let cost_ns = self.sampler.borrow_mut().next_ns(op, self.since_epoch_s + queue.start_ns(now_ns) / 1e9);
        Tensor { shape, dtype, ready_ns: queue.push(now_ns, cost_ns) }
    }

    /// Puts a copy of so many bytes on the queue, and tells when it will be done.
    fn copy_ns(&self, bytes: usize) -> f64 {
        // 10⁹ bytes per second are one per nanosecond.
        #[expect(clippy::cast_precision_loss, reason = "what fits in memory is far below 2^53")]
        let cost_ns = bytes as f64 / self.settings.gbps;
        self.queue.borrow_mut().push(self.now_ns(), cost_ns)
    }

    fn wait_until(&self, ready_ns: f64) {
        self.time.wait_until(ready_ns);
    }
}

impl Backend for Synthetic {
    type Tensor = Tensor;

    const NAME: &'static str = "synthetic";

    const ARITHMETIC: bool = false;

    fn devices() -> Vec<DeviceStatus> {
        vec![DeviceStatus { device: Device::Cpu, why_not: None }]
    }

    fn open(device: Device, options: &OpenOptions) -> OpResult<Self> {
        if device != Device::Cpu {
            let why = format!("the synthetic backend has no device {device}, only cpu");
            return Err(OpError::unsupported("open", why));
        }
        let settings = Settings::from_env().map_err(|error| OpError::framework("open", error))?;
        Ok(Synthetic::with_settings(settings, options.seed, options.launch))
    }

    fn info(&self) -> BackendInfo {
        let build = BTreeMap::from([("settings".to_owned(), format!("{:?}", self.settings))]);
        BackendInfo {
            framework: "Chipmark synthetic".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            precision: "none: nothing is computed".to_owned(),
            threads: Some(1),
            build,
            ..BackendInfo::default()
        }
    }

    fn log(&self) -> &OpLog {
        &self.log
    }

    fn upload(&self, host: &HostTensor) -> OpResult<Tensor> {
        let ready_ns = self.copy_ns(host.size_bytes());
        Ok(Tensor { shape: host.shape().clone(), dtype: host.dtype(), ready_ns })
    }

    fn download(&self, tensor: &Tensor) -> OpResult<HostTensor> {
        // The queue is in order: the copy waits for the tensor.
        let done_ns = self.copy_ns(tensor.size_bytes());
        let host = tensor.zeros();
        self.wait_until(done_ns);
        host
    }

    fn share(&self, tensor: &Tensor) -> Tensor {
        tensor.clone()
    }

    fn finish(&self, tensors: &[Tensor]) -> OpResult<()> {
        let ready_ns = match tensors {
            [] => self.queue.borrow().busy_until_ns(),
            _ => tensors.iter().fold(0.0, |latest, tensor| tensor.ready_ns.max(latest)),
        };
        self.wait_until(ready_ns);
        Ok(())
    }

    /// Runs `f`; the way back takes as long on the device as `f` did, so that both together cost twice `f`.
    fn value_and_grad<F>(&self, f: F, params: &[Tensor]) -> OpResult<(Tensor, Vec<Tensor>)>
    where
        F: Fn(&Self, &[Tensor]) -> OpResult<Tensor>,
    {
        const OP: &str = "value_and_grad";
        let before_ns = self.queue.borrow().busy_ns();
        let value = f(self, params)?;
        if value.shape.numel() != 1 {
            let what = format!("{} {}: the function must return one element", value.dtype, value.shape);
            return Err(OpError::framework(OP, what));
        }
        let cost_ns = self.queue.borrow().busy_ns() - before_ns;
        let ready_ns = self.queue.borrow_mut().push(self.now_ns(), cost_ns);
        Ok((value, params.iter().map(|param| Tensor { ready_ns, ..param.clone() }).collect()))
    }
}
