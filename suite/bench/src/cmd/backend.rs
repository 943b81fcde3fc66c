//! `bench backend new NAME`: writes the crate of a new backend, and says how to go on.

use crate::Exit;
use crate::cli::{Backend, BackendVerb};
use crate::new_backend::{self, Checkout, Name};
use anyhow::{Context, Result};
use std::path::Path;

pub(crate) fn backend(args: &Backend) -> Result<Exit> {
    match &args.verb {
        BackendVerb::New { name, dir } => new(name, dir),
    }
}

fn new(name: &str, dir: &Path) -> Result<Exit> {
    let name = Name::new(name)?;
    let here = std::env::current_dir().context("cannot tell which folder this is")?;
    let checkout = Checkout::around(&here)?;
    let member = new_backend::member(&checkout, dir, &name)?;
    let files = new_backend::create(&checkout, &member, &name)?;
    let (text, package, program) = (name.text(), name.package(), name.program());
    super::print(&format!(
        "{member}: {files} files of a backend that works, a member of the workspace in {}\n\n\
         cargo build --release -p {package}\n\
         cargo test --release -p {package}\n\
         target/release/bench verify --worker target/release/{program} --target {text}\n\
         grep -rn REPLACE: {member}\n\n\
         The last shows what is to be replaced by the framework; suite/docs/adding/backend.md tells how.\n",
        checkout.root().display()
    ))?;
    Ok(Exit::Ok)
}
