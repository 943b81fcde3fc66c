//! What a machine is called: on Linux by files laid out in a folder, on macOS by what its tools print, and on the machine on
//! which the tests run.

use chipmark_machine::private::{linux, macos, private};
use chipmark_machine::tool::Tools;
use std::fs;

fn none(_: &str) -> Option<String> {
    None
}

#[test]
fn linux_names_its_host_its_user_and_its_ids() {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("proc/sys/kernel/hostname", "box.lab.example\n"),
        ("etc/hostname", "box\n"),
        ("proc/self/status", "Name:\tbench\nUid:\t1000\t1000\t1000\t1000\nGid:\t100\t100\t100\t100\n"),
        (
            "etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\nodd\njane:x:1000:100:Jane Doe,Room 7,,:/home/jane:/bin/sh\njohn:x:1001:1:John Roe:/home/john:/bin/sh\n",
        ),
        ("sys/class/net/eth0/address", "02:42:ac:11:00:02\n"),
        ("sys/class/net/lo/address", "00:00:00:00:00:00\n"),
        ("etc/machine-id", "3f1a9c0e77b24d559c1e0a2b3c4d5e6f\n"),
        ("sys/class/dmi/id/product_uuid", "A1B2C3D4-0000-1111-2222-333344445555\n"),
        ("sys/class/dmi/id/board_serial", "To be filled by O.E.M.\n"),
    ] {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).and_then(|()| fs::write(&path, text)).unwrap();
    }
    let environment = |name: &str| (name == "HOME").then(|| "/srv/elsewhere".to_owned());
    let found = linux(root.path(), &environment);
    let mut names = found.names();
    names.sort_unstable();
    assert_eq!(names, ["box", "box.lab.example", "jane", "jane doe"]);
    for word in [
        "/home/jane/x",
        "/srv/elsewhere/y",
        "0242ac110002",
        "3f1a9c0e-77b2-4d55-9c1e-0a2b3c4d5e6f",
        "a1b2c3d4000011112222333344445555",
    ] {
        assert!(found.marks(word), "{word}");
    }
    for word in ["/home/john/x", "00:00:00:00:00:00", "filled"] {
        assert!(!found.marks(word), "{word}");
    }
}

/// What a Mac's tools print.
struct Mac;

impl Tools for Mac {
    fn output(&self, program: &str, arguments: &[&str]) -> Option<String> {
        let text = match (program, arguments) {
            ("/usr/sbin/scutil", ["--get", "LocalHostName"]) => "Janes-MacBook-Pro\n",
            ("/usr/sbin/scutil", ["--get", "ComputerName"]) => "Jane\u{2019}s MacBook Pro\n",
            ("/usr/sbin/scutil", ["--get", "HostName"]) => "",
            ("/bin/hostname", []) => "Janes-MacBook-Pro.local\n",
            ("/usr/bin/id", ["-un"]) => "jane\n",
            ("/usr/bin/id", ["-F"]) => "Jane Doe\n",
            ("/sbin/ifconfig", ["-a"]) => "en0: flags=8863<UP> mtu 1500\n\tether a4:83:e7:01:02:03\n\tinet 192.0.2.7\n",
            ("/usr/sbin/ioreg", ["-rd1", "-c", "IOPlatformExpertDevice"]) => {
                "  \"IOPlatformUUID\" = \"0F0E0D0C-1111-2222-3333-444455556666\"\n    \"IOPlatformSerialNumber\" = \"C02XG0FDH7JY\"\n"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }
}

#[test]
fn macos_names_its_host_its_user_and_its_ids() {
    let found = macos(&Mac, &none);
    let mut names = found.names();
    names.sort_unstable();
    let expected = ["jane", "jane doe", "janes-macbook-pro", "janes-macbook-pro.local", "jane\u{2019}s macbook pro"];
    assert_eq!(names, expected);
    for word in ["a483e7010203", "serial:C02XG0FDH7JY", "0f0e0d0c-1111-2222-3333-444455556666"] {
        assert!(found.marks(word), "{word}");
    }
}

#[test]
fn a_machine_that_tells_nothing_has_nothing_private() {
    struct Nothing;
    impl Tools for Nothing {
        fn output(&self, _: &str, _: &[&str]) -> Option<String> {
            None
        }
    }
    let root = tempfile::tempdir().unwrap();
    assert_eq!(linux(root.path(), &none), macos(&Nothing, &none));
    assert!(linux(root.path(), &none).names().is_empty());
}

#[test]
fn this_machine_has_a_name() {
    let found = private();
    assert!(!found.names().is_empty(), "neither a host nor a user has a name");
    if let Some(home) = std::env::var("HOME").ok().filter(|home| home.len() > 1) {
        assert!(found.marks(&format!("{home}/file")));
    }
    let id = fs::read_to_string("/etc/machine-id").unwrap_or_default();
    if id.trim().len() == 32 {
        assert!(found.marks(id.trim()));
    }
}
