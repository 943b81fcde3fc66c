//! macOS's detection on what the system's tools print on Macs of every generation, composed in the tools' form from the numbers of
//! cores that Apple publishes and from caches as `sysctl` tells them; identity.rs has what was read off Macs. Where a serial
//! number or a hardware id stands in the real output, a word stands here that must not come out.

#[path = "support/recorded.rs"]
mod recorded;

use chipmark_machine::{macos, summary};
use chipmark_results::chips;
use chipmark_results::machine::{Gpu, HeavyProcess, Machine, MachineState};
use recorded::Recorded;

/// A level of performance as `sysctl` tells it: name, cores, bytes of a cluster's cache, cores in a cluster.
type Level = (&'static str, u32, u64, u32);

const MIB: u64 = 1 << 20;

fn sysctl(chip: &str, memory_gib: u64, levels: &[Level]) -> String {
    let cores: u32 = levels.iter().map(|level| level.1).sum();
    let mut text = format!(
        "machdep.cpu.brand_string: {chip}\nhw.physicalcpu: {cores}\nhw.logicalcpu: {cores}\nhw.ncpu: {cores}\n\
         hw.memsize: {}\nhw.model: Mac15,9\nhw.packages: 1\nhw.l2cachesize: 4194304\nhw.optional.arm64: 1\n\
         hw.nperflevels: {}\n",
        memory_gib << 30,
        levels.len()
    );
    for (index, (name, cores, cache_bytes, per_cache)) in levels.iter().enumerate() {
        text += &format!(
            "hw.perflevel{index}.name: {name}\nhw.perflevel{index}.physicalcpu: {cores}\n\
             hw.perflevel{index}.l2cachesize: {cache_bytes}\nhw.perflevel{index}.cpusperl2: {per_cache}\n"
        );
    }
    text + "kern.osproductversion: 14.5\nkern.osversion: 23F79\nkern.osrelease: 23.5.0\nkern.hv_vmm_present: 0\n\
            sysctl.proc_translated: 0\n"
}

fn profile(chip: &str, processors: &str, memory: &str, gpu_cores: u32) -> String {
    format!(
        r#"{{
  "SPDisplaysDataType" : [
    {{
      "_name" : "{chip}",
      "spdisplays_mtlgpufamilysupport" : "spdisplays_metal3",
      "spdisplays_ndrvs" : [
        {{
          "_name" : "Color LCD",
          "_spdisplays_display-serial-number" : "SECRET-1",
          "_spdisplays_resolution" : "1512 x 982 @ 120.00Hz",
          "spdisplays_main" : "spdisplays_yes"
        }}
      ],
      "spdisplays_vendor" : "sppci_vendor_Apple",
      "sppci_bus" : "spdisplays_builtin",
      "sppci_cores" : "{gpu_cores}",
      "sppci_device_type" : "spdisplays_gpu",
      "sppci_model" : "{chip}"
    }}
  ],
  "SPHardwareDataType" : [
    {{
      "_name" : "hardware_overview",
      "activation_lock_status" : "activation_lock_enabled",
      "boot_rom_version" : "11881.140.96",
      "chip_type" : "{chip}",
      "machine_model" : "Mac15,9",
      "machine_name" : "MacBook Pro",
      "model_number" : "SECRET-2",
      "number_processors" : "{processors}",
      "os_loader_version" : "11881.140.96",
      "physical_memory" : "{memory}",
      "platform_UUID" : "SECRET-3",
      "provisioning_UDID" : "SECRET-4",
      "serial_number" : "SECRET-5"
    }}
  ]
}}"#
    )
}

const SW_VERS: &str = "ProductName:\t\tmacOS\nProductVersion:\t\t14.5\nBuildVersion:\t\t23F79\n";

fn mac(sysctl: &str, profile: &str) -> Recorded {
    Recorded::default().with("sysctl", sysctl).with("system_profiler", profile).with("sw_vers", SW_VERS)
}

/// Chip, memory in GiB, levels, what `system_profiler` lists of processors, graphics cores, cache in MiB, and the line.
type Generation = (&'static str, u64, &'static [Level], &'static str, u32, u64, &'static str);

const P: &str = "Performance";
const E: &str = "Efficiency";
const S: &str = "Super";

#[rustfmt::skip]
const GENERATIONS: &[Generation] = &[
    ("Apple M1", 16, &[(P, 4, 12 * MIB, 4), (E, 4, 4 * MIB, 4)], "proc 8:4:4", 7, 16, "8 cores (4P+4E), 7-core GPU, 16 GiB"),
    ("Apple M1", 8, &[(P, 4, 12 * MIB, 4), (E, 4, 4 * MIB, 4)], "proc 8:4:4", 8, 16, "8 cores (4P+4E), 8-core GPU, 8 GiB"),
    ("Apple M1 Pro", 16, &[(P, 6, 12 * MIB, 3), (E, 2, 4 * MIB, 2)], "proc 8:6:2", 14, 28, "8 cores (6P+2E), 14-core GPU, 16 GiB"),
    ("Apple M1 Pro", 16, &[(P, 8, 12 * MIB, 4), (E, 2, 4 * MIB, 2)], "proc 10:8:2", 16, 28, "10 cores (8P+2E), 16-core GPU, 16 GiB"),
    ("Apple M1 Max", 32, &[(P, 8, 12 * MIB, 4), (E, 2, 4 * MIB, 2)], "proc 10:8:2", 24, 28, "10 cores (8P+2E), 24-core GPU, 32 GiB"),
    ("Apple M1 Max", 64, &[(P, 8, 12 * MIB, 4), (E, 2, 4 * MIB, 2)], "proc 10:8:2", 32, 28, "10 cores (8P+2E), 32-core GPU, 64 GiB"),
    ("Apple M1 Ultra", 64, &[(P, 16, 12 * MIB, 4), (E, 4, 4 * MIB, 2)], "proc 20:16:4", 48, 56, "20 cores (16P+4E), 48-core GPU, 64 GiB"),
    ("Apple M1 Ultra", 128, &[(P, 16, 12 * MIB, 4), (E, 4, 4 * MIB, 2)], "proc 20:16:4", 64, 56, "20 cores (16P+4E), 64-core GPU, 128 GiB"),
    ("Apple M2", 8, &[(P, 4, 16 * MIB, 4), (E, 4, 4 * MIB, 4)], "proc 8:4:4", 8, 20, "8 cores (4P+4E), 8-core GPU, 8 GiB"),
    ("Apple M2", 24, &[(P, 4, 16 * MIB, 4), (E, 4, 4 * MIB, 4)], "proc 8:4:4", 10, 20, "8 cores (4P+4E), 10-core GPU, 24 GiB"),
    ("Apple M2 Pro", 16, &[(P, 6, 16 * MIB, 3), (E, 4, 4 * MIB, 4)], "proc 10:6:4", 16, 36, "10 cores (6P+4E), 16-core GPU, 16 GiB"),
    ("Apple M2 Pro", 32, &[(P, 8, 16 * MIB, 4), (E, 4, 4 * MIB, 4)], "proc 12:0:8:4", 19, 36, "12 cores (8P+4E), 19-core GPU, 32 GiB"),
    ("Apple M2 Max", 64, &[(P, 8, 16 * MIB, 4), (E, 4, 4 * MIB, 4)], "proc 12:8:4", 30, 36, "12 cores (8P+4E), 30-core GPU, 64 GiB"),
    ("Apple M2 Max", 96, &[(P, 8, 16 * MIB, 4), (E, 4, 4 * MIB, 4)], "proc 12:8:4", 38, 36, "12 cores (8P+4E), 38-core GPU, 96 GiB"),
    ("Apple M2 Ultra", 64, &[(P, 16, 16 * MIB, 4), (E, 8, 4 * MIB, 4)], "proc 24:16:8", 60, 72, "24 cores (16P+8E), 60-core GPU, 64 GiB"),
    ("Apple M2 Ultra", 192, &[(P, 16, 16 * MIB, 4), (E, 8, 4 * MIB, 4)], "proc 24:16:8:0", 76, 72, "24 cores (16P+8E), 76-core GPU, 192 GiB"),
    ("Apple M3", 8, &[(P, 4, 16 * MIB, 4), (E, 4, 4 * MIB, 4)], "proc 8:4:4", 10, 20, "8 cores (4P+4E), 10-core GPU, 8 GiB"),
    ("Apple M3 Pro", 18, &[(P, 5, 16 * MIB, 5), (E, 6, 4 * MIB, 6)], "proc 11:5:6", 14, 20, "11 cores (5P+6E), 14-core GPU, 18 GiB"),
    ("Apple M3 Pro", 36, &[(P, 6, 16 * MIB, 6), (E, 6, 4 * MIB, 6)], "proc 12:6:6", 18, 20, "12 cores (6P+6E), 18-core GPU, 36 GiB"),
    ("Apple M3 Max", 36, &[(P, 10, 16 * MIB, 5), (E, 4, 4 * MIB, 4)], "proc 14:10:4", 30, 36, "14 cores (10P+4E), 30-core GPU, 36 GiB"),
    ("Apple M3 Max", 64, &[(P, 12, 16 * MIB, 6), (E, 4, 4 * MIB, 4)], "proc 16:12:4", 40, 36, "16 cores (12P+4E), 40-core GPU, 64 GiB"),
    ("Apple M3 Ultra", 96, &[(P, 20, 16 * MIB, 5), (E, 8, 4 * MIB, 4)], "proc 28:20:8", 60, 72, "28 cores (20P+8E), 60-core GPU, 96 GiB"),
    ("Apple M3 Ultra", 512, &[(P, 24, 16 * MIB, 6), (E, 8, 4 * MIB, 4)], "proc 32:24:8", 80, 72, "32 cores (24P+8E), 80-core GPU, 512 GiB"),
    ("Apple M4", 16, &[(P, 4, 16 * MIB, 4), (E, 4, 4 * MIB, 4)], "proc 8:4:4", 8, 20, "8 cores (4P+4E), 8-core GPU, 16 GiB"),
    ("Apple M4", 16, &[(P, 4, 16 * MIB, 4), (E, 6, 4 * MIB, 6)], "proc 10:4:6", 10, 20, "10 cores (4P+6E), 10-core GPU, 16 GiB"),
    ("Apple M4 Pro", 24, &[(P, 8, 16 * MIB, 4), (E, 4, 4 * MIB, 4)], "proc 12:8:4", 16, 36, "12 cores (8P+4E), 16-core GPU, 24 GiB"),
    ("Apple M4 Pro", 48, &[(P, 10, 16 * MIB, 5), (E, 4, 4 * MIB, 4)], "proc 14:10:4", 20, 36, "14 cores (10P+4E), 20-core GPU, 48 GiB"),
    ("Apple M4 Max", 36, &[(P, 10, 16 * MIB, 5), (E, 4, 4 * MIB, 4)], "proc 14:10:4", 32, 36, "14 cores (10P+4E), 32-core GPU, 36 GiB"),
    ("Apple M4 Max", 128, &[(P, 12, 16 * MIB, 6), (E, 4, 4 * MIB, 4)], "proc 16:12:4", 40, 36, "16 cores (12P+4E), 40-core GPU, 128 GiB"),
    // As macOS called its cores before 26.3.
    ("Apple M5", 16, &[(P, 4, 16 * MIB, 4), (E, 6, 6 * MIB, 6)], "proc 10:4:6", 10, 22, "10 cores (4P+6E), 10-core GPU, 16 GiB"),
    ("Apple M5", 32, &[(S, 4, 16 * MIB, 4), (E, 6, 6 * MIB, 6)], "proc 10:4:6:0", 10, 22, "10 cores (4S+6E), 10-core GPU, 32 GiB"),
    ("Apple M5 Pro", 24, &[(S, 5, 16 * MIB, 5), (P, 10, 8 * MIB, 5)], "proc 15:5:0:10", 16, 32, "15 cores (5S+10P), 16-core GPU, 24 GiB"),
    ("Apple M5 Pro", 64, &[(S, 6, 16 * MIB, 6), (P, 12, 8 * MIB, 6)], "proc 18:6:0:12", 20, 32, "18 cores (6S+12P), 20-core GPU, 64 GiB"),
    ("Apple M5 Max", 36, &[(S, 6, 16 * MIB, 6), (P, 12, 8 * MIB, 6)], "proc 18:6:0:12", 32, 32, "18 cores (6S+12P), 32-core GPU, 36 GiB"),
    ("Apple M5 Max", 128, &[(S, 6, 16 * MIB, 6), (P, 12, 8 * MIB, 6)], "proc 18:6:0:12", 40, 32, "18 cores (6S+12P), 40-core GPU, 128 GiB"),
    // Three kinds of cores.
    ("Apple M6", 32, &[(S, 2, 16 * MIB, 2), (P, 4, 8 * MIB, 4), (E, 6, 6 * MIB, 6)], "proc 12:2:4:6", 10, 30, "12 cores (2S+4P+6E), 10-core GPU, 32 GiB"),
];

#[test]
fn every_generation() {
    for (chip, memory_gib, levels, processors, gpu_cores, cache_mib, line) in GENERATIONS {
        let tools = mac(
            &sysctl(chip, *memory_gib, levels),
            &profile(chip, processors, &format!("{memory_gib} GB"), *gpu_cores),
        );
        let machine = macos::machine(&tools, "aarch64");
        let of = |kind: &str| levels.iter().find(|level| level.0 == kind).map(|level| level.1);
        let cores: u32 = levels.iter().map(|level| level.1).sum();
        let expected = Machine {
            chip: (*chip).to_owned(),
            arch: "aarch64".to_owned(),
            physical_cores: Some(cores),
            logical_cores: Some(cores),
            super_cores: of(S),
            performance_cores: of(P),
            efficiency_cores: of(E),
            gpus: vec![Gpu { name: (*chip).to_owned(), cores: Some(*gpu_cores), memory_bytes: None, driver: None }],
            memory_bytes: Some(memory_gib << 30),
            last_level_cache_bytes: Some(cache_mib * MIB),
            os: "macOS".to_owned(),
            os_version: Some("14.5".to_owned()),
            os_build: Some("23F79".to_owned()),
            kernel: Some("Darwin 23.5.0".to_owned()),
            ..Machine::default()
        };
        assert_eq!(machine, expected);
        assert_eq!(summary(&machine), format!("{chip}, {line}, macOS 14.5"));
        // Those whose figures differ by the cores of their graphics are told apart by them.
        let found = chips::find(&machine).map(|chip| chip.name.as_str());
        let names = [format!("{chip}, {gpu_cores}-core GPU"), (*chip).to_owned()];
        let is_known = found.is_some_and(|found| names.iter().any(|name| name == found));
        assert!(is_known || (found.is_none() && *chip == "Apple M6"), "{chip}: {found:?}");
        assert!(!format!("{machine:?}").contains("SECRET"), "{chip}");
    }
}

#[test]
fn without_sysctl_the_profile_tells_the_chip() {
    let tools = Recorded::default()
        .with("system_profiler", &profile("Apple M4 Max", "proc 16:12:4", "48 GB", 40))
        .with("sw_vers", SW_VERS);
    let machine = macos::machine(&tools, "aarch64");
    assert_eq!(summary(&machine), "Apple M4 Max, 16 cores (12P+4E), 40-core GPU, 48 GiB, macOS 14.5");
}

#[test]
fn the_first_systems_for_apples_chips() {
    // Before macOS 12 there were no levels, and some told no name.
    let sysctl = "machdep.cpu.brand_string: Apple processor\nhw.physicalcpu: 8\nhw.logicalcpu: 8\nhw.memsize: 17179869184\n\
                  hw.l2cachesize: 4194304\nhw.optional.arm64: 1\n";
    let machine = macos::machine(&mac(sysctl, &profile("Apple M1", "proc 8:4:4", "16 GB", 8)), "aarch64");
    assert_eq!(machine.chip, "Apple M1");
    assert_eq!((machine.performance_cores, machine.efficiency_cores), (Some(4), Some(4)));
    assert_eq!(machine.last_level_cache_bytes, Some(4 * MIB));
}

#[test]
fn a_translated_program_still_knows_the_chip() {
    let levels: &[Level] = &[(P, 4, 16 * MIB, 4), (E, 4, 4 * MIB, 4)];
    let recorded = sysctl("VirtualApple @ 2.50GHz", 16, levels);
    let machine = macos::machine(&mac(&recorded, &profile("Apple M2", "proc 8:4:4", "16 GB", 10)), "x86_64");
    assert_eq!(machine.chip, "Apple M2");
    assert!(machine.translated);
    assert_eq!(summary(&machine), "Apple M2, 8 cores (4P+4E), 10-core GPU, 16 GiB, macOS 14.5, translated by Rosetta");
}

#[test]
fn an_intel_mac_with_two_graphics_chips() {
    let sysctl = "machdep.cpu.brand_string: Intel(R) Core(TM) i9-9980HK CPU @ 2.40GHz\nhw.physicalcpu: 8\nhw.logicalcpu: 16\n\
                  hw.memsize: 34359738368\nhw.model: MacBookPro16,1\nhw.packages: 1\nhw.l2cachesize: 262144\n\
                  hw.l3cachesize: 16777216\nkern.hv_vmm_present: 0\nkern.osrelease: 23.5.0\n";
    let profile = r#"{"SPDisplaysDataType":[
        {"_name":"kHW_IntelUHDGraphics630Item","sppci_model":"Intel UHD Graphics 630","spdisplays_vram_shared":"1536 MB"},
        {"_name":"kHW_AMDRadeonPro5500MItem","sppci_model":"AMD Radeon Pro 5500M","spdisplays_vram":"8 GB"}],
      "SPHardwareDataType":[{"cpu_type":"8-Core Intel Core i9","number_processors":8,"physical_memory":"32 GB"}]}"#;
    let machine = macos::machine(&mac(sysctl, profile), "x86_64");
    assert!(!machine.translated);
    assert_eq!((machine.performance_cores, machine.efficiency_cores), (None, None));
    assert_eq!(machine.last_level_cache_bytes, Some(16 * MIB));
    let expected = "Intel Core i9-9980HK, 8 cores (16 threads), Intel UHD Graphics 630, AMD Radeon Pro 5500M 8 GiB, 32 GiB, macOS 14.5";
    assert_eq!(summary(&machine), expected);
}

#[test]
fn nothing_answers() {
    let nothing = Recorded::default();
    let expected = Machine { arch: "aarch64".to_owned(), os: "macOS".to_owned(), ..Machine::default() };
    assert_eq!(macos::machine(&nothing, "aarch64"), expected);
    assert_eq!(macos::state(&nothing, 1, None), MachineState::default());
    assert_eq!(macos::free_memory_bytes(&nothing), None);
}

#[test]
fn garbage_is_as_good_as_nothing() {
    let text =
        "\u{1b}[2J{{{ : : = ' \u{fffd}\nhw.memsize: -1\nhw.physicalcpu: 0\nhw.perflevel0.physicalcpu: 4294967296\n";
    let garbage = ["sysctl", "system_profiler", "sw_vers", "pmset", "vm_stat", "ps"]
        .iter()
        .fold(Recorded::default(), |tools, tool| tools.with(tool, text));
    let expected = Machine { arch: "aarch64".to_owned(), os: "macOS".to_owned(), ..Machine::default() };
    assert_eq!(macos::machine(&garbage, "aarch64"), expected);
    assert_eq!(macos::state(&garbage, 1, None), MachineState::default());
}

#[test]
fn the_state_of_a_busy_laptop() {
    let tools = Recorded::default()
        .with("pmset -g batt", "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=22806627)\t78%; discharging; 5:05 remaining present: true\n")
        .with("pmset -g therm", "Note: No thermal warning level has been recorded\nNote: No performance warning level has been recorded\n")
        .with("pmset -g", "System-wide power settings:\nCurrently in use:\n standby              1\n hibernatefile        /var/vm/sleepimage\n sleep                1 (sleep prevented by powerd)\n lowpowermode         1\n womp                 0\n")
        .with("sysctl vm.loadavg", "vm.loadavg: { 3.51 2.60 1.70 }\n")
        .with("vm_stat", "Mach Virtual Memory Statistics: (page size of 16384 bytes)\nPages free:    1000.\nPages inactive:  2000.\nPages speculative:  500.\n")
        .with("ps", "    1     0   0.0 launchd\n  391     1  35.6 WindowServer\n  500     1  12.5 mds_stores\n 4242   900 380.0 worker\n  900   800  99.0 bench\n  800     1   1.0 zsh\n");
    let state = macos::state(&tools, 900, None);
    let heavy = |name: &str, cpu_percent| HeavyProcess { name: name.to_owned(), cpu_percent };
    let expected = MachineState {
        power_source: Some("battery".to_owned()),
        low_power_mode: Some(true),
        thermal: Some("nominal".to_owned()),
        load_1m: Some(3.51),
        free_memory_bytes: Some(3500 * 16_384),
        heavy_processes: vec![heavy("WindowServer", 36.0), heavy("mds_stores", 13.0)],
        ..MachineState::default()
    };
    assert_eq!(state, expected);
    let told = macos::state(&tools, 900, Some("serious".to_owned()));
    assert_eq!(told.thermal.as_deref(), Some("serious"), "the system's library goes before pmset");
}
