//! How an op was done, noted by the very code that did it.

use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::fmt;

/// How one op was done.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "path", rename_all = "lowercase")]
pub enum OpPath {
    /// One call of the framework's own kernel for it.
    Native {
        /// The op's name in the trait.
        op: String,
        /// The framework's call.
        call: String,
    },
    /// Built from other ops.
    Composed {
        /// The op's name in the trait.
        op: String,
        /// Built how, in a few words.
        how: String,
    },
}

impl fmt::Display for OpPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpPath::Native { op, call } => write!(f, "{op}: native, {call}"),
            OpPath::Composed { op, how } => write!(f, "{op}: composed, {how}"),
        }
    }
}

/// A backend's notebook. Each op notes its path in it; it is open while a case is checked and closed while it is timed,
/// when a note costs one branch.
#[derive(Debug, Default)]
pub struct OpLog {
    open: Cell<bool>,
    notes: RefCell<Vec<OpPath>>,
}

impl OpLog {
    /// Starts a new page.
    pub fn open(&self) {
        self.notes.borrow_mut().clear();
        self.open.set(true);
    }

    /// Ends the page and hands it over: each path once, in the order first taken.
    pub fn close(&self) -> Vec<OpPath> {
        self.open.set(false);
        std::mem::take(&mut *self.notes.borrow_mut())
    }

    /// Whether notes are taken: for a backend that has to ask before it knows what to note.
    #[inline]
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open.get()
    }

    /// Notes that `op` is the framework's own `call`.
    #[inline]
    pub fn native(&self, op: &'static str, call: &'static str) {
        if self.open.get() {
            self.note(OpPath::Native { op: op.to_owned(), call: call.to_owned() });
        }
    }

    /// Notes that `op` was built from others.
    #[inline]
    pub fn composed(&self, op: &'static str, how: &'static str) {
        if self.open.get() {
            self.note(OpPath::Composed { op: op.to_owned(), how: how.to_owned() });
        }
    }

    #[cold]
    fn note(&self, path: OpPath) {
        let mut notes = self.notes.borrow_mut();
        if !notes.contains(&path) {
            notes.push(path);
        }
    }
}
