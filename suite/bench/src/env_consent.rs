//! Whether a results file's word is enough to set variables for workers. It is not: a variable such as `LD_PRELOAD` runs code, and
//! the file may be anybody's. What a built-in suite says is as good as the program itself; for the rest somebody has to say so.

use crate::targets::{Setup, Survey};
use anyhow::{Result, bail};
use chipmark_results::record::{Run, TargetInfo};
use chipmark_workloads::Suite;
use chipmark_workloads::suite::BUILT_IN;
use std::path::Path;

/// Sets up the targets of a file that had an environment of their own, each as it was there.
pub(crate) fn set_up(survey: &mut Survey, run: &Run, path: &Path, trust_env: bool) -> Result<()> {
    for info in run.targets.iter().filter(|info| info.target.variant.is_some()) {
        let TargetInfo { target, env, threads, .. } = info;
        if !trust_env && is_foreign(info) {
            let names: Vec<&str> = env.keys().map(String::as_str).collect();
            bail!(
                "{} would set {} for the worker of {target}, which can run any code: say --trust-env if you trust the file",
                path.display(),
                names.join(", ")
            );
        }
        survey.set_up(target, Setup { env: env.clone(), threads: *threads, blas: None });
    }
    Ok(())
}

/// What `bench run --resume` needs beside the file of this run.
pub(crate) fn option(run: &Run) -> &'static str {
    if run.targets.iter().any(is_foreign) { " --trust-env" } else { "" }
}

/// Whether a target has variables that no built-in suite gives it. The suite that the header names is not asked: it may be a
/// file, and as foreign.
pub(crate) fn is_foreign(info: &TargetInfo) -> bool {
    let suites = BUILT_IN.iter().filter_map(|(name, _)| Suite::find(name).ok());
    let mut targets = suites.flat_map(|suite| suite.targets);
    !info.env.is_empty() && !targets.any(|target| target.name == info.target && target.env == info.env)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a file whose one target is set up so.
    fn said(target: &str, env: &[(&str, &str)], trust_env: bool) -> Result<(), String> {
        let mut run = chipmark_results::fixture::run();
        run.targets.truncate(1);
        for info in &mut run.targets {
            info.target = target.parse().unwrap();
            info.env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        }
        set_up(&mut Survey::default(), &run, Path::new("run.jsonl"), trust_env).map_err(|error| error.to_string())
    }

    #[test]
    fn what_a_file_alone_says_is_refused() {
        let why = said("candle:cpu+mine", &[("LD_PRELOAD", "./evil.so")], false).unwrap_err();
        assert!(why.starts_with("run.jsonl would set LD_PRELOAD for the worker of candle:cpu+mine"), "{why}");
        assert!(why.ends_with("say --trust-env if you trust the file"), "{why}");
        assert_eq!(said("candle:cpu+mine", &[("LD_PRELOAD", "./mine.so")], true), Ok(()));
        assert_eq!(said("candle:cpu+mine", &[], false), Ok(()), "a number of threads runs nothing");
    }

    #[test]
    fn what_a_built_in_suite_says_is_used_as_it_stands_there() {
        let suite = Suite::find("blas").unwrap();
        let target = suite.targets.iter().find(|target| !target.env.is_empty()).unwrap();
        let name = target.name.to_string();
        let env: Vec<(&str, &str)> = target.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(said(&name, &env, false), Ok(()));
        let other: Vec<(&str, &str)> = env.iter().map(|(name, _)| (*name, "other.so")).collect();
        assert!(said(&name, &other, false).is_err());
        assert!(said("candle:cpu+mine", &env, false).is_err());
    }
}
