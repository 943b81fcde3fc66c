//! The arguments of `bench submit`.

use super::contribute::DATA;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Clone, Args)]
pub(crate) struct Submit {
    /// The results file; default: the newest run of profile publish under bench-results
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// The folder of contributed results, which gets the file
    #[arg(long, value_name = "DIR", default_value = DATA)]
    pub data: PathBuf,

    /// What you want to be called in public, such as your name on GitHub; default: nothing
    #[arg(long, value_name = "NAME")]
    pub contributor: Option<String>,

    /// Print the whole file that would become public, and write nothing
    #[arg(long, conflicts_with_all = ["yes", "open_pr"])]
    pub show: bool,

    /// Agree without being asked: to the file being written, and with --open-pr to the pull request
    #[arg(long)]
    pub yes: bool,

    /// Make the pull request too, with `git` and `gh`; otherwise the steps are shown
    #[arg(long)]
    pub open_pr: bool,
}
