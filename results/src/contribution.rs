//! Contributed results: what a file says about who measured it, where it belongs in `results/data`, whether it can be
//! believed, and how much is known of it. Contributed files are untrusted: whatever they hold, they are read within bounds,
//! and name no path outside their tree.

mod list;
mod place;
mod private;
mod public;
mod readiness;
mod reference;
mod scrub;
mod tree;
mod trust;
pub mod validate;
mod withdrawn;

pub use place::{ContentHash, Place, PlaceError};
pub use private::Private;
pub use public::{Public, Rules, public};
pub use readiness::{Point, Readiness, readiness};
pub use reference::{REFERENCE, Reference, Vouched};
pub use tree::DataTree;
pub use trust::{Account, FEWEST_COMMON, MEAN_WITHIN, OVERLAP, Standing, Trust, standings};
pub use withdrawn::{WITHDRAWN, Withdrawal, Withdrawn};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What every process is called in public, whose name would tell what somebody does.
pub(crate) const PROCESS: &str = "process";

/// Who measured, in the header of a contributed file and of no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contribution {
    /// A random id, kept on the machine that measured and derived from nothing: 32 hexadecimal digits. It tells that two files are of
    /// one machine, and nothing else.
    pub machine_id: String,
    /// What the contributor wants to be called, such as a name on GitHub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contributor: Option<String>,
}

/// The longest name of a contributor, in characters.
pub const MAX_CONTRIBUTOR_CHARS: usize = 64;

impl Contribution {
    /// Whether the id is one and the name can be shown.
    ///
    /// # Errors
    /// A line that says what is wrong.
    pub fn check(&self) -> Result<(), String> {
        let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        if self.machine_id.len() != 32 || !self.machine_id.chars().all(hex) {
            return Err("the machine_id is not 32 hexadecimal digits in lower case".to_owned());
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
        match &self.contributor {
            Some(name) if name.trim().is_empty() || name.len() > MAX_CONTRIBUTOR_CHARS || !name.chars().all(plain) => {
                Err(format!(
                    "the contributor's name must have 1 to {MAX_CONTRIBUTOR_CHARS} letters, digits, spaces, '-', '_' or '.'"
                ))
            }
            _ => Ok(()),
        }
    }
}
