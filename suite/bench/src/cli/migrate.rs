//! The arguments of `bench migrate`.

use clap::{ArgGroup, Args};
use std::path::PathBuf;

#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("where").required(true).args(["out", "in_place"]))]
pub(crate) struct Migrate {
    /// Results files, or folders of them
    #[arg(required = true, value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,

    /// The folder that gets the rewritten files
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Put each rewritten file in the place of the old one
    #[arg(long)]
    pub in_place: bool,
}
