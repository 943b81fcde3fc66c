//! Linux's detection on machines that are laid out in a folder: what their kernels tell, and nothing else.

#[path = "support/tree.rs"]
mod tree;

use chipmark_machine::{energy, linux};
use chipmark_results::machine::{Machine, MachineState};
use std::fs;
use std::time::Duration;
use tree::Tree;

impl Tree {
    /// A logical core with its siblings and caches: level, kind, size, and who shares it.
    fn cpu(&self, cpu: u32, siblings: &str, caches: &[(u32, &str, &str, &str)]) {
        let folder = format!("sys/devices/system/cpu/cpu{cpu}");
        self.write(&format!("{folder}/topology/core_cpus_list"), siblings);
        for (index, (level, kind, size, shared)) in caches.iter().enumerate() {
            let cache = format!("{folder}/cache/index{index}");
            self.write(&format!("{cache}/level"), &level.to_string());
            self.write(&format!("{cache}/type"), kind);
            self.write(&format!("{cache}/size"), size);
            self.write(&format!("{cache}/shared_cpu_list"), shared);
        }
    }

    fn machine(&self) -> Machine {
        self.machine_for(std::env::consts::ARCH)
    }

    fn state(&self) -> MachineState {
        linux::state(self.0.path(), 1000, Duration::ZERO)
    }

    fn free_bytes(&self) -> Option<u64> {
        linux::free_memory_bytes(self.0.path())
    }
}

fn x86_processors(count: u32, name: &str, flags: &str) -> String {
    let one = |i| {
        format!("processor\t: {i}\nvendor_id\t: x\nmodel name\t: {name}\ncore id\t\t: {}\nflags\t\t: {flags}\n", i / 2)
    };
    (0..count).map(one).collect::<Vec<_>>().join("\n")
}

fn arm_processors(parts: &[&str]) -> String {
    let one = |(i, part): (usize, &&str)| {
        format!(
            "processor\t: {i}\nBogoMIPS\t: 2100.00\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU part\t: {part}\n"
        )
    };
    parts.iter().enumerate().map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_workstation_with_two_threads_per_core_and_two_caches() {
    let tree = Tree::new(&[
        ("proc/cpuinfo", &x86_processors(8, "AMD Ryzen 9 7950X 16-Core Processor", "fpu sse avx2")),
        ("proc/meminfo", "MemTotal:       65536000 kB\nMemFree:         1000 kB\nMemAvailable:   50000000 kB"),
        ("proc/sys/kernel/osrelease", "6.8.0-45-generic"),
        ("etc/os-release", "PRETTY_NAME=\"Ubuntu 24.04.1 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nID=ubuntu"),
        ("sys/class/dmi/id/sys_vendor", "ASUS"),
        ("sys/class/dmi/id/product_name", "System Product Name"),
        ("sys/class/dmi/id/product_serial", "SERIAL-SECRET"),
        ("sys/class/dmi/id/product_uuid", "UUID-SECRET"),
        ("etc/hostname", "HOST-SECRET"),
        ("etc/machine-id", "ID-SECRET"),
    ]);
    // Four cores; each pair of cores has a cache of its own, as the dies of such a chip have.
    for (cpu, siblings, shared) in
        [(0, "0,4", "0-1,4-5"), (1, "1,5", "0-1,4-5"), (2, "2,6", "2-3,6-7"), (3, "3,7", "2-3,6-7")]
    {
        let caches =
            [(1, "Data", "32K", siblings), (1, "Instruction", "32K", siblings), (3, "Unified", "32768K", shared)];
        tree.cpu(cpu, siblings, &caches);
        tree.cpu(cpu + 4, siblings, &caches);
    }
    let machine = tree.machine();
    assert_eq!(
        machine,
        Machine {
            chip: "AMD Ryzen 9 7950X".to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
            physical_cores: Some(4),
            logical_cores: Some(8),
            memory_bytes: Some(65_536_000 * 1024),
            last_level_cache_bytes: Some(2 * 32_768 * 1024),
            os: "Ubuntu".to_owned(),
            os_version: Some("24.04".to_owned()),
            kernel: Some("6.8.0-45-generic".to_owned()),
            ..Machine::default()
        }
    );
    assert_eq!(tree.free_bytes(), Some(50_000_000 * 1024));
    assert!(!format!("{machine:?} {:?}", tree.state()).contains("SECRET"));
}

#[test]
fn an_empty_root_is_a_machine_of_which_nothing_is_known() {
    let tree = Tree::new(&[]);
    let machine = tree.machine();
    assert_eq!((machine.os.as_str(), machine.chip.as_str()), ("Linux", ""));
    assert_eq!((machine.physical_cores, machine.logical_cores, machine.memory_bytes), (None, None, None));
    assert_eq!(tree.state(), MachineState::default());
    assert_eq!(tree.free_bytes(), None);
}

#[test]
fn files_of_garbage_are_not_known_either() {
    let tree = Tree::new(&[
        ("proc/cpuinfo", "\u{0}\u{1}: :\n::::\nprocessor"),
        ("proc/meminfo", "MemTotal: many kB\nMemAvailable: 99999999999999999999 kB"),
        ("proc/loadavg", "NaN 0 0"),
        ("proc/self/cgroup", "0::/../../..\n4:memory\n:::::"),
        ("proc/12/stat", "12 (x"),
        ("sys/devices/system/cpu/cpu0/cache/index0/size", "K"),
        ("sys/devices/system/cpu/cpu0/cache/index0/level", "-1"),
        ("sys/bus/pci/devices/0000:01:00.0/class", "03"),
    ]);
    let machine = tree.machine();
    assert_eq!((machine.physical_cores, machine.memory_bytes, machine.last_level_cache_bytes), (None, None, None));
    assert!(machine.gpus.is_empty());
    assert_eq!(tree.state(), MachineState::default());
}

#[test]
fn cores_from_cpuinfo_where_the_topology_is_hidden() {
    let tree = Tree::new(&[("proc/cpuinfo", &x86_processors(4, "Intel(R) Xeon(R) CPU @ 2.20GHz", "fpu"))]);
    let machine = tree.machine();
    assert_eq!(machine.chip, "Intel Xeon");
    assert_eq!((machine.physical_cores, machine.logical_cores), (Some(2), Some(4)));
}

#[test]
fn intels_kinds_of_cores() {
    let tree = Tree::new(&[
        ("proc/cpuinfo", &x86_processors(6, "12th Gen Intel(R) Core(TM) i3-1215U", "fpu")),
        ("sys/devices/cpu_core/cpus", "0-3"),
        ("sys/devices/cpu_atom/cpus", "4-5"),
    ]);
    for (cpu, siblings) in [(0, "0-1"), (1, "0-1"), (2, "2-3"), (3, "2-3"), (4, "4"), (5, "5")] {
        tree.cpu(cpu, siblings, &[]);
    }
    let machine = tree.machine();
    assert_eq!(machine.chip, "Intel Core i3-1215U");
    assert_eq!((machine.physical_cores, machine.logical_cores), (Some(4), Some(6)));
    assert_eq!((machine.performance_cores, machine.efficiency_cores), (Some(2), Some(2)));
}

#[test]
fn kinds_of_cores_by_what_the_scheduler_says_of_them() {
    let board = Tree::new(&[
        ("proc/cpuinfo", &arm_processors(&["0xd05", "0xd05", "0xd0b", "0xd0b"])),
        ("proc/device-tree/model", "Radxa ROCK 5B\0"),
    ]);
    for (cpu, capacity) in [(0, "381"), (1, "381"), (2, "1024"), (3, "1024")] {
        board.cpu(cpu, &cpu.to_string(), &[]);
        board.write(&format!("sys/devices/system/cpu/cpu{cpu}/cpu_capacity"), capacity);
    }
    let machine = board.machine();
    assert_eq!(machine.chip, "ARM Cortex-A55 + ARM Cortex-A76");
    assert_eq!((machine.performance_cores, machine.efficiency_cores), (Some(2), Some(2)));
}

#[test]
fn hypervisors() {
    let name = |flags: &str, maker: &str, product: &str| {
        let tree = Tree::new(&[
            ("proc/cpuinfo", &x86_processors(1, "x", flags)),
            ("sys/class/dmi/id/sys_vendor", maker),
            ("sys/class/dmi/id/product_name", product),
        ]);
        tree.machine().hypervisor
    };
    for (maker, product, expected) in [
        ("QEMU", "Standard PC (Q35 + ICH9, 2009)", "QEMU"),
        ("Amazon EC2", "m5.large", "Amazon EC2 m5.large"),
        ("Google", "Google Compute Engine", "Google Compute Engine"),
        ("Microsoft Corporation", "Virtual Machine", "Microsoft Hyper-V"),
        ("VMware, Inc.", "VMware20,1", "VMware"),
        ("innotek GmbH", "VirtualBox", "VirtualBox"),
        ("Xen", "HVM domU", "Xen"),
        ("Somebody", "Something", "unknown"),
        ("", "", "unknown"),
    ] {
        assert_eq!(name("fpu hypervisor", maker, product).as_deref(), Some(expected), "{maker} {product}");
    }
    assert_eq!(name("fpu", "Dell Inc.", "PowerEdge R740"), None);
    assert_eq!(name("fpu", "Amazon EC2", "m5.metal"), None);
    // ARM has no flag that tells it.
    let rented = |size: &str| {
        let files = [("sys/class/dmi/id/sys_vendor", "Amazon EC2"), ("sys/class/dmi/id/product_name", size)];
        Tree::new(&files).machine().hypervisor
    };
    assert_eq!(rented("c7g.xlarge").as_deref(), Some("Amazon EC2 c7g.xlarge"));
    assert_eq!(rented("c7g.metal"), None);
    let wsl = Tree::new(&[("proc/sys/kernel/osrelease", "5.15.153.1-microsoft-standard-WSL2")]);
    assert_eq!(wsl.machine().hypervisor.as_deref(), Some("WSL"));
}

#[test]
fn the_tightest_control_group_limits_free_memory() {
    let memory = ("proc/meminfo", "MemTotal: 16777216 kB\nMemAvailable: 8388608 kB");
    let version_2 = Tree::new(&[
        memory,
        ("proc/self/cgroup", "0::/user.slice/job.scope"),
        ("sys/fs/cgroup/user.slice/memory.max", "4294967296"),
        ("sys/fs/cgroup/user.slice/memory.current", "3221225472"),
        ("sys/fs/cgroup/user.slice/memory.stat", "anon 1\ninactive_file 1073741824\nactive_file 5"),
        ("sys/fs/cgroup/user.slice/job.scope/memory.max", "max"),
        ("sys/fs/cgroup/user.slice/job.scope/memory.current", "3221225472"),
    ]);
    // 4 GiB allowed, 3 used, of which 1 is cached files that the kernel drops.
    assert_eq!(version_2.free_bytes(), Some(2 << 30));
    assert_eq!(version_2.state().free_memory_bytes, Some(2 << 30));

    // In a container of version 1 the path is the host's, and the limit stands at the top.
    let version_1 = Tree::new(&[
        memory,
        ("proc/self/cgroup", "5:cpu:/docker/0123\n4:hugetlb,memory:/docker/0123\n1:name=systemd:/docker/0123"),
        ("sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912"),
        ("sys/fs/cgroup/memory/memory.usage_in_bytes", "268435456"),
        ("sys/fs/cgroup/memory/memory.stat", "inactive_file 7\ntotal_inactive_file 134217728"),
    ]);
    assert_eq!(version_1.free_bytes(), Some(384 << 20));

    let over = Tree::new(&[
        memory,
        ("proc/self/cgroup", "0::/"),
        ("sys/fs/cgroup/memory.max", "1000"),
        ("sys/fs/cgroup/memory.current", "2000"),
    ]);
    assert_eq!(over.free_bytes(), Some(0));

    let unlimited = Tree::new(&[
        memory,
        ("proc/self/cgroup", "4:memory:/job"),
        ("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "9223372036854771712"),
        ("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "1"),
    ]);
    assert_eq!(unlimited.free_bytes(), Some(8 << 30));
}

#[test]
fn power_and_governors() {
    let laptop = Tree::new(&[
        ("sys/class/power_supply/AC/type", "Mains"),
        ("sys/class/power_supply/AC/online", "0"),
        ("sys/class/power_supply/BAT0/type", "Battery"),
        ("sys/class/power_supply/BAT0/status", "Discharging"),
        ("sys/class/power_supply/hid-mouse/type", "Battery"),
        ("sys/class/power_supply/hid-mouse/scope", "Device"),
        ("sys/class/power_supply/hid-mouse/status", "Discharging"),
        ("sys/firmware/acpi/platform_profile", "low-power"),
        ("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave"),
        ("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave"),
        ("proc/loadavg", "1.25 0.50 0.10 2/300 4242"),
    ]);
    let state = laptop.state();
    assert_eq!(state.power_source.as_deref(), Some("battery"));
    assert_eq!(state.low_power_mode, Some(true));
    assert_eq!(state.governor.as_deref(), Some("powersave"));
    assert_eq!(state.load_1m, Some(1.25));

    laptop.write("sys/class/power_supply/AC/online", "1");
    laptop.write("sys/class/power_supply/BAT0/status", "Charging");
    laptop.write("sys/firmware/acpi/platform_profile", "balanced");
    laptop.write("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance");
    let state = laptop.state();
    assert_eq!(state.power_source.as_deref(), Some("ac"));
    assert_eq!(state.low_power_mode, Some(false));
    assert_eq!(state.governor.as_deref(), Some("performance,powersave"));

    let desktop_with_mouse = Tree::new(&[
        ("sys/class/power_supply/hid-mouse/type", "Battery"),
        ("sys/class/power_supply/hid-mouse/scope", "Device"),
        ("sys/class/power_supply/hid-mouse/status", "Discharging"),
    ]);
    assert_eq!(desktop_with_mouse.state().power_source, None);
}

#[test]
fn graphics_on_the_bus() {
    let tree = Tree::new(&[
        (
            "usr/share/hwdata/pci.ids",
            "1002  AMD\n\t74a1  Aqua Vanjaram [Instinct MI300X]\n8086  Intel Corporation\n\t56a0  DG2 [Arc A770]",
        ),
        ("sys/bus/pci/devices/0000:00:02.0/class", "0x030000"),
        ("sys/bus/pci/devices/0000:00:02.0/vendor", "0x8086"),
        ("sys/bus/pci/devices/0000:00:02.0/device", "0x56a0"),
        ("sys/bus/pci/devices/0000:01:00.0/class", "0x120000"),
        ("sys/bus/pci/devices/0000:01:00.0/vendor", "0x1002"),
        ("sys/bus/pci/devices/0000:01:00.0/device", "0x74a1"),
        ("sys/bus/pci/devices/0000:01:00.0/mem_info_vram_total", "206141652992"),
        ("sys/bus/pci/devices/0000:01:00.0/driver/module/version", "6.8.5"),
        ("sys/bus/pci/devices/0000:02:00.0/class", "0x030200"),
        ("sys/bus/pci/devices/0000:02:00.0/vendor", "0x10de"),
        ("sys/bus/pci/devices/0000:02:00.0/device", "0x2330"),
        // A server's own display, a network card, and Intel's neural unit are none.
        ("sys/bus/pci/devices/0000:03:00.0/class", "0x030000"),
        ("sys/bus/pci/devices/0000:03:00.0/vendor", "0x1a03"),
        ("sys/bus/pci/devices/0000:03:00.0/device", "0x2000"),
        ("sys/bus/pci/devices/0000:04:00.0/class", "0x020000"),
        ("sys/bus/pci/devices/0000:04:00.0/vendor", "0x8086"),
        ("sys/bus/pci/devices/0000:04:00.0/device", "0x1533"),
        ("sys/bus/pci/devices/0000:05:00.0/class", "0x120000"),
        ("sys/bus/pci/devices/0000:05:00.0/vendor", "0x8086"),
        ("sys/bus/pci/devices/0000:05:00.0/device", "0x7d1d"),
    ]);
    let gpus = tree.machine().gpus;
    let names: Vec<&str> = gpus.iter().map(|gpu| gpu.name.as_str()).collect();
    assert_eq!(names, ["Intel Arc A770", "AMD Instinct MI300X", "NVIDIA GPU 2330"]);
    assert_eq!(gpus[1].memory_bytes, Some(206_141_652_992));
    assert_eq!(gpus[1].driver.as_deref(), Some("6.8.5"));
    assert_eq!(gpus[0].memory_bytes, None);
}

/// A processor with two packages: what RAPL shows of it.
fn rapl() -> Tree {
    let zones = "sys/class/powercap";
    let tree = Tree::new(&[]);
    for (zone, name, energy_uj) in [
        ("intel-rapl:0", "package-0", "1000000"),
        ("intel-rapl:0:0", "core", "400000"),
        ("intel-rapl:0:1", "dram", "7000000"),
        ("intel-rapl:1", "package-1", "262000000000"),
        ("intel-rapl:2", "psys", "5"),
        ("intel-rapl-mmio:0", "package-0", "1000000"),
    ] {
        tree.write(&format!("{zones}/{zone}/name"), name);
        tree.write(&format!("{zones}/{zone}/max_energy_range_uj"), "262143328850");
        tree.write(&format!("{zones}/{zone}/energy_uj"), energy_uj);
    }
    // What belongs to root alone looks to others like a file that is not there.
    fs::remove_file(tree.0.path().join(zones).join("intel-rapl:2/energy_uj")).expect("it was just written");
    tree
}

#[test]
fn energy_counts_on_over_the_end_of_its_counter() {
    let tree = rapl();
    let zones = "sys/class/powercap";
    let mut meter = linux::meter(tree.0.path());
    let before = meter.read();
    let counters: Vec<&str> = before.iter().map(|reading| reading.counter.as_str()).collect();
    assert_eq!(counters, ["package-0", "package-0-dram", "package-1"], "each once, and no part of a part");

    tree.write(&format!("{zones}/intel-rapl:0/energy_uj"), "3500000");
    tree.write(&format!("{zones}/intel-rapl:1/energy_uj"), "6671150");
    let mut spent = || -> Vec<f64> { energy::spent(&before, &meter.read()).iter().map(|one| one.joules).collect() };
    assert_eq!(spent(), [2.5, 0.0, 150.0]);

    tree.write(&format!("{zones}/intel-rapl:1/energy_uj"), "7671150");
    fs::remove_file(tree.0.path().join(zones).join("intel-rapl:0/energy_uj")).expect("it is there");
    assert_eq!(spent(), [0.0, 151.0], "what cannot be read is left out, not zero");
}

#[test]
fn power_and_clocks_are_part_of_the_state() {
    let tree = rapl();
    for (cpu, now_khz, limit_khz) in [(0, "800000", "2400000"), (1, "1600000", "3000000")] {
        let folder = format!("sys/devices/system/cpu/cpu{cpu}/cpufreq");
        tree.write(&format!("{folder}/scaling_cur_freq"), now_khz);
        tree.write(&format!("{folder}/scaling_max_freq"), limit_khz);
        tree.write(&format!("{folder}/cpuinfo_max_freq"), "5200500");
    }
    let state = tree.state();
    assert_eq!(
        (state.cpu_clock_mhz, state.cpu_clock_limit_mhz, state.cpu_clock_max_mhz),
        (Some(1200), Some(2700), Some(5200))
    );
    // A counter that lies in a file stands still.
    let power: Vec<(&str, f64)> = state.power.iter().map(|one| (one.counter.as_str(), one.watts)).collect();
    assert_eq!(power, [("package-0", 0.0), ("package-0-dram", 0.0), ("package-1", 0.0)]);

    let virtual_machine = Tree::new(&[("proc/loadavg", "0.5 0.5 0.5 1/2 3")]).state();
    assert_eq!(virtual_machine.cpu_clock_mhz, None);
    assert_eq!(virtual_machine.power, []);
}
