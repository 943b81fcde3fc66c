//! The worker program for PyTorch.

fn main() -> std::process::ExitCode {
    chipmark_worker::serve::<chipmark_tch::Tch>()
}
