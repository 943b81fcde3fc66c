//! What a header says of who measured and where the file belongs, and what it must not say.

use super::Rule;
use super::finding::Findings;
use super::read::Contributed;
use super::tree::Item;
use crate::contribution::PROCESS;
use crate::machine::MachineState;
use crate::plain::quoted;
use std::path::Path;

pub(super) fn check(read: &Contributed, item: &Item, findings: &mut Findings) {
    let run = &read.file.run;
    if run.contribution.is_none() {
        findings.error(Rule::Contribution, Some(1), "no contribution in the header; `bench submit` makes such files");
    }
    if let Some(why) = private(read) {
        findings.error(Rule::Private, Some(1), &why);
    }
    match &read.place {
        Err(why) => findings.error(Rule::Place, Some(1), &why.to_string()),
        Ok(place) => place_agrees(&place.path(), item, findings),
    }
}

/// Whether a file lies where it belongs: under the tree's folder, or elsewhere in folders that are called the same.
fn place_agrees(belongs: &Path, item: &Item, findings: &mut Findings) {
    let agrees = match &item.in_tree {
        Some(lies) => lies == belongs,
        None => item.path.ends_with(belongs),
    };
    if !agrees {
        let shown = belongs.display();
        findings.error(Rule::Place, None, &format!("by its content it belongs at {shown} in the tree of results"));
    }
}

/// The first private thing that a file tells.
fn private(read: &Contributed) -> Option<String> {
    let file = &read.file;
    if let Some(argument) = file.run.command.iter().find(|argument| argument.contains(['/', '\\'])) {
        return Some(format!("its command has a path in it: {}", quoted(argument)));
    }
    if file.run.settings.cora.is_some() {
        return Some("its settings name a folder (cora)".to_owned());
    }
    let states = std::iter::once(&file.run.state)
        .chain(file.rounds.iter().map(|round| &round.state))
        .chain(file.ends.iter().map(|end| &end.state));
    let name =
        states.flat_map(|state: &MachineState| &state.heavy_processes).find(|process| process.name != PROCESS)?;
    Some(format!("it names a process: {}; all are called '{PROCESS}'", quoted(&name.name)))
}
