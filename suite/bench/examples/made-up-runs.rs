//! Writes made-up results files into a folder, for scripts/check-site: they fill every page of a site, and nothing has to be measured.

use chipmark_results::fixture::write_many;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let dir = std::env::args().nth(1).ok_or_else(|| std::io::Error::other("made-up-runs FOLDER"))?;
    std::fs::create_dir_all(&dir)?;
    write_many(Path::new(&dir));
    Ok(())
}
