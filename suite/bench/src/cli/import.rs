//! The arguments of `bench import`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Clone, Args)]
pub(crate) struct Import {
    #[command(subcommand)]
    pub from: ImportFrom,
}

/// What is imported.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ImportFrom {
    /// The Markdown pages of the public suite mlx-benchmark: average_benchmark.md, detailed_benchmark.md
    MlxBenchmark {
        /// The pages
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,

        /// The folder that gets a file for each table
        #[arg(long, value_name = "DIR", default_value = "results/historical/mlx-benchmark")]
        out: PathBuf,
    },
    /// Tables of any source, written down in TOML (suite/docs/HISTORICAL.md tells how)
    Table {
        /// The TOML files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,

        /// The folder that gets a file for each table; default: that of the first TOML file
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}
