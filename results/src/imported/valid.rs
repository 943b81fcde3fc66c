//! The rules of an imported table beyond its types. The reader applies them to files, the writer to what it is given: both
//! are outside input.

use super::{Fault, Figure, IMPORTED_SCHEMA, ImportedOutcome, ImportedTable, MAX_FIGURES, PublishedMachine, Source};
use crate::plain::{check, quoted};
use crate::valid::MAX_BLOCK_NS;
use chipmark_core::{CaseId, Mode, Target};
use std::collections::{BTreeMap, HashSet};

/// The most frameworks whose versions a table may tell.
const MAX_VERSIONS: usize = 16;

/// The most cores and the most bytes of memory that are believed of a machine.
const MAX_CORES: u32 = 1 << 20;
const MAX_MEMORY_BYTES: u64 = 1 << 50;

/// Whether this program knows the schema of a table.
pub(super) fn schema(schema: u64) -> Result<(), String> {
    match schema {
        0 => Err("its schema is not a version number".to_owned()),
        schema if schema > u64::from(IMPORTED_SCHEMA) => {
            Err(format!("written by a newer bench: schema {schema}, this one reads up to {IMPORTED_SCHEMA}"))
        }
        _ => Ok(()),
    }
}

/// Whether what a table says of itself can be kept.
pub(super) fn head(table: &ImportedTable) -> Result<(), String> {
    source(&table.source)?;
    check("heading", &table.heading)?;
    machine(&table.machine)?;
    versions(&table.versions)
}

fn source(Source { title, url, licence, authors }: &Source) -> Result<(), String> {
    check("title", title)?;
    check("licence", licence)?;
    check("authors", authors)?;
    check("address", url)?;
    let is_address = url.starts_with("https://") && url.bytes().all(|byte| byte.is_ascii_graphic());
    let is_address = is_address && !url.contains(['"', '\'', '<', '>', '\\']);
    if is_address { Ok(()) } else { Err(format!("{} is no address that begins with https://", quoted(url))) }
}

fn machine(machine: &PublishedMachine) -> Result<(), String> {
    check("chip", &machine.chip)?;
    let texts = [("cores", &machine.cores), ("host", &machine.host), ("kind of machine", &machine.kind)];
    for (what, text) in texts {
        text.as_ref().map_or(Ok(()), |text| check(what, text))?;
    }
    if machine.gpu_cores.is_some_and(|cores| cores == 0 || cores > MAX_CORES) {
        return Err("no graphics processor has so many cores".to_owned());
    }
    let memory = [machine.memory_bytes, machine.card_memory_bytes];
    if memory.into_iter().flatten().any(|bytes| bytes == 0 || bytes > MAX_MEMORY_BYTES) {
        return Err("no machine has so much memory".to_owned());
    }
    Ok(())
}

fn versions(versions: &BTreeMap<String, String>) -> Result<(), String> {
    if versions.len() > MAX_VERSIONS {
        return Err(format!("it tells the versions of more than {MAX_VERSIONS} frameworks"));
    }
    versions.iter().try_for_each(|(name, version)| {
        check("framework's name", name)?;
        check("version", version)
    })
}

/// Whether a figure can be believed to be what somebody printed.
pub(super) fn figure(figure: &Figure) -> Result<(), String> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if figure.workload.is_empty() || figure.workload.len() > 64 || !figure.workload.chars().all(letters) {
        return Err(format!("{} is no workload's id", quoted(&figure.workload)));
    }
    if let Some(case) = figure.case.as_ref().filter(|case| case.workload != figure.workload) {
        return Err(format!("the case {case} is none of the workload {}", figure.workload));
    }
    check("printed text", &figure.printed)?;
    let wrong = |what: &str| Err(format!("{} {}: {what}", figure.subject(), figure.target));
    #[expect(clippy::cast_precision_loss, reason = "ten days in ns are less than 2^53")]
    let longest_ns = MAX_BLOCK_NS as f64;
    match (figure.outcome, figure.time_ns) {
        (ImportedOutcome::Imported, None) => return wrong("the outcome is imported, but there is no time"),
        (ImportedOutcome::Imported, Some(ns)) if ns > 0.0 && ns <= longest_ns => {}
        (ImportedOutcome::Imported, Some(ns)) => return wrong(&format!("{ns:?} ns cannot be the time of a call")),
        (_, Some(_)) => return wrong("there is a time, though the outcome says that none was printed"),
        (_, None) => {}
    }
    let is_below = figure.outcome == ImportedOutcome::BelowResolution;
    if is_below != figure.faults.contains(&Fault::BelowResolution) {
        return wrong("the outcome and the fault below-resolution do not go together");
    }
    Ok(())
}

/// Counts a table's figures, and finds one that stands there twice.
#[derive(Debug, Default)]
pub(super) struct Seen(HashSet<(String, Option<CaseId>, Target, Mode)>);

impl Seen {
    pub(super) fn add(&mut self, figure: &Figure) -> Result<(), String> {
        let Figure { workload, case, target, mode, .. } = figure;
        if self.0.len() == MAX_FIGURES {
            return Err(format!("the table has more than {MAX_FIGURES} figures"));
        }
        if !self.0.insert((workload.clone(), case.clone(), target.clone(), *mode)) {
            return Err(format!("{} {target} {mode} stands there twice", figure.subject()));
        }
        Ok(())
    }
}
