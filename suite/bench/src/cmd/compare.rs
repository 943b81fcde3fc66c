//! `bench compare A B`: what the second results file found beside the first.

use super::verdict::{self, Finding};
use crate::Exit;
use crate::cli::Compare as Args;
use anyhow::{Result, bail};
use chipmark_results::compare::Comparison;
use chipmark_results::store;

pub(crate) fn compare(args: &Args) -> Result<Exit> {
    let gate = args.gate.gate()?;
    [&args.a, &args.b].into_iter().try_for_each(|path| super::refuse_withdrawn(path))?;
    // Two files of some ten megabytes each: read side by side.
    let (a, b) = std::thread::scope(|scope| {
        let other = scope.spawn(|| store::read(&args.b));
        (store::read(&args.a), other.join())
    });
    let (a, b) = (a?, b.map_err(|_| anyhow::anyhow!("reading {} ended early", args.b.display()))??);
    verdict::refuse_same_run(&a, &b)?;
    let comparison = Comparison::of_files(&a, &b, args.rule.rule());
    if comparison.rows.is_empty() {
        bail!("{} and {} have no cell with a time", args.a.display(), args.b.display());
    }
    verdict::show(&Finding { comparison, gate }, &args.output)
}
