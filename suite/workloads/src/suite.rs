//! Suites: TOML files that spell out or choose cases and modes, and say how to sample. What the built-in ones spell out is
//! the [`catalogue`].

use crate::parts::{self, Parts};
use crate::registry::{CaseInfo, describe, nearest};
use chipmark_core::worker_env::{MAX_ROUNDS, check_env, check_threads};
use chipmark_core::{CaseId, DType, Mode, Sampling, Target, Tier};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use toml::Spanned;

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        /// The suites that come with the program, by name.
        pub const BUILT_IN: &[(&str, &str)] = &[$(($name, include_str!(concat!("../suites/", $name, ".toml")))),+];
    };
}
built_in!("quick", "main", "mlx-benchmark", "bandwidth", "transfers", "matmul-sweep", "layers", "graphs", "blas");

/// Every case that a built-in suite spells out, or `from` alone, at full size: each once, in the order of the suites.
#[must_use]
pub fn catalogue(from: Option<&str>) -> Vec<CaseInfo> {
    static CATALOGUE: LazyLock<Vec<(&str, Vec<CaseInfo>)>> = LazyLock::new(|| {
        let spelled_out = |name: &'static str| {
            // A built-in suite is sound: a test says so.
            let selects = Suite::find(name).map(|suite| suite.select).unwrap_or_default();
            let ids = selects.iter().flat_map(|select| select.spelled_out().unwrap_or_default());
            (name, ids.filter_map(|id| describe(&id).ok()).collect())
        };
        BUILT_IN.iter().map(|(name, _)| spelled_out(name)).collect()
    });
    let mut seen = HashSet::new();
    let suites = CATALOGUE.iter().filter(|(name, _)| from.is_none_or(|from| from == *name));
    suites.flat_map(|(_, cases)| cases).filter(|info| seen.insert(&info.case)).cloned().collect()
}

/// Why a suite cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// Neither a built-in suite nor a file.
    #[error("unknown suite '{name}': neither one of {known} nor a file{}",
        nearest.as_ref().map(|n| format!("; did you mean '{n}'?")).unwrap_or_default())]
    Unknown {
        /// The name given.
        name: String,
        /// The built-in names.
        known: String,
        /// The nearest of them.
        nearest: Option<String>,
    },
    /// The file cannot be read.
    #[error("suite {path}: {why}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The file is not a suite.
    #[error("suite {name}, line {line}: {why}")]
    Bad {
        /// The suite's name or file.
        name: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        why: String,
    },
}

/// A suite as its file has it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Its name: the built-in name, or the file's without its extension.
    #[serde(skip)]
    pub name: String,
    /// What it is for, in one line.
    pub about: String,
    /// The size of its cases, unless the command line says otherwise.
    pub tier: Tier,
    /// Rounds, unless the command line says otherwise.
    pub rounds: u32,
    /// How launches are sampled; left out, by [`SuiteSampling::default`].
    #[serde(default)]
    pub sampling: SuiteSampling,
    /// What is measured.
    pub select: Vec<Select>,
    /// On which targets, unless the command line says otherwise; left out, on every one that can be used.
    #[serde(default, rename = "target")]
    pub targets: Vec<SuiteTarget>,
}

/// A target of a suite, with the environment that its worker gets.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuiteTarget {
    /// The target. One with an environment has a name for it at its end, as in `mlx:cpu+openblas`.
    pub name: Target,
    /// Variables set for its worker.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Threads on the CPU.
    pub threads: Option<usize>,
    /// What the name of the linear-algebra library in force must contain, in any case: without it the target is missing.
    pub blas: Option<String>,
}

/// How launches are sampled. Durations in seconds; see `Sampling` in the record's schema.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each is described once, in the record's schema")]
pub struct SuiteSampling {
    pub warm_up_s: f64,
    pub max_warm_up_s: f64,
    pub sample_s: f64,
    pub precision: Option<f64>,
    pub min_samples: u32,
    pub max_samples: u32,
    pub min_block_s: f64,
    pub max_block_s: f64,
}

impl SuiteSampling {
    /// For an indication: about a quarter of a second a launch.
    #[must_use]
    pub fn quick() -> Self {
        SuiteSampling {
            warm_up_s: 0.08,
            max_warm_up_s: 0.4,
            sample_s: 0.15,
            precision: None,
            min_samples: 5,
            max_samples: 200,
            min_block_s: 0.005,
            max_block_s: 0.1,
        }
    }
}

impl From<SuiteSampling> for Sampling {
    fn from(suite: SuiteSampling) -> Self {
        let SuiteSampling {
            warm_up_s,
            max_warm_up_s,
            sample_s,
            precision,
            min_samples,
            max_samples,
            min_block_s,
            max_block_s,
        } = suite;
        Sampling { warm_up_s, max_warm_up_s, sample_s, precision, min_samples, max_samples, min_block_s, max_block_s }
    }
}

impl Default for SuiteSampling {
    /// Long enough for every clock to settle, and until the median is known to half a hundredth: at most about a second and a
    /// half a launch.
    fn default() -> Self {
        SuiteSampling {
            warm_up_s: 0.3,
            max_warm_up_s: 5.0,
            sample_s: 1.0,
            precision: Some(0.005),
            min_samples: 15,
            max_samples: 1000,
            min_block_s: 0.01,
            max_block_s: 0.5,
        }
    }
}

/// Some cases in some modes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// Case ids, or patterns of them with `*` and `?`, at full size or at the tier's. An id may have any shapes that fit.
    #[serde(default)]
    pub cases: Vec<Spanned<String>>,
    /// The suite whose spelled-out cases the patterns choose from; left out, every built-in suite.
    pub from: Option<Spanned<String>>,
    /// The workload whose cases `parts` make.
    pub workload: Option<Spanned<String>>,
    /// The parts of cases of `workload`, each with a value or a list of them: the cases are their product.
    #[serde(default)]
    pub parts: BTreeMap<String, OneOrMany>,
    /// The modes; left out, every mode that the case has.
    pub modes: Option<Vec<Mode>>,
    /// The dtypes; left out, those of the cases found.
    pub dtypes: Option<Vec<DType>>,
}

/// A value, or a list of them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the names say it")]
pub enum OneOrMany {
    One(Value),
    Many(Vec<Value>),
}

/// A part's value: `64`, or `"64x128"`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Value {
    Number(u64),
    Text(String),
}

impl Value {
    fn text(&self) -> String {
        match self {
            Value::Number(number) => number.to_string(),
            Value::Text(text) => text.clone(),
        }
    }
}

impl Select {
    /// The cases that it spells out, by id or by parts: those that are no patterns.
    ///
    /// # Errors
    /// One line, and where in the file.
    pub fn spelled_out(&self) -> Result<Vec<CaseId>, (Range<usize>, String)> {
        let mut cases = Vec::new();
        for text in self.cases.iter().filter(|text| !is_glob(text.get_ref())) {
            let id = text.get_ref().parse::<CaseId>();
            let case = id.and_then(|id| describe(&id).map_err(|error| error.to_string()));
            cases.push(case.map_err(|why| (text.span(), why))?.case);
        }
        if let Some(workload) = &self.workload {
            let values = |values: &OneOrMany| match values {
                OneOrMany::One(value) => vec![value.text()],
                OneOrMany::Many(values) => values.iter().map(Value::text).collect(),
            };
            let parts: Parts = self.parts.iter().map(|(name, value)| (name.clone(), values(value))).collect();
            cases.extend(parts::expand(workload.get_ref(), &parts).map_err(|why| (workload.span(), why))?);
        }
        Ok(cases)
    }

    /// The patterns among its cases.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(|text| text.get_ref().as_str()).filter(|text| is_glob(text))
    }

    /// What is wrong with it, and where.
    fn check(&self) -> Result<(), (Range<usize>, String)> {
        self.spelled_out()?;
        for text in self.cases.iter().filter(|text| is_glob(text.get_ref())) {
            glob(text.get_ref()).map_err(|why| (text.span(), why))?;
        }
        if let Some(from) = self.from.as_ref().filter(|from| BUILT_IN.iter().all(|(name, _)| name != from.get_ref())) {
            return Err((from.span(), format!("'{}' is no built-in suite", from.get_ref())));
        }
        if self.workload.is_none() && !self.parts.is_empty() {
            return Err((0..0, "parts need their workload: workload = \"matmul\"".to_owned()));
        }
        Ok(())
    }
}

impl Suite {
    /// Finds a suite by its built-in name or its file.
    ///
    /// # Errors
    /// One line with the file, the line and the key.
    pub fn find(name_or_path: &str) -> Result<Self, SuiteError> {
        if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == name_or_path) {
            return Suite::parse(name, name, text);
        }
        let path = Path::new(name_or_path);
        if !path.is_file() {
            let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
            return Err(SuiteError::Unknown {
                name: name_or_path.to_owned(),
                known: names.join(", "),
                nearest: nearest(name_or_path, names),
            });
        }
        let unreadable = |why: String| SuiteError::Unreadable { path: path.to_owned(), why };
        let size = std::fs::metadata(path).map_err(|e| unreadable(e.to_string()))?.len();
        if size > 1 << 20 {
            return Err(unreadable("larger than 1 MiB, which no suite is".to_owned()));
        }
        let text = std::fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
        let stem = path.file_stem().map_or_else(|| name_or_path.to_owned(), |s| s.to_string_lossy().into_owned());
        Suite::parse(&stem, name_or_path, &text)
    }

    fn parse(name: &str, shown: &str, text: &str) -> Result<Self, SuiteError> {
        let bad = |offset: usize, why: String| SuiteError::Bad {
            name: shown.to_owned(),
            line: text.get(..offset).map_or(1, |before| before.matches('\n').count() + 1),
            why,
        };
        let mut suite: Suite = toml::from_str(text)
            .map_err(|error| bad(error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
        name.clone_into(&mut suite.name);
        for select in &suite.select {
            select.check().map_err(|(span, why)| bad(span.start, why))?;
        }
        for target in &suite.targets {
            let at = text.find(&target.name.to_string()).unwrap_or(0);
            check_target(target, &suite.targets).map_err(|why| bad(at, why))?;
        }
        let at = text.find("[sampling]").unwrap_or(0);
        Sampling::from(suite.sampling).check().map_err(|why| bad(at, why))?;
        if !(1..=MAX_ROUNDS).contains(&suite.rounds) {
            return Err(bad(text.find("rounds").unwrap_or(0), format!("rounds must be in 1..={MAX_ROUNDS}")));
        }
        if suite.select.iter().all(|select| select.cases.is_empty() && select.workload.is_none()) {
            return Err(bad(0, "it selects no case".to_owned()));
        }
        Ok(suite)
    }
}

/// A target with an environment has a name for it, and no two have the same.
fn check_target(target: &SuiteTarget, all: &[SuiteTarget]) -> Result<(), String> {
    let SuiteTarget { name, env, threads, .. } = target;
    if name.variant.is_none() && (!env.is_empty() || threads.is_some()) {
        return Err(format!("{name} has an environment of its own: give it a name, such as {name}+mine"));
    }
    if all.iter().filter(|other| other.name == *name).count() > 1 {
        return Err(format!("{name} is there twice"));
    }
    check_threads(*threads).and_then(|()| check_env(env)).map_err(|why| format!("{name}: {why}"))
}

/// Whether a selection is a pattern and not an id.
#[must_use]
pub fn is_glob(pattern: &str) -> bool {
    pattern.contains(['*', '?', '{', '['])
}

/// A pattern over case ids; `*` also matches `/`.
///
/// # Errors
/// One line when it is not well formed.
pub fn glob(pattern: &str) -> Result<globset::GlobMatcher, String> {
    globset::GlobBuilder::new(pattern)
        .literal_separator(false)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| format!("'{pattern}' is not a pattern: {}", error.kind()))
}
