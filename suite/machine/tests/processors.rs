//! Processors by what their kernels tell: AMD's and Intel's by their names, ARM's by the numbers of their cores and what else says
//! which chip it is. The samples are composed in the kernel's form with the values that such machines tell.

#[path = "support/tree.rs"]
mod tree;

use tree::Tree;

const X86: &str = "x86_64";
const ARM: &str = "aarch64";

/// `/proc/cpuinfo` as the kernel prints it on x86.
fn x86(vendor: &str, name: &str) -> String {
    format!(
        "processor\t: 0\nvendor_id\t: {vendor}\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: {name}\nstepping\t: 1\n\
         cpu MHz\t\t: 2596.140\ncache size\t: 1024 KB\nphysical id\t: 0\ncore id\t\t: 0\ncpu cores\t: 1\nflags\t\t: fpu vme de pse\n"
    )
}

/// The same on ARM, for cores of these implementers and parts.
fn arm(cores: &[(&str, &str)]) -> String {
    let one = |(index, (implementer, part)): (usize, &(&str, &str))| {
        format!(
            "processor\t: {index}\nBogoMIPS\t: 2000.00\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics\n\
             CPU implementer\t: {implementer}\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: {part}\nCPU revision\t: 1\n"
        )
    };
    cores.iter().enumerate().map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn amd_and_intel() {
    for (vendor, told, name) in [
        ("AuthenticAMD", "AMD EPYC 7763 64-Core Processor", "AMD EPYC 7763"),
        ("AuthenticAMD", "AMD EPYC 9R14", "AMD EPYC 9R14"),
        ("AuthenticAMD", "AMD EPYC", "AMD EPYC"),
        ("AuthenticAMD", "AMD Ryzen Threadripper PRO 7995WX 96-Cores", "AMD Ryzen Threadripper PRO 7995WX"),
        ("AuthenticAMD", "AMD Ryzen AI 9 HX 370 w/ Radeon 890M", "AMD Ryzen AI 9 HX 370"),
        ("GenuineIntel", "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz", "Intel Xeon Platinum 8481C"),
        ("GenuineIntel", "INTEL(R) XEON(R) PLATINUM 8573C", "Intel Xeon Platinum 8573C"),
        ("GenuineIntel", "Intel(R) Core(TM) Ultra 9 285K", "Intel Core Ultra 9 285K"),
        ("GenuineIntel", "13th Gen Intel(R) Core(TM) i9-13900K", "Intel Core i9-13900K"),
    ] {
        let machine = Tree::new(&[("proc/cpuinfo", &x86(vendor, told))]).machine_for(X86);
        assert_eq!((machine.chip.as_str(), machine.translated), (name, false), "{told}");
    }
}

#[test]
fn arm_servers_boards_and_phones() {
    const SOC: &str = "sys/devices/soc0/soc_id";
    const MAKER: &str = "sys/class/dmi/id/sys_vendor";
    const PRODUCT: &str = "sys/class/dmi/id/product_name";
    const COMPATIBLE: &str = "proc/device-tree/compatible";
    const MODEL: &str = "proc/device-tree/model";
    let (n1, v1, v2) = (("0x41", "0xd0c"), ("0x41", "0xd40"), ("0x41", "0xd4f"));
    let (a725, x925) = (("0x41", "0xd87"), ("0x41", "0xd85"));
    type Sample<'a> = (&'a [(&'a str, &'a str)], &'a [(&'a str, &'a str)], &'a str);
    let samples: &[Sample<'_>] = &[
        // Of the same cores, and three makers' chips.
        (&[n1], &[(MAKER, "Amazon EC2"), (PRODUCT, "m6g.large")], "AWS Graviton2"),
        (&[n1], &[(SOC, "jep106:0a16:0001")], "Ampere Altra"),
        (&[n1], &[], "ARM Neoverse-N1"),
        (&[v1], &[(MAKER, "Amazon EC2"), (PRODUCT, "c7g.xlarge")], "AWS Graviton3"),
        (&[v2], &[(MAKER, "Amazon EC2"), (PRODUCT, "r8g.metal-24xl")], "AWS Graviton4"),
        (&[v2], &[(MAKER, "Amazon EC2"), (PRODUCT, "p6e-gb200.36xlarge")], "ARM Neoverse-V2"),
        (&[v2], &[(SOC, "jep106:036b:0241"), (MAKER, "Supermicro")], "NVIDIA Grace"),
        (&[v2], &[(MAKER, "Google"), (PRODUCT, "Google Compute Engine")], "ARM Neoverse-V2"),
        (&[("0x6d", "0xd49")], &[(MAKER, "Microsoft Corporation")], "Microsoft Azure Cobalt 100"),
        (&[("0xc0", "0xac3")], &[], "Ampere-1"),
        (&[a725, a725, x925, x925], &[], "ARM Cortex-A725 + ARM Cortex-X925"),
        // Linux on a Mac: of its own, and in virtual machines, which hide which chip it is.
        (
            &[("0x61", "0x024"), ("0x61", "0x025")],
            &[(COMPATIBLE, "apple,j314s\0apple,t6000\0apple,arm-platform\0")],
            "Apple M1 Pro",
        ),
        (&[("0x61", "0x000")], &[], "Apple silicon"),
        // What no table has is called as its board is.
        (&[("0x41", "0xfff")], &[(MODEL, "Some Board Rev 2\0")], "Some Board Rev 2"),
        (&[("0x41", "0xfff")], &[], ""),
    ];
    for (cores, files, name) in samples {
        let tree = Tree::new(files);
        tree.write("proc/cpuinfo", &arm(cores));
        let machine = tree.machine_for(ARM);
        assert_eq!((machine.chip.as_str(), machine.translated), (*name, false), "{cores:?} {files:?}");
        assert_eq!(machine.arch, ARM);
    }
}

#[test]
fn a_translated_program_is_told_apart() {
    let chip = |cpuinfo: &str, arch: &str| {
        let machine = Tree::new(&[("proc/cpuinfo", cpuinfo)]).machine_for(arch);
        (machine.chip, machine.translated)
    };
    let rosetta = x86("VirtualApple", "VirtualApple @ 2.50GHz");
    assert_eq!(chip(&rosetta, X86), ("Apple silicon".to_owned(), true));
    // QEMU's user mode shows what the host's kernel tells.
    assert_eq!(chip(&arm(&[("0x41", "0xd40")]), X86), ("ARM Neoverse-V1".to_owned(), true));
    assert_eq!(chip(&x86("AuthenticAMD", "AMD EPYC 7763 64-Core Processor"), ARM), ("AMD EPYC 7763".to_owned(), true));
    assert_eq!(chip(&arm(&[("0x41", "0xd40")]), ARM), ("ARM Neoverse-V1".to_owned(), false));
}
