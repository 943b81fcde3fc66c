//! The device's own time: what is put on its queue is done one after the other. Pure; the caller brings the clock.

/// A device that does one thing at a time, in order. All times are in nanoseconds since opening.
#[derive(Debug, Default)]
pub struct Queue {
    busy_until_ns: f64,
    busy_ns: f64,
}

impl Queue {
    /// When something that is put on the queue at `now_ns` would start.
    #[must_use]
    pub fn start_ns(&self, now_ns: f64) -> f64 {
        self.busy_until_ns.max(now_ns)
    }

    /// Puts `cost_ns` of work on the queue at `now_ns`, and tells when it will be done.
    pub fn push(&mut self, now_ns: f64, cost_ns: f64) -> f64 {
        self.busy_until_ns = self.start_ns(now_ns) + cost_ns;
        self.busy_ns += cost_ns;
        self.busy_until_ns
    }

    /// When everything on the queue will be done; in the past when it is idle.
    #[must_use]
    pub fn busy_until_ns(&self) -> f64 {
        self.busy_until_ns
    }

    /// How much work was ever put on the queue.
    #[must_use]
    pub fn busy_ns(&self) -> f64 {
        self.busy_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::sampler::Sampler;

    #[test]
    fn work_is_done_in_order_and_idle_time_is_not_caught_up() {
        let mut queue = Queue::default();
        assert_eq!(queue.push(100.0, 50.0), 150.0);
        assert_eq!(queue.push(110.0, 50.0), 200.0, "waits for what is before it");
        assert_eq!(queue.push(1000.0, 50.0), 1050.0, "starts at once on an idle device");
        assert_eq!(queue.busy_ns(), 150.0);
        assert_eq!(queue.busy_until_ns(), 1050.0);
    }

    /// Time per call of `blocks` blocks of `block` calls each, measured by a host with a virtual clock that takes
    /// `submit_ns` to submit a call and waits once a block.
    fn measured_ns(settings: &str, block: usize, blocks: usize, submit_ns: f64) -> f64 {
        let (mut queue, mut sampler) = (Queue::default(), Sampler::new(Settings::parse(settings).unwrap(), 3, 0));
        let mut now_ns = 0.0;
        for _ in 0..blocks {
            for _ in 0..block {
                now_ns += submit_ns;
                let cost_ns = sampler.next_ns("copy", queue.start_ns(now_ns) / 1e9);
                queue.push(now_ns, cost_ns);
            }
            now_ns = queue.busy_until_ns().max(now_ns);
        }
        now_ns / (block * blocks) as f64
    }

    #[test]
    fn a_measured_mean_is_the_setting_within_one_percent() {
        for settings in ["latency_us=200", "latency_us=200,noise=0.05", "latency_us=200,noise=0.3"] {
            let latency = measured_ns(settings, 1, 20_000, 0.0);
            assert!((latency / 200_000.0 - 1.0).abs() < 0.01, "latency {settings}: {latency}");
            let throughput = measured_ns(settings, 100, 200, 0.0);
            assert!((throughput / 200_000.0 - 1.0).abs() < 0.01, "throughput {settings}: {throughput}");
        }
    }

    #[test]
    fn submitting_overlaps_with_the_device() {
        // 30 µs of submitting are hidden behind 200 µs of work, but for the first of a block.
        let per_call_ns = measured_ns("latency_us=200", 100, 10, 30_000.0);
        assert!((per_call_ns - (200_000.0 + 30_000.0 / 100.0)).abs() < 1.0, "{per_call_ns}");
        // A host slower than the device is what is measured.
        let per_call_ns = measured_ns("latency_us=10", 100, 10, 30_000.0);
        assert!((per_call_ns - (30_000.0 + 10_000.0 / 100.0)).abs() < 1.0, "{per_call_ns}");
    }
}
