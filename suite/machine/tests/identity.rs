//! From what a machine's tools tell to the chip that its results are filed and judged under: what it is called, its row in the
//! table of chips, and its place in the tree of contributed results.
//!
//! `recorded/` holds what the tools of Macs print. Each file says what of it was read off a Mac (its owner published it; numbers and
//! form are kept, ids are not) and what was composed in the same form from Apple's published numbers. NVIDIA's cards are what the
//! driver's library tells of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/recorded.rs"]
mod recorded;

use chipmark_machine::nvidia::{self, Card, Instance};
use chipmark_machine::{macos, summary};
use chipmark_results::contribution::Place;
use chipmark_results::machine::{Gpu, Machine};
use chipmark_results::{chips, fixture};
use recorded::Recorded;
use std::path::Path;

impl Recorded {
    /// A file of `recorded/`: after `== NAME` comes what the tool of that name printed.
    fn read(name: &str) -> Recorded {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded").join(name).with_extension("txt");
        let text = std::fs::read_to_string(path).unwrap();
        let parts = text.split("== ").skip(1).map(|part| part.split_once('\n').unwrap());
        parts.fold(Recorded::default(), |recorded, (tool, output)| recorded.with(tool, output))
    }
}

/// Chip and configuration in the tree, where the target ran.
fn place(machine: Machine, target: &str) -> String {
    let mut run = fixture::run();
    run.machine = machine;
    run.targets[0].target = target.parse().unwrap();
    run.targets[0].info.device_name = None;
    let Place { chip, config, .. } = Place::of(&run, b"").unwrap();
    format!("{chip}/{config}")
}

fn known(machine: &Machine) -> Option<&'static str> {
    chips::find(machine).map(|chip| chip.name.as_str())
}

/// File, what the program was built for, the line, the row in the table of chips, the place.
type Mac = (&'static str, &'static str, &'static str, Option<&'static str>, &'static str);

#[rustfmt::skip]
const MACS: &[Mac] = &[
    ("m1-before-names", "aarch64", "Apple M1, 8 cores (4P+4E), 7-core GPU, 16 GiB, macOS 12.0", Some("Apple M1, 7-core GPU"), "apple-m1/8-cpu-7-gpu-16-gib"),
    ("m1-pro-8", "aarch64", "Apple M1 Pro, 8 cores (6P+2E), 14-core GPU, 16 GiB, macOS 15.1", Some("Apple M1 Pro, 14-core GPU"), "apple-m1-pro/8-cpu-14-gpu-16-gib"),
    ("m2-pro", "aarch64", "Apple M2 Pro, 12 cores (8P+4E), 19-core GPU, 16 GiB, macOS 27.0", Some("Apple M2 Pro, 19-core GPU"), "apple-m2-pro/12-cpu-19-gpu-16-gib"),
    ("m2-ultra", "aarch64", "Apple M2 Ultra, 24 cores (16P+8E), 60-core GPU, 64 GiB, macOS 26.4", Some("Apple M2 Ultra, 60-core GPU"), "apple-m2-ultra/24-cpu-60-gpu-64-gib"),
    ("m3-max", "aarch64", "Apple M3 Max, 16 cores (12P+4E), 40-core GPU, 128 GiB, macOS 14.4.1", Some("Apple M3 Max, 40-core GPU"), "apple-m3-max/16-cpu-40-gpu-128-gib"),
    ("m3-ultra", "aarch64", "Apple M3 Ultra, 28 cores (20P+8E), 60-core GPU, 96 GiB, macOS 26.5", Some("Apple M3 Ultra"), "apple-m3-ultra/28-cpu-60-gpu-96-gib"),
    ("m4-max", "aarch64", "Apple M4 Max, 16 cores (12P+4E), 40-core GPU, 48 GiB, macOS 15.6", Some("Apple M4 Max, 40-core GPU"), "apple-m4-max/16-cpu-40-gpu-48-gib"),
    ("m5", "aarch64", "Apple M5, 10 cores (4S+6E), 10-core GPU, 32 GiB, macOS 26.5.1", Some("Apple M5"), "apple-m5/10-cpu-10-gpu-32-gib"),
    ("m5-pro", "aarch64", "Apple M5 Pro, 15 cores (5S+10P), 16-core GPU, 24 GiB, macOS 26.4", Some("Apple M5 Pro"), "apple-m5-pro/15-cpu-16-gpu-24-gib"),
    ("m5-max", "aarch64", "Apple M5 Max, 18 cores (6S+12P), 40-core GPU, 128 GiB, macOS 26.3", Some("Apple M5 Max, 40-core GPU"), "apple-m5-max/18-cpu-40-gpu-128-gib"),
    ("m6", "aarch64", "Apple M6, 12 cores (2S+4P+6E), 32 GiB, macOS 27.0.1", None, "apple-m6/12-cpu-32-gib"),
    ("m1-translated", "x86_64", "Apple M1, 8 cores (4P+4E), 7-core GPU, 16 GiB, macOS 12.1, translated by Rosetta", Some("Apple M1, 7-core GPU"), "apple-m1/8-cpu-7-gpu-16-gib-translated"),
    // A virtual machine hides how many cores the host's graphics have, so that nothing says which M1 it is.
    ("virtual-m1-macos-14", "aarch64", "Apple M1, 3 cores, Apple Paravirtual device, 7 GiB, macOS 14.7.6, virtual machine (Apple Virtualization)", None, "apple-m1/3-cpu-7-gib-virtual"),
    ("virtual-m1-macos-26", "aarch64", "Apple M1, 3 cores, 7 GiB, macOS 26.6.2, virtual machine (Apple Virtualization)", None, "apple-m1/3-cpu-7-gib-virtual"),
    ("virtual-intel-macos-15", "x86_64", "Intel Core i7-8700B, 4 cores, Apple Paravirtualized Graphics Device 64 MiB, 14 GiB, macOS 15.7.9, virtual machine", None, "intel-core-i7-8700b/4-cpu-14-gib-virtual"),
    ("intel-imac-pro", "x86_64", "Intel Xeon W-2140B, 8 cores (16 threads), Radeon Pro Vega 56 8 GiB, 32 GiB, Mac OS X 10.15.7", None, "intel-xeon-w-2140b/8-cpu-32-gib"),
];

#[test]
fn macs_are_what_their_tools_tell() {
    for (file, arch, line, chip, filed_under) in MACS {
        let machine = macos::machine(&Recorded::read(file), arch);
        assert_eq!(summary(&machine), *line, "{file}");
        assert_eq!(known(&machine), *chip, "{file}");
        assert_eq!(machine.translated, file.ends_with("translated"), "{file}");
        assert!(machine.os_build.is_some(), "{file}");
        let text = format!("{machine:?}");
        assert!(!text.contains("SECRET"), "{file}: {text}");
        assert_eq!(place(machine, "candle:metal"), *filed_under, "{file}");
    }
}

#[test]
fn every_recorded_file_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    let mut listed: Vec<&str> = MACS.iter().map(|mac| mac.0).collect();
    listed.sort_unstable();
    assert_eq!(names, listed);
}

#[test]
fn a_name_that_the_user_gives_moves_the_results_with_it() {
    let mut machine = macos::machine(&Recorded::read("m3-max"), "aarch64");
    machine.chip_detected = Some(std::mem::replace(&mut machine.chip, "Apple M4 Max".to_owned()));
    machine.chip_given = true;
    assert_eq!(known(&machine), Some("Apple M4 Max, 40-core GPU"));
    assert_eq!(place(machine, "candle:metal"), "apple-m4-max/16-cpu-40-gpu-128-gib");
}

const MIB: u64 = 1 << 20;

fn card(name: &str, memory_mib: u64) -> Card {
    Card {
        name: Some(name.to_owned()),
        cores: Some(16_896),
        memory_bytes: Some(memory_mib * MIB),
        instances: Vec::new(),
    }
}

fn server(cards: Vec<Card>) -> Machine {
    let bus = Gpu { name: "AMD GPU 164e".to_owned(), ..Gpu::default() };
    Machine {
        chip: "AMD EPYC 9654".to_owned(),
        physical_cores: Some(96),
        gpus: nvidia::merge(nvidia::list(cards, Some("580.95.05")), vec![bus]),
        memory_bytes: Some(770_000_000_000),
        ..Machine::default()
    }
}

#[test]
fn cards_are_what_their_driver_tells() {
    for (name, memory_mib, chip, filed_under) in [
        ("NVIDIA H100 80GB HBM3", 81_559, Some("NVIDIA H100 SXM"), "nvidia-h100-80gb-hbm3"),
        ("NVIDIA H200", 143_771, Some("NVIDIA H200 SXM"), "nvidia-h200"),
        ("NVIDIA GH200 480GB", 97_871, Some("NVIDIA GH200, 96 GB"), "nvidia-gh200-480gb"),
        // Older drivers leave the maker out, and keep more of the memory for themselves.
        ("Tesla T4", 15_109, Some("NVIDIA T4"), "nvidia-tesla-t4"),
        ("GeForce RTX 3080", 10_018, Some("NVIDIA GeForce RTX 3080"), "nvidia-geforce-rtx-3080"),
        ("NVIDIA GeForce RTX 3080", 12_053, Some("NVIDIA GeForce RTX 3080 12 GB"), "nvidia-geforce-rtx-3080"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", 16_376, None, "nvidia-geforce-rtx-4090-laptop-gpu"),
    ] {
        let machine = server(vec![card(name, memory_mib)]);
        assert_eq!(known(&machine), chip, "{name}");
        assert_eq!(machine.gpus[0].driver.as_deref(), Some("580.95.05"));
        assert_eq!(place(machine, "tch:cuda:0"), format!("{filed_under}/96-cpu-1-card-717-gib"), "{name}");
    }
}

#[test]
fn several_cards_are_one_chip_if_they_are_alike() {
    let h100 = card("NVIDIA H100 80GB HBM3", 81_559);
    let alike = server(vec![h100.clone(); 8]);
    assert_eq!(known(&alike), Some("NVIDIA H100 SXM"));
    assert!(summary(&alike).contains("8 × NVIDIA H100 80GB HBM3, AMD GPU 164e"), "{}", summary(&alike));
    assert_eq!(place(alike.clone(), "candle:cuda:3"), "nvidia-h100-80gb-hbm3/96-cpu-8-cards-717-gib");
    assert_eq!(place(alike, "candle:cpu"), "amd-epyc-9654/96-cpu-8-cards-717-gib");

    let unlike = server(vec![h100, card("NVIDIA T4", 15_360)]);
    assert_eq!(known(&unlike), None);
    assert_eq!(place(unlike, "tch:cuda:0"), "amd-epyc-9654/96-cpu-2-cards-717-gib", "nobody says which it was");
}

#[test]
fn an_instance_of_a_divided_card_is_never_taken_for_the_whole() {
    let instance = |name: Option<&str>, mib| Instance { name: name.map(str::to_owned), memory_bytes: Some(mib * MIB) };
    let told = Some("NVIDIA H100 80GB HBM3 MIG 1g.10gb");
    let divided = Card {
        instances: vec![instance(told, 9_984), instance(None, 9_984), instance(Some("NVIDIA H100 80GB HBM3"), 40_448)],
        ..card("NVIDIA H100 80GB HBM3", 81_559)
    };
    let machine = server(vec![divided]);
    let names: Vec<&str> = machine.gpus.iter().map(|gpu| gpu.name.as_str()).collect();
    let expected = [
        "NVIDIA H100 80GB HBM3 MIG 1g.10gb",
        "NVIDIA H100 80GB HBM3 MIG 10gb",
        "NVIDIA H100 80GB HBM3 MIG 40gb",
        "AMD GPU 164e",
    ];
    assert_eq!(names, expected);
    assert_eq!((machine.gpus[0].cores, machine.gpus[0].memory_bytes), (None, Some(9_984 * MIB)));
    assert_eq!(known(&machine), None);
}

#[test]
fn what_the_driver_does_not_tell_is_absent() {
    let gb10 = Card { name: Some("NVIDIA GB10".to_owned()), cores: Some(6144), ..Card::default() };
    let gpus = nvidia::list(vec![gb10, Card::default()], None);
    assert_eq!((gpus[0].name.as_str(), gpus[0].memory_bytes, gpus[0].driver.as_deref()), ("NVIDIA GB10", None, None));
    assert_eq!(gpus[1].name, "NVIDIA GPU");
    assert_eq!(nvidia::list(Vec::new(), Some("580.95.05")), []);
}

#[test]
fn the_library_knows_more_of_its_cards_than_the_bus() {
    let gpu = |name: &str| Gpu { name: name.to_owned(), ..Gpu::default() };
    let bus = vec![gpu("Intel Arc A770"), gpu("NVIDIA GPU 2684")];
    let library = nvidia::list(vec![card("GeForce RTX 4090", 24_564)], Some("555.42"));
    let merged = nvidia::merge(library.clone(), bus.clone());
    let names: Vec<&str> = merged.iter().map(|gpu| gpu.name.as_str()).collect();
    assert_eq!(names, ["NVIDIA GeForce RTX 4090", "Intel Arc A770"]);
    assert_eq!(nvidia::merge(Vec::new(), bus.clone()), bus, "a card whose driver is missing is seen");
    assert_eq!(nvidia::merge(library.clone(), Vec::new()), library);
}
