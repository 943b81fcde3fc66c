//! What a call draws, from the counters that were read while blocks were timed.

use crate::record::Energy;
use chipmark_core::Device;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The counters of an Apple chip's parts; together they are the chip with its memory.
const APPLE: [&str; 5] = ["cpu", "gpu", "gpu-sram", "ane", "dram"];

/// What one call of a cell draws: the whole part of the machine, its idling with it, while the call runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drawn {
    /// Energy of a call in J, over all launches.
    pub joules_per_call: f64,
    /// Power meanwhile in W.
    pub watts: f64,
    /// The counters that were added up.
    pub counters: Vec<String>,
}

/// What a call on a device draws: an NVIDIA card by itself, anything else as the processors' packages (or the Apple chip) with
/// their memory. None where nothing fitting was counted, and where the target's own variables `env` give cards other numbers.
pub fn drawn<'a>(
    device: Device,
    env: &BTreeMap<String, String>,
    energies: impl Iterator<Item = &'a Energy>,
) -> Option<Drawn> {
    let renumbered = ["CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"].iter().any(|name| env.contains_key(*name));
    let (mut joules, mut calls, mut ns) = (0.0, 0.0, 0.0);
    let mut counters = BTreeSet::new();
    for energy in energies {
        let card = match device {
            Device::Cuda(number) => Some(format!("nvidia-{number}")),
            Device::Gpu => Some("nvidia-0".to_owned()).filter(|card| energy.joules.contains_key(card)),
            Device::Cpu | Device::Metal | Device::Mps => None,
        };
        if renumbered && card.is_some() {
            continue;
        }
        let is_its = |counter: &str| match &card {
            Some(card) => counter == card,
            None => counter.starts_with("package-") || APPLE.contains(&counter),
        };
        let its: Vec<(&String, &f64)> = energy.joules.iter().filter(|(counter, _)| is_its(counter)).collect();
        if its.is_empty() {
            continue;
        }
        joules += its.iter().map(|(_, joules)| **joules).sum::<f64>();
        calls += energy.calls as f64;
        ns += energy.duration_ns as f64;
        counters.extend(its.into_iter().map(|(counter, _)| counter.clone()));
    }
    (calls > 0.0 && ns > 0.0 && joules > 0.0).then(|| Drawn {
        joules_per_call: joules / calls,
        watts: joules / ns * 1e9,
        counters: counters.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn energy(calls: u64, joules: &[(&str, f64)]) -> Energy {
        let joules = joules.iter().map(|(counter, joules)| ((*counter).to_owned(), *joules)).collect();
        Energy { calls, duration_ns: 500_000_000, joules }
    }

    fn of<'a>(device: Device, energies: impl Iterator<Item = &'a Energy>) -> Option<Drawn> {
        drawn(device, &BTreeMap::new(), energies)
    }

    #[test]
    fn cards_under_other_numbers_have_no_energy() {
        let both = energy(10, &[("package-0", 20.0), ("nvidia-0", 40.0)]);
        for name in ["CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"] {
            let env = [(name.to_owned(), "1".to_owned())].into();
            assert_eq!(drawn(Device::Cuda(0), &env, std::iter::once(&both)), None);
            assert_eq!(drawn(Device::Gpu, &env, std::iter::once(&both)), None);
            assert!(drawn(Device::Cpu, &env, std::iter::once(&both)).is_some());
        }
    }

    #[test]
    fn a_processor_s_packages_are_added_up_and_what_contains_them_is_not() {
        let both = energy(10, &[("package-0", 20.0), ("package-0-dram", 5.0), ("psys", 90.0), ("nvidia-0", 40.0)]);
        let found = of(Device::Cpu, [&both, &both].into_iter()).unwrap();
        assert_eq!((found.joules_per_call, found.watts), (2.5, 50.0));
        assert_eq!(found.counters, ["package-0", "package-0-dram"]);
        let card = of(Device::Cuda(0), std::iter::once(&both)).unwrap();
        assert_eq!((card.joules_per_call, card.counters.as_slice()), (4.0, ["nvidia-0".to_owned()].as_slice()));
        assert_eq!(of(Device::Cuda(1), std::iter::once(&both)), None);
    }

    #[test]
    fn mlx_s_graphics_device_is_apple_s_or_nvidia_s() {
        let apple = energy(1, &[("cpu", 1.0), ("gpu", 2.0), ("dram", 0.5)]);
        assert_eq!(of(Device::Gpu, std::iter::once(&apple)).unwrap().joules_per_call, 3.5);
        let card = energy(1, &[("package-0", 1.0), ("nvidia-0", 8.0)]);
        assert_eq!(of(Device::Gpu, std::iter::once(&card)).unwrap().joules_per_call, 8.0);
        assert_eq!(of(Device::Gpu, std::iter::empty()), None);
    }
}
