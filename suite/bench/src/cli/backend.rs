//! The arguments of `bench backend`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Clone, Args)]
pub(crate) struct Backend {
    #[command(subcommand)]
    pub verb: BackendVerb,
}

/// What is done about backends.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum BackendVerb {
    /// Write the crate of a new backend into this checkout: a skeleton that builds and verifies (suite/docs/adding/backend.md)
    New {
        /// The framework's short name, as it will stand in targets
        name: String,

        /// The folder that gets the crate's folder, from the checkout's root
        #[arg(long, value_name = "DIR", default_value = "backends")]
        dir: PathBuf,
    },
}
