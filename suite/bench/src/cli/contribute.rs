//! The arguments of `bench validate`.

use clap::Args;
use std::path::PathBuf;

/// Where contributed results are, from the repository's folder.
pub(crate) const DATA: &str = "results/data";

#[derive(Debug, Clone, Args)]
pub(crate) struct Validate {
    /// Contributed files, or folders of them
    #[arg(required = true, value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,

    /// Let warnings count as errors do
    #[arg(long)]
    pub strict: bool,

    /// Print JSON
    #[arg(long)]
    pub json: bool,

    /// The tree of contributed results, where copies and earlier results are looked for; it need not exist
    #[arg(long, value_name = "DIR", default_value = DATA)]
    pub data: PathBuf,
}
