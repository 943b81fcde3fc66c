//! Ceilings of a file, and shares of them.

#![expect(clippy::unwrap_used, reason = "literals that parse")]

use super::*;
use crate::fixture;

fn tried(target: &str, case: &str, flop: u64, bytes: u64, ns: u64) -> Ceiling {
    let samples = fixture::samples(Mode::Latency, &[ns, ns, ns]);
    Ceiling {
        target: target.parse().unwrap(),
        case: case.parse().unwrap(),
        cost: Cost { flop, bytes, working_set_bytes: bytes },
        worker: Some(0),
        at: fixture::run().started_at,
        outcome: Outcome::Ok,
        reason: None,
        tf32: false,
        samples: Some(samples),
    }
}

fn ceilings() -> Ceilings {
    let mut file = ResultsFile::new("test.jsonl".into(), fixture::run());
    file.ceilings = vec![
        tried("candle:cpu", "copy/1MiB/f32", 0, 2_000_000, 100_000),
        tried("candle:cpu", "triad/1MiB/f32", 500_000, 3_000_000, 120_000),
        tried("candle:cpu", "matmul/8x8@8x8/f32", 1_000_000, 1000, 10_000),
        tried("tch:cpu", "matmul/8x8@8x8/f32", 1_000_000, 1000, 5_000),
        tried("tch:cuda:0", "copy/1MiB/f32", 0, 2_000_000, 1_000),
    ];
    Ceilings::of(&file)
}

#[test]
fn the_best_of_all_frameworks_is_the_device_s_ceiling() {
    let ceilings = ceilings();
    let cpu = &ceilings.reached[0];
    assert_eq!((cpu.place, cpu.dtype), (Place::Cpu, DType::F32));
    let (gbps, gflops) = (cpu.gbps.as_ref().unwrap(), cpu.gflops.as_ref().unwrap());
    assert_eq!((gbps.rate, gbps.case.workload.as_str()), (25.0, "triad"));
    assert_eq!((gflops.rate, gflops.target.to_string()), (200.0, "tch:cpu".to_owned()));
    assert_eq!(ceilings.reached.len(), 2);
}

#[test]
fn the_roof_is_the_lower_of_arithmetic_and_what_memory_feeds() {
    let ceilings = ceilings();
    // A FLOP a byte: the memory feeds 25 GFLOP/s of the 200.
    let cost = Cost { flop: 100, bytes: 100, working_set_bytes: 100 };
    let shares = ceilings.shares(Device::Cpu, (DType::F32, false), &cost, Some(12.5), Some(12.5)).unwrap();
    assert_eq!(shares.roofline, Some(0.5));
    assert_eq!((shares.gflops_of_measured, shares.gbps_of_measured), (Some(0.0625), Some(0.5)));
    // A hundred: the arithmetic is the roof.
    let cost = Cost { flop: 10_000, bytes: 100, working_set_bytes: 100 };
    let shares = ceilings.shares(Device::Cpu, (DType::F32, false), &cost, Some(150.0), Some(1.5)).unwrap();
    assert_eq!(shares.roofline, Some(0.75));
    // Without arithmetic the memory alone is.
    let cost = Cost { flop: 0, bytes: 100, working_set_bytes: 100 };
    let shares = ceilings.shares(Device::Cpu, (DType::F32, false), &cost, None, Some(26.5)).unwrap();
    assert_eq!((shares.roofline, shares.gflops_of_measured), (Some(26.5 / 25.0), None));
    assert!(shares.is_cache_measured());
}

#[test]
fn a_vendor_s_peak_is_the_graphics_processor_s_and_its_memory_s_where_it_is_shared() {
    let mut run = fixture::run();
    run.machine.chip = "Apple M1 Max".to_owned();
    run.machine.gpus =
        vec![crate::machine::Gpu { name: "Apple M1 Max".to_owned(), cores: Some(32), ..Default::default() }];
    let chip = chips::find(&run.machine).unwrap();
    let peak = chip.peak_gflops(DType::F32).unwrap();
    let ceilings = Ceilings::of(&ResultsFile::new("test.jsonl".into(), run.clone()));
    let cost = Cost { flop: 100, bytes: 100, working_set_bytes: 100 };
    let shares =
        |device| ceilings.shares(device, (DType::F32, false), &cost, Some(peak / 4.0), Some(chip.bandwidth_gbps / 2.0));
    let gpu = shares(Device::Gpu).unwrap();
    assert_eq!((gpu.gflops_of_vendor, gpu.gbps_of_vendor), (Some(0.25), Some(0.5)));
    assert_eq!(
        (gpu.gflops_of_measured, gpu.gbps_of_measured, gpu.roofline),
        (None, None, None),
        "nothing was measured"
    );
    // No vendor says what the processor's cores compute; they share the memory.
    let cpu = shares(Device::Cpu).unwrap();
    assert_eq!((cpu.gflops_of_vendor, cpu.gbps_of_vendor), (None, Some(0.5)));
    // A dtype without a stated peak, and a chip that nobody knows, have no share.
    run.machine.chip = "Apple M99".to_owned();
    (run.machine.chip_detected, run.machine.gpus) = (None, Vec::new());
    let unknown = Ceilings::of(&ResultsFile::new("test.jsonl".into(), run));
    assert_eq!(unknown.shares(Device::Gpu, (DType::F32, false), &cost, Some(1.0), Some(1.0)), None);
}

#[test]
fn what_was_not_measured_is_no_ceiling() {
    let ceilings = ceilings();
    let cost = Cost { flop: 100, bytes: 100, working_set_bytes: 100 };
    // Bytes are bytes in every dtype; arithmetic is not.
    let shares = ceilings.shares(Device::Cpu, (DType::F16, false), &cost, Some(10.0), Some(10.0)).unwrap();
    assert_eq!((shares.gflops_of_measured, shares.gbps_of_measured, shares.roofline), (None, Some(0.4), None));
    let other =
        ceilings.shares(Device::Cuda(1), (DType::F32, false), &cost, Some(10.0), Some(10.0)).unwrap_or_default();
    assert_eq!((other.gflops_of_measured, other.gbps_of_measured, other.roofline), (None, None, None));
    // One graphics processor under three names.
    assert!(
        ceilings.shares(Device::Gpu, (DType::F32, false), &cost, None, Some(1000.0)).unwrap().gbps_of_measured
            == Some(0.5)
    );
}

#[test]
fn tf32_has_ceilings_of_its_own() {
    let mut run = fixture::run();
    run.machine.chip = "NVIDIA H100 80GB HBM3".to_owned();
    run.machine.gpus = Vec::new();
    let chip = chips::find(&run.machine).unwrap();
    let (f32, tf32) = (chip.peak_gflops(DType::F32).unwrap(), chip.tf32_gflops().unwrap());
    let mut file = ResultsFile::new("test.jsonl".into(), run);
    file.ceilings = vec![
        tried("candle:cuda:0", "copy/1MiB/f32", 0, 2_000_000, 1_000),
        tried("candle:cuda:0", "matmul/8x8@8x8/f32", 1_000_000, 1000, 20),
        Ceiling { tf32: true, ..tried("tch:cuda:0", "matmul/8x8@8x8/f32", 1_000_000, 1000, 4) },
        // Nothing is multiplied in a copy, whatever its check was called.
        Ceiling { tf32: true, ..tried("tch:cuda:0", "copy/1MiB/f32", 0, 2_000_000, 800) },
    ];
    let ceilings = Ceilings::of(&file);
    let rates: Vec<_> = ceilings.reached.iter().map(|it| (it.tf32, it.gflops.as_ref().unwrap().rate)).collect();
    assert_eq!(rates, [(false, 50_000.0), (true, 250_000.0)]);
    let cost = Cost { flop: 100_000, bytes: 100, working_set_bytes: 100 };
    let shares =
        |tf32| ceilings.shares(Device::Cuda(0), (DType::F32, tf32), &cost, Some(25_000.0), Some(25.0)).unwrap();
    assert_eq!((shares(false).gflops_of_measured, shares(false).roofline), (Some(0.5), Some(0.5)));
    assert_eq!((shares(true).gflops_of_measured, shares(true).roofline), (Some(0.1), Some(0.1)));
    assert_eq!((shares(false).gflops_of_vendor, shares(true).gflops_of_vendor), (Some(25e3 / f32), Some(25e3 / tf32)));
    assert_eq!((shares(true).gbps_of_measured, shares(false).gbps_of_measured), (Some(0.01), Some(0.01)));
}

#[test]
fn without_a_measured_ceiling_the_vendor_s_bandwidth_shows_a_cache() {
    let shares = |measured, vendor| Shares { gbps_of_measured: measured, gbps_of_vendor: vendor, ..Shares::default() };
    assert!(shares(None, Some(1.06)).is_cache_measured());
    assert!(!shares(None, Some(1.04)).is_cache_measured());
    assert!(!shares(Some(1.0), Some(1.2)).is_cache_measured(), "what was measured is the better word");
    assert!(!shares(None, None).is_cache_measured());
}
