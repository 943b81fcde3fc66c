//! Finds the version of candle that is built in: candle tells its version nowhere, and Cargo.lock is what pins it.

use std::error::Error;
use std::{env, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let lock = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../Cargo.lock");
    println!("cargo:rerun-if-changed={}", lock.display());
    let text = fs::read_to_string(&lock).map_err(|e| format!("{}: {e}", lock.display()))?;
    let version = text
        .split("[[package]]")
        .find(|package| package.lines().any(|line| line == "name = \"candle-core\""))
        .and_then(|package| package.lines().find_map(|line| line.strip_prefix("version = ")))
        .ok_or("Cargo.lock does not name candle-core")?;
    println!("cargo:rustc-env=CANDLE_VERSION={}", version.trim_matches('"'));
    Ok(())
}
