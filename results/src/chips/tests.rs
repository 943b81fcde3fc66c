//! Holds the table of chips to its own rules, and the search to the names that machines report.

use super::*;
use std::collections::BTreeSet;

const GIB: u64 = 1 << 30;

fn mac(chip: &str, cores: Option<u32>) -> Machine {
    let gpu = Gpu { name: chip.to_owned(), cores, ..Gpu::default() };
    Machine { chip: chip.to_owned(), gpus: vec![gpu], ..Machine::default() }
}

fn server(cards: &[(&str, u64)]) -> Machine {
    let card = |(name, bytes): &(&str, u64)| Gpu {
        name: (*name).to_owned(),
        cores: Some(16_896),
        memory_bytes: Some(*bytes),
        ..Gpu::default()
    };
    let chip = "AMD EPYC 7763".to_owned();
    Machine { chip, gpus: cards.iter().map(card).collect(), ..Machine::default() }
}

fn found(machine: &Machine) -> Option<&'static str> {
    find(machine).map(|chip| chip.name.as_str())
}

/// Every figure with its source.
fn figures(chip: &Chip) -> Vec<(f64, &Source)> {
    let peaks = chip.peaks.values().map(|peak| (peak.gflops, &peak.source));
    peaks.chain([(chip.bandwidth_gbps, &chip.bandwidth_source)]).collect()
}

#[test]
fn every_figure_is_positive_and_has_a_source() {
    let mut used = BTreeSet::new();
    for chip in all() {
        for (figure, source) in figures(chip) {
            assert!(figure.is_finite() && figure > 0.0, "{}: {figure}", chip.name);
            assert!(source.title.len() > 10, "{}: {source:?}", chip.name);
            assert!(source.url.as_ref().is_none_or(|url| url.starts_with("https://")), "{source:?}");
            used.insert(source.title.clone());
        }
    }
    let table: Table = toml::from_str(TABLE).unwrap();
    let listed: BTreeSet<String> = table.sources.values().map(|source| source.title.clone()).collect();
    assert_eq!(listed.len(), table.sources.len(), "a source stands there twice");
    assert_eq!(listed, used, "a source that no figure names");
}

#[test]
fn figures_are_plausible_beside_each_other() {
    for chip in all() {
        let name = &chip.name;
        // From a phone's memory to eight stacks of the newest: a slip of a digit or a unit falls outside.
        assert!((50.0..10_000.0).contains(&chip.bandwidth_gbps), "{name}");
        let f32 = chip.peak_gflops(DType::F32);
        let f16 = chip.peak_gflops(DType::F16);
        let bf16 = chip.peak_gflops(DType::BF16);
        let tf32 = chip.tf32_gflops();
        for (rate, low, high) in [(f32, 1e3, 2e5), (tf32, 1e4, 2e6), (f16, 1e3, 4e6), (bf16, 1e4, 4e6)] {
            assert!(rate.is_none_or(|rate| (low..high).contains(&rate)), "{name}: {rate:?}");
        }
        let ordered = |less: Option<f64>, more: Option<f64>| less.zip(more).is_none_or(|(less, more)| less <= more);
        assert!(ordered(f32, f16) && ordered(f32, bf16) && ordered(f32, tf32) && ordered(tf32, bf16), "{name}");
        assert!(bf16.is_none() || bf16 == f16, "{name}: no vendor's tensor cores tell these two apart");
        // A tensor core takes two 16-bit numbers in place of one TF32: where this fails, one of them is with sparsity.
        if let Some((tf32, bf16)) = tf32.zip(bf16) {
            assert!((1.95..2.05).contains(&(bf16 / tf32)), "{name}: {tf32} {bf16}");
        }
        for dtype in [DType::F64, DType::I64] {
            assert_eq!(chip.peak_gflops(dtype), None, "{name}");
        }
    }
}

#[test]
fn names_are_unique_and_variants_can_be_told_apart() {
    let names: BTreeSet<&str> = all().iter().map(|chip| chip.name.as_str()).collect();
    assert_eq!(names.len(), all().len());
    assert!(names.len() > 50, "{}", names.len());
    for (at, one) in all().iter().enumerate() {
        assert!(!one.detected.is_empty() && one.detected.iter().all(|name| name.trim() == name && !name.is_empty()));
        assert_eq!(one.shared, one.name.starts_with("Apple"), "{}", one.name);
        let distinct: BTreeSet<String> = one.detected.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(distinct.len(), one.detected.len(), "{}", one.name);
        for other in &all()[at + 1..] {
            if other.detected.iter().any(|name| distinct.contains(&name.to_lowercase())) {
                let differs = |a: Option<u64>, b: Option<u64>| a.is_some() && b.is_some() && a != b;
                let cores = differs(one.gpu_cores.map(u64::from), other.gpu_cores.map(u64::from));
                assert!(cores || differs(one.memory_gib, other.memory_gib), "{} and {}", one.name, other.name);
            }
        }
    }
}

#[test]
fn a_mac_is_found_by_its_chip_and_the_cores_of_its_gpu() {
    assert_eq!(found(&mac("Apple M3 Max", Some(40))), Some("Apple M3 Max, 40-core GPU"));
    assert_eq!(find(&mac("Apple M3 Max", Some(40))).unwrap().bandwidth_gbps, 400.0);
    assert_eq!(find(&mac("Apple M3 Max", Some(30))).unwrap().bandwidth_gbps, 300.0);
    assert_eq!(found(&mac("Apple M3 Max", None)), None, "two fit, and their bandwidths differ");
    assert_eq!(found(&mac("Apple M3 Max", Some(36))), None, "no such chip was published");
    assert_eq!(found(&mac("Apple M4", None)), Some("Apple M4"));
    assert_eq!(found(&mac("Apple M9", Some(10))), None);
    let m1 = find(&mac("Apple M1", Some(8))).unwrap();
    assert!((m1.peak_gflops(DType::F32).unwrap() - 2617.0).abs() < 1.0, "8 cores × 128 × 2 × 1.278 GHz");
    assert_eq!(m1.peak_gflops(DType::BF16), None);
}

#[test]
fn the_name_that_the_user_gave_goes_before_the_detected_one() {
    let mut machine = mac("Apple M3 Max", Some(40));
    machine.chip_detected = Some(std::mem::replace(&mut machine.chip, "Apple M4".to_owned()));
    assert_eq!(found(&machine), Some("Apple M4"));
    machine.chip = "the grey one".to_owned();
    assert_eq!(found(&machine), Some("Apple M3 Max, 40-core GPU"));
    let mut machine = mac("Apple M3", Some(10));
    machine.chip_detected = Some(std::mem::replace(&mut machine.chip, "Apple M3 Max".to_owned()));
    assert_eq!(found(&machine), None, "no M3 Max has ten cores, and that it is no M3 the user says");
    let mut machine = server(&[("NVIDIA H200", 139 * GIB)]);
    machine.chip = "nvidia geforce rtx 4090".to_owned();
    assert_eq!(found(&machine), Some("NVIDIA GeForce RTX 4090"));
}

#[test]
fn a_card_is_found_by_the_name_that_its_driver_tells() {
    for (detected, gib, name) in [
        ("NVIDIA H200", 139, "NVIDIA H200 SXM"),
        ("NVIDIA H100 80GB HBM3", 80, "NVIDIA H100 SXM"),
        ("NVIDIA H100 PCIe", 80, "NVIDIA H100 PCIe"),
        ("NVIDIA A100-SXM4-80GB", 80, "NVIDIA A100 80 GB SXM"),
        ("NVIDIA A100-PCIE-40GB", 40, "NVIDIA A100 40 GB PCIe"),
        ("NVIDIA Tesla V100-SXM2-16GB", 16, "NVIDIA V100 SXM2"),
        ("NVIDIA Tesla T4", 15, "NVIDIA T4"),
        ("NVIDIA GeForce RTX 4090", 24, "NVIDIA GeForce RTX 4090"),
        ("NVIDIA GeForce RTX 3080", 10, "NVIDIA GeForce RTX 3080"),
        ("NVIDIA GeForce RTX 3080", 12, "NVIDIA GeForce RTX 3080 12 GB"),
        ("NVIDIA GeForce RTX 3080 Ti", 12, "NVIDIA GeForce RTX 3080 Ti"),
        ("NVIDIA GeForce RTX 4080 SUPER", 16, "NVIDIA GeForce RTX 4080 SUPER"),
        ("NVIDIA H100 NVL", 94, "NVIDIA H100 NVL"),
        ("NVIDIA GH200 480GB", 95, "NVIDIA GH200, 96 GB"),
        ("NVIDIA RTX 6000 Ada Generation", 48, "NVIDIA RTX 6000 Ada"),
    ] {
        assert_eq!(found(&server(&[(detected, gib * GIB)])), Some(name), "{detected}");
    }
    for unlike in ["NVIDIA H200 NVL", "NVIDIA GeForce RTX 4090 Laptop GPU", "NVIDIA GeForce RTX 4070 Ti SUPER"] {
        assert_eq!(found(&server(&[(unlike, 24 * GIB)])), None, "{unlike}");
    }
    assert_eq!(found(&server(&[("NVIDIA GeForce RTX 3080", 20 * GIB)])), None, "another memory is another chip");
    // What the driver keeps for itself does not make it another.
    assert_eq!(found(&server(&[("NVIDIA GeForce RTX 3060", 12_048 << 20)])), Some("NVIDIA GeForce RTX 3060"));
    assert_eq!(found(&Machine::default()), None);
}

#[test]
fn several_cards_count_only_if_they_are_alike() {
    let (h200, t4) = (("NVIDIA H200", 139 * GIB), ("NVIDIA T4", 15 * GIB));
    assert_eq!(found(&server(&[h200, h200])), Some("NVIDIA H200 SXM"));
    assert_eq!(found(&server(&[h200, t4])), None);
    assert_eq!(found(&server(&[h200, ("NVIDIA Unknown", GIB)])), None);
    assert_eq!(found(&server(&[("Intel Arc A770", GIB), t4])), Some("NVIDIA T4"), "the host's own is passed over");
}

#[test]
fn figures_hold_for_the_devices_that_they_are_of() {
    let mac = find(&mac("Apple M4", None)).unwrap();
    let card = find(&server(&[("NVIDIA T4", 15 * GIB)])).unwrap();
    assert!(mac.feeds(Device::Cpu) && mac.feeds(Device::Mps) && mac.computes_on(Device::Metal));
    assert!(!mac.computes_on(Device::Cpu) && !mac.computes_on(Device::Cuda(0)));
    assert!(card.feeds(Device::Cuda(1)) && card.computes_on(Device::Cuda(0)) && card.computes_on(Device::Gpu));
    assert!(!card.feeds(Device::Cpu) && !card.computes_on(Device::Cpu) && !card.computes_on(Device::Mps));
}

#[test]
fn what_the_table_does_not_know_is_refused() {
    let good = "[sources.a]\ntitle = \"A datasheet\"\n[[chip]]\nname = \"X\"\ndetected = [\"X\"]\nbandwidth = { gbps = 100, source = \"a\" }\n";
    assert_eq!(parse(good).unwrap().len(), 1);
    let typo = format!("{good}fp16 = {{ tflops = 1, source = \"a\" }}\n");
    assert!(parse(&typo).unwrap_err().contains("fp16"));
    let unsourced = format!("{good}f16 = {{ tflops = 1 }}\n");
    assert!(parse(&unsourced).unwrap_err().contains("source"));
    let unknown = format!("{good}f16 = {{ tflops = 1, source = \"b\" }}\n");
    assert_eq!(parse(&unknown).unwrap_err(), "X: there is no source \"b\" under [sources]");
}

#[test]
fn chips_of_a_name_are_told_apart_by_their_cores() {
    assert_eq!(gpu_cores_of("Apple M2 Max"), [30, 38]);
    assert_eq!(gpu_cores_of("apple m1"), [7, 8]);
    assert_eq!(gpu_cores_of("Apple M3"), [] as [u32; 0], "its cores are not in the table");
    assert_eq!(gpu_cores_of("NVIDIA H100 80GB HBM3"), [] as [u32; 0]);
    assert_eq!(gpu_cores_of("AMD EPYC"), [] as [u32; 0]);
}
