//! Estimates from raw samples: pure functions over slices. The launch is the unit: samples of one process agree with
//! each other far better than processes do, so a cell's estimate is the median of its launches' medians, and the doubt
//! shown is the range of these.

use crate::record::Samples;
use crate::stats::Interval;
use chipmark_core::Mode;
use chipmark_core::median_interval::outside;
use serde::Serialize;

/// What the launches of a cell say about the time of one call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// The median of the launches' medians, in ns per call.
    pub median_ns: f64,
    /// The smallest of the launches' medians, in ns per call.
    pub low_ns: f64,
    /// The largest of the launches' medians, in ns per call.
    pub high_ns: f64,
    /// The 95% interval of the median of launches, in ns per call; none from fewer than six launches.
    pub interval_ns: Option<Interval>,
    /// The 5% quantile of all samples, in ns per call.
    pub p05_ns: f64,
    /// The 95% quantile of all samples, in ns per call.
    pub p95_ns: f64,
    /// How many launches.
    pub launches: usize,
    /// How many samples in all of them.
    pub samples: usize,
    /// The median of each launch, in the order of the rounds, in ns per call.
    pub launch_medians_ns: Vec<f64>,
    /// The stages of a transfer, each timed alone; they need not add up to the whole.
    pub stages: Option<Stages>,
}

impl Estimate {
    /// Half the range of the launches' medians as a share of the estimate: what `±` shows. Nothing from one launch,
    /// which shows no doubt.
    #[must_use]
    pub fn half_range(&self) -> Option<f64> {
        (self.launches > 1).then(|| (self.high_ns - self.low_ns) / 2.0 / self.median_ns)
    }
}

/// The stages of a transfer in ns per call; each the median of the launches' medians. A stage that was not timed is
/// absent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Stages {
    /// Host to device.
    pub upload_ns: Option<f64>,
    /// The call.
    pub step_ns: Option<f64>,
    /// Device to host.
    pub download_ns: Option<f64>,
}

/// The time of one call in each sample of a launch, in ns.
///
/// Throughput is (T4k − Tk) / 3k from each pair of blocks, so that the fixed cost of the wait cancels. A disturbed pair can
/// give a value of zero or below; it stays among the others, because leaving out single samples would move the median.
#[must_use]
pub fn per_call_ns(mode: Mode, samples: &Samples) -> Vec<f64> {
    let calls = samples.calls as f64;
    match mode {
        Mode::Throughput => {
            let pairs = samples.block_ns.iter().zip(&samples.block4_ns);
            pairs.map(|(&k, &k4)| (k4 as f64 - k as f64) / (3.0 * calls)).collect()
        }
        Mode::Latency | Mode::Transfer | Mode::FirstCall => per_call(&samples.block_ns, calls),
    }
}

fn per_call(block_ns: &[u64], calls: f64) -> Vec<f64> {
    block_ns.iter().map(|&ns| ns as f64 / calls).collect()
}

/// The `q` quantile, q from 0 to 1, interpolated linearly between order statistics (Hyndman and Fan, The American
/// Statistician 50, 1996, definition 7). Nothing from no values, or from one that is no number.
#[must_use]
pub fn quantile(values: &[f64], q: f64) -> Option<f64> {
    if values.iter().any(|value| value.is_nan()) {
        return None;
    }
    quantile_of_sorted(&sorted(values), q)
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

fn quantile_of_sorted(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let rank = q.clamp(0.0, 1.0) * last as f64;
    let below = sorted.get(rank.floor() as usize)?;
    let above = sorted.get(rank.ceil() as usize)?;
    let share = rank - rank.floor();
    // Between two equal values there is nothing to interpolate, and rounding could leave the range.
    Some(if below == above { *below } else { below * (1.0 - share) + above * share }.clamp(*below, *above))
}

/// The median; the mean of the middle two of an even number. Nothing from no values, or from one that is no number.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The median time of one call in a launch, in ns. Nothing where it is not above zero: its blocks of 4k calls then took no
/// longer than those of k, so it measured nothing.
#[must_use]
pub fn launch_median(mode: Mode, samples: &Samples) -> Option<f64> {
    measured_median(&per_call_ns(mode, samples))
}

fn measured_median(per_call_ns: &[f64]) -> Option<f64> {
    median(per_call_ns).filter(|ns| *ns > 0.0 && ns.is_finite())
}

/// What the samples of a cell's launches say, in the order of the rounds. A launch without a [`launch_median`] is
/// left out. Nothing if no launch is left.
#[must_use]
pub fn estimate(mode: Mode, launches: &[&Samples]) -> Option<Estimate> {
    let mut all = Vec::new();
    let mut launch_medians_ns = Vec::new();
    let mut used = Vec::new();
    for samples in launches {
        let per_call = per_call_ns(mode, samples);
        if let Some(launch_median) = measured_median(&per_call) {
            launch_medians_ns.push(launch_median);
            all.extend(per_call);
            used.push(*samples);
        }
    }
    let all = sorted(&all);
    Some(Estimate {
        median_ns: median(&launch_medians_ns)?,
        low_ns: launch_medians_ns.iter().copied().reduce(f64::min)?,
        high_ns: launch_medians_ns.iter().copied().reduce(f64::max)?,
        interval_ns: median_interval(&launch_medians_ns),
        p05_ns: quantile_of_sorted(&all, 0.05)?,
        p95_ns: quantile_of_sorted(&all, 0.95)?,
        launches: launch_medians_ns.len(),
        samples: all.len(),
        launch_medians_ns,
        stages: (mode == Mode::Transfer).then(|| stages(&used)),
    })
}

/// The interval that holds the median of what the values were drawn from in 95 of 100, whatever their distribution: from one of the
/// values in order to another (H. A. David and H. N. Nagaraja, Order Statistics, 3rd ed., 2003, section 7.1). The median of the values
/// is always within.
fn median_interval(values: &[f64]) -> Option<Interval> {
    let outside = outside(values.len())?;
    let sorted = sorted(values);
    let low = *sorted.get(outside)?;
    let high = *sorted.get(sorted.len().checked_sub(1 + outside)?)?;
    Some(Interval { low, high })
}

fn stages(launches: &[&Samples]) -> Stages {
    let stage = |of: fn(&Samples) -> &Vec<u64>| {
        let medians: Vec<f64> =
            launches.iter().filter_map(|samples| median(&per_call(of(samples), samples.calls as f64))).collect();
        median(&medians)
    };
    Stages {
        upload_ns: stage(|samples| &samples.upload_ns),
        step_ns: stage(|samples| &samples.step_ns),
        download_ns: stage(|samples| &samples.download_ns),
    }
}

#[cfg(test)]
mod tests;
