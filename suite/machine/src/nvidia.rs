//! NVIDIA's graphics processors, by the driver's own library (NVML), which is loaded while running. Without it there are
//! none. What it tells becomes a list here, so that machines other than this one can be put together out of what their
//! libraries would tell. Serial numbers and UUIDs, which it could tell too, are not asked for.

#[cfg(any(target_os = "linux", target_os = "windows"))]
mod library;
#[cfg(not(any(target_os = "linux", target_os = "windows")))]
mod none;

#[cfg(any(target_os = "linux", target_os = "windows"))]
pub(crate) use library::energy;
#[cfg(any(target_os = "linux", target_os = "windows"))]
pub use library::{gpus, states};
#[cfg(not(any(target_os = "linux", target_os = "windows")))]
pub(crate) use none::energy;
#[cfg(not(any(target_os = "linux", target_os = "windows")))]
pub use none::{gpus, states};

use chipmark_results::machine::{Gpu, nearest_gib};

/// What the library tells of a card. What it does not tell is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Card {
    /// Its name: of newer drivers with the maker in front, of older ones without.
    pub name: Option<String>,
    /// Its CUDA cores.
    pub cores: Option<u32>,
    /// Its own memory in bytes; chips that share the host's tell none.
    pub memory_bytes: Option<u64>,
    /// The instances that it was divided into (MIG). Programs then see one of those, and never the whole.
    pub instances: Vec<Instance>,
}

/// An instance of a divided card.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Instance {
    /// Its name, such as `NVIDIA H100 80GB HBM3 MIG 1g.10gb`.
    pub name: Option<String>,
    /// Its share of the memory in bytes.
    pub memory_bytes: Option<u64>,
}

/// The list for a record, in the library's order: cards, and in place of a divided card its instances.
#[must_use]
pub fn list(cards: Vec<Card>, driver: Option<&str>) -> Vec<Gpu> {
    let gpus = |card: Card| -> Vec<Gpu> {
        let driver = driver.map(str::to_owned);
        let name = full_name(card.name.as_deref());
        if card.instances.is_empty() {
            return vec![Gpu { name, cores: card.cores, memory_bytes: card.memory_bytes, driver }];
        }
        let gpu = |instance: Instance| Gpu {
            name: instance_name(&name, &instance),
            // The library counts those of the whole card.
            cores: None,
            memory_bytes: instance.memory_bytes,
            driver: driver.clone(),
        };
        card.instances.into_iter().map(gpu).collect()
    };
    cards.into_iter().flat_map(gpus).collect()
}

/// The list of a machine: what the library tells of NVIDIA's, what the bus tells of all others. Without the library the
/// bus's names stay, so that a card whose driver is missing is seen.
#[must_use]
pub fn merge(nvidia: Vec<Gpu>, bus: Vec<Gpu>) -> Vec<Gpu> {
    if nvidia.is_empty() {
        return bus;
    }
    let others = bus.into_iter().filter(|gpu| !gpu.is_nvidia());
    nvidia.into_iter().chain(others).collect()
}

/// The name, with the maker in front as newer drivers put it.
fn full_name(name: Option<&str>) -> String {
    match name.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) if name.starts_with("NVIDIA") => name.to_owned(),
        Some(name) => format!("NVIDIA {name}"),
        None => "NVIDIA GPU".to_owned(),
    }
}

/// An instance must never have its card's name: it would be taken for the whole, and held against its peak.
fn instance_name(card: &str, instance: &Instance) -> String {
    match (&instance.name, instance.memory_bytes) {
        (Some(name), _) if name.contains("MIG") => full_name(Some(name)),
        (_, Some(bytes)) => format!("{card} MIG {}gb", nearest_gib(bytes)),
        _ => format!("{card} MIG"),
    }
}
