//! The worker program for MLX: serves the worker protocol on its standard input and output.

fn main() -> std::process::ExitCode {
    chipmark_worker::serve::<chipmark_mlx::Mlx>()
}
