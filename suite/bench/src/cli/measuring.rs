//! The arguments that the measuring verbs share.

use super::Selection;
use super::values::duration;
use chipmark_core::Inputs;
use clap::Args;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What is measured, and how: of `bench run` and `bench ab`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Measuring {
    /// A suite by name (see `bench list suites`) or a TOML file
    #[arg(long, default_value = "quick")]
    pub suite: String,

    #[command(flatten)]
    pub selection: Selection,

    /// The seed of inputs and orders
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Where calls find their inputs: warm, where the call before left them, or cold, in memory; cold ones are possible in modes
    /// latency and throughput
    #[arg(long, value_name = "WARMTH", default_value = "warm")]
    pub inputs: Inputs,

    /// The time limit of one cell in one round
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "120s")]
    pub cell_timeout: Duration,

    #[command(flatten)]
    pub spending: Spending,
}

/// How long measuring may take, and where it goes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Spending {
    /// Stop measuring after this long, such as `90s` or `10m`; what was not reached says so
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub budget: Option<Duration>,

    /// The folder that gets a folder for what is measured
    #[arg(long, value_name = "DIR", default_value = super::RUNS)]
    pub out: PathBuf,
}

impl Spending {
    /// When the time is up, were it to start now.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.budget.map(|budget| Instant::now() + budget)
    }

    /// The budget in seconds, as records have it.
    pub(crate) fn budget_s(&self) -> Option<f64> {
        self.budget.map(|budget| budget.as_secs_f64())
    }
}
