//! What this machine and its user are called: read so that it can be kept out of what becomes public, and for nothing else.

use crate::files;
use crate::tool::Tools;
use chipmark_results::contribution::Private;
use std::path::Path;

/// What a variable of the environment holds.
pub type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The names and ids of this machine. Takes milliseconds on Linux, up to a second on macOS.
#[must_use]
pub fn private() -> Private {
    let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    #[cfg(target_os = "linux")]
    let private = linux(Path::new("/"), &variable);
    #[cfg(target_os = "macos")]
    let private = macos(&crate::tool::SystemTools, &variable);
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    let private = environment(&variable);
    private
}

/// Those of the machine whose file systems lie under `root` (`/` for this one).
#[must_use]
pub fn linux(root: &Path, variable: Variable<'_>) -> Private {
    let mut private = environment(variable);
    let text = |file: &str| files::text(&root.join(file));
    for host in ["proc/sys/kernel/hostname", "etc/hostname"].iter().filter_map(|file| text(file)) {
        private.add_name(&host);
    }
    if let (Some(users), Some(status)) = (text("etc/passwd"), text("proc/self/status")) {
        user(&users, &status).into_iter().for_each(|user| user.name_to(&mut private));
    }
    for interface in files::entries(&root.join("sys/class/net")) {
        private.add_id(&files::text(&interface.join("address")).unwrap_or_default());
    }
    for id in [
        "etc/machine-id",
        "var/lib/dbus/machine-id",
        "sys/class/dmi/id/product_uuid",
        "sys/class/dmi/id/product_serial",
        "sys/class/dmi/id/board_serial",
        "sys/class/dmi/id/chassis_serial",
        "sys/firmware/devicetree/base/serial-number",
    ] {
        private.add_id(&text(id).unwrap_or_default());
    }
    private
}

/// Those that the tools of macOS tell.
#[must_use]
pub fn macos(tools: &dyn Tools, variable: Variable<'_>) -> Private {
    let mut private = environment(variable);
    let lines = |program: &str, arguments: &[&str]| tools.output(program, arguments).unwrap_or_default();
    for name in ["LocalHostName", "ComputerName", "HostName"] {
        private.add_name(&lines("/usr/sbin/scutil", &["--get", name]));
    }
    private.add_name(&lines("/bin/hostname", &[]));
    for name in ["-un", "-F"] {
        private.add_name(&lines("/usr/bin/id", &[name]));
    }
    for line in lines("/sbin/ifconfig", &["-a"]).lines() {
        private.add_id(line.trim().strip_prefix("ether ").unwrap_or_default());
    }
    let registry = lines("/usr/sbin/ioreg", &["-rd1", "-c", "IOPlatformExpertDevice"]);
    for key in ["\"IOPlatformUUID\"", "\"IOPlatformSerialNumber\""] {
        private.add_id(files::value(&registry, key, '=').unwrap_or_default());
    }
    private
}

/// Those that the environment tells on every system.
fn environment(variable: Variable<'_>) -> Private {
    let mut private = Private::default();
    for name in ["USER", "LOGNAME", "USERNAME", "SUDO_USER", "HOSTNAME", "HOST"] {
        private.add_name(&variable(name).unwrap_or_default());
    }
    private.add_path(&variable("HOME").unwrap_or_default());
    private
}

/// A line of the list of users.
struct User<'a> {
    name: &'a str,
    full_name: &'a str,
    home: &'a str,
}

impl User<'_> {
    fn name_to(&self, private: &mut Private) {
        private.add_name(self.name);
        private.add_name(self.full_name);
        private.add_path(self.home);
    }
}

/// The user that a process of this status belongs to.
fn user<'a>(users: &'a str, status: &str) -> Option<User<'a>> {
    let id = files::value(status, "Uid", ':')?.split_whitespace().next()?.to_owned();
    users.lines().find_map(|line| match line.split(':').collect::<Vec<_>>().as_slice() {
        [name, _, user, _, about, home, ..] if *user == id => {
            Some(User { name, full_name: about.split(',').next().unwrap_or_default(), home })
        }
        _ => None,
    })
}
