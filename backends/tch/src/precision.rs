//! The precision policy: what is asked for, and what libtorch says is in force.

use crate::info::pairs;
use crate::shim;
use chipmark_core::{OpResult, OpenOptions};
use std::collections::BTreeMap;

/// What f32 products may be computed from. Sums of f16 and bf16 products are kept in f32 under either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    /// From the f32 factors themselves.
    Exact,
    /// From factors rounded to TF32, wherever libtorch and the device have a way.
    Tf32,
}

/// What libtorch must say for a policy to hold, exact and with TF32, by the names of `chipmark_tch_precision` in the shim.
const WANTED: &[(&str, &str, &str)] = &[
    ("matmul", "highest", "high"),
    ("cuda.matmul", "ieee", "tf32"),
    ("cuda.conv", "ieee", "tf32"),
    ("cuda.rnn", "ieee", "tf32"),
    ("onednn.matmul", "ieee", "tf32"),
    ("onednn.conv", "ieee", "tf32"),
    ("onednn.rnn", "ieee", "tf32"),
    ("cublas.tf32", "off", "on"),
    ("cudnn.tf32", "off", "on"),
    ("cublas.f16_sums", "full", "full"),
    ("cublas.bf16_sums", "full", "full"),
    ("cublas.f16_accumulation", "off", "off"),
    ("sdp.half_sums", "off", "off"),
    ("cpu.f16_sums", "full", "full"),
];

/// Variables by which the libraries below libtorch may be told otherwise, whatever libtorch asks of them, and the values
/// that leave it its way, exact and with TF32.
const OVERRIDES: &[(&str, &[&str], &[&str])] = &[
    ("DNNL_DEFAULT_FPMATH_MODE", &["", "STRICT"], &["", "STRICT", "TF32"]),
    ("ONEDNN_DEFAULT_FPMATH_MODE", &["", "STRICT"], &["", "STRICT", "TF32"]),
    ("NVIDIA_TF32_OVERRIDE", &["", "0"], &["", "1"]),
    ("PYTORCH_MPS_FAST_MATH", &["", "0"], &["", "0"]),
];

impl Policy {
    /// The one that is asked for.
    pub(crate) fn of(options: &OpenOptions) -> Self {
        if options.tf32 { Policy::Tf32 } else { Policy::Exact }
    }

    /// Asks libtorch for it, for the whole process.
    ///
    /// # Errors
    /// When libtorch refuses.
    pub(crate) fn demand(self) -> OpResult<()> {
        let tf32 = self == Policy::Tf32;
        shim::set_precision(tf32).map_err(|message| crate::error::sorted_message("open", &message))
    }

    /// What is in force: one line for people, and each setting by its name.
    pub(crate) fn in_force(self) -> (String, BTreeMap<String, String>) {
        match shim::precision() {
            Ok(lines) => {
                let settings = pairs(&lines);
                let overrides = OVERRIDES.iter().filter_map(|(name, exact, tf32)| {
                    let value = std::env::var(name).ok()?;
                    let harmless = self.pick(exact, tf32);
                    (!harmless.contains(&value.to_uppercase().as_str())).then(|| format!("{name}={value}"))
                });
                (self.summary(&settings, overrides.collect()), settings)
            }
            Err(message) => (format!("unknown: {message}"), BTreeMap::new()),
        }
    }

    /// One line: that the policy holds, or else all that departs from it.
    fn summary(self, settings: &BTreeMap<String, String>, mut departures: Vec<String>) -> String {
        for (name, exact, tf32) in WANTED {
            let value = settings.get(*name).map_or("unknown", String::as_str);
            if value != *self.pick(exact, tf32) {
                departures.push(format!("{name}={value}"));
            }
        }
        if departures.is_empty() {
            let f32s = self.pick("f32 exact: TF32 off", "TF32 on: f32 products may be of factors rounded to TF32");
            format!("{f32s}; sums of f16 and bf16 products in f32")
        } else {
            format!("{}: {}", self.pick("not exact", "TF32 asked for, and not all on"), departures.join(", "))
        }
    }

    fn pick<T>(self, exact: T, tf32: T) -> T {
        match self {
            Policy::Exact => exact,
            Policy::Tf32 => tf32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLDS: &str = "f32 exact: TF32 off; sums of f16 and bf16 products in f32";

    fn wanted(policy: Policy) -> BTreeMap<String, String> {
        let pair =
            |(name, exact, tf32): &(&str, &str, &str)| ((*name).to_owned(), policy.pick(*exact, *tf32).to_owned());
        WANTED.iter().map(pair).collect()
    }

    #[test]
    fn a_policy_in_force_is_said_to_be() {
        assert_eq!(Policy::Exact.summary(&wanted(Policy::Exact), Vec::new()), HOLDS);
        let tf32 = Policy::Tf32.summary(&wanted(Policy::Tf32), Vec::new());
        assert!(tf32.starts_with("TF32 on: "), "{tf32}");
    }

    #[test]
    fn libtorch_is_made_exact_which_it_is_not_by_itself() {
        let (before, _) = Policy::Exact.in_force();
        assert!(before.starts_with("not exact: ") && before.contains("cudnn.tf32=on"), "{before}");
        Policy::Exact.demand().unwrap();
        assert_eq!(Policy::Exact.in_force().0, HOLDS);
    }

    #[test]
    fn every_departure_is_named() {
        let mut settings = wanted(Policy::Exact);
        settings.insert("cudnn.tf32".to_owned(), "on".to_owned());
        settings.remove("onednn.conv");
        let summary = Policy::Exact.summary(&settings, vec!["NVIDIA_TF32_OVERRIDE=1".to_owned()]);
        assert_eq!(summary, "not exact: NVIDIA_TF32_OVERRIDE=1, onednn.conv=unknown, cudnn.tf32=on");

        let mut settings = wanted(Policy::Tf32);
        settings.insert("cuda.matmul".to_owned(), "ieee".to_owned());
        let summary = Policy::Tf32.summary(&settings, Vec::new());
        assert_eq!(summary, "TF32 asked for, and not all on: cuda.matmul=ieee");
    }
}
