//! What all pages have in common: the frame with its style and script, the way around, and what a page may do.

use crate::ReportError;
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// What pages can do beyond being read: sorting and filtering tables, and choosing two chips. Everything is there without it.
pub(super) const SCRIPT: &str = include_str!("../../templates/site/site.js");

/// The policy lets this script run and no other, whatever a results file may bring into a page.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(SCRIPT));
    format!("default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{hash}'")
});

/// The frame of one page.
pub(crate) struct Shell {
    /// The page's title.
    pub(crate) title: String,
    /// The way to the site's root: empty, or `../`.
    pub(crate) root: &'static str,
    /// The part of the site, for the way around: `start`, `chips`, `ops`, `compare`, `history`, `published`, `how`.
    pub(crate) part: &'static str,
    /// Whether there is a page of histories.
    pub(super) has_history: bool,
    /// Whether there are published figures.
    pub(super) has_published: bool,
}

impl Shell {
    /// The frame of a page that stands by itself.
    pub(crate) fn of_one_page(title: String) -> Self {
        Shell { title, root: "", part: "", has_history: false, has_published: false }
    }

    /// Whether there are other pages to lead to.
    pub(crate) fn is_site(&self) -> bool {
        !self.part.is_empty()
    }

    /// The script, to stand in the page as it is.
    pub(crate) fn script(&self) -> &'static str {
        SCRIPT
    }

    /// What the page may load and run.
    pub(crate) fn policy(&self) -> &'static str {
        &POLICY
    }
}

/// A page's text.
pub(super) fn rendered(page: &impl Template) -> Result<String, ReportError> {
    Ok(page.render()?)
}
