//! A contribution in the making: the run that it is of, what of it becomes public, where it belongs, and what is found wrong with
//! it there. What is shown and asked is the verb's.

mod put;
mod steps;

pub(crate) use put::{Put, found};
pub(crate) use steps::{PullRequest, Step};

use crate::cli::RUNS;
use crate::env_consent;
use crate::machine_id::MachineId;
use crate::sources::{first_line, jsonl_files};
use anyhow::{Result, bail};
use chipmark_results::conditions::Machine;
use chipmark_results::contribution::{Contribution, Place, Public, Readiness, Rules, public, readiness};
use chipmark_results::record::{Profile, Settings, Stage};
use chipmark_results::store::{MAX_LINE_BYTES, ResultsFile};
use chipmark_workloads::gcn::cora;
use chipmark_workloads::suite::BUILT_IN;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What becomes public of a run, as text and in its place.
#[derive(Debug)]
pub(crate) struct Submission {
    pub public: Public,
    pub readiness: Readiness,
    pub text: String,
    pub place: Place,
}

impl Submission {
    /// Builds what becomes public of a run of this machine, and finds out what it lacks.
    pub(crate) fn of(file: &ResultsFile, id: &MachineId, contributor: Option<&str>) -> Result<Self> {
        let contribution = Contribution { machine_id: id.text.clone(), contributor: contributor.map(str::to_owned) };
        contribution.check().map_err(|why| anyhow::anyhow!("--contributor: {why}"))?;
        let suites: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        let private = chipmark_machine::private::private();
        let rules = Rules {
            private: &private,
            suites: &suites,
            is_known_env: &|info| !env_consent::is_foreign(info),
            is_given: &cora::is_given,
        };
        let public = public(file, contribution, &rules);
        let mut readiness = readiness(file, &public.file(file.path.clone()), &suites);
        // Where else is it known what its names are, and which id is its own?
        let here = chipmark_machine::detect(None);
        if Machine::of(&file.run.machine) != Machine::of(&here) {
            readiness.missing(
                format!("it was measured on another machine ({})", file.run.machine.chip),
                "submit it there, where it is known what must not become public",
            );
        }
        let text = public.text()?;
        let place = Place::of(&public.run, text.as_bytes())?;
        Ok(Submission { public, readiness, text, place })
    }
}

/// The newest run of profile publish under the folder that runs are written to.
pub(crate) fn newest() -> Result<PathBuf> {
    #[derive(Deserialize)]
    struct Head {
        started_at: String,
        stage: Option<Stage>,
        settings: Settings,
    }
    let folder = Path::new(RUNS);
    let paths = if folder.is_dir() { jsonl_files(folder)? } else { Vec::new() };
    let heads = paths.into_iter().filter_map(|path| Some((first_line::<Head>(&path, MAX_LINE_BYTES)?, path)));
    let published = heads.filter(|(head, _)| head.stage.is_none() && head.settings.profile == Some(Profile::Publish));
    match published.max_by(|(a, _), (b, _)| a.started_at.cmp(&b.started_at)) {
        Some((_, path)) => Ok(path),
        None => bail!("no run of profile publish is under {RUNS}: `bench run --profile publish` makes one"),
    }
}
