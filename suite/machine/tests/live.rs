//! The machine on which the tests run: that something is found, that it is cheap, and that nothing private is in it.

use chipmark_machine::{detect, disturbances, free_memory_bytes, state, summary};
use std::time::{Duration, Instant};

#[test]
fn this_machine_is_found() {
    let machine = detect(None);
    println!("{}\n{machine:#?}", summary(&machine));
    assert!(!machine.chip.is_empty() && !machine.os.is_empty());
    assert_eq!(machine.arch, std::env::consts::ARCH);
    assert!(!machine.chip_given && machine.chip_detected.is_none());
    let logical = machine.logical_cores.unwrap();
    assert!(logical >= 1 && machine.physical_cores.is_none_or(|physical| (1..=logical).contains(&physical)));
    assert!(summary(&machine).starts_with(&machine.chip));
    if cfg!(any(target_os = "linux", target_os = "macos")) {
        assert!(machine.memory_bytes.unwrap() > 1 << 28);
        assert!(free_memory_bytes().unwrap() <= machine.memory_bytes.unwrap());
    }
    assert_eq!(machine, detect(Some("auto")), "the same twice");
    let given = detect(Some("Apple M9"));
    assert_eq!((given.chip.as_str(), given.chip_detected), ("Apple M9", Some(machine.chip)));
}

#[test]
fn its_state_is_read_quickly() {
    let machine = detect(None);
    let _ = state(); // The first look may load a driver's library.
    let start = Instant::now();
    let state = state();
    let took = start.elapsed();
    println!("{took:?}: {state:#?}");
    for disturbance in disturbances(&machine, &state) {
        println!("{disturbance}");
    }
    assert!(took < Duration::from_secs(3), "{took:?} on a machine that may be busy with other tests");
    assert!(state.heavy_processes.len() <= 5);
    assert!(state.heavy_processes.iter().all(|heavy| heavy.cpu_percent >= 10.0 && !heavy.name.contains('/')));
}

/// Ends a process when the test ends, however it ends.
#[cfg(target_os = "linux")]
struct Ended(std::process::Child);

#[cfg(target_os = "linux")]
impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_busy_process_is_heavy_unless_it_is_ours() {
    use std::process::{Command, Stdio};
    // `yes` writes as fast as it can; under a name of its own it can't be taken for somebody else's.
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("chipmark-busy");
    std::fs::copy("/usr/bin/yes", &program).unwrap();
    let _busy = Ended(Command::new(&program).stdout(Stdio::null()).spawn().unwrap());
    let is_heavy = |own: u32| {
        let state = chipmark_machine::linux::state(std::path::Path::new("/"), own, Duration::from_millis(200));
        state.heavy_processes.iter().any(|heavy| heavy.name == "chipmark-busy")
    };
    // Others that are busier than this one may fill the list for a while.
    let start = Instant::now();
    while !is_heavy(u32::MAX) {
        assert!(start.elapsed() < Duration::from_secs(60), "the busy process was not seen");
    }
    assert!(!is_heavy(std::process::id()));
    assert!(state().heavy_processes.iter().all(|heavy| heavy.name != "chipmark-busy"));
}

#[test]
fn nothing_private_is_in_it() {
    let machine = format!("{:?}", detect(None));
    let state = format!("{:?}", state());
    let read = |file: &&str| std::fs::read_to_string(file).ok().map(|text| text.trim().to_owned());
    let ids = ["/etc/machine-id", "/sys/class/dmi/id/product_uuid", "/sys/class/dmi/id/product_serial"];
    for id in ids.iter().filter_map(read).filter(|id| id.len() > 5) {
        assert!(!machine.contains(&id) && !state.contains(&id), "an id of the hardware is in it");
    }
    let host = ["/etc/hostname"].iter().filter_map(read);
    let environment = ["HOME", "HOSTNAME"].iter().filter_map(|name| std::env::var(name).ok());
    for name in host.chain(environment).filter(|name| name.len() > 4) {
        assert!(!machine.contains(&name), "{name} is in {machine}");
    }
}
