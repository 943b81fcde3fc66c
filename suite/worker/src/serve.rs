//! The serve loop: all of a worker program but its backend.

use crate::check::{Asked, check, prove_finish};
use crate::process_memory::{count, forget_peak, peak_between};
use crate::protocol::{PROTOCOL, Reply, Request};
use crate::sampler::{Floor, sample};
use crate::stdio::{self, Replies};
use crate::{Clock, Cold, Job, Monotonic, Prepared};
use chipmark_core::{
    CaseId, Device, Execution, Flag, FullBackend, MemoryUse, Mode, OpError, OpResult, OpenOptions, Outcome, Sampling,
};
use chipmark_workloads::{CaseError, Visitor, Workload, visit};
use std::io;
use std::process::ExitCode;

/// How often the wait with nothing to wait for is measured.
const BARE_FINISHES: usize = 200;

/// Serves a backend over stdin and stdout until stdin ends or `bench` says quit. A worker's `main` is this call.
#[must_use]
pub fn serve<B: FullBackend>() -> ExitCode {
    serve_by::<B>(&Monotonic::start())
}

/// The same by another clock than the host's: that of a backend that lives in a time of its own.
#[must_use]
pub fn serve_by<B: FullBackend>(clock: &impl Clock) -> ExitCode {
    match serve_channel::<B>(clock) {
        Ok(()) => ExitCode::SUCCESS,
        // `bench` is gone; there is nobody to tell.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("worker {}: {error}", B::NAME);
            ExitCode::FAILURE
        }
    }
}

fn serve_channel<B: FullBackend>(clock: &impl Clock) -> io::Result<()> {
    let (requests, replies) = stdio::take()?;
    let mut replies = Replies(replies);
    replies.send(&Reply::Hello {
        protocol: PROTOCOL,
        worker: B::NAME.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        arithmetic: B::ARITHMETIC,
        executions: B::EXECUTIONS.to_vec(),
    })?;
    let mut open: Option<Opened<B>> = None;
    for incoming in stdio::read(requests) {
        let reply = match incoming {
            Err(message) => Reply::Error { outcome: Outcome::Failed, message },
            Ok(Request::Quit) => break,
            Ok(Request::Devices) => Reply::Devices { devices: B::devices() },
            Ok(Request::Open { .. }) if open.is_some() => refuse("a device is open already: one a process"),
            Ok(Request::Open { device, execution, options }) => {
                match Opened::<B>::open(device, execution, &options, clock) {
                    Ok((opened, reply)) => {
                        open = Some(opened);
                        reply
                    }
                    Err(error) => failed(&error),
                }
            }
            Ok(request) => match &open {
                Some(opened) => opened.answer(&request, clock, &mut replies)?,
                None => refuse("no device is open: send an 'open' request first"),
            },
        };
        replies.send(&reply)?;
    }
    Ok(())
}

struct Opened<B> {
    backend: B,
    execution: Execution,
    seed: u64,
    floor: Floor,
}

impl<B: FullBackend> Opened<B> {
    fn open(
        device: Device,
        execution: Execution,
        options: &OpenOptions,
        clock: &impl Clock,
    ) -> OpResult<(Self, Reply)> {
        if !B::EXECUTIONS.contains(&execution) {
            return Err(OpError::unsupported("open", format!("{} has no execution '{execution}'", B::NAME)));
        }
        let seed = options.seed;
        let backend = B::open(device, options)?;
        backend.finish(&[])?;
        let bare_finish_ns = bare_finishes(&backend, clock)?;
        let timer_resolution_ns = clock.resolution_ns();
        let floor = Floor::new(timer_resolution_ns, &bare_finish_ns);
        let reply = Reply::Opened { info: backend.info(), timer_resolution_ns, bare_finish_ns };
        Ok((Opened { backend, execution, seed, floor }, reply))
    }

    /// Answers a request that needs a device. Blocks are sent on the way.
    fn answer(&self, request: &Request, clock: &impl Clock, replies: &mut Replies) -> io::Result<Reply> {
        let reply = match request {
            Request::ProveFinish => prove_finish(&self.backend, clock).map(|share| Reply::FinishProved { share }),
            Request::Check { case, absolute, calls } => {
                let calls = calls.map(|calls| calls as usize);
                let asked = Asked { execution: self.execution, seed: self.seed, absolute: *absolute, calls };
                named(case, visit(case, Checking { opened: self, clock, asked }))
            }
            Request::Measure { case, mode, sampling, cold } => {
                let mut lost = Ok(());
                let measuring = Measuring {
                    opened: self,
                    clock,
                    mode: *mode,
                    sampling,
                    cold: cold.as_ref(),
                    replies,
                    lost: &mut lost,
                };
                let reply = named(case, visit(case, measuring));
                lost?;
                reply
            }
            Request::Memory { case, calls } => {
                named(case, visit(case, Counting { opened: self, clock, calls: *calls }))
            }
            Request::Devices | Request::Open { .. } | Request::Quit => return Ok(refuse("answered elsewhere")),
        };
        Ok(reply.unwrap_or_else(|error| failed(&error)))
    }
}

/// Waits with nothing to wait for, in ns each.
fn bare_finishes(backend: &impl FullBackend, clock: &impl Clock) -> OpResult<Vec<u64>> {
    let mut ns = Vec::with_capacity(BARE_FINISHES);
    for _ in 0..BARE_FINISHES {
        let start = clock.now_ns();
        backend.finish(&[])?;
        ns.push(clock.now_ns() - start);
    }
    Ok(ns)
}

fn named(case: &CaseId, result: Result<OpResult<Reply>, CaseError>) -> OpResult<Reply> {
    result.unwrap_or_else(|error| Err(OpError::framework("case", format!("{case}: {error}"))))
}

fn refuse(message: &str) -> Reply {
    Reply::Error { outcome: Outcome::Failed, message: message.to_owned() }
}

fn failed(error: &OpError) -> Reply {
    Reply::Error { outcome: Outcome::from(error), message: error.to_string() }
}

struct Checking<'a, B, C> {
    opened: &'a Opened<B>,
    clock: &'a C,
    asked: Asked,
}

impl<B: FullBackend, C: Clock> Visitor for Checking<'_, B, C> {
    type Output = OpResult<Reply>;

    fn visit<W: Workload>(self, workload: &W) -> OpResult<Reply> {
        check(&self.opened.backend, workload, self.clock, &self.asked)
    }
}

struct Measuring<'a, B, C> {
    opened: &'a Opened<B>,
    clock: &'a C,
    mode: Mode,
    sampling: &'a Sampling,
    cold: Option<&'a Cold>,
    replies: &'a mut Replies,
    /// Whether `bench` was lost in the middle.
    lost: &'a mut io::Result<()>,
}

impl<B: FullBackend, C: Clock> Visitor for Measuring<'_, B, C> {
    type Output = OpResult<Reply>;

    fn visit<W: Workload>(self, workload: &W) -> OpResult<Reply> {
        if !workload.modes().contains(&self.mode) {
            return Err(OpError::unsupported(W::ID, format!("it has no mode {}", self.mode)));
        }
        if self.cold.is_some() {
            Cold::suits(workload, self.mode)?;
        }
        let Opened { backend, execution, seed, .. } = self.opened;
        let mut job = Prepared::new(backend, workload, self.clock, *execution, *seed, self.cold, |tensor| tensor)?;
        let bare_finish_ns = bare_finishes(backend, self.clock)?;
        let mut samples = sample(&mut job, self.mode, self.sampling, self.opened.floor, self.clock, |block| {
            if self.lost.is_ok() {
                *self.lost = self.replies.send(&Reply::Block(*block));
            }
        })?;
        samples.bare_finish_ns = bare_finish_ns;
        samples.memory = backend.memory();
        let (sets, all_cold) = job.input_sets();
        samples.input_sets = u32::try_from(sets).unwrap_or(u32::MAX);
        if !all_cold {
            samples.flags.push(Flag::PartlyCold);
        }
        samples.traces = job.traces();
        if samples.traces.is_some_and(|traces| traces > 1) {
            samples.flags.push(Flag::Recompiled);
        }
        samples.clear_blocks();
        Ok(Reply::Measured { samples: Box::new(samples) })
    }
}

struct Counting<'a, B, C> {
    opened: &'a Opened<B>,
    clock: &'a C,
    calls: u32,
}

impl<B: FullBackend, C: Clock> Visitor for Counting<'_, B, C> {
    type Output = OpResult<Reply>;

    /// The calls come one after the other, each one's outputs dropped before the next: what is counted is one call's need.
    fn visit<W: Workload>(self, workload: &W) -> OpResult<Reply> {
        let Opened { backend, execution, seed, .. } = self.opened;
        let mut job = Prepared::new(backend, workload, self.clock, *execution, *seed, None, |tensor| tensor)?;
        backend.reset_peak()?;
        let allocator_before_bytes = backend.memory().now_bytes;
        let before = count();
        let forgotten = forget_peak();
        for _ in 0..self.calls {
            drop(job.call()?);
        }
        Ok(Reply::MemoryUsed {
            memory: MemoryUse {
                before_bytes: before.now,
                process_peak_bytes: peak_between(before, forgotten, count()),
                allocator_before_bytes,
                allocator_peak_bytes: backend.memory().peak_bytes,
            },
        })
    }
}

#[cfg(test)]
mod tests;
