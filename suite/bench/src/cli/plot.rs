//! The arguments of `bench plot`.

use super::values::share;
use chipmark_core::{DType, Device, Mode, Target};
use chipmark_reports::plots::Kind;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Clone, Args)]
pub(crate) struct Plot {
    /// The chart
    #[arg(value_enum)]
    pub chart: PlotChart,

    /// Results files, or folders of them; for `history`, one folder
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// The picture; its ending, .svg or .png, says what it is
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,

    /// What is timed: latency, throughput, transfer, first-call; `stages` shows transfer beside latency
    #[arg(long, value_name = "MODE", default_value = "latency")]
    pub mode: Mode,

    /// Only this workload
    #[arg(long, value_name = "NAME")]
    pub workload: Option<String>,

    /// Only cases that match a pattern, such as `matmul/*`; may be repeated
    #[arg(long = "case", value_name = "PATTERN")]
    pub cases: Vec<String>,

    /// Only this hardware: cpu, or a graphics processor by any of its names, such as gpu, metal or cuda:0
    #[arg(long)]
    pub device: Option<Device>,

    /// Only this dtype: f32, f16, bf16
    #[arg(long)]
    pub dtype: Option<DType>,

    /// Only these targets, in this order; the first is the base of `ratio-bars`
    #[arg(long = "target", value_name = "TARGET", value_delimiter = ',')]
    pub targets: Vec<Target>,

    /// For `strip`: each launch over the median of its row, so that the doubt of unlike times can be compared
    #[arg(long)]
    pub relative: bool,

    /// On a dark ground
    #[arg(long)]
    pub dark: bool,

    /// Pixels of a PNG for each of the SVG's; default: 2
    #[arg(long, value_name = "N")]
    pub scale: Option<f32>,

    /// The smallest shift that `history` marks
    #[arg(long, value_name = "SHARE", default_value = "3%", value_parser = share)]
    pub threshold: f64,
}

/// A chart as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlotChart {
    /// The times of one workload, a bar for each target
    Bars,
    /// Cases by targets: how many times the fastest each took
    HeatMap,
    /// What was reached, under what the device can do
    Roofline,
    /// Each launch, so that doubt can be seen
    Strip,
    /// Speed-ups with their intervals, of targets or of files
    RatioBars,
    /// The times of two files against each other, or of two targets
    Scatter,
    /// What transfer costs beside the call alone
    Stages,
    /// Times from run to run, with their shifts
    History,
}

impl PlotChart {
    /// The chart of results files that it is; nothing for a history, which is of a folder.
    pub(crate) fn kind(self) -> Option<Kind> {
        match self {
            PlotChart::Bars => Some(Kind::Bars),
            PlotChart::HeatMap => Some(Kind::HeatMap),
            PlotChart::Roofline => Some(Kind::Roofline),
            PlotChart::Strip => Some(Kind::Strip),
            PlotChart::RatioBars => Some(Kind::RatioBars),
            PlotChart::Scatter => Some(Kind::Scatter),
            PlotChart::Stages => Some(Kind::Stages),
            PlotChart::History => None,
        }
    }
}
