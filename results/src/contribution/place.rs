//! Where a contributed file belongs: `<chip>/<config>/<date>-<suite>-<hash>.jsonl` under `results/data`. All of it follows from
//! what the file holds, so that path and content can be held against each other.

use crate::machine::{Machine, nearest_gib};
use crate::record::Run;
use chipmark_core::Device;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The longest part of a path, in characters.
const MAX_PART_CHARS: usize = 64;

/// How many hexadecimal digits of the content's SHA-256 are in a file's name.
const HASH_DIGITS: usize = 12;

/// Where a file belongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The chip, such as `apple-m3-max`: where one of NVIDIA's cards was measured, the card.
    pub chip: String,
    /// What of it: cores and memory, such as `16-cpu-40-gpu-64-gib`.
    pub config: String,
    /// The day it was measured, such as `2026-03-01`.
    pub date: String,
    /// The suite.
    pub suite: String,
    /// The first digits of the content's SHA-256.
    pub hash: String,
}

/// Why a file has no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// A part of the path would be empty.
    #[error("the {part} '{text}' has nothing that a file can be named by")]
    Nameless {
        /// Which part.
        part: &'static str,
        /// What it is in the file.
        text: String,
    },
    /// The run's time is no date.
    #[error("the run's started_at is no time, such as 2026-03-01T12:00:00Z")]
    Undated,
}

impl Place {
    /// The place of a file by its header and its bytes.
    ///
    /// # Errors
    /// When the chip or the suite has no letters or digits, or the run no date.
    pub fn of(run: &Run, content: &[u8]) -> Result<Self, PlaceError> {
        let mut hash = ContentHash::default();
        hash.0.update(content);
        Place::hashed(run, &hash)
    }

    /// The place of a file by its header and what all its bytes hash to.
    ///
    /// # Errors
    /// As [`Place::of`].
    pub fn hashed(run: &Run, content: &ContentHash) -> Result<Self, PlaceError> {
        let date = run.started_at.get(..10).filter(|date| is_date(date)).ok_or(PlaceError::Undated)?;
        Ok(Place {
            chip: named("chip", &chip(run))?,
            config: named("configuration", &config(&run.machine))?,
            date: date.to_owned(),
            suite: named("suite", &run.suite)?,
            hash: content.digits(),
        })
    }

    /// The path under `results/data`. It has no part that leads out of it.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        let Place { chip, config, date, suite, hash } = self;
        Path::new(chip).join(config).join(format!("{date}-{suite}-{hash}.jsonl"))
    }
}

/// The name of the chip that was measured: the card where a target ran on one of NVIDIA's. Of unlike cards it is the one that
/// the framework named, as each numbers them in its own way; if none did, nobody knows which it was.
fn chip(run: &Run) -> String {
    let machine = &run.machine;
    let mut on_card = run.targets.iter().filter(|info| matches!(info.target.device, Device::Cuda(_))).peekable();
    if machine.chip_given || on_card.peek().is_none() {
        return machine.chip.clone();
    }
    let named: Vec<&str> = on_card.filter_map(|info| info.info.device_name.as_deref()).collect();
    let mut cards = machine.nvidia_cards();
    let first = cards.next();
    let alike = first.is_some_and(|first| cards.all(|other| other.name == first.name));
    let measured =
        machine.nvidia_cards().find(|card| named.iter().any(|name| !name.is_empty() && card.name.ends_with(name)));
    measured.or(first.filter(|_| alike)).map_or_else(|| machine.chip.clone(), |card| card.name.clone())
}

/// What tells machines of one chip apart: cores of the processor, cores or number of the graphics processors, memory, and whether
/// it is virtual or this program was translated.
fn config(machine: &Machine) -> String {
    let mut parts = Vec::new();
    parts.extend(machine.physical_cores.or(machine.logical_cores).map(|cores| format!("{cores}-cpu")));
    // A card's cores are in its name already; how many cards there are is not.
    match (machine.nvidia_cards().count(), machine.gpus.iter().find_map(|gpu| gpu.cores)) {
        (0, Some(cores)) => parts.push(format!("{cores}-gpu")),
        (0, None) => {}
        (1, _) => parts.push("1-card".to_owned()),
        (count, _) => parts.push(format!("{count}-cards")),
    }
    parts.extend(machine.memory_bytes.map(|bytes| format!("{}-gib", nearest_gib(bytes))));
    parts.extend(machine.hypervisor.is_some().then(|| "virtual".to_owned()));
    parts.extend(machine.translated.then(|| "translated".to_owned()));
    if parts.is_empty() { "unknown".to_owned() } else { parts.join("-") }
}

/// Whether a text is a day, such as `2026-03-01`.
pub(super) fn is_date(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<u32>().ok());
    let shape = text
        .bytes()
        .enumerate()
        .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    shape
        && text.len() == 10
        && digits(5..7).is_some_and(|m| (1..=12).contains(&m))
        && digits(8..10).is_some_and(|d| (1..=31).contains(&d))
}

/// The first digits of the SHA-256 of what a file holds, as they stand at the end of its name.
pub(super) fn hash_of(mut content: impl std::io::Read) -> std::io::Result<String> {
    let mut hash = ContentHash::default();
    std::io::copy(&mut content, &mut hash)?;
    Ok(hash.digits())
}

/// The hash of a file's content, for one that is not held whole: the content is written to it.
#[derive(Debug, Clone, Default)]
pub struct ContentHash(Sha256);

impl ContentHash {
    fn digits(&self) -> String {
        let mut text = String::new();
        for byte in self.0.clone().finalize().iter().take(HASH_DIGITS / 2) {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

impl std::io::Write for ContentHash {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Lower-case ASCII letters and digits, the rest as single dashes, bounded.
fn named(part: &'static str, text: &str) -> Result<String, PlaceError> {
    crate::slug::slug(text, MAX_PART_CHARS)
        .ok_or_else(|| PlaceError::Nameless { part, text: text.chars().take(60).filter(|c| !c.is_control()).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::machine::Gpu;

    #[test]
    fn a_place_follows_from_what_the_file_holds() {
        let mut run = fixture::run();
        run.machine = Machine {
            chip: "Apple M3 Max".to_owned(),
            physical_cores: Some(16),
            gpus: vec![Gpu { name: "Apple M3 Max".to_owned(), cores: Some(40), ..Gpu::default() }],
            memory_bytes: Some(64 << 30),
            ..Machine::default()
        };
        let place = Place::of(&run, b"content").unwrap();
        let path = place.path();
        assert_eq!(path.to_str(), Some("apple-m3-max/16-cpu-40-gpu-64-gib/2026-03-01-quick-ed7002b439e9.jsonl"));
        assert_ne!(Place::of(&run, b"contents").unwrap().hash, place.hash);
        let mut hash = ContentHash::default();
        std::io::copy(&mut &b"con"[..], &mut hash).and_then(|_| std::io::copy(&mut &b"tent"[..], &mut hash)).unwrap();
        assert_eq!(Place::hashed(&run, &hash).unwrap(), place);
    }

    #[test]
    fn a_card_is_the_chip_of_what_was_measured_on_it() {
        let mut run = fixture::run();
        let card = Gpu { name: "NVIDIA H100 80GB HBM3".to_owned(), cores: Some(16_896), ..Gpu::default() };
        run.machine =
            Machine { chip: "AMD EPYC 7763".to_owned(), gpus: vec![card.clone(), card], ..Machine::default() };
        assert_eq!(Place::of(&run, b"").unwrap().chip, "amd-epyc-7763");
        run.targets[0].target = "tch:cuda:0".parse().unwrap();
        let place = Place::of(&run, b"").unwrap();
        assert_eq!((place.chip.as_str(), place.config.as_str()), ("nvidia-h100-80gb-hbm3", "2-cards"));
        run.machine.gpus.pop();
        assert_eq!(Place::of(&run, b"").unwrap().config, "1-card");
        (run.machine.chip_given, run.machine.chip) = (true, "NVIDIA H100 PCIe".to_owned());
        assert_eq!(Place::of(&run, b"").unwrap().chip, "nvidia-h100-pcie");
    }

    #[test]
    fn of_unlike_cards_the_framework_says_which_was_measured() {
        let mut run = fixture::run();
        let gpus = ["NVIDIA T4", "NVIDIA H200"].map(|name| Gpu { name: name.to_owned(), ..Gpu::default() });
        run.machine = Machine { chip: "AMD EPYC 7763".to_owned(), gpus: gpus.to_vec(), ..Machine::default() };
        run.targets[0].target = "tch:cuda:0".parse().unwrap();
        for (named, chip) in [(None, "amd-epyc-7763"), (Some("NVIDIA H200"), "nvidia-h200"), (Some("T4"), "nvidia-t4")]
        {
            run.targets[0].info.device_name = named.map(str::to_owned);
            assert_eq!(Place::of(&run, b"").unwrap().chip, chip, "{named:?}");
        }
    }

    #[test]
    fn a_virtual_and_a_translated_machine_are_no_machine_of_its_own() {
        let mut run = fixture::run();
        run.machine = Machine {
            chip: "Apple M1".to_owned(),
            physical_cores: Some(3),
            memory_bytes: Some(7 << 30),
            hypervisor: Some("Apple Virtualization".to_owned()),
            ..Machine::default()
        };
        assert_eq!(Place::of(&run, b"").unwrap().config, "3-cpu-7-gib-virtual");
        (run.machine.hypervisor, run.machine.translated) = (None, true);
        assert_eq!(Place::of(&run, b"").unwrap().config, "3-cpu-7-gib-translated");
    }

    #[test]
    fn no_text_leads_out_of_the_tree() {
        let mut run = fixture::run();
        (run.machine.chip, run.suite) = ("../../etc".to_owned(), "/a\\b\0".to_owned());
        let path = Place::of(&run, b"").unwrap().path();
        assert!(path.components().all(|part| matches!(part, std::path::Component::Normal(_))), "{path:?}");
        run.machine.chip = "..".to_owned();
        assert!(matches!(Place::of(&run, b""), Err(PlaceError::Nameless { part: "chip", .. })));
        run.machine.chip = "x".to_owned();
        for time in ["", "2026-13-01T", "2026-00-10T", "20260301", "2026-03-0é"] {
            run.started_at = time.to_owned();
            assert_eq!(Place::of(&run, b""), Err(PlaceError::Undated), "{time}");
        }
    }
}
