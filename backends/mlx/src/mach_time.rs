//! The one symbol that mlx-rs expects of the system and that only Apple's systems have.

use std::time::{SystemTime, UNIX_EPOCH};

/// What mlx-rs seeds its default random state with when nobody has given a seed. [`crate::Mlx`] always gives one, so the
/// value is never used for a result; it only has to exist for the program to link.
// SAFETY: the name is defined nowhere else off Apple's systems, whose libSystem has it, and the signature is the one that
// mach-sys declares: no arguments, an unsigned 64-bit count of ticks.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn mach_approximate_time() -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "a seed: any 64 bits will do")]
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_nanos() as u64)
}
