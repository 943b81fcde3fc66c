//! The renderers of comparisons: what a literal comparison looks like, and that no text from a file breaks a form.

mod gate;
mod hostile;
mod snapshots;
