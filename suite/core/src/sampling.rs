//! How a launch is sampled, and the raw samples that come of it. Shared by the worker, which takes them, and the record,
//! which keeps them.

use crate::Memory;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How one launch is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sampling {
    /// Warm-up lasts at least this many seconds.
    pub warm_up_s: f64,
    /// And at most this many, if the windows do not agree.
    pub max_warm_up_s: f64,
    /// Sampling ends once this many seconds are spent and `min_samples` are taken.
    pub sample_s: f64,
    /// Or before, once the median is known this well: half the width of its 95 % interval, as a share of it. `None` fills
    /// `sample_s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// The fewest samples.
    pub min_samples: u32,
    /// The most samples.
    pub max_samples: u32,
    /// A block of calls lasts at least this many seconds.
    pub min_block_s: f64,
    /// And at most this many, calls permitting.
    pub max_block_s: f64,
}

/// The longest that any part of a launch may be asked to last, in seconds.
const LONGEST_S: f64 = 3600.0;
/// The most samples that a launch may be asked for.
const MOST_SAMPLES: u32 = 100_000;

impl Sampling {
    /// Whether a launch can be sampled so; suite files and results files are held to it.
    ///
    /// # Errors
    /// A line that says what the limits are.
    pub fn check(&self) -> Result<(), String> {
        let durations = [self.sample_s, self.min_block_s, self.max_block_s, self.max_warm_up_s];
        let positive = durations.iter().all(|&s| s > 0.0 && s <= LONGEST_S);
        let ordered = self.warm_up_s >= 0.0
            && self.warm_up_s <= self.max_warm_up_s
            && self.min_block_s <= self.max_block_s
            && (1..=self.max_samples).contains(&self.min_samples)
            && self.max_samples <= MOST_SAMPLES;
        let precise = self.precision.is_none_or(|share| share > 0.0 && share < 1.0);
        if positive && ordered && precise {
            return Ok(());
        }
        Err(format!(
            "sampling: durations must be positive and at most {LONGEST_S} s, each minimum at most its maximum, samples at most \
             {MOST_SAMPLES}, and precision between 0 and 1"
        ))
    }
}

/// Where a call finds its inputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Inputs {
    /// Where the call before left them: in the cache, as far as it holds them. Every call has the same inputs.
    #[default]
    Warm,
    /// In memory: so many sets of inputs take turns that each has left the cache by the time it is used again.
    Cold,
}

impl Inputs {
    /// Whether they are warm.
    #[must_use]
    pub fn is_warm(&self) -> bool {
        *self == Inputs::Warm
    }
}

impl fmt::Display for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Inputs::Warm => "warm",
            Inputs::Cold => "cold",
        })
    }
}

impl FromStr for Inputs {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "warm" => Ok(Inputs::Warm),
            "cold" => Ok(Inputs::Cold),
            other => Err(format!("'{other}' is neither warm nor cold")),
        }
    }
}

/// The raw samples of a launch. Every duration is of a whole block, in ns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Samples {
    /// k: the calls in a block.
    pub calls: u64,
    /// The blocks of k calls.
    pub block_ns: Vec<u64>,
    /// `throughput`: the blocks of 4k calls, each taken right after the block of k of the same index.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub block4_ns: Vec<u64>,
    /// `throughput`: how long submitting the 4k calls took, before the wait.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub submit4_ns: Vec<u64>,
    /// `transfer`: the uploads alone, k times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upload_ns: Vec<u64>,
    /// `transfer`: the calls alone, k times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub step_ns: Vec<u64>,
    /// `transfer`: the downloads alone, k times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub download_ns: Vec<u64>,
    /// Compiled execution: how often the framework traced the step, its first compilation among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traces: Option<u64>,
    /// Sets of inputs that took turns: one, unless the inputs were cold.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub input_sets: u32,
    /// The cost of a wait with nothing to wait for, right before the first sample, each time it was measured. Never
    /// subtracted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bare_finish_ns: Vec<u64>,
    /// How long the warm-up was, in ns.
    pub warm_up_ns: u64,
    /// Its calls.
    pub warm_up_calls: u64,
    /// The framework's account of its memory after the last block.
    #[serde(default)]
    pub memory: Memory,
    /// What a reader must know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_one(sets: &u32) -> bool {
    *sets == 1
}

impl Default for Samples {
    /// Nothing measured yet, on one set of inputs.
    fn default() -> Self {
        Samples {
            calls: 0,
            block_ns: Vec::new(),
            block4_ns: Vec::new(),
            submit4_ns: Vec::new(),
            upload_ns: Vec::new(),
            step_ns: Vec::new(),
            download_ns: Vec::new(),
            traces: None,
            input_sets: 1,
            bare_finish_ns: Vec::new(),
            warm_up_ns: 0,
            warm_up_calls: 0,
            memory: Memory::default(),
            flags: Vec::new(),
        }
    }
}

/// What a reader of a number must know about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Flag {
    /// The warm-up ended at its limit, the times still drifting.
    NeverWarm,
    /// Submitting took nine tenths of the time or more: the device waited for the host.
    DispatchBound,
    /// The framework compiled the step more than once.
    Recompiled,
    /// f32 in name, TF32 in error: factors were rounded to 11 bits. Never ranked beside f32.
    Tf32,
    /// Fewer samples than asked for fitted into the time.
    FewSamples,
    /// Not all the sets of inputs that cold inputs need could be held: calls may have found some in the cache.
    PartlyCold,
    /// More bytes a second than the memory can move: the data was in a cache.
    CacheMeasured,
    /// The rounds ended before the ratio to the fastest was known as well as was asked for.
    Unconverged,
    /// Its results were checked at a smaller shape alone: its own is too large for the reference, and no other target had it.
    ReducedCheck,
    /// The canaries, or the machine's state, said that the machine was disturbed in a round that had to count.
    Disturbed,
}

impl Flag {
    /// Every flag, in the order of legends.
    pub const ALL: [Flag; 10] = [
        Flag::NeverWarm,
        Flag::DispatchBound,
        Flag::Recompiled,
        Flag::Tf32,
        Flag::ReducedCheck,
        Flag::FewSamples,
        Flag::PartlyCold,
        Flag::CacheMeasured,
        Flag::Unconverged,
        Flag::Disturbed,
    ];
}

impl Samples {
    /// Empties the lists of durations: they travel block by block, and what remains goes with the end.
    pub fn clear_blocks(&mut self) {
        for list in self.lists() {
            list.clear();
        }
    }

    /// Takes over the lists of durations of `blocks`.
    pub fn take_blocks(&mut self, mut blocks: Samples) {
        for (list, taken) in self.lists().into_iter().zip(blocks.lists()) {
            *list = std::mem::take(taken);
        }
    }

    fn lists(&mut self) -> [&mut Vec<u64>; 6] {
        [
            &mut self.block_ns,
            &mut self.block4_ns,
            &mut self.submit4_ns,
            &mut self.upload_ns,
            &mut self.step_ns,
            &mut self.download_ns,
        ]
    }
}
