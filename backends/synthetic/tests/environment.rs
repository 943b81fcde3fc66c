//! The settings come from the environment. A process's environment cannot be changed safely from within, so this program
//! runs itself again with another one.

use chipmark_core::{Backend, Device, OpenOptions};
use chipmark_synthetic::Synthetic;
use std::process::Command;

/// Not a test of its own: opens the backend in whatever environment it is run, and prints what came of it.
#[test]
#[ignore = "run by the other test, in an environment of its own"]
fn open_and_tell() {
    match Synthetic::open(Device::Cpu, &OpenOptions::default()) {
        Ok(backend) => println!("opened: {:?}", backend.info().build),
        Err(error) => println!("refused: {error}"),
    }
}

#[test]
fn settings_are_read_at_open_and_mistakes_are_told() {
    let told = |settings: Option<&str>| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "open_and_tell", "--include-ignored", "--nocapture"]);
        command.env_remove("CHIPMARK_SYNTHETIC").envs(settings.map(|text| ("CHIPMARK_SYNTHETIC", text)));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let default = told(None);
    assert!(default.contains("opened: ") && default.contains("latency_us: 100.0"), "{default}");
    let set = told(Some("latency_us=7.5,wait=sleep"));
    assert!(set.contains("opened: ") && set.contains("latency_us: 7.5") && set.contains("wait: Sleep"), "{set}");
    let unknown = told(Some("latency=7.5"));
    assert!(unknown.contains("refused: open failed: CHIPMARK_SYNTHETIC: unknown key 'latency'"), "{unknown}");
}

#[test]
fn there_is_only_one_device() {
    assert!(Synthetic::open(Device::Gpu, &OpenOptions::default()).is_err());
}
