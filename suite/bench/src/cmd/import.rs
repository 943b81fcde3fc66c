//! `bench import`: tables that others published become records with their source and their known faults, to be shown beside
//! what was measured.

use crate::Exit;
use crate::cli::{Import as Args, ImportFrom};
use anyhow::{Context, Result, bail};
use chipmark_core::CaseId;
use chipmark_reports::out::replace;
use chipmark_results::file_error::FileError;
use chipmark_results::imported::{Counts, ImportedTable, mlx_benchmark, published, text_of};
use chipmark_workloads::registry::{describe, workload};
use chipmark_workloads::suite::catalogue;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

pub(crate) fn import(args: &Args) -> Result<Exit> {
    match &args.from {
        ImportFrom::MlxBenchmark { files, out } => {
            let cases: HashSet<CaseId> = catalogue(Some("mlx-benchmark")).into_iter().map(|info| info.case).collect();
            let parse = |path: &Path, text: &str| mlx_benchmark::parse(path, text, &|case| cases.contains(case));
            write(&tables(files, &parse)?, out)
        }
        ImportFrom::Table { files, out } => {
            let known = published::Known {
                is_case: &|case| describe(case).is_ok_and(|info| info.case == *case),
                is_workload: &|name| workload(name).is_ok(),
            };
            let beside = files.first().and_then(|file| file.parent()).unwrap_or(Path::new(""));
            let out = out.as_deref().unwrap_or(beside);
            write(&tables(files, &|path, text| published::parse(path, text, &known))?, out)
        }
    }
}

type Parse<'a> = dyn Fn(&Path, &str) -> Result<Vec<ImportedTable>, FileError> + 'a;

/// The tables of all files. Two that would become one file are refused: one of them would be lost.
fn tables(files: &[PathBuf], parse: &Parse<'_>) -> Result<Vec<ImportedTable>> {
    let mut tables = Vec::new();
    let mut taken: BTreeMap<PathBuf, String> = BTreeMap::new();
    for file in files {
        for table in parse(file, &text_of(file)?)? {
            let of = format!("'{}' of {}", table.heading, file.display());
            if let Some(other) = taken.insert(table.path.clone(), of.clone()) {
                bail!(
                    "{other} and {of} would both be {}: say in a heading what tells them apart",
                    table.path.display()
                );
            }
            tables.push(table);
        }
    }
    Ok(tables)
}

/// Writes each table as a file, once the text of all of them is made, and says what is in them.
fn write(tables: &[ImportedTable], out: &Path) -> Result<Exit> {
    let texts = tables.iter().map(ImportedTable::text).collect::<Result<Vec<_>, _>>()?;
    // The folder of a file without one is this folder.
    if !out.as_os_str().is_empty() {
        std::fs::create_dir_all(out).with_context(|| format!("cannot make the folder {}", out.display()))?;
    }
    let mut total = Counts::default();
    let mut said = String::new();
    for (table, text) in tables.iter().zip(texts) {
        let path = out.join(&table.path);
        replace(&path, text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
        let counts = table.counts();
        total += counts;
        said += &format!("{}: {}: {}\n", path.display(), table.machine.chip, summary(&counts));
    }
    said += &format!("in all {}: {}\n", tables.len(), summary(&total));
    super::print(&said)?;
    Ok(Exit::Ok)
}

fn summary(counts: &Counts) -> String {
    let Counts { rows, times, nan, below_resolution, faulty, contradictions } = counts;
    format!(
        "rows {rows}, times {times}, nan {nan}, below the resolution {below_resolution}, times with faults {faulty}, \
         rows that contradict their speed-ups {contradictions}"
    )
}
