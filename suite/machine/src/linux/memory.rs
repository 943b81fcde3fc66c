//! Memory: of the machine, and what of it a new process could take. A container's or a job's limit counts as much as
//! the machine's: who goes beyond it is killed.

use crate::files;
use std::path::Path;

/// No limit is written as a number near 2^63 in version 1 of control groups, and as `max` in version 2.
const UNLIMITED_BYTES: u64 = 1 << 62;

/// The memory of the machine in bytes, a little less than is built in.
pub(super) fn total_bytes(root: &Path) -> Option<u64> {
    meminfo_bytes(root, "MemTotal")
}

/// What a new process could take: the least of what the machine and each control group around us have left.
pub(super) fn free_bytes(root: &Path) -> Option<u64> {
    let machine = meminfo_bytes(root, "MemAvailable").or_else(|| meminfo_bytes(root, "MemFree"));
    machine.into_iter().chain(control_groups_bytes(root)).min()
}

fn meminfo_bytes(root: &Path, key: &str) -> Option<u64> {
    let meminfo = files::text(&root.join("proc/meminfo"))?;
    let kilobytes = files::value(&meminfo, key, ':')?.strip_suffix("kB")?;
    kilobytes.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// What is left in each control group around this process that has a limit, its ancestors with theirs included. In a
/// container the path may be the host's and its lower part absent here; the part that is here holds the limit.
fn control_groups_bytes(root: &Path) -> Vec<u64> {
    let groups = files::text(&root.join("proc/self/cgroup")).unwrap_or_default();
    let mut left = Vec::new();
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
        let version = if controllers.is_empty() {
            VERSION_2
        } else if controllers.split(',').any(|controller| controller == "memory") {
            VERSION_1
        } else {
            continue;
        };
        let top = root.join(version.mount);
        for ancestor in Path::new(path.trim_start_matches('/')).ancestors() {
            if !ancestor.components().all(|part| matches!(part, std::path::Component::Normal(_))) {
                continue;
            }
            left.extend(group_bytes(&top.join(ancestor), &version));
        }
    }
    left
}

/// The files of a version of control groups.
struct Version {
    mount: &'static str,
    limit: &'static str,
    used: &'static str,
    reclaimable: &'static str,
}

const VERSION_1: Version = Version {
    mount: "sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    reclaimable: "total_inactive_file",
};

const VERSION_2: Version =
    Version { mount: "sys/fs/cgroup", limit: "memory.max", used: "memory.current", reclaimable: "inactive_file" };

/// What is left in one group. Cached files count as used there, and the kernel drops them when it must.
fn group_bytes(group: &Path, version: &Version) -> Option<u64> {
    let limit = files::number(&group.join(version.limit)).filter(|&bytes| bytes < UNLIMITED_BYTES)?;
    let used = files::number(&group.join(version.used))?;
    let statistics = files::text(&group.join("memory.stat")).unwrap_or_default();
    let reclaimable = files::value(&statistics, version.reclaimable, ' ').and_then(|bytes| bytes.parse().ok());
    Some(limit.saturating_sub(used.saturating_sub(reclaimable.unwrap_or(0))))
}
