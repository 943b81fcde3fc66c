//! Suites: TOML files that choose cases and modes and say how to sample. The shapes themselves are in the workloads.

use crate::registry::nearest;
use chipmark_core::{DType, Mode, Tier};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The suites that come with the program, by name.
pub const BUILT_IN: [(&str, &str); 2] =
    [("quick", include_str!("../suites/quick.toml")), ("main", include_str!("../suites/main.toml"))];

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
    /// How launches are sampled.
    pub sampling: SuiteSampling,
    /// What is measured.
    pub select: Vec<Select>,
}

/// How launches are sampled. Durations in seconds; see `Sampling` in the record's schema.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each is described once, in the record's schema")]
pub struct SuiteSampling {
    pub warm_up_s: f64,
    pub max_warm_up_s: f64,
    pub sample_s: f64,
    pub min_samples: u32,
    pub max_samples: u32,
    pub min_block_s: f64,
    pub max_block_s: f64,
}

/// Some cases in some modes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// Case ids with `*` and `?`, at full size or at the tier's. An id without either may have any shapes that fit.
    pub cases: Vec<toml::Spanned<String>>,
    /// The modes; left out, every mode that the case has.
    pub modes: Option<Vec<Mode>>,
    /// The dtypes; left out, those of the cases found.
    pub dtypes: Option<Vec<DType>>,
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
            let names = BUILT_IN.map(|(name, _)| name);
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
        for case in suite.select.iter().flat_map(|select| &select.cases) {
            check_pattern(case.get_ref()).map_err(|why| bad(case.span().start, why))?;
        }
        let sampling = suite.sampling;
        let positive = [sampling.sample_s, sampling.min_block_s, sampling.max_block_s, sampling.max_warm_up_s]
            .iter()
            .all(|s| s.is_finite() && *s > 0.0 && *s <= 3600.0);
        let ordered = sampling.warm_up_s >= 0.0
            && sampling.warm_up_s <= sampling.max_warm_up_s
            && sampling.min_block_s <= sampling.max_block_s
            && (1..=sampling.max_samples).contains(&sampling.min_samples)
            && sampling.max_samples <= 100_000;
        if !positive || !ordered {
            let at = text.find("[sampling]").unwrap_or(0);
            return Err(bad(
                at,
                "sampling: durations must be positive and each minimum at most its maximum".to_owned(),
            ));
        }
        if suite.rounds == 0 || suite.rounds > 1000 {
            return Err(bad(text.find("rounds").unwrap_or(0), "rounds must be in 1..=1000".to_owned()));
        }
        if suite.select.iter().all(|select| select.cases.is_empty()) {
            return Err(bad(0, "it selects no case".to_owned()));
        }
        Ok(suite)
    }
}

/// Whether a pattern can match: an exact id must name a case, a glob must be well formed.
fn check_pattern(pattern: &str) -> Result<(), String> {
    if is_glob(pattern) {
        return glob(pattern).map(|_| ());
    }
    let case = pattern.parse()?;
    crate::describe(&case).map(|_| ()).map_err(|error| error.to_string())
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
