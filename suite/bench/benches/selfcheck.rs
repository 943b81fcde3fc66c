//! Prints the table of METHODOLOGY: what the harness decides where the truth is known, beside what others would.

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    match Command::new(env!("CARGO_BIN_EXE_bench")).arg("selfcheck").status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("selfcheck: {error}");
            ExitCode::FAILURE
        }
    }
}
