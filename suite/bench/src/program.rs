//! Worker programs: which there are, and where.

use chipmark_workloads::gcn::cora;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder of a graph that every worker of this process is told of, the reference's too.
static CORA: OnceLock<PathBuf> = OnceLock::new();

/// Tells every worker started from now on where the graph's files are. A second folder is not taken.
pub(crate) fn set_cora(dir: Option<&Path>) {
    if let Some(dir) = dir {
        CORA.get_or_init(|| dir.to_owned());
    }
}

/// A framework that `bench` knows by name.
pub(crate) struct Known {
    /// The framework's short name.
    pub name: &'static str,
    /// The program that serves it; none where `bench` does so itself.
    pub program: Option<&'static str>,
    /// Whether it is measured unless somebody names it.
    pub by_default: bool,
    /// The command that adds it.
    pub remedy: &'static str,
}

/// The frameworks known, in the order in which they are shown.
pub(crate) const KNOWN: [Known; 5] = [
    Known { name: "candle", program: None, by_default: true, remedy: "" },
    Known { name: "tch", program: Some("bench-worker-tch"), by_default: true, remedy: "scripts/setup tch" },
    Known { name: "mlx", program: Some("bench-worker-mlx"), by_default: true, remedy: "scripts/setup mlx" },
    Known { name: "reference", program: None, by_default: false, remedy: "" },
    Known { name: "synthetic", program: None, by_default: false, remedy: "" },
];

/// A worker program that can be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Program {
    /// `bench` itself, as `bench worker NAME`.
    BuiltIn(&'static str),
    /// Another program.
    At(PathBuf),
}

impl Program {
    /// The command that starts it.
    pub(crate) fn command(&self) -> std::io::Result<Command> {
        let mut command = match self {
            Program::BuiltIn(name) => {
                let mut command = Command::new(own_executable()?);
                command.arg0("bench").args(["worker", name]);
                command
            }
            Program::At(path) => Command::new(path),
        };
        command.envs(CORA.get().map(|dir| (cora::DIR_VARIABLE, dir)));
        Ok(command)
    }

    /// How messages call it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Program::BuiltIn(name) => format!("bench worker {name}"),
            Program::At(path) => path.display().to_string(),
        }
    }
}

/// This very program, even if another has been built in its place since it was started: a run is measured by one.
fn own_executable() -> std::io::Result<PathBuf> {
    let itself = Path::new("/proc/self/exe");
    if cfg!(target_os = "linux") && itself.exists() { Ok(itself.to_owned()) } else { std::env::current_exe() }
}

/// Finds a program beside `bench`, then on PATH.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_owned));
    find_in(name, beside, std::env::var_os("PATH").as_ref())
}

/// Finds a program of the system's.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    find_in(name, None, std::env::var_os("PATH").as_ref())
}

fn find_in(name: &str, beside: Option<PathBuf>, path: Option<&OsString>) -> Option<PathBuf> {
    let on_path = path.into_iter().flat_map(std::env::split_paths).collect::<Vec<_>>();
    beside.into_iter().chain(on_path).map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_beside_bench_comes_before_one_on_the_path() {
        let (beside, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = std::env::join_paths([other.path()]).unwrap();
        let find = || find_in("w", Some(beside.path().to_owned()), Some(&path));
        assert_eq!(find(), None);
        std::fs::write(other.path().join("w"), "").unwrap();
        assert_eq!(find(), Some(other.path().join("w")));
        std::fs::write(beside.path().join("w"), "").unwrap();
        assert_eq!(find(), Some(beside.path().join("w")));
    }
}
