//! The command line: the verbs, and the arguments of those that measure and show. Those that compare are in `compare.rs`.

mod backend;
mod compare;
mod contribute;
mod import;
mod measuring;
mod migrate;
mod plot;
mod submit;
mod values;

pub(crate) use backend::{Backend, BackendVerb};
pub(crate) use compare::{Ab, Check, Compare, CompareFormat, Deciding, History, Output, Rank, SelfCheck};
pub(crate) use contribute::{DATA, Validate};
pub(crate) use import::{Import, ImportFrom};
pub(crate) use measuring::Measuring;
pub(crate) use migrate::Migrate;
pub(crate) use plot::Plot;
pub(crate) use submit::Submit;

use chipmark_core::{DType, Device, Execution, Mode, Tier};
use chipmark_results::record::Profile;
use clap::{Args, Parser, Subcommand, ValueEnum};
use measuring::Spending;
use std::path::PathBuf;

/// The folder that runs are written to unless another is named.
pub(crate) const RUNS: &str = "bench-results";

/// Measures MLX, PyTorch and candle on the same work, and checks every result before it is timed.
#[derive(Debug, Parser)]
#[command(name = "bench", version, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Check and measure, then print a table and write the report
    Run(Run),
    /// Show what there is: workloads, cases, targets, suites, modes, and the schema of results files
    List(List),
    /// Check every case against the f64 reference on every target that can be used, without timing anything
    Verify(Verify),
    /// Show the machine, the frameworks, what is missing, and what would disturb a measurement
    Doctor(Doctor),
    /// Make the table, CSV and page of a run, or a site of many, from results files
    Report(Report),
    /// Compare two results files, cell by cell: what changed, by how much, how sure
    Compare(Compare),
    /// Measure two builds of a worker in the same rounds, and say what differs
    Ab(Ab),
    /// Hold this machine, or a results file, against a baseline: the gate of a CI
    Check(Check),
    /// Say who wins, by how much, over what
    Rank(Rank),
    /// Turn tables that others published into records, with their source and their known faults
    Import(Import),
    /// Make a run fit to become public, and a contribution of it, once you have seen what is in it
    Submit(Submit),
    /// Rewrite results files of older schemas in the present one
    Migrate(Migrate),
    /// Draw one chart of results files, as SVG or PNG
    Plot(Plot),
    /// Show where the times of cells shifted over the runs of a folder
    History(History),
    /// Hold contributed files, or a tree of them, to the rules
    Validate(Validate),
    /// Show how well comparisons decide, by simulated runs of devices whose times are known
    Selfcheck(SelfCheck),
    /// Make the crate of a new backend
    Backend(Backend),
    /// Print the requests that make a worker measure one case: pipe them into `bench worker NAME`
    Spec(Spec),
    /// Serve a built-in framework over stdin and stdout, as `bench run` has it done
    Worker(Worker),
    /// Print the completions for a shell
    Completions(Completions),
}

/// Where the workers are.
#[derive(Debug, Clone, Args)]
pub(crate) struct Workers {
    /// A worker program to use, beside those found next to `bench` and on PATH; may be repeated
    #[arg(long = "worker", value_name = "PATH")]
    pub workers: Vec<PathBuf>,

    /// Targets or frameworks to measure (such as `candle:cpu`, `tch`, `mlx+compile`), separated by commas; default: the
    /// suite's, or else all that can be used, op by op
    #[arg(long = "target", value_name = "TARGET", value_delimiter = ',')]
    pub targets: Vec<String>,

    /// Threads for each framework on the CPU; default: the framework's own choice
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub threads: Option<u16>,

    /// Allow TF32, where a framework has it, in products of f32. What is then off by as much is labelled, and not ranked
    #[arg(long)]
    pub tf32: bool,
}

/// Which cells.
#[derive(Debug, Clone, Args)]
pub(crate) struct Selection {
    /// Cases, by id, by pattern (`matmul/*`) or by parts (`'matmul[m=1|16,k=4096,n=4096,dtype=bf16]'`; `bench list workloads`
    /// has the names), separated by commas; default: those of the suite
    #[arg(long = "case", value_name = "CASE")]
    pub cases: Vec<String>,

    /// Modes: latency, throughput, transfer, first-call; default: those of the suite
    #[arg(long = "mode", value_name = "MODE", value_delimiter = ',')]
    pub modes: Vec<Mode>,

    /// Dtypes: f32, f16, bf16; default: those of the suite
    #[arg(long = "dtype", value_name = "DTYPE", value_delimiter = ',')]
    pub dtypes: Vec<DType>,

    /// The size of the cases: tiny, small or full; default: the suite's
    #[arg(long)]
    pub tier: Option<Tier>,

    /// Train gcn_epoch on the graph of this folder too, with its files cora.content and cora.cites
    #[arg(long, value_name = "DIR")]
    pub cora: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Run {
    /// The chip's name for the record, or `auto` to detect it
    #[arg(long, default_value = "auto")]
    pub chip: String,

    #[command(flatten)]
    pub measuring: Measuring,

    #[command(flatten)]
    pub workers: Workers,

    /// How much is spent: quick (three rounds: an indication), standard (8 to 20 rounds, until each ratio is known to a
    /// hundredth) or publish (at least 12, and on a machine that nothing disturbs); default: what the suite says
    #[arg(long, value_enum)]
    pub profile: Option<ProfileArg>,

    /// The same as --profile publish
    #[arg(long, conflicts_with = "profile")]
    pub publish: bool,

    /// Rounds, each with fresh worker processes; with a profile, the most of them; default: the suite's or the profile's
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rounds: Option<u32>,

    /// Do not measure first what each device can reach at best; there are then no shares of it
    #[arg(long)]
    pub no_ceilings: bool,

    /// Measure what each case needs of memory too, each in a process of its own, after the rounds; profiles standard and
    /// publish do
    #[arg(long)]
    pub memory: bool,

    /// What to print at the end
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,

    /// Print the plan and its estimated time, and measure nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Give workers the variables that the results file to go on with says, though no built-in suite says the same
    #[arg(long, requires = "resume")]
    pub trust_env: bool,

    /// Go on with the results file of a run that did not finish. Everything else is taken from that file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["suite", "cases", "modes", "dtypes", "tier", "targets",
        "threads", "tf32", "cora", "inputs", "rounds", "profile", "publish", "seed", "chip", "cell_timeout", "out", "dry_run"])]
    pub resume: Option<PathBuf>,
}

/// A profile as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileArg {
    Quick,
    Standard,
    Publish,
}

impl Run {
    /// The profile asked for, in either way.
    pub(crate) fn profile(&self) -> Option<Profile> {
        let named = self.profile.map(|profile| match profile {
            ProfileArg::Quick => Profile::Quick,
            ProfileArg::Standard => Profile::Standard,
            ProfileArg::Publish => Profile::Publish,
        });
        named.or(self.publish.then_some(Profile::Publish))
    }
}

#[derive(Debug, Clone, Args)]
pub(crate) struct List {
    /// What to list
    #[arg(value_enum, default_value_t = Listed::Workloads)]
    pub what: Listed,

    /// List the cases of this suite only
    #[arg(long)]
    pub suite: Option<String>,

    /// The size of the cases
    #[arg(long)]
    pub tier: Option<Tier>,

    /// A worker program to ask for its targets; may be repeated
    #[arg(long = "worker", value_name = "PATH")]
    pub workers: Vec<PathBuf>,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Listed {
    Workloads,
    Cases,
    Targets,
    Suites,
    Modes,
    /// The JSON schema of a line of a results file
    Schema,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Verify {
    /// Verify the cases of this suite only; default: every case
    #[arg(long)]
    pub suite: Option<String>,

    /// Cases, by id, pattern or parts, as for `bench run`
    #[arg(long = "case", value_name = "CASE")]
    pub cases: Vec<String>,

    /// Dtypes: f32, f16, bf16; default: the suite's, or every one
    #[arg(long = "dtype", value_name = "DTYPE", value_delimiter = ',')]
    pub dtypes: Vec<DType>,

    /// The size of the cases. The reference is slow: `full` takes minutes a case
    #[arg(long, default_value = "tiny")]
    pub tier: Tier,

    /// Print a Markdown page of what is native, composed or unsupported where
    #[arg(long, conflicts_with = "format")]
    pub support: bool,

    /// Compare so many calls in a row, at most 50, such as the epochs of a training; default: as many as each case says
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=50))]
    pub calls: Option<u32>,

    /// Verify gcn_epoch on the graph of this folder too, with its files cora.content and cora.cites
    #[arg(long, value_name = "DIR")]
    pub cora: Option<PathBuf>,

    #[command(flatten)]
    pub workers: Workers,

    /// The seed of the inputs
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Doctor {
    /// The chip's name, as `bench run` would record it, or `auto` to detect it; what is detected is shown beside it
    #[arg(long, default_value = "auto")]
    pub chip: String,

    #[command(flatten)]
    pub workers: Workers,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Report {
    /// Results files and imported tables, or folders of them
    #[arg(required = true, value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,

    /// The folder that gets the page, the CSV and the JSON of one run, or a site of many; default: nothing is written
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Write the raw samples of all files as one Parquet table
    #[arg(long, value_name = "FILE")]
    pub parquet: Option<PathBuf>,

    /// What to print; default: a table, unless a site is written
    #[arg(long, value_enum)]
    pub format: Option<ReportFormat>,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    Table,
    Json,
    Csv,
    /// The JSON of github-action-benchmark (`customSmallerIsBetter`), of one run
    GithubActionBenchmark,
    /// The JSON of Bencher (Bencher Metric Format), of one run
    Bencher,
}

impl From<Format> for ReportFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Table => ReportFormat::Table,
            Format::Json => ReportFormat::Json,
            Format::Csv => ReportFormat::Csv,
        }
    }
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Spec {
    /// The case's id
    pub case: String,

    /// What is timed
    #[arg(long, default_value = "latency")]
    pub mode: Mode,

    /// The device to open
    #[arg(long, default_value = "cpu")]
    pub device: Device,

    /// How steps are executed: eager, compile, jit
    #[arg(long, default_value_t)]
    pub execution: Execution,

    /// Seconds of sampling; long for a profiler
    #[arg(long, default_value_t = 1.0)]
    pub seconds: f64,

    /// The seed of the inputs
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Worker {
    /// The framework: candle, reference or synthetic
    pub name: String,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// What is wrong with a command line, in one line: clap's message and hints without its pages on usage.
pub(crate) fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let parts = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let parts: Vec<&str> = parts.filter(|line| !line.is_empty() && !line.starts_with("For more information")).collect();
    parts.join("; ").trim_start_matches("error: ").replace(":; ", ": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
