//! What is drawn is what was set, within what chance allows: for settings taken at random, under fixed seeds.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod draws;
mod launches;
mod moments;
mod virtual_time;

use chipmark_synthetic::Settings;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// How many standard errors an estimate may be off. Each test asks some hundred times, always with the same seeds.
const ERRORS: f64 = 5.0;

/// So many cases, the same ones every time.
fn fixed(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() }
}

fn parse(settings: &str) -> Settings {
    Settings::parse(settings).unwrap()
}

/// Settings with noise of any shape, correlated or not, and the latency, deviation and correlation that are in them.
fn noisy() -> impl Strategy<Value = (Settings, f64, f64)> {
    let distribution = prop::sample::select(vec!["lognormal", "normal", "gamma", "bimodal"]);
    let correlation = prop_oneof![Just(0.0), -0.9..0.9];
    (distribution, 0.1f64..5000.0, 0.001f64..0.2, correlation).prop_map(
        |(distribution, latency_us, noise, correlation)| {
            let text = format!(
                "distribution={distribution},latency_us={latency_us},noise={noise},autocorrelation={correlation}"
            );
            (parse(&text), noise, correlation)
        },
    )
}
