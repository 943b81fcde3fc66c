//! The arguments of the verbs that compare, decide and look back.

use super::values::{noise, share, variable};
use super::{Format, Measuring, Spending};
use chipmark_core::{Device, Execution, Mode};
use chipmark_results::compare::{Gate, Rule, Waivers};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// What a change must be to count.
#[derive(Debug, Clone, Args)]
pub(crate) struct RuleArgs {
    /// The smallest change of the time that matters, such as `5%` or 0.05
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "5%")]
    pub threshold: f64,

    /// The seed of the intervals
    #[arg(long = "interval-seed", default_value_t = 1, hide = true)]
    pub interval_seed: u64,
}

impl RuleArgs {
    pub(crate) fn rule(&self) -> Rule {
        Rule { threshold: self.threshold, seed: self.interval_seed, ..Rule::default() }
    }
}

/// What change the measuring verbs look for.
#[derive(Debug, Clone, Args)]
pub(crate) struct DetectArgs {
    #[command(flatten)]
    pub rule: RuleArgs,

    /// The change that must not be passed over, such as `10%`; more than the threshold; default: twice it. The smaller it is, the
    /// more rounds it takes
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub detect: Option<f64>,
}

impl DetectArgs {
    pub(crate) fn rule(&self) -> Rule {
        self.rule.rule()
    }

    /// The change to be found.
    pub(crate) fn detect(&self) -> anyhow::Result<f64> {
        let threshold = self.rule.threshold;
        match self.detect {
            None => Ok(2.0 * threshold),
            Some(detect) if detect > threshold => Ok(detect),
            Some(detect) => anyhow::bail!(
                "--detect {detect} is not more than --threshold {threshold}: what does not matter cannot be found"
            ),
        }
    }
}

/// What a comparison must be for exit code 0.
#[derive(Debug, Clone, Args)]
pub(crate) struct GateArgs {
    /// The smallest share of the first side's cells whose question must be answered
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "50%")]
    pub min_coverage: f64,

    /// A TOML file of regressions and failures that are accepted
    #[arg(long, value_name = "FILE")]
    pub waivers: Option<PathBuf>,
}

impl GateArgs {
    pub(crate) fn gate(&self) -> anyhow::Result<Gate> {
        let waivers = match &self.waivers {
            Some(path) => Waivers::read(path).map_err(|why| anyhow::anyhow!(why))?,
            None => Waivers::default(),
        };
        Ok(Gate { min_coverage: self.min_coverage, waivers })
    }
}

/// Where a comparison goes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Output {
    /// Show the cells without a change too
    #[arg(long)]
    pub all: bool,

    /// What to print
    #[arg(long, value_enum, default_value_t = CompareFormat::Table)]
    pub format: CompareFormat,

    /// Write Markdown for a comment on a pull request
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,

    /// Append Markdown to a job's summary (GitHub: "$GITHUB_STEP_SUMMARY")
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,

    /// Write JUnit XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,

    /// Write JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// How a comparison is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompareFormat {
    Table,
    Markdown,
    Json,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Compare {
    /// What was before: a results file
    pub a: PathBuf,

    /// What is now: a results file
    pub b: PathBuf,

    #[command(flatten)]
    pub rule: RuleArgs,

    #[command(flatten)]
    pub gate: GateArgs,

    #[command(flatten)]
    pub output: Output,
}

/// How two stages decide, and where what they find goes: of `bench ab` and `bench check`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Deciding {
    /// The most rounds of the first stage; default: 20
    #[arg(long, value_parser = clap::value_parser!(u32).range(5..=1000))]
    pub rounds: Option<u32>,

    #[command(flatten)]
    pub rule: DetectArgs,

    #[command(flatten)]
    pub gate: GateArgs,

    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Ab {
    /// The worker program before, or a built-in framework (candle, reference, synthetic)
    pub a: String,

    /// The worker program now
    pub b: String,

    #[command(flatten)]
    pub measuring: Measuring,

    /// The device; default: the best that the workers have
    #[arg(long)]
    pub device: Option<Device>,

    /// How steps are executed: eager, compile, jit; default: eager
    #[arg(long)]
    pub execution: Option<Execution>,

    /// A variable of the first worker's environment; may be repeated
    #[arg(long = "env-a", value_name = "NAME=VALUE", value_parser = variable)]
    pub env_a: Vec<(String, String)>,

    /// A variable of the second worker's environment; may be repeated
    #[arg(long = "env-b", value_name = "NAME=VALUE", value_parser = variable)]
    pub env_b: Vec<(String, String)>,

    /// Threads on the CPU; default: the framework's own choice
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub threads: Option<u16>,

    #[command(flatten)]
    pub deciding: Deciding,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Check {
    /// A results file to judge as it is; default: measure the baseline's cells now, and again what may have changed
    pub results: Option<PathBuf>,

    /// The results file to hold it against
    #[arg(long, value_name = "FILE")]
    pub baseline: PathBuf,

    /// Give workers the variables that the baseline says, though no built-in suite says the same
    #[arg(long)]
    pub trust_env: bool,

    /// Judge although the baseline is of another machine
    #[arg(long)]
    pub other_machine: bool,

    /// A worker program to use, beside those found next to `bench` and on PATH; may be repeated
    #[arg(long = "worker", value_name = "PATH")]
    pub workers: Vec<PathBuf>,

    #[command(flatten)]
    pub spending: Spending,

    #[command(flatten)]
    pub deciding: Deciding,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct History {
    /// A folder with results files, in it or in its folders
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,

    /// The smallest shift that counts
    #[arg(long, value_name = "SHARE", default_value = "3%", value_parser = share)]
    pub threshold: f64,

    /// Only cases that match a pattern, such as `matmul/*`; may be repeated
    #[arg(long = "case", value_name = "PATTERN")]
    pub cases: Vec<String>,

    /// Only these modes
    #[arg(long = "mode", value_name = "MODE", value_delimiter = ',')]
    pub modes: Vec<Mode>,

    /// Only these targets
    #[arg(long = "target", value_name = "TARGET", value_delimiter = ',')]
    pub targets: Vec<String>,

    /// Accept the shifts of these cells that begin at this run, by its id or the beginning of it: into DIR/blessed.toml
    #[arg(long, value_name = "RUN", requires = "why")]
    pub bless: Option<String>,

    /// Why they are accepted
    #[arg(long, value_name = "TEXT", requires = "bless")]
    pub why: Option<String>,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct SelfCheck {
    /// Comparisons of equal devices, and of ones slowed by each of 2% and 5%, at least
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(20..=1_000_000))]
    pub cells: u32,

    /// Relative standard deviation from call to call
    #[arg(long, value_name = "SHARE", default_value = "1%", value_parser = noise)]
    pub noise: f64,

    /// Relative standard deviation from launch to launch
    #[arg(long, value_name = "SHARE", default_value = "2%", value_parser = noise)]
    pub launch_noise: f64,

    /// How much slower all becomes over a run
    #[arg(long, value_name = "SHARE", default_value = "5%", value_parser = share)]
    pub drift: f64,

    /// The smallest change that counts
    #[arg(long, value_name = "SHARE", default_value = "0.25%", value_parser = share)]
    pub threshold: f64,

    /// The change that the fresh rounds are planned to find
    #[arg(long, value_name = "SHARE", default_value = "2%", value_parser = share)]
    pub detect: f64,

    /// The seed of all that is drawn
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Draw how many slowed cells are found with how many rounds, as SVG
    #[arg(long, value_name = "FILE")]
    pub curve: Option<PathBuf>,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Rank {
    /// Results files, or folders of them
    #[arg(required = true, value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,

    /// Only cases that match a pattern, such as `matmul/*`; may be repeated
    #[arg(long = "case", value_name = "PATTERN")]
    pub cases: Vec<String>,

    /// Only these modes
    #[arg(long = "mode", value_name = "MODE", value_delimiter = ',')]
    pub modes: Vec<Mode>,

    /// Only these targets: what they have in common is more, the fewer they are
    #[arg(long = "target", value_name = "TARGET", value_delimiter = ',')]
    pub targets: Vec<String>,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}
