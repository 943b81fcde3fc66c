//! `bench worker NAME`: serves a built-in framework, as a program of its own would.

use crate::Exit;
use crate::cli::Worker;
use anyhow::{Result, bail};
use chipmark_worker::serve;
use std::process::ExitCode;

pub(crate) fn worker(args: &Worker) -> Result<Exit> {
    let code = match args.name.as_str() {
        "candle" => serve::<chipmark_candle::Candle>(),
        "reference" => serve::<chipmark_reference::Reference>(),
        "synthetic" => chipmark_synthetic::serve_synthetic(),
        "tch" | "mlx" => bail!("{0} is a program of its own: bench-worker-{0}, built by scripts/setup {0}", args.name),
        other => bail!("unknown worker '{other}': bench itself serves candle, reference and synthetic"),
    };
    Ok(if code == ExitCode::SUCCESS { Exit::Ok } else { Exit::Failed })
}
