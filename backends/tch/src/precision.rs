//! The precision policy: what is asked for, and what libtorch says is in force.

use crate::shim;
use chipmark_core::OpResult;
use std::collections::BTreeMap;

/// What libtorch must say for the policy to hold, by the names of `chipmark_tch_precision` in the shim.
const EXACT: &[(&str, &str)] = &[
    ("matmul", "highest"),
    ("cuda.matmul", "ieee"),
    ("cuda.conv", "ieee"),
    ("cuda.rnn", "ieee"),
    ("onednn.matmul", "ieee"),
    ("onednn.conv", "ieee"),
    ("onednn.rnn", "ieee"),
    ("cublas.tf32", "off"),
    ("cudnn.tf32", "off"),
    ("cublas.f16_sums", "full"),
    ("cublas.bf16_sums", "full"),
    ("cublas.f16_accumulation", "off"),
    ("sdp.half_sums", "off"),
    ("cpu.f16_sums", "full"),
];

/// Variables by which the libraries below libtorch may be told to shorten f32, whatever libtorch asks of them, and the
/// values that do not.
const OVERRIDES: &[(&str, &[&str])] = &[
    ("DNNL_DEFAULT_FPMATH_MODE", &["", "STRICT"]),
    ("ONEDNN_DEFAULT_FPMATH_MODE", &["", "STRICT"]),
    ("NVIDIA_TF32_OVERRIDE", &["", "0"]),
    ("PYTORCH_MPS_FAST_MATH", &["", "0"]),
];

/// Asks libtorch for the policy.
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn demand() -> OpResult<()> {
    shim::set_exact_precision().map_err(|message| crate::error::sorted_message("open", &message))
}

/// What is in force: one line for people, and each setting by its name.
pub(crate) fn in_force() -> (String, BTreeMap<String, String>) {
    match shim::precision() {
        Ok(lines) => {
            let settings = parse(&lines);
            let overrides = OVERRIDES.iter().filter_map(|(name, harmless)| {
                let value = std::env::var(name).ok()?;
                (!harmless.contains(&value.to_uppercase().as_str())).then(|| format!("{name}={value}"))
            });
            (summary(&settings, overrides.collect()), settings)
        }
        Err(message) => (format!("unknown: {message}"), BTreeMap::new()),
    }
}

fn parse(lines: &str) -> BTreeMap<String, String> {
    let pairs = lines.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// One line: that the policy holds, or else all that departs from it.
fn summary(settings: &BTreeMap<String, String>, mut departures: Vec<String>) -> String {
    for (name, wanted) in EXACT {
        let value = settings.get(*name).map_or("unknown", String::as_str);
        if value != *wanted {
            departures.push(format!("{name}={value}"));
        }
    }
    if departures.is_empty() {
        "f32 exact: TF32 off; sums of f16 and bf16 products in f32".to_owned()
    } else {
        format!("not exact: {}", departures.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact() -> BTreeMap<String, String> {
        EXACT.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_policy_in_force_is_said_to_be() {
        assert_eq!(summary(&exact(), Vec::new()), "f32 exact: TF32 off; sums of f16 and bf16 products in f32");
    }

    #[test]
    fn libtorch_is_made_exact_which_it_is_not_by_itself() {
        let (before, _) = in_force();
        assert!(before.starts_with("not exact: ") && before.contains("cudnn.tf32=on"), "{before}");
        demand().unwrap();
        assert_eq!(in_force().0, summary(&exact(), Vec::new()));
    }

    #[test]
    fn every_departure_is_named() {
        let mut settings = exact();
        settings.insert("cudnn.tf32".to_owned(), "on".to_owned());
        settings.remove("onednn.conv");
        let summary = summary(&settings, vec!["NVIDIA_TF32_OVERRIDE=1".to_owned()]);
        assert_eq!(summary, "not exact: NVIDIA_TF32_OVERRIDE=1, onednn.conv=unknown, cudnn.tf32=on");
    }
}
