//! Is what the harness measures what the framework takes? A case through the sampler, as a worker times it, beside the
//! same work written directly against the framework: in one process, block by block, in turns.
//!
//! The direct side is a closure of a framework's own calls, given by `benches/direct.rs` of its backend. It shares with
//! the harness neither its inputs' memory, nor a trait, nor a clock: only the bytes that the inputs are made of.

use crate::protocol::Block;
use crate::sampler::{Floor, sample};
use crate::warm_up::median;
use crate::{Clock, Job, Monotonic, Prepared};
use chipmark_core::check::Scale;
use chipmark_core::{
    BackendInfo, CaseId, Digest, Execution, FullBackend, HostTensor, Mode, OpError, OpResult, Sampling, Tolerance,
    compare,
};
use chipmark_workloads::{Visitor, Workload, visit};
use std::fmt;
use std::time::{Duration, Instant};

/// The matrix product that every framework's comparison shows.
pub const MATMUL: &str = "matmul/1024x1024@1024x1024/f32";

/// The softmaxes that it shows: one that takes long enough to be compared, and one so short that what the harness adds
/// to a call would stand out.
pub const SOFTMAXES: [&str; 2] = ["softmax/64x16384/f32", "softmax/8x64/f32"];

/// Slow cases end after ten times `sample_s`, which is long enough for 40 pairs of blocks of a second each.
const SAMPLING: Sampling = Sampling {
    warm_up_s: 1.0,
    max_warm_up_s: 4.0,
    sample_s: 8.0,
    precision: None,
    min_samples: 40,
    max_samples: 1000,
    min_block_s: 0.02,
    max_block_s: 0.5,
};

/// How far the two results may be apart, as a share of their mean magnitude. The same kernel on the same bytes gives the
/// same bits, but for libraries that choose by the address; a wrong axis or other inputs are off by far more.
const SAME: f64 = 1e-3;

/// Blocks of the harness and of the direct calls, in pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The case's id.
    pub case: String,
    /// The calls in a block.
    pub calls: u64,
    /// The blocks of the harness, in ns.
    pub bench_ns: Vec<u64>,
    /// The direct block taken right before or right after each of them, in ns.
    pub direct_ns: Vec<u64>,
}

/// The head of the table that [`Comparison`]s are the lines of, with what it was measured on above.
#[must_use]
pub fn head(info: &BackendInfo) -> String {
    let threads = info.threads.map_or_else(String::new, |threads| format!(", threads: {threads}"));
    let blas = info.blas.as_ref().map_or_else(String::new, |blas| format!(", BLAS: {blas}"));
    format!(
        "{} {} on the CPU{threads}{blas}\n{:<32} {:>11} {:>11} {:>7} {:>13} {:>6} {:>7}",
        info.framework, info.version, "case", "bench", "directly", "ratio", "95% interval", "pairs", "calls"
    )
}

/// One line: the median time of a call on each side, the median of the pairs' ratios with its interval, and how many
/// pairs of blocks of how many calls it comes of.
impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, middle, high] = self.ratio();
        let (bench, direct) = (self.per_call(&self.bench_ns), self.per_call(&self.direct_ns));
        let (case, pairs, calls) = (&self.case, self.bench_ns.len(), self.calls);
        let interval = format!("{low:.3}–{high:.3}");
        write!(f, "{case:<32} {bench:>11} {direct:>11} {middle:>7.3} {interval:>13} {pairs:>6} {calls:>7}")
    }
}

impl Comparison {
    /// The median over the pairs of harness / direct, between the ends of its 95% interval: the order statistics that the
    /// sign test leaves (Conover, Practical Nonparametric Statistics, 3.2), which assume nothing of the noise.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
    pub fn ratio(&self) -> [f64; 3] {
        let pairs = self.bench_ns.iter().zip(&self.direct_ns);
        let mut ratios: Vec<f64> = pairs.map(|(&bench, &direct)| bench as f64 / direct.max(1) as f64).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let n = ratios.len() as f64;
        let half_width = 1.96 * n.sqrt() / 2.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position in the list")]
        let at = |rank: f64| ratios.get((rank.clamp(1.0, n.max(1.0)) - 1.0) as usize).copied().unwrap_or(f64::NAN);
        let middle = (at((n / 2.0 + 0.5).floor()) + at((n / 2.0 + 0.5).ceil())) / 2.0;
        [at((n / 2.0 - half_width).floor()), middle, at((1.0 + n / 2.0 + half_width).ceil())]
    }

    /// The median block's time for one call.
    #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
    fn per_call(&self, block_ns: &[u64]) -> String {
        let ns = median(&mut block_ns.to_vec()) as f64 / self.calls as f64;
        match ns {
            ns if ns < 1e3 => format!("{ns:.1} ns"),
            ns if ns < 1e6 => format!("{:.3} µs", ns / 1e3),
            ns => format!("{:.3} ms", ns / 1e6),
        }
    }
}

/// Times `case` in both ways. `prepare` makes the direct call of the inputs: it must return once its output is computed.
/// Both drop the output with the clock stopped.
///
/// # Errors
/// When `case` names none, when the two give different results, or whatever the framework reports.
pub fn beside<B, D>(backend: &B, case: &str, prepare: impl FnOnce(&[HostTensor]) -> OpResult<D>) -> OpResult<Comparison>
where
    B: FullBackend,
    D: FnMut() -> OpResult<B::Tensor>,
{
    let failed = |why: String| OpError::framework("case", format!("{case}: {why}"));
    let id: CaseId = case.parse().map_err(failed)?;
    visit(&id, Measuring { backend, prepare }).map_err(|why| failed(why.to_string()))?
}

struct Measuring<'a, B, P> {
    backend: &'a B,
    prepare: P,
}

impl<B, D, P> Visitor for Measuring<'_, B, P>
where
    B: FullBackend,
    D: FnMut() -> OpResult<B::Tensor>,
    P: FnOnce(&[HostTensor]) -> OpResult<D>,
{
    type Output = OpResult<Comparison>;

    fn visit<W: Workload>(self, workload: &W) -> OpResult<Comparison> {
        let clock = Monotonic::start();
        let mut job = Prepared::new(self.backend, workload, &clock, Execution::Eager, 0, None, |tensor| tensor)?;
        let mut direct = (self.prepare)(job.host())?;
        let outputs = job.call()?;
        same(&job.read(outputs)?, &[self.backend.download(&direct()?)?])?;

        let floor = Floor { resolution_ns: clock.resolution_ns(), finish_spread_ns: 0 };
        let mut turns = Turns { job, direct, direct_ns: Vec::new() };
        let samples = sample(&mut turns, Mode::Latency, &SAMPLING, floor, &clock, |_| ())?;
        // Those before were of the warm-up.
        let direct_ns = turns.direct_ns.split_off(turns.direct_ns.len() - samples.block_ns.len());
        Ok(Comparison { case: workload.id().to_string(), calls: samples.calls, bench_ns: samples.block_ns, direct_ns })
    }
}

/// Refuses to compare the times of different work.
fn same(bench: &[HostTensor], direct: &[HostTensor]) -> OpResult<()> {
    let [bench, direct] = [bench, direct].map(|outputs| outputs.iter().map(Digest::of).collect::<Vec<_>>());
    #[expect(clippy::cast_precision_loss, reason = "a count of elements is far below 2^53")]
    let mean = bench.iter().map(|digest| digest.abs_sum / digest.shape.numel() as f64).fold(0.0, f64::max);
    let result = compare(&bench, None, &direct, &[Tolerance::new(SAME * mean, Scale::One)]);
    if result.passes() {
        return Ok(());
    }
    let what = result.mismatch.or_else(|| result.worst.map(|worst| format!("{worst:?}"))).unwrap_or_default();
    Err(OpError::framework("direct call", format!("its result is another one: {what}")))
}

/// A job, and the direct calls beside it: whichever came first in the last pair comes second in the next.
struct Turns<J, D> {
    job: J,
    direct: D,
    direct_ns: Vec<u64>,
}

impl<J: Job, T, D: FnMut() -> OpResult<T>> Job for Turns<J, D> {
    fn latency(&mut self, calls: u64) -> OpResult<Block> {
        let direct_first = self.direct_ns.len() % 2 == 1;
        if direct_first {
            self.direct_ns.push(time(calls, &mut self.direct)?);
        }
        let block = self.job.latency(calls)?;
        if !direct_first {
            self.direct_ns.push(time(calls, &mut self.direct)?);
        }
        Ok(block)
    }

    fn throughput(&mut self, calls: u64) -> OpResult<Block> {
        self.job.throughput(calls)
    }

    fn transfer(&mut self, calls: u64) -> OpResult<Block> {
        self.job.transfer(calls)
    }

    fn held_bytes_per_call(&self) -> u64 {
        self.job.held_bytes_per_call()
    }
}

/// What a small program would do: a loop around the call.
fn time<T>(calls: u64, call: &mut impl FnMut() -> OpResult<T>) -> OpResult<u64> {
    let mut spent = Duration::ZERO;
    for _ in 0..calls {
        let start = Instant::now();
        let output = call()?;
        spent += start.elapsed();
        drop(output);
    }
    Ok(u64::try_from(spent.as_nanos()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipmark_core::ops::norm::Norm;
    use chipmark_core::{Backend, Device, OpenOptions};
    use chipmark_reference::Reference;
    use std::cell::RefCell;

    fn of(bench_ns: Vec<u64>, direct_ns: Vec<u64>) -> Comparison {
        Comparison { case: "softmax/8x64/f32".to_owned(), calls: 2, bench_ns, direct_ns }
    }

    #[test]
    fn the_ratio_is_the_median_of_the_pairs() {
        // Ratios 1.01, 1.02 … 1.40. Ranks by hand: 20 ∓ 0.98·√40 = 13.8 and, one further, 27.2.
        let comparison = of((1..=40).map(|i| 100 + i).rev().collect(), vec![100; 40]);
        let [low, middle, high] = comparison.ratio();
        assert!((low - 1.13).abs() < 1e-12, "{low}");
        assert!((middle - 1.205).abs() < 1e-12, "{middle}");
        assert!((high - 1.28).abs() < 1e-12, "{high}");
    }

    #[test]
    fn few_pairs_and_none_do_no_harm() {
        assert_eq!(of(vec![3], vec![2]).ratio(), [1.5; 3]);
        assert!(of(vec![], vec![]).ratio()[1].is_nan());
        assert_eq!(of(vec![110, 90, 100], vec![0, 100, 100]).ratio(), [0.9, 1.0, 110.0]);
    }

    #[test]
    fn a_line_has_the_time_of_one_call() {
        let line = of(vec![4_000; 5], vec![2_000_000; 5]).to_string();
        let line: Vec<_> = line.split_whitespace().collect();
        assert_eq!(line, ["softmax/8x64/f32", "2.000", "µs", "1.000", "ms", "0.002", "0.002–0.002", "5", "2"]);
    }

    struct Noting<'a>(&'a RefCell<String>);

    impl Job for Noting<'_> {
        fn latency(&mut self, calls: u64) -> OpResult<Block> {
            self.0.borrow_mut().extend((0..calls).map(|_| 'h'));
            Ok(Block::default())
        }

        fn throughput(&mut self, _: u64) -> OpResult<Block> {
            Ok(Block::default())
        }

        fn transfer(&mut self, _: u64) -> OpResult<Block> {
            Ok(Block::default())
        }

        fn held_bytes_per_call(&self) -> u64 {
            1
        }
    }

    #[test]
    fn both_make_the_same_calls_and_take_turns() {
        let calls = RefCell::new(String::new());
        let direct = || {
            calls.borrow_mut().push('d');
            Ok(())
        };
        let mut turns = Turns { job: Noting(&calls), direct, direct_ns: Vec::new() };
        for k in [2, 2, 1, 3] {
            turns.latency(k).unwrap();
        }
        assert_eq!(*calls.borrow(), "hhdd ddhh hd dddhhh".replace(' ', ""));
        assert_eq!(turns.direct_ns.len(), 4);
    }

    #[test]
    fn different_work_is_not_compared() {
        let backend = Reference::open(Device::Cpu, &OpenOptions::default()).unwrap();
        let wrong_axis = beside(&backend, "softmax/8x64/f32", |inputs| {
            let (backend, x) = (&backend, backend.upload(&inputs[0])?);
            Ok(move || backend.softmax(&x, 0))
        });
        let message = wrong_axis.unwrap_err().to_string();
        assert!(message.contains("another one"), "{message}");
        assert!(beside(&backend, "softmax/8x/f32", |_| Ok(|| Err(OpError::unsupported("", "")))).is_err());
    }
}
