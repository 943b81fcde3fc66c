//! Prints the table of METHODOLOGY: what the harness decides where the truth is known, beside what others would. Arguments are those
//! of `bench selfcheck`: `cargo bench -p chipmark-bench --bench selfcheck -- --curve power.svg` draws its picture too.

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    // cargo says to each of its benchmarks that it is one.
    let arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    match Command::new(env!("CARGO_BIN_EXE_bench")).arg("selfcheck").args(arguments).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("selfcheck: {error}");
            ExitCode::FAILURE
        }
    }
}
