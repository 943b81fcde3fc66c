//! `bench migrate`: results files of older schemas, rewritten in the present one.

use crate::Exit;
use crate::cli::Migrate as Args;
use crate::sources::{Source, Sources};
use anyhow::{Context, Result, bail};
use chipmark_reports::out::{folder_of, replace_by};
use chipmark_results::contribution::{ContentHash, Place};
use chipmark_results::record::{Run, SCHEMA};
use chipmark_results::store::{Older, StoreError};
use std::fs::File;
use std::path::{Path, PathBuf};

pub(crate) fn migrate(args: &Args) -> Result<Exit> {
    let sources = Sources::of(&args.paths)?;
    if let Some(table) = sources.published.iter().find(|source| source.is_named) {
        bail!("{}: an imported table, whose schema is its own: there is nothing to migrate", table.path.display());
    }
    for source in &sources.results {
        match Older::open(&source.path) {
            Ok(Some(older)) => super::print(&rewrite(source, &older, args)?)?,
            Ok(None) => super::print(&format!("{}: already schema {SCHEMA}", source.path.display()))?,
            Err(error) if source.is_named => return Err(error.into()),
            Err(error) => eprintln!("left out: {error}"),
        }
    }
    Ok(Exit::Ok)
}

/// Rewrites a file and says what came of it. It is gone through twice: nothing is touched unless all of it can be rewritten, and what
/// a contributed file is called follows from all of its content.
fn rewrite(source: &Source, older: &Older, args: &Args) -> Result<String> {
    let path = &source.path;
    if path.is_symlink() && args.in_place {
        bail!("{}: a link; name the file that it leads to", path.display());
    }
    let mut content = ContentHash::default();
    let migrated = older.write(&mut content)?;
    let name = file_name(path, &migrated.run, &content)?;
    let target = match &args.out {
        Some(out) => out.join(within(source, &args.paths)),
        None => path.clone(),
    };
    let target = name.as_ref().map_or(target.clone(), |name| target.with_file_name(name));
    if target != *path && target.exists() {
        bail!("{}: {} is there already", path.display(), target.display());
    }
    let folder = folder_of(&target);
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    replace_by(&target, |file| {
        let mut file = std::io::BufWriter::new(file);
        older.write(&mut file).map_err(std::io::Error::other)?;
        std::io::Write::flush(&mut file)
    })
    .with_context(|| format!("cannot write {}", target.display()))?;
    if args.in_place && target != *path {
        std::fs::remove_file(path).with_context(|| {
            format!("{} is written, and {}, which it replaces, cannot be removed", target.display(), path.display())
        })?;
    }
    let mut said = format!("{}: schema {} to {SCHEMA}", path.display(), older.schema());
    if target != *path {
        said += &format!(", now {}", target.display());
    }
    if name.is_some() {
        said += "; its name tells its content, so it has another";
    }
    if migrated.torn_tail {
        said += "; its last line is cut off, and stays so";
    }
    Ok(said)
}

/// Where a file is within the folder in which it was found; the name alone of one that was named.
fn within<'a>(source: &'a Source, given: &[PathBuf]) -> &'a Path {
    let path = &source.path;
    let mut found = given.iter().filter(|folder| !source.is_named && folder.is_dir());
    let name = || path.file_name().map_or(path.as_path(), Path::new);
    found.find_map(|folder| path.strip_prefix(folder).ok()).unwrap_or_else(name)
}

/// What a contributed file that is in its place is called with the new content; none where its name is its user's choice.
fn file_name(path: &Path, run: &Run, new: &ContentHash) -> Result<Option<std::ffi::OsString>> {
    if run.contribution.is_none() {
        return Ok(None);
    }
    let mut old = ContentHash::default();
    File::open(path).and_then(|mut file| std::io::copy(&mut file, &mut old)).map_err(|source| StoreError::Io {
        path: path.to_owned(),
        doing: "read",
        source,
    })?;
    let is_in_place = Place::hashed(run, &old).is_ok_and(|place| path.ends_with(place.path()));
    let name = |place: Place| place.path().file_name().map(ToOwned::to_owned);
    Ok(Place::hashed(run, new).ok().filter(|_| is_in_place).and_then(name))
}
