//! `bench completions SHELL`.

use crate::Exit;
use crate::cli::{Cli, Completions};
use anyhow::Result;
use clap::CommandFactory;

pub(crate) fn completions(args: &Completions) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "bench", &mut script);
    super::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}
