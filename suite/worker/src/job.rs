//! A case ready to run on a backend, and the timed regions. What is between two readings of the clock is here and
//! nowhere else.

use crate::Clock;
use crate::inputs::{Cold, Sets};
use crate::protocol::Block;
use chipmark_core::{Compiled, ConvLayout, Execution, Fill, FullBackend, HostTensor, OpError, OpResult, Outputs};
use chipmark_workloads::Workload;
use smallvec::SmallVec;

/// Work that can be timed in blocks of calls. The sampler knows no more than this, and is tested with a fake.
pub trait Job {
    /// Times `calls` calls, each waited for.
    ///
    /// # Errors
    /// Whatever the backend reports.
    fn latency(&mut self, calls: u64) -> OpResult<Block>;

    /// Times `calls` calls submitted and waited for once, then four times as many.
    ///
    /// # Errors
    /// As above.
    fn throughput(&mut self, calls: u64) -> OpResult<Block>;

    /// Times `calls` times upload, call, download; then each stage alone.
    ///
    /// # Errors
    /// As above.
    fn transfer(&mut self, calls: u64) -> OpResult<Block>;

    /// Bytes that the outputs of one call may hold.
    fn held_bytes_per_call(&self) -> u64;

    /// How often the framework has traced the step, where it compiles it.
    fn traces(&self) -> Option<u64> {
        None
    }
}

/// A workload's case with its inputs in place.
pub struct Prepared<'a, B: FullBackend, W: Workload, C: Clock> {
    backend: &'a B,
    workload: &'a W,
    clock: &'a C,
    host: Vec<HostTensor>,
    device: Sets<B::Tensor>,
    /// Whether there are as many sets as cold inputs need.
    all_cold: bool,
    step: Step<'a, B, W>,
}

/// How the work is called.
enum Step<'a, B: FullBackend, W> {
    Eager(&'a B, &'a W),
    /// Compiled in its first call, which a user of the framework waits for too.
    Compiled(&'a B, &'a W, Option<Compiled<'a, B::Tensor>>),
}

impl<B: FullBackend, W: Workload> Step<'_, B, W> {
    #[inline]
    fn call(&mut self, host: &[HostTensor], device: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        match self {
            Step::Eager(backend, workload) => workload.step(*backend, host, device),
            Step::Compiled(backend, workload, compiled) => {
                let compiled = match compiled {
                    Some(compiled) => compiled,
                    None => compiled.insert(compile(*backend, *workload, device)?),
                };
                let tensors = SmallVec::from_vec(compiled.run(device)?);
                Ok(Outputs { tensors, host: Vec::new() })
            }
        }
    }
}

/// Gives the framework's compiler the step. It knows the inputs on the device alone.
fn compile<'a, B: FullBackend, W: Workload>(
    backend: &'a B,
    workload: &'a W,
    device: &[B::Tensor],
) -> OpResult<Compiled<'a, B::Tensor>> {
    let step = |b: &B, inputs: &[B::Tensor]| workload.step(b, &[], inputs).map(|made| made.tensors.into_vec());
    backend.compile(step, device)
}

impl<'a, B: FullBackend, W: Workload, C: Clock> Prepared<'a, B, W, C> {
    /// Makes the inputs from the seed and the case, and puts them in place. `map` may change them on the way. Cold inputs
    /// are as many equal sets as `cold` asks for and its memory allows.
    ///
    /// # Errors
    /// When a tensor cannot be made or uploaded, or the framework's compiler cannot be given the step.
    pub fn new(
        backend: &'a B,
        workload: &'a W,
        clock: &'a C,
        execution: Execution,
        seed: u64,
        cold: Option<&Cold>,
        map: impl Fn(HostTensor) -> HostTensor,
    ) -> OpResult<Self> {
        if execution != Execution::Eager && !workload.compilable() {
            return Err(OpError::unsupported(W::ID, "moving data to or from the host is not work for a compiler"));
        }
        let layout = backend.conv_layout();
        let mut fill = Fill::new(seed, &workload.fill_key());
        let host: Vec<_> = workload.inputs(&mut fill, layout)?.into_iter().map(map).collect();
        let bytes = host.iter().map(HostTensor::size_bytes).sum::<usize>() as u64;
        let (sets, all_cold) = cold.map_or((1, true), |cold| cold.sets(bytes));
        let mut device = Sets::default();
        for _ in 0..sets {
            let set = if workload.resident() {
                host.iter().map(|tensor| backend.upload(tensor)).collect::<OpResult<Vec<_>>>()?
            } else {
                Vec::new()
            };
            backend.finish(&set)?;
            device.push(set);
        }
        let step = match execution {
            Execution::Eager => Step::Eager(backend, workload),
            Execution::Compile | Execution::Jit => Step::Compiled(backend, workload, None),
        };
        Ok(Prepared { backend, workload, clock, host, device, all_cold, step })
    }

    /// The inputs, as they were made on the host.
    pub(crate) fn host(&self) -> &[HostTensor] {
        &self.host
    }

    /// How many sets of inputs take turns, and whether they are as many as cold inputs need.
    #[must_use]
    pub fn input_sets(&self) -> (usize, bool) {
        (self.device.len(), self.all_cold)
    }

    /// One call, outside any clock: its outputs, those that are carried already in place for the next call and left out.
    ///
    /// # Errors
    /// Whatever the backend reports.
    pub fn call(&mut self) -> OpResult<Outputs<B::Tensor>> {
        let mut outputs = self.step.call(&self.host, self.device.current())?;
        self.backend.finish(&outputs.tensors)?;
        self.carry(&mut outputs);
        outputs.tensors.drain(..self.workload.carried().min(outputs.tensors.len()));
        Ok(outputs)
    }

    /// Brings outputs to the host, in the workload's own layout.
    ///
    /// # Errors
    /// Whatever the backend reports.
    pub fn read(&self, outputs: Outputs<B::Tensor>) -> OpResult<Vec<HostTensor>> {
        let layout: ConvLayout = self.backend.conv_layout();
        let device =
            outputs.tensors.iter().map(|tensor| self.backend.download(tensor)).collect::<OpResult<Vec<_>>>()?;
        device.into_iter().chain(outputs.host).map(|tensor| self.workload.canonical(tensor, layout)).collect()
    }

    /// The outputs that are the next call's inputs change places with this call's: the old ones are dropped with the
    /// outputs.
    #[inline]
    fn carry(&mut self, outputs: &mut Outputs<B::Tensor>) {
        for (input, output) in
            self.device.current_mut().iter_mut().zip(&mut outputs.tensors).take(self.workload.carried())
        {
            std::mem::swap(input, output);
        }
    }

    /// k calls submitted, one wait: (until all were submitted, until all were done), in ns.
    fn submit_and_wait(&mut self, calls: u64) -> OpResult<(u64, u64)> {
        let mut tensors = Vec::with_capacity(usize::try_from(calls).unwrap_or(0));
        self.backend.finish(&[])?;
        let start = self.clock.now_ns();
        for _ in 0..calls {
            let outputs = self.step.call(&self.host, self.device.current())?;
            self.backend.submit(&outputs.tensors)?;
            tensors.extend(outputs.tensors);
            self.device.advance();
        }
        let submitted = self.clock.now_ns();
        self.backend.finish(&tensors)?;
        let end = self.clock.now_ns();
        drop(tensors);
        Ok((submitted - start, end - start))
    }

    fn upload(&self) -> OpResult<Vec<B::Tensor>> {
        self.host.iter().map(|tensor| self.backend.upload(tensor)).collect()
    }

    fn download(&self, outputs: &Outputs<B::Tensor>) -> OpResult<Vec<HostTensor>> {
        outputs.tensors.iter().map(|tensor| self.backend.download(tensor)).collect()
    }
}

impl<B: FullBackend, W: Workload, C: Clock> Job for Prepared<'_, B, W, C> {
    fn latency(&mut self, calls: u64) -> OpResult<Block> {
        let mut block_ns = 0;
        self.backend.finish(&[])?;
        for _ in 0..calls {
            let start = self.clock.now_ns();
            let mut outputs = self.step.call(&self.host, self.device.current())?;
            self.backend.finish(&outputs.tensors)?;
            let end = self.clock.now_ns();
            block_ns += end - start;
            // Dropped with the clock stopped; memory can be used again by the next call, as in a user's loop.
            self.carry(&mut outputs);
            drop(outputs);
            self.device.advance();
        }
        Ok(Block { block_ns, ..Block::default() })
    }

    fn throughput(&mut self, calls: u64) -> OpResult<Block> {
        let (_, block_ns) = self.submit_and_wait(calls)?;
        let (submit4_ns, block4_ns) = self.submit_and_wait(4 * calls)?;
        Ok(Block { block_ns, block4_ns: Some(block4_ns), submit4_ns: Some(submit4_ns), ..Block::default() })
    }

    fn transfer(&mut self, calls: u64) -> OpResult<Block> {
        let [mut whole, mut upload, mut step, mut download] = [0u64; 4];
        self.backend.finish(&[])?;
        for _ in 0..calls {
            let start = self.clock.now_ns();
            let device = self.upload()?;
            let outputs = self.step.call(&self.host, &device)?;
            self.backend.finish(&outputs.tensors)?;
            let host = self.download(&outputs)?;
            whole += self.clock.now_ns() - start;
            drop((device, outputs, host));
        }
        for _ in 0..calls {
            let start = self.clock.now_ns();
            let device = self.upload()?;
            self.backend.finish(&device)?;
            upload += self.clock.now_ns() - start;

            let start = self.clock.now_ns();
            let outputs = self.step.call(&self.host, &device)?;
            self.backend.finish(&outputs.tensors)?;
            step += self.clock.now_ns() - start;

            let start = self.clock.now_ns();
            let host = self.download(&outputs)?;
            download += self.clock.now_ns() - start;
            drop((device, outputs, host));
        }
        Ok(Block {
            block_ns: whole,
            upload_ns: Some(upload),
            step_ns: Some(step),
            download_ns: Some(download),
            ..Block::default()
        })
    }

    fn held_bytes_per_call(&self) -> u64 {
        let inputs: usize = self.host.iter().map(HostTensor::size_bytes).sum();
        self.workload.cost().working_set_bytes.saturating_sub(inputs as u64).max(1)
    }

    fn traces(&self) -> Option<u64> {
        match &self.step {
            Step::Eager(..) => None,
            Step::Compiled(_, _, compiled) => Some(compiled.as_ref().map_or(0, Compiled::traces)),
        }
    }
}
