//! What is asked of a backend before anything is timed: what comes out of a case, and whether `finish` waits.

use crate::protocol::Reply;
use crate::{Clock, Prepared};
use chipmark_core::{DType, Digest, Execution, Fill, FullBackend, HostTensor, OpPath, OpResult};
use chipmark_workloads::Workload;

/// How a case is to be done.
pub(crate) struct Asked {
    pub(crate) execution: Execution,
    pub(crate) seed: u64,
    pub(crate) absolute: bool,
    pub(crate) calls: Option<usize>,
}

/// Does a case as often as its check asks, and keeps what is needed of the outputs.
///
/// # Errors
/// Whatever the backend reports.
pub(crate) fn check<B: FullBackend, W: Workload>(
    backend: &B,
    workload: &W,
    clock: &impl Clock,
    asked: &Asked,
) -> OpResult<Reply> {
    let absolute = asked.absolute;
    let map = |tensor: HostTensor| if absolute { tensor.abs() } else { tensor };
    backend.log().open();
    let digests = digests(backend, workload, clock, asked, map);
    let paths: Vec<OpPath> = backend.log().close();
    let layout = workload.has_layout().then(|| backend.conv_layout());
    Ok(Reply::Checked { digests: digests?, paths, layout })
}

fn digests<B: FullBackend, W: Workload>(
    backend: &B,
    workload: &W,
    clock: &impl Clock,
    asked: &Asked,
    map: impl Fn(HostTensor) -> HostTensor,
) -> OpResult<Vec<Digest>> {
    let mut job = Prepared::new(backend, workload, clock, asked.execution, asked.seed, None, map)?;
    let mut digests = Vec::new();
    for _ in 0..asked.calls.unwrap_or_else(|| workload.checked_calls()) {
        let outputs = job.call()?;
        digests.extend(job.read(outputs)?.iter().map(Digest::of));
    }
    Ok(digests)
}

const SIZE: usize = 256;
const LONG_ENOUGH_NS: u64 = 50_000_000;
const MOST_PRODUCTS: u32 = 1 << 14;
/// The best of so many counts: a busy machine may delay an honest copy, and no luck makes a dishonest finish wait.
const TRIES: u32 = 5;

/// The share of a chain of matrix products that is over when `finish` returns; what is left is waited for by reading the
/// result. An honest `finish` leaves nothing but the copy.
///
/// # Errors
/// Whatever the backend reports; a backend without `matmul` cannot be asked.
pub(crate) fn prove_finish<B: FullBackend>(backend: &B, clock: &impl Clock) -> OpResult<f64> {
    // Entries this small keep the powers from overflowing: the norm of such a matrix is about 2·limit·√(n/3) = 0.92.
    let host = Fill::new(0, "finish").uniform([SIZE, SIZE], -0.05, 0.05, DType::F32)?;
    let x = backend.upload(&host)?;
    backend.finish(std::slice::from_ref(&x))?;
    let mut products = 4;
    let mut best = 0f64;
    let mut tries = 0;
    loop {
        let start = clock.now_ns();
        let mut y = backend.matmul(&x, &x)?;
        for _ in 1..products {
            y = backend.matmul(&y, &x)?;
        }
        backend.finish(std::slice::from_ref(&y))?;
        let finished = clock.now_ns();
        backend.download(&y)?;
        let read = clock.now_ns();
        if read - start >= LONG_ENOUGH_NS || products >= MOST_PRODUCTS {
            #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
            let share = (finished - start) as f64 / (read - start).max(1) as f64;
            best = best.max(share);
            tries += 1;
            if tries == TRIES {
                return Ok(best);
            }
        } else {
            products *= 2;
        }
    }
}
