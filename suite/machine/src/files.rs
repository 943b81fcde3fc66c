//! Small files of the system as text and numbers. A file that is missing, unreadable or not text is None: the kernel's
//! pseudo files come and go with its version and the machine.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Enough for `/proc/cpuinfo` of a thousand cores and for `pci.ids`; a bound, as what lies under the root may be anything.
const LIMIT_BYTES: u64 = 8 << 20;

/// The text of a file without the blanks around it, and without the NUL that ends device-tree strings.
pub(crate) fn text(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(LIMIT_BYTES).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if text.is_empty() { None } else { Some(text.to_owned()) }
}

/// The whole number in a file.
pub(crate) fn number(path: &Path) -> Option<u64> {
    text(path)?.parse().ok()
}

/// The entries of a folder, sorted by name, so that what is found first does not change from run to run.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// The value of the first line `key<separator>value` in `text`, without blanks and quotes around it.
pub(crate) fn value<'a>(text: &'a str, key: &str, separator: char) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(separator)?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case(key) && !value.is_empty()).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_tree_string_loses_its_nul() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("model"), b"Raspberry Pi 5 Model B\0").unwrap();
        assert_eq!(text(&folder.path().join("model")).as_deref(), Some("Raspberry Pi 5 Model B"));
        assert_eq!(text(&folder.path().join("absent")), None);
    }

    #[test]
    fn values_are_found_by_their_whole_key() {
        let release = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nEMPTY=\"\"\n";
        assert_eq!(value(release, "NAME", '='), Some("Debian GNU/Linux"));
        assert_eq!(value(release, "EMPTY", '='), None);
        assert_eq!(value(release, "VERSION_ID", '='), None);
    }
}
