//! The skeleton of a backend's crate: its files, from the templates under `templates/backend`, and its place in the workspace.
//! Either all of it is written, or nothing.

mod checkout;
mod name;

pub(crate) use checkout::Checkout;
pub(crate) use name::Name;

use anyhow::{Context, Result, bail};
use chipmark_reports::out::replace;
use std::path::{Component, Path};

macro_rules! templates {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../templates/backend/", $path, ".in")))),+]
    };
}

/// Each file's path in the crate, and its text with places to fill in.
const TEMPLATES: &[(&str, &str)] = templates![
    "Cargo.toml",
    "README.md",
    "src/lib.rs",
    "src/main.rs",
    "src/ops/mod.rs",
    "src/ops/arrange.rs",
    "src/ops/elementwise.rs",
    "src/ops/linalg.rs",
    "src/ops/norm.rs",
    "src/ops/reduce.rs",
    "tests/conformance.rs",
];

/// Where the crate will be: in a folder of the checkout, as members of the workspace are written.
///
/// # Errors
/// When `dir` is not a folder inside the checkout.
pub(crate) fn member(checkout: &Checkout, dir: &Path, name: &Name) -> Result<String> {
    let parts: Option<Vec<&str>> = dir
        .components()
        .filter(|part| *part != Component::CurDir)
        .map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    match parts {
        Some(parts) if !parts.is_empty() && checkout.root().join(dir).is_dir() => {
            Ok(format!("{}/{}", parts.join("/"), name.text()))
        }
        _ => bail!(
            "--dir '{}' is no folder of the checkout {}: name one that is there, from its root, such as backends",
            dir.display(),
            checkout.root().display()
        ),
    }
}

/// Writes the crate and adds it to the workspace's members. Gives the number of its files.
///
/// # Errors
/// When there is a package or a folder of that name, or something cannot be written; then nothing is.
pub(crate) fn create(checkout: &Checkout, member: &str, name: &Name) -> Result<usize> {
    if let Some(at) = checkout.member_of_package(&name.package())? {
        bail!("there is a package {} already, in {at}: take another name", name.package());
    }
    let folder = checkout.root().join(member);
    if folder.symlink_metadata().is_ok() {
        bail!("{member} is there already: take another name, or take it away first");
    }
    let manifest = checkout.with_member(member)?;

    let unwritten = || format!("cannot write {}", folder.display());
    let beside = folder.parent().unwrap_or(checkout.root());
    let mut staged = tempfile::Builder::new();
    staged.prefix(".chipmark-");
    #[cfg(unix)]
    {
        // A temporary folder is its owner's alone; this one is to be as open as others.
        use std::os::unix::fs::PermissionsExt;
        staged.permissions(std::fs::Permissions::from_mode(0o777));
    }
    let staged = staged.tempdir_in(beside).with_context(unwritten)?;
    for (path, template) in TEMPLATES {
        write(&staged.path().join(path), &name.fill(template, member)).with_context(unwritten)?;
    }
    std::fs::rename(staged.path(), &folder).with_context(unwritten)?;
    // It has moved: there is nothing left to delete.
    let _ = staged.keep();
    if let Err(error) = replace(&checkout.manifest(), manifest.as_bytes()) {
        // Half of it would be worse than none: cargo refuses a crate in the folder of a workspace that does not know it.
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot take {} back", folder.display()))?;
        return Err(error).with_context(|| format!("cannot write {}", checkout.manifest().display()));
    }
    Ok(TEMPLATES.len())
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
}
