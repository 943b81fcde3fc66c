//! How many threads candle uses on the CPU: three pools, each with a size of its own.
//!
//! Matrix products ask `get_num_threads` at every call, the other ops that use rayon take its global pool, and large
//! elementwise ops have candle's barrier pool. All three follow `RAYON_NUM_THREADS`, but differ by default: rayon counts
//! logical cores, candle physical ones.

use candle_core::utils::{barrier_pool, get_num_threads};
use chipmark_core::{OpError, OpResult};
use std::env;

/// Variables that decide the size of a pool: candle's, its barrier pool's, and Accelerate's.
const VARIABLES: [&str; 3] = ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"];

/// The threads in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Threads {
    /// Matrix products and convolutions.
    pub(crate) gemm: usize,
    /// Softmax, convolutions and whatever else iterates in parallel.
    pub(crate) rayon: usize,
    /// Large elementwise ops.
    pub(crate) barrier: usize,
}

impl Threads {
    /// Reads back what is in force. Starts the pools if no op has.
    pub(crate) fn read() -> Self {
        let rayon = rayon::current_num_threads();
        // The caller works as well.
        Threads { gemm: get_num_threads().min(rayon), rayon, barrier: barrier_pool().n_workers() + 1 }
    }
}

/// Sets the size of all pools; `None` leaves candle's own defaults. The pools are made once a process, so that a second
/// call with another number is refused.
///
/// # Errors
/// When the number is not in force afterwards.
pub(crate) fn set(threads: Option<usize>) -> OpResult<()> {
    let Some(wanted) = threads else { return Ok(()) };
    let refuse = |why: String| Err(OpError::framework("open", why));
    if wanted == 0 {
        return refuse("0 threads can do nothing: ask for at least 1".to_owned());
    }
    let text = wanted.to_string();
    for name in VARIABLES {
        if env::var(name).is_ok_and(|value| value == text) {
            continue;
        }
        // SAFETY: a worker opens its device before any framework code runs; its other threads, if it has any, are
        // Rust's and reach the environment through std alone, whose lock this call takes.
        unsafe { env::set_var(name, &text) };
    }
    // Fails where the pool is there already, which the comparison finds out if it matters.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(wanted).build_global();
    let Threads { gemm, rayon, barrier } = Threads::read();
    if [gemm, rayon, barrier] == [wanted; 3] {
        Ok(())
    } else {
        refuse(format!(
            "{wanted} threads were asked for, but this process has {gemm} for products, {rayon} in rayon's pool and \
             {barrier} in candle's: they are fixed by the first use of each pool"
        ))
    }
}
