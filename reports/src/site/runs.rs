//! The pages of the runs: all of them with what can be downloaded, and each by itself.

use super::gather::Site;
use super::shell::Shell;
use crate::html::RunView;
use crate::model::RunReport;
use crate::text::clean;
use crate::{ReportError, words};
use askama::Template;
use chipmark_results::contribution::{Trust, Withdrawal};

#[derive(Template)]
#[template(path = "site/runs.html")]
pub(super) struct Runs {
    shell: Shell,
    /// The published figures as CSV, where there are any.
    published: Option<&'static str>,
    runs: Vec<RunLine>,
    /// Whether any was contributed.
    has_trust: bool,
    withdrawn: Vec<Withdrawal>,
}

/// A run in the list of all.
struct RunLine {
    page: String,
    raw: Option<String>,
    date: String,
    chip: String,
    about: String,
    timed: usize,
    planned: usize,
    command: String,
    trust: Option<(Trust, String)>,
}

impl Runs {
    /// Of the first `raw` runs the results file is on the site.
    pub(super) fn new(
        site: &Site<'_>,
        raw: usize,
        published: Option<&'static str>,
        withdrawn: &[Withdrawal],
        shell: Shell,
    ) -> Self {
        let line = |(at, run): (usize, &RunReport)| {
            let slug = site.run_slugs.get(at).map_or("", String::as_str);
            RunLine {
                page: format!("runs/{slug}.html"),
                raw: (at < raw).then(|| format!("data/{slug}.jsonl")),
                date: run.run.started_at.clone(),
                chip: words::chip(&run.run.machine),
                about: words::run(&run.run),
                timed: run.timed,
                planned: run.planned,
                command: run.command_line.clone(),
                trust: words::trust(run),
            }
        };
        let mut runs: Vec<RunLine> = site.report.runs.iter().enumerate().map(line).collect();
        runs.sort_by(|a, b| b.date.cmp(&a.date));
        let cleaned = |Withdrawal { file, date, reason }: &Withdrawal| Withdrawal {
            file: clean(file),
            date: clean(date),
            reason: clean(reason),
        };
        Runs {
            shell,
            published,
            has_trust: runs.iter().any(|run| run.trust.is_some()),
            runs,
            withdrawn: withdrawn.iter().map(cleaned).collect(),
        }
    }
}

/// A run's own page.
#[derive(Template)]
#[template(path = "site/run_page.html")]
pub(super) struct RunPage<'a> {
    shell: Shell,
    run: RunView<'a>,
}

impl<'a> RunPage<'a> {
    pub(super) fn new(run: &'a RunReport, shell: Shell) -> Result<Self, ReportError> {
        Ok(RunPage { shell, run: RunView::new(0, run)? })
    }
}
