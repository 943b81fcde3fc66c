//! Ctrl-C and SIGTERM: noted here, looked at between and inside cells, so that the run ends with a valid file.

use crate::Exit;
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// What becomes of a run.
pub(crate) const KEPT: &str = "what was measured is kept";

/// Starts to note interruptions, and says at the first one what becomes of what was begun. The second one ends the program at once.
pub(crate) fn watch(says: &'static str) {
    // Without a handler Ctrl-C ends the program at once, which the results file survives too.
    let _ = ctrlc::set_handler(move || {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(Exit::Interrupted as i32);
        }
        eprintln!("\nstopping: {says} (once more to stop at once)");
    });
}

/// Ends the program at the first interruption, once what was begun is undone.
pub(crate) fn undo(what: impl Fn() + Send + 'static) {
    let _ = ctrlc::set_handler(move || {
        what();
        std::process::exit(Exit::Interrupted as i32);
    });
}

/// Whether there was one.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}
