//! Ctrl-C and SIGTERM: noted here, looked at between and inside cells, so that the run ends with a valid file.

use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Starts to note interruptions. The second one ends the program at once.
pub(crate) fn watch() {
    // Without a handler Ctrl-C ends the program at once, which the results file survives too.
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        eprintln!("\nstopping: what was measured is kept (once more to stop at once)");
    });
}

/// Whether there was one.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}
