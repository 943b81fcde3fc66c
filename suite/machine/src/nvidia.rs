//! NVIDIA's graphics processors, by the driver's own library (NVML), which is loaded while running. Without it there are
//! none. Serial numbers and UUIDs, which it could tell, are not asked for.

use chipmark_results::machine::Gpu;

#[cfg(any(target_os = "linux", target_os = "windows"))]
pub(crate) use library::energy;
#[cfg(any(target_os = "linux", target_os = "windows"))]
pub use library::{gpus, states};
#[cfg(not(any(target_os = "linux", target_os = "windows")))]
pub(crate) use none::energy;
#[cfg(not(any(target_os = "linux", target_os = "windows")))]
pub use none::{gpus, states};

/// The list for a record: what the library tells of NVIDIA's, what the bus tells of all others. Without the library the
/// bus's names stay, so that a card whose driver is missing is seen.
#[must_use]
pub fn merge(nvidia: Vec<Gpu>, bus: Vec<Gpu>) -> Vec<Gpu> {
    if nvidia.is_empty() {
        return bus;
    }
    let others = bus.into_iter().filter(|gpu| !gpu.name.starts_with("NVIDIA"));
    nvidia.into_iter().chain(others).collect()
}

#[cfg(any(target_os = "linux", target_os = "windows"))]
mod library {
    use crate::energy::{Reading, Source};
    use chipmark_results::machine::{Gpu, GpuState};
    use nvml_wrapper::bitmasks::device::ThrottleReasons;
    use nvml_wrapper::enum_wrappers::device::{Clock, TemperatureSensor};
    use nvml_wrapper::{Device, Nvml};
    use std::collections::HashSet;
    use std::sync::OnceLock;

    /// Reasons and the words for them. That nothing runs is a reason to the library and none to us.
    const REASONS: &[(ThrottleReasons, &str)] = &[
        (ThrottleReasons::SW_POWER_CAP, "power-cap"),
        (ThrottleReasons::SW_THERMAL_SLOWDOWN, "thermal"),
        (ThrottleReasons::HW_THERMAL_SLOWDOWN, "thermal-hardware"),
        (ThrottleReasons::HW_POWER_BRAKE_SLOWDOWN, "power-brake"),
        (ThrottleReasons::HW_SLOWDOWN, "hardware-slowdown"),
        (ThrottleReasons::SYNC_BOOST, "sync-boost"),
        (ThrottleReasons::APPLICATIONS_CLOCKS_SETTING, "clocks-set"),
        (ThrottleReasons::DISPLAY_CLOCK_SETTING, "display-clocks"),
    ];

    /// The NVIDIA graphics processors, in the library's order.
    #[must_use]
    pub fn gpus() -> Vec<Gpu> {
        let Some(nvml) = nvml() else { return Vec::new() };
        let driver = nvml.sys_driver_version().ok();
        devices(nvml)
            .map(|device| Gpu {
                name: name(&device),
                cores: device.num_cores().ok(),
                memory_bytes: device.memory_info().ok().map(|memory| memory.total),
                driver: driver.clone(),
            })
            .collect()
    }

    /// Their states, in the same order.
    #[must_use]
    pub fn states() -> Vec<GpuState> {
        let Some(nvml) = nvml() else { return Vec::new() };
        devices(nvml)
            .map(|device| GpuState {
                name: name(&device),
                clock_mhz: device.clock_info(Clock::SM).ok(),
                max_clock_mhz: device.max_clock_info(Clock::SM).ok(),
                memory_clock_mhz: device.clock_info(Clock::Memory).ok(),
                utilisation_percent: device.utilization_rates().ok().map(|rates| rates.gpu),
                power_w: device.power_usage().ok().map(watts),
                power_limit_w: device.enforced_power_limit().ok().map(watts),
                default_power_limit_w: device.power_management_limit_default().ok().map(watts),
                energy_j: joules(&device),
                temperature_c: device.temperature(TemperatureSensor::Gpu).ok(),
                throttle: device.current_throttle_reasons().map(words).unwrap_or_default(),
            })
            .collect()
    }

    /// Their energy counters: `nvidia-0` and so on, numbered as CUDA numbers the cards in the order of the bus, so that
    /// `nvidia-0` is `cuda:0`. Cards before Volta have none.
    pub(crate) fn energy() -> impl Source {
        let all: Vec<Device<'static>> = nvml().map(|nvml| devices(nvml).collect()).unwrap_or_default();
        let setting = std::env::var_os("CUDA_VISIBLE_DEVICES").map(|list| list.to_string_lossy().into_owned());
        let places = visible(setting.as_deref(), all.len());
        let mut all: Vec<Option<Device<'static>>> = all.into_iter().map(Some).collect();
        Counters(places.into_iter().filter_map(|place| all.get_mut(place)?.take()).collect())
    }

    /// The places in the library's order, which is the bus's, of the cards that CUDA shows under `CUDA_VISIBLE_DEVICES`. None where
    /// that is more than a list of numbers: a card would get another's energy.
    fn visible(setting: Option<&str>, count: usize) -> Vec<usize> {
        let Some(list) = setting else { return (0..count).collect() };
        let place = |text: &str| text.trim().parse::<usize>().ok().filter(|place| *place < count);
        let places: Option<Vec<usize>> = list.split(',').map(place).collect();
        let distinct = |places: &Vec<usize>| places.iter().collect::<HashSet<_>>().len() == places.len();
        places.filter(distinct).unwrap_or_default()
    }

    struct Counters(Vec<Device<'static>>);

    impl Source for Counters {
        fn read(&mut self) -> Vec<Reading> {
            let read = |(index, device): (usize, &Device<'_>)| {
                Some(Reading { counter: format!("nvidia-{index}"), joules: joules(device)? })
            };
            self.0.iter().enumerate().filter_map(read).collect()
        }
    }

    /// What a card has drawn since its driver was loaded. The library tells millijoules; of cards before Volta nothing.
    #[expect(clippy::cast_precision_loss, reason = "a card's whole life in millijoules has fewer digits")]
    fn joules(device: &Device<'_>) -> Option<f64> {
        device.total_energy_consumption().ok().map(|millijoules| millijoules as f64 / 1e3)
    }

    /// The library tells milliwatts.
    fn watts(milliwatts: u32) -> f64 {
        f64::from(milliwatts) / 1e3
    }

    /// Loaded once: it takes a second where the driver is not kept awake.
    fn nvml() -> Option<&'static Nvml> {
        static NVML: OnceLock<Option<Nvml>> = OnceLock::new();
        NVML.get_or_init(|| Nvml::init().ok()).as_ref()
    }

    fn devices(nvml: &Nvml) -> impl Iterator<Item = Device<'_>> {
        (0..nvml.device_count().unwrap_or(0)).filter_map(|index| nvml.device_by_index(index).ok())
    }

    /// The name, with the maker in front as newer drivers put it.
    fn name(device: &Device<'_>) -> String {
        let name = device.name().unwrap_or_else(|_| "GPU".to_owned());
        if name.starts_with("NVIDIA") { name } else { format!("NVIDIA {name}") }
    }

    fn words(reasons: ThrottleReasons) -> Vec<String> {
        REASONS.iter().filter(|(reason, _)| reasons.contains(*reason)).map(|(_, word)| (*word).to_owned()).collect()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn being_idle_is_no_reason() {
            assert_eq!(words(ThrottleReasons::GPU_IDLE), Vec::<String>::new());
            let hot = ThrottleReasons::GPU_IDLE | ThrottleReasons::SW_POWER_CAP | ThrottleReasons::HW_THERMAL_SLOWDOWN;
            assert_eq!(words(hot), ["power-cap", "thermal-hardware"]);
        }

        #[test]
        fn cards_are_numbered_as_cuda_shows_them() {
            assert_eq!(visible(None, 3), [0, 1, 2]);
            assert_eq!(visible(Some("2, 0"), 3), [2, 0]);
            for unclear in ["", "3", "-1", "0,0", "0,-1,1", "GPU-8f6d", "MIG-1/2"] {
                assert_eq!(visible(Some(unclear), 3), [] as [usize; 0], "{unclear}");
            }
        }

        #[test]
        fn states_match_the_devices() {
            let names: Vec<String> = gpus().into_iter().map(|gpu| gpu.name).collect();
            let states: Vec<String> = states().into_iter().map(|gpu| gpu.name).collect();
            assert_eq!(names, states);
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "windows")))]
mod none {
    use crate::energy::{Reading, Source};
    use chipmark_results::machine::{Gpu, GpuState};

    /// NVIDIA has no driver for this system.
    #[must_use]
    pub fn gpus() -> Vec<Gpu> {
        Vec::new()
    }

    /// NVIDIA has no driver for this system.
    #[must_use]
    pub fn states() -> Vec<GpuState> {
        Vec::new()
    }

    /// NVIDIA has no driver for this system.
    pub(crate) fn energy() -> impl Source {
        NoCounters
    }

    struct NoCounters;

    impl Source for NoCounters {
        fn read(&mut self) -> Vec<Reading> {
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gpu(name: &str, driver: Option<&str>) -> Gpu {
        Gpu { name: name.to_owned(), driver: driver.map(str::to_owned), ..Gpu::default() }
    }

    #[test]
    fn the_library_knows_more_than_the_bus() {
        let bus = vec![gpu("Intel Arc A770", None), gpu("NVIDIA GPU 2684", None)];
        let library = vec![gpu("NVIDIA GeForce RTX 4090", Some("555.42"))];
        let merged = merge(library.clone(), bus.clone());
        assert_eq!(merged, [gpu("NVIDIA GeForce RTX 4090", Some("555.42")), gpu("Intel Arc A770", None)]);
        assert_eq!(merge(Vec::new(), bus.clone()), bus);
        assert_eq!(merge(library.clone(), Vec::new()), library);
    }
}
