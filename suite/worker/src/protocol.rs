//! The messages between `bench` and a worker: one JSON object a line, requests on the worker's stdin, replies on its
//! stdout. `suite/docs/PROTOCOL.md` describes the conversation.

use crate::inputs::Cold;
use chipmark_core::{
    BackendInfo, CaseId, ConvLayout, Device, DeviceStatus, Digest, Execution, MemoryUse, Mode, OpPath, OpenOptions,
    Outcome,
};
use chipmark_core::{Samples, Sampling};
use serde::{Deserialize, Serialize};

/// The protocol's version. A worker says it first; `bench` talks to no other.
pub const PROTOCOL: u32 = 1;

/// The longest line that either side reads.
pub const MAX_LINE_BYTES: usize = 4 << 20;

/// What `bench` asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Request {
    /// Which devices do you know, and can they be used? Answered by [`Reply::Devices`].
    Devices,
    /// Open this device. Answered by [`Reply::Opened`]. Once a process.
    Open {
        /// The device.
        device: Device,
        /// How steps are executed on it.
        #[serde(default)]
        execution: Execution,
        /// Threads, seed and precision.
        options: OpenOptions,
    },
    /// Do this case once and tell what came out. Answered by [`Reply::Checked`].
    Check {
        /// The case.
        case: CaseId,
        /// Take the absolute values of the inputs: the result is then the scale of errors.
        #[serde(default)]
        absolute: bool,
        /// How many calls in a row are compared; left out, as many as the case says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        calls: Option<u32>,
    },
    /// Does `finish` wait for the work? Answered by [`Reply::FinishProved`].
    ProveFinish,
    /// Time this cell. Answered by any number of [`Reply::Block`], then [`Reply::Measured`].
    Measure {
        /// The case.
        case: CaseId,
        /// What is timed.
        mode: Mode,
        /// How it is sampled.
        sampling: Sampling,
        /// Where calls find their inputs: left out, where the call before left them; otherwise in memory.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cold: Option<Cold>,
    },
    /// Make calls of this case, with no clock, and tell what they needed of memory. Meant for a process that has done nothing
    /// else. Answered by [`Reply::MemoryUsed`].
    Memory {
        /// The case.
        case: CaseId,
        /// How many calls.
        calls: u32,
    },
    /// End.
    Quit,
}

/// What a worker says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Reply {
    /// The first line, unasked.
    Hello {
        /// [`PROTOCOL`].
        protocol: u32,
        /// The framework's short name.
        worker: String,
        /// The worker program's version.
        version: String,
        /// Whether it computes at all. False for the synthetic backend.
        arithmetic: bool,
        /// The ways in which it can execute a step.
        #[serde(default = "eager_alone")]
        executions: Vec<Execution>,
    },
    /// The devices known.
    Devices {
        /// Each with the reason if it cannot be used. The best comes last.
        devices: Vec<DeviceStatus>,
    },
    /// The device is open.
    Opened {
        /// What is in force.
        info: BackendInfo,
        /// The smallest step of the clock, in ns.
        timer_resolution_ns: u64,
        /// The cost of a wait with nothing to wait for, in ns, each time it was measured.
        bare_finish_ns: Vec<u64>,
    },
    /// What came out of a case.
    Checked {
        /// Each output's digest, in order, over all the calls that the case compares.
        digests: Vec<Digest>,
        /// How each op was done.
        paths: Vec<OpPath>,
        /// The layout of convolutions, where there are any.
        layout: Option<ConvLayout>,
    },
    /// How much of a fixed piece of work `finish` waited for: near 1 if it waits, near 0 if reading the result does.
    FinishProved {
        /// The share.
        share: f64,
    },
    /// One block, as it is measured.
    Block(Block),
    /// The cell is measured.
    Measured {
        /// Everything but the blocks, which came before.
        samples: Box<Samples>,
    },
    /// What the calls needed of memory.
    MemoryUsed {
        /// By the system's count and by the framework's.
        memory: MemoryUse,
    },
    /// The request could not be done. The worker goes on.
    Error {
        /// What the cell's outcome is.
        outcome: Outcome,
        /// Why, in one line.
        message: String,
    },
}

fn eager_alone() -> Vec<Execution> {
    vec![Execution::Eager]
}

/// One block of calls. Durations in ns; see [`Samples`] for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is described once, in Samples")]
pub struct Block {
    pub block_ns: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block4_ns: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submit4_ns: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_ns: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_ns: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download_ns: Option<u64>,
}

impl Block {
    /// The time of the k calls alone, in ns: in throughput a third of what 4k calls took longer than k, which leaves out
    /// what a block costs once.
    #[must_use]
    pub(crate) fn calls_ns(self) -> f64 {
        let ns = |ns: u64| {
            #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
            let ns = ns as f64;
            ns
        };
        self.block4_ns.map_or_else(|| ns(self.block_ns), |four| (ns(four) - ns(self.block_ns)) / 3.0)
    }

    /// Adds this block to the samples that are being put together.
    pub fn append_to(self, samples: &mut Samples) {
        samples.block_ns.push(self.block_ns);
        samples.block4_ns.extend(self.block4_ns);
        samples.submit4_ns.extend(self.submit4_ns);
        samples.upload_ns.extend(self.upload_ns);
        samples.step_ns.extend(self.step_ns);
        samples.download_ns.extend(self.download_ns);
    }
}
