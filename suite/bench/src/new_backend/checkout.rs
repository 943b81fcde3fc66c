//! A checkout of the repository: where it is, what its workspace has, and its manifest with one member more.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use toml_edit::{Array, DocumentMut, Value};

const MANIFEST: &str = "Cargo.toml";

/// A checkout, by its workspace.
#[derive(Debug)]
pub(crate) struct Checkout {
    root: PathBuf,
    workspace: DocumentMut,
}

impl Checkout {
    /// The checkout that a folder is in.
    ///
    /// # Errors
    /// When it is in none, or a manifest above it cannot be read.
    pub(crate) fn around(folder: &Path) -> Result<Self> {
        for root in folder.ancestors() {
            let manifest = root.join(MANIFEST);
            if !manifest.is_file() {
                continue;
            }
            let workspace = read(&manifest)?;
            // Any workspace might be around; this one has the trait that a backend implements.
            let ours = workspace.get("workspace").and_then(|table| table.get("dependencies")?.get("chipmark-core"));
            if ours.is_some() {
                return Ok(Checkout { root: root.to_owned(), workspace });
            }
        }
        bail!("{} is in no checkout of Chipmark: run this in a clone of its repository", folder.display())
    }

    /// Its folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The workspace's manifest.
    pub(crate) fn manifest(&self) -> PathBuf {
        self.root.join(MANIFEST)
    }

    /// The member whose package has this name.
    ///
    /// # Errors
    /// When a member's manifest cannot be read.
    pub(crate) fn member_of_package(&self, package: &str) -> Result<Option<&str>> {
        for member in self.members()?.iter().filter_map(Value::as_str) {
            let manifest = read(&self.root.join(member).join(MANIFEST))?;
            let name = manifest.get("package").and_then(|table| table.get("name")?.as_str());
            if name == Some(package) {
                return Ok(Some(member));
            }
        }
        Ok(None)
    }

    /// The manifest's text with another member, after those of the same folder; all else stays as it is written.
    ///
    /// # Errors
    /// When there is no list of members, or it has this one.
    pub(crate) fn with_member(&self, member: &str) -> Result<String> {
        if self.members()?.iter().any(|known| known.as_str() == Some(member)) {
            bail!("{} has the member {member} already, without a folder: take it out first", self.manifest().display());
        }
        let mut workspace = self.workspace.clone();
        let members = workspace.get_mut("workspace").and_then(|table| table.get_mut("members")?.as_array_mut());
        insert(members.with_context(|| self.no_members())?, member);
        Ok(workspace.to_string())
    }

    fn members(&self) -> Result<&Array> {
        let members = self.workspace.get("workspace").and_then(|table| table.get("members")?.as_array());
        members.with_context(|| self.no_members())
    }

    fn no_members(&self) -> String {
        format!("{} lists no members of its workspace", self.manifest().display())
    }
}

fn read(manifest: &Path) -> Result<DocumentMut> {
    let text = std::fs::read_to_string(manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    // The parser's message draws the line over several.
    text.parse().map_err(|error: toml_edit::TomlError| {
        let line = error.span().map_or(1, |span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
        anyhow::anyhow!("cannot read {}: line {line}: {}", manifest.display(), error.message())
    })
}

/// Puts a member behind the last of its folder, on a line of its own if that one has one.
fn insert(members: &mut Array, member: &str) {
    let folder = member.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_beside =
        |other: &Value| other.as_str().and_then(|other| other.rsplit_once('/')).is_some_and(|(of, _)| of == folder);
    let beside = members.iter().enumerate().filter(|(_, other)| is_beside(other)).map(|(at, _)| at + 1).last();
    let at = beside.unwrap_or(members.len());

    let space =
        |value: &Value| value.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned();
    let before = at.checked_sub(1).and_then(|last| members.get(last)).map(space).unwrap_or_default();
    let indent = before.rfind('\n').and_then(|end| before.get(end..)).unwrap_or(if at == 0 { "" } else { " " });
    // A comment behind the member before stays behind it.
    let after = members.get(at).map_or_else(|| members.trailing().as_str().unwrap_or_default().to_owned(), space);
    let (same_line, rest) = after.split_at(after.find('\n').unwrap_or(0));

    let mut value = Value::from(member);
    value.decor_mut().set_prefix(format!("{same_line}{indent}"));
    match members.get_mut(at) {
        Some(next) => next.decor_mut().set_prefix(rest),
        None => members.set_trailing(rest),
    }
    members.insert_formatted(at, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inserted(members: &str, member: &str) -> String {
        let mut document: DocumentMut = format!("members = {members}\n").parse().unwrap();
        insert(document["members"].as_array_mut().unwrap(), member);
        document.to_string()
    }

    #[test]
    fn a_member_goes_behind_those_of_its_folder_and_comments_stay() {
        let lines = "[\n    # First.\n    \"a/b\",\n    \"x/b\", # Slow.\n    # Last.\n    \"r\",\n]";
        let with =
            "members = [\n    # First.\n    \"a/b\",\n    \"a/c\",\n    \"x/b\", # Slow.\n    # Last.\n    \"r\",\n]\n";
        assert_eq!(inserted(lines, "a/c"), with);
        let with =
            "members = [\n    # First.\n    \"a/b\",\n    \"x/b\", # Slow.\n    \"x/c\",\n    # Last.\n    \"r\",\n]\n";
        assert_eq!(inserted(lines, "x/c"), with);
        let with =
            "members = [\n    # First.\n    \"a/b\",\n    \"x/b\", # Slow.\n    # Last.\n    \"r\",\n    \"z/c\",\n]\n";
        assert_eq!(inserted(lines, "z/c"), with);
    }

    #[test]
    fn a_list_on_one_line_stays_on_it() {
        assert_eq!(inserted(r#"["a/b", "r"]"#, "a/c"), "members = [\"a/b\", \"a/c\", \"r\"]\n");
        assert_eq!(inserted(r#"["a/b"]"#, "z/c"), "members = [\"a/b\", \"z/c\"]\n");
        assert_eq!(inserted("[]", "z/c"), "members = [\"z/c\"]\n");
    }
}
