//! Results files of older schemas: each line is brought to the present schema by one step for each version between. The reader does
//! so as it reads, and `bench migrate` writes down what comes of it. What a step does not touch stays as it is written, unknown
//! keys too.

use super::raw::{Changed, Object, raw};
use super::read::{Next, Walk};
use super::write::lock;
use super::{MAX_FILE_BYTES, StoreError};
use crate::record::{Run, SCHEMA};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

/// Makes a line of one schema one of the next; says whether it changed anything.
type Step = fn(&mut Object) -> Changed;

/// The steps, from schema 1 to 2 and so on. A schema cannot be raised without one.
const STEPS: [Step; SCHEMA as usize - 1] = [energy_in_joules];

/// 1 to 2: what a graphics processor has drawn was the one energy in millijoules, `energy_mj`. It is `energy_j`.
fn energy_in_joules(record: &mut Object) -> Changed {
    #[expect(clippy::cast_precision_loss, reason = "a card's whole life in millijoules has fewer digits")]
    let joules = |value: &RawValue| match serde_json::from_str::<Option<u64>>(value.get()) {
        Ok(millijoules) => raw(&millijoules.map(|millijoules| millijoules as f64 / 1e3)),
        Err(_) => Err("energy_mj is no number of millijoules".to_owned()),
    };
    match record.text("record").as_deref() {
        Some("run" | "round" | "end") => record
            .within("state", |state| state.within_each("gpus", |gpu| gpu.replace("energy_mj", "energy_j", joules))),
        _ => Ok(false),
    }
}

/// A line of an older schema as the present one has it. A line that is no object is left to whoever parses it, who says so.
///
/// # Errors
/// What in it is not as its own schema says.
pub(super) fn line(text: &str, from: u32) -> Result<Cow<'_, str>, String> {
    let Ok(mut record) = serde_json::from_str::<Object>(text) else { return Ok(Cow::Borrowed(text)) };
    let mut changed = false;
    for step in STEPS.iter().skip(from.saturating_sub(1) as usize) {
        changed |= step(&mut record)?;
    }
    if record.text("record").as_deref() == Some("run") {
        changed |= record.set("schema", SCHEMA)?;
    }
    if !changed {
        return Ok(Cow::Borrowed(text));
    }
    serde_json::to_string(&record).map(|text| Cow::Owned(text + "\n")).map_err(|error| error.to_string())
}

/// A results file of an older schema, locked until this is dropped: no run may write to what is rewritten.
#[derive(Debug)]
pub struct Older {
    path: PathBuf,
    file: File,
    schema: u32,
}

/// What a rewritten file is.
#[derive(Debug, Clone, PartialEq)]
pub struct Migrated {
    /// Its header.
    pub run: Run,
    /// Whether its last line was cut off, and stayed so.
    pub torn_tail: bool,
}

impl Older {
    /// Opens and locks a results file; none where it is of the present schema already.
    ///
    /// # Errors
    /// When there is no such file, it is locked, or it has no header of a schema known here.
    pub fn open(path: impl AsRef<Path>) -> Result<Option<Self>, StoreError> {
        let path = path.as_ref();
        let file = super::read::open(path)?;
        lock(&file, path)?;
        let schema = Walk::start(&file, path)?.0.schema;
        Ok((schema < SCHEMA).then(|| Older { path: path.to_owned(), file, schema }))
    }

    /// Its schema.
    #[must_use]
    pub fn schema(&self) -> u32 {
        self.schema
    }

    /// Writes it to `out` in the present schema, a line at a time, each held to the rules as it is read. A cut-off last line stays
    /// as it is.
    ///
    /// # Errors
    /// When the file is not valid, or cannot be read or written. What was written until then is no results file.
    pub fn write(&self, out: &mut impl Write) -> Result<Migrated, StoreError> {
        let io = |doing| move |source| StoreError::Io { path: self.path.clone(), doing, source };
        (&self.file).rewind().map_err(io("read"))?;
        let (mut walk, run) = Walk::start(&self.file, &self.path)?;
        let mut migrated = Migrated { run, torn_tail: false };
        let mut written_bytes = 0;
        let mut put = |text: &[u8]| {
            written_bytes += text.len() as u64;
            if written_bytes > MAX_FILE_BYTES {
                return Err(StoreError::LargeFile { path: self.path.clone() });
            }
            out.write_all(text).map_err(io("rewrite"))
        };
        put(walk.bytes())?;
        loop {
            match walk.next()? {
                Next::End => break,
                Next::Record(_) => put(walk.bytes())?,
                Next::Torn => {
                    migrated.torn_tail = true;
                    put(walk.bytes())?;
                }
            }
        }
        Ok(migrated)
    }
}

#[cfg(test)]
mod tests;
