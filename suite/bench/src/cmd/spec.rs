//! `bench spec CASE`: the requests that make a worker check and measure one case, ready to be piped into it.

use crate::Exit;
use crate::cli::Spec;
use anyhow::{Result, anyhow, bail};
use chipmark_core::{CaseId, OpenOptions, Sampling};
use chipmark_worker::protocol::Request;
use chipmark_workloads::describe;

pub(crate) fn spec(args: &Spec) -> Result<Exit> {
    let case: CaseId = args.case.parse().map_err(|e: String| anyhow!(e))?;
    let info = describe(&case)?;
    if !info.modes.contains(&args.mode) {
        let modes = info.modes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        bail!("{case} has no mode {}: it has {modes}", args.mode);
    }
    if !(args.seconds > 0.0 && args.seconds <= 3600.0) {
        bail!("--seconds must be positive and at most 3600");
    }
    let sampling = Sampling {
        warm_up_s: 0.3,
        max_warm_up_s: 5.0,
        sample_s: args.seconds,
        precision: None,
        min_samples: 15,
        max_samples: 100_000,
        min_block_s: 0.01,
        max_block_s: 0.5,
    };
    let requests = [
        Request::Open {
            device: args.device,
            execution: args.execution,
            options: OpenOptions { threads: None, seed: args.seed, ..OpenOptions::default() },
        },
        Request::Check { case: info.case.clone(), absolute: false, calls: None },
        Request::Measure { case: info.case, mode: args.mode, sampling, cold: None },
        Request::Quit,
    ];
    let lines = requests.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    super::print(&lines.join("\n"))?;
    Ok(Exit::Ok)
}
