//! The loader of a real citation graph, in the format in which Cora is published: `cora.content`, a line a node with its name,
//! its words as 0 or 1 and its class; and `cora.cites`, a line a citation with the names of the cited node and the citing.

use super::graph::Graph;
use super::{Form, GcnEpoch};
use crate::workload::Workload;
use chipmark_core::{CaseId, DType, OpError, OpResult};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The variable with the folder of the two files, by which a worker finds them.
pub const DIR_VARIABLE: &str = "CHIPMARK_CORA";

/// The largest file that is read, and the most words of all nodes together.
const MOST_BYTES: u64 = 1 << 30;
/// The most nodes.
const MOST_NODES: usize = 1 << 20;

/// The cases of the graph in a folder, dense and sparse, with the sizes that its files have.
///
/// # Errors
/// One line with the file and the line.
pub fn cases(dir: &Path) -> Result<Vec<CaseId>, String> {
    let graph = read(dir)?;
    let case = |form: &str| {
        let classes = graph.classes.iter().max().map_or(0, |class| class + 1);
        let (nodes, edges, features) = (graph.nodes, graph.edges.len(), graph.features);
        let label = format!("cora-{form}-{nodes}n-{edges}e-{features}f-{classes}c");
        let case = GcnEpoch::parse(&label, DType::F32).map_err(|why| format!("{}: {why}", dir.display()))?;
        Ok(case.id())
    };
    ["dense", "sparse"].into_iter().map(case).collect()
}

/// The graph of the folder that the environment names, which must have the case's sizes.
pub(super) fn given(case: &GcnEpoch) -> OpResult<Graph> {
    let failed = |why: String| OpError::framework(GcnEpoch::ID, why);
    let dir = std::env::var_os(DIR_VARIABLE).map(PathBuf::from);
    let dir = dir.ok_or_else(|| failed(format!("no graph is given: bench run --cora DIR, or {DIR_VARIABLE}=DIR")))?;
    let wanted = |form: Form| {
        let case = GcnEpoch { form, ..case.clone() };
        case.id()
    };
    let found = read(&dir).map_err(failed)?;
    let classes = found.classes.iter().max().map_or(0, |class| class + 1);
    let sizes = (found.nodes, found.edges.len(), found.features, classes);
    if sizes != (case.nodes, case.edges, case.features, case.classes) {
        let (nodes, edges, features, classes) = sizes;
        let has = format!("{nodes}n-{edges}e-{features}f-{classes}c");
        return Err(failed(format!(
            "{} has a graph of {has}, which is not that of {}",
            dir.display(),
            wanted(case.form)
        )));
    }
    Ok(found)
}

/// Reads both files of a folder.
fn read(dir: &Path) -> Result<Graph, String> {
    let content = Content::read(&dir.join("cora.content"))?;
    let edges = read_citations(&dir.join("cora.cites"), &content.index)?;
    let Content { names, words, features, .. } = content;
    // Classes are numbered in the order of their names.
    let sorted: Vec<&String> = names.iter().collect::<BTreeSet<_>>().into_iter().collect();
    let classes = names.iter().map(|name| sorted.binary_search(&name).unwrap_or_default()).collect();
    Ok(Graph { nodes: names.len(), features, edges, words, classes })
}

/// `cora.content`.
struct Content {
    /// The position of each node by its name.
    index: HashMap<String, usize>,
    /// The name of each node's class.
    names: Vec<String>,
    /// Which words each node has, row by row.
    words: Vec<bool>,
    features: usize,
}

impl Content {
    fn read(path: &Path) -> Result<Self, String> {
        let mut content = Content { index: HashMap::new(), names: Vec::new(), words: Vec::new(), features: 0 };
        each_line(path, |line| content.add(line))?;
        if content.names.is_empty() {
            return Err(format!("{}: it has no node", path.display()));
        }
        Ok(content)
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [name, words @ .., class] = fields.as_slice() else {
            return Err("write a node's name, its words as 0 or 1, and its class".to_owned());
        };
        if self.names.is_empty() {
            self.features = words.len();
        }
        if words.len() != self.features || words.is_empty() {
            return Err(format!("{} words, where the first line has {}", words.len(), self.features));
        }
        if self.names.len() == MOST_NODES || self.words.len() as u64 > MOST_BYTES {
            return Err(format!("more than {MOST_NODES} nodes, or than {MOST_BYTES} words of all nodes"));
        }
        for word in words {
            self.words.push(match *word {
                "0" => false,
                "1" => true,
                other => return Err(format!("a word is 0 or 1, not '{other}'")),
            });
        }
        if self.index.insert((*name).to_owned(), self.names.len()).is_some() {
            return Err(format!("node '{name}' is there twice"));
        }
        self.names.push((*class).to_owned());
        Ok(())
    }
}

/// The edges in both directions, sorted, without loops and repeats. Citations of or by nodes without content are left out, as is
/// usual for Cora's relatives.
fn read_citations(path: &Path, index: &HashMap<String, usize>) -> Result<Vec<(usize, usize)>, String> {
    let mut pairs = HashSet::new();
    each_line(path, |line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let &[cited, citing] = fields.as_slice() else {
            return Err("write the names of two nodes, the cited and the citing".to_owned());
        };
        let ends = index.get(cited).zip(index.get(citing)).filter(|(cited, citing)| cited != citing);
        pairs.extend(ends.into_iter().flat_map(|(&cited, &citing)| [(cited, citing), (citing, cited)]));
        Ok(())
    })?;
    let mut edges: Vec<_> = pairs.into_iter().collect();
    edges.sort_unstable();
    Ok(edges)
}

/// Hands over each line that is not empty, and says at which one something was wrong.
fn each_line(path: &Path, mut take: impl FnMut(&str) -> Result<(), String>) -> Result<(), String> {
    let unreadable = |why: std::io::Error| format!("{}: {why}", path.display());
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.len() > MOST_BYTES {
        return Err(format!("{}: larger than {MOST_BYTES} bytes", path.display()));
    }
    for (number, line) in (1..).zip(BufReader::new(file.take(MOST_BYTES)).lines()) {
        let line = line.map_err(unreadable)?;
        if !line.trim().is_empty() {
            take(&line).map_err(|why| format!("{}, line {number}: {why}", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    /// Twenty nodes of two classes in a ring, each with a word of its class and one of its own.
    fn write(dir: &Path) {
        let (mut content, mut cites) = (String::new(), String::new());
        for node in 0..20 {
            let words: Vec<&str> = (0..6).map(|w| if w == node % 2 || w == 2 + node % 4 { "1" } else { "0" }).collect();
            let class = if node % 2 == 0 { "Theory" } else { "Neural_Networks" };
            writeln!(content, "paper{node}\t{}\t{class}", words.join("\t")).unwrap();
            writeln!(cites, "paper{node}\tpaper{}", (node + 1) % 20).unwrap();
        }
        // A repeat, the same the other way round, a loop, and a node without content.
        cites += "paper0 paper1\npaper1 paper0\npaper3 paper3\npaper0 unknown\n\n";
        std::fs::write(dir.join("cora.content"), content).unwrap();
        std::fs::write(dir.join("cora.cites"), cites).unwrap();
    }

    #[test]
    fn a_graph_in_coras_format_is_read() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path());
        let graph = read(dir.path()).unwrap();
        assert_eq!((graph.nodes, graph.features, graph.edges.len()), (20, 6, 40));
        assert_eq!(&graph.edges[..3], [(0, 1), (0, 19), (1, 0)]);
        // Neural_Networks comes before Theory.
        assert_eq!(&graph.classes[..3], [1, 0, 1]);
        assert_eq!(&graph.words[..6], [true, false, true, false, false, false]);
        let ids: Vec<String> = cases(dir.path()).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(ids, ["gcn_epoch/cora-dense-20n-40e-6f-2c/f32", "gcn_epoch/cora-sparse-20n-40e-6f-2c/f32"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let error = |file: &str, from: &str, to: &str| {
            write(dir.path());
            let path = dir.path().join(file);
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
            read(dir.path()).err().unwrap()
        };
        assert!(
            error("cora.content", "paper1\t0", "paper1\t2").contains("cora.content, line 2: a word is 0 or 1, not '2'")
        );
        assert!(
            error("cora.content", "paper1\t0\t", "paper1\t").contains("line 2: 5 words, where the first line has 6")
        );
        assert!(error("cora.content", "paper1\t", "paper0\t").contains("line 2: node 'paper0' is there twice"));
        assert!(error("cora.cites", "paper0\tpaper1", "paper0").contains("cora.cites, line 1: write the names of two"));
        std::fs::write(dir.path().join("cora.content"), "").unwrap();
        assert!(read(dir.path()).err().unwrap().contains("it has no node"));
        std::fs::remove_file(dir.path().join("cora.content")).unwrap();
        assert!(read(dir.path()).err().unwrap().contains("cora.content: No such file"));
    }
}
