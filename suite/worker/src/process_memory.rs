//! What the system counts of this process's memory.

/// What a process holds now and held at most, in bytes, as far as the system tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub now: Option<u64>,
    /// The most since the process started, or since [`forget_peak`] where the system can.
    pub peak: Option<u64>,
}

/// What the calls between two counts held at most. A peak that was not forgotten and did not rise is that of something else.
pub(crate) fn peak_between(before: Counted, forgotten: bool, after: Counted) -> Option<u64> {
    let peak = after.peak?;
    let rose = before.peak.is_none_or(|earlier| peak > earlier);
    (forgotten || rose).then_some(peak)
}

/// Has the system forget the highest count: whether it did.
#[cfg(target_os = "linux")]
pub(crate) fn forget_peak() -> bool {
    // proc(5): 5 resets the peak of resident pages.
    std::fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// The pages that are resident.
#[cfg(target_os = "linux")]
pub(crate) fn count() -> Counted {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    Counted { now: kibibytes(&status, "VmRSS:"), peak: kibibytes(&status, "VmHWM:") }
}

/// A line such as `VmHWM:\t  1234 kB`, in bytes.
#[cfg(target_os = "linux")]
fn kibibytes(status: &str, key: &str) -> Option<u64> {
    let rest = status.lines().find_map(|line| line.strip_prefix(key))?;
    rest.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Nothing can be forgotten here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn forget_peak() -> bool {
    false
}

/// The footprint, as Activity Monitor shows it: with compressed pages, and with the buffers of the graphics processor.
#[cfg(target_os = "macos")]
pub(crate) fn count() -> Counted {
    let mut usage = std::mem::MaybeUninit::<libc::rusage_info_v4>::zeroed();
    // SAFETY: the call fills a structure of this flavour, which outlives it, and reads no other memory of ours. It is plain
    // numbers, for which zero is a value.
    let usage = unsafe {
        let got = libc::proc_pid_rusage(libc::getpid(), libc::RUSAGE_INFO_V4, usage.as_mut_ptr().cast());
        if got != 0 {
            return Counted::default();
        }
        usage.assume_init()
    };
    Counted { now: Some(usage.ri_phys_footprint), peak: Some(usage.ri_lifetime_max_phys_footprint) }
}

/// Not counted on this system.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(crate) fn count() -> Counted {
    Counted::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_that_was_not_forgotten_counts_if_it_rose() {
        let counted = |peak| Counted { now: Some(1), peak: Some(peak) };
        assert_eq!(peak_between(counted(9), false, counted(9)), None);
        assert_eq!(peak_between(counted(9), true, counted(9)), Some(9));
        assert_eq!(peak_between(counted(9), true, counted(3)), Some(3));
        assert_eq!(peak_between(counted(9), false, counted(12)), Some(12));
    }

    #[test]
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    fn what_is_held_is_counted() {
        const BYTES: usize = 64 << 20;
        let before = count();
        let forgotten = forget_peak();
        let held = std::hint::black_box(vec![1u8; BYTES]);
        let during = count();
        drop(held);
        let peak = peak_between(before, forgotten, count()).unwrap();
        let grown = during.now.unwrap().saturating_sub(before.now.unwrap());
        assert!(grown >= BYTES as u64 * 9 / 10, "{grown}");
        assert!(peak >= before.now.unwrap() + BYTES as u64 * 9 / 10, "{peak}");
    }
}
