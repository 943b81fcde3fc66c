//! The loader of a real citation graph, in the format in which Cora is published: `cora.content`, a line a node with its name,
//! its words as 0 or 1 and its class; and `cora.cites`, a line a citation with the names of the cited node and the citing.

use super::graph::Graph;
use super::{GcnEpoch, sizes};
use crate::workload::Workload;
use chipmark_core::{CaseId, DType, OpError, OpResult};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// The variable with the folder of the two files, by which a worker finds them.
pub const DIR_VARIABLE: &str = "CHIPMARK_CORA";

/// The largest file that is read.
const MOST_BYTES: u64 = 1 << 30;
/// The most nodes.
const MOST_NODES: usize = 1 << 20;
/// The most words that a node may have or not.
const MOST_WORDS: usize = 1 << 16;

/// The cases of the graph in a folder, dense and sparse, with the sizes that its files have.
///
/// # Errors
/// One line with the file and the line.
pub fn cases(dir: &Path) -> Result<Vec<CaseId>, String> {
    let sizes = Found::read(dir)?.sizes();
    let case = |form: &str| {
        let case = GcnEpoch::parse(&format!("cora-{form}-{sizes}"), DType::F32);
        Ok(case.map_err(|why| format!("{}: its graph of {sizes} cannot be trained on: {why}", dir.display()))?.id())
    };
    ["dense", "sparse"].into_iter().map(case).collect()
}

/// Whether a case trains on files that somebody gave: what is measured on them, nobody else can measure.
#[must_use]
pub fn is_given(case: &CaseId) -> bool {
    case.workload == GcnEpoch::ID && case.label.starts_with(super::GIVEN)
}

/// The graph of the folder that the environment names, which must have the case's sizes.
pub(super) fn given(case: &GcnEpoch) -> OpResult<Graph> {
    let dir = std::env::var_os(DIR_VARIABLE)
        .ok_or_else(|| format!("no graph is given: bench run --cora DIR, or {DIR_VARIABLE}=DIR"));
    let graph = dir.and_then(|dir| load(Path::new(&dir), case));
    graph.map_err(|why| OpError::framework(GcnEpoch::ID, why))
}

fn load(dir: &Path, case: &GcnEpoch) -> Result<Graph, String> {
    let found = Found::read(dir)?;
    if found.sizes() == case.sizes() {
        return Ok(found.graph);
    }
    let (dir, sizes, unknown) = (dir.display(), found.sizes(), found.unknown);
    Err(format!(
        "{dir} has a graph of {sizes} ({unknown} citations of unknown nodes left out), not that of {}",
        case.id()
    ))
}

/// What the two files of a folder hold.
struct Found {
    graph: Graph,
    /// How many classes there are.
    classes: usize,
    /// How many citations name a node without content. They are left out, as is usual for Cora's relatives.
    unknown: usize,
}

impl Found {
    fn read(dir: &Path) -> Result<Self, String> {
        let content = Content::read(&dir.join("cora.content"))?;
        let (edges, unknown) = read_citations(&dir.join("cora.cites"), &content.index)?;
        let Content { names, words, features, .. } = content;
        // Classes are numbered in the order of their names.
        let sorted: Vec<&String> = names.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let classes = names.iter().map(|name| sorted.binary_search(&name).unwrap_or_default()).collect();
        let graph = Graph { nodes: names.len(), features, edges, words, classes };
        Ok(Found { graph, classes: sorted.len(), unknown })
    }

    /// As they stand in a case's label.
    fn sizes(&self) -> String {
        sizes(self.graph.nodes, self.graph.edges.len(), self.graph.features, self.classes)
    }
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
        if self.names.len() == MOST_NODES || words.len() > MOST_WORDS {
            return Err(format!("there may be {MOST_NODES} nodes and {MOST_WORDS} words at most"));
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

/// The edges in both directions, sorted, without loops and repeats; and how many citations name a node that is not in the index.
fn read_citations(path: &Path, index: &HashMap<String, usize>) -> Result<(Vec<(usize, usize)>, usize), String> {
    let mut pairs = HashSet::new();
    let mut unknown = 0;
    each_line(path, |line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let &[cited, citing] = fields.as_slice() else {
            return Err("write the names of two nodes, the cited and the citing".to_owned());
        };
        match (index.get(cited), index.get(citing)) {
            (Some(&cited), Some(&citing)) if cited != citing => pairs.extend([(cited, citing), (citing, cited)]),
            (Some(_), Some(_)) => {}
            _ => unknown += 1,
        }
        Ok(())
    })?;
    let mut edges: Vec<_> = pairs.into_iter().collect();
    edges.sort_unstable();
    Ok((edges, unknown))
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
        let Found { graph, unknown, .. } = Found::read(dir.path()).unwrap();
        assert_eq!(unknown, 1);
        assert_eq!((graph.nodes, graph.features, graph.edges.len()), (20, 6, 40));
        assert_eq!(&graph.edges[..3], [(0, 1), (0, 19), (1, 0)]);
        // Neural_Networks comes before Theory.
        assert_eq!(&graph.classes[..3], [1, 0, 1]);
        assert_eq!(&graph.words[..6], [true, false, true, false, false, false]);
        let ids: Vec<String> = cases(dir.path()).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(ids, ["gcn_epoch/cora-dense-20n-40e-6f-2c/f32", "gcn_epoch/cora-sparse-20n-40e-6f-2c/f32"]);
    }

    #[test]
    fn a_graph_of_other_sizes_is_not_the_case_s() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path());
        let case = |label| GcnEpoch::parse(label, DType::F32).unwrap();
        assert_eq!(load(dir.path(), &case("cora-dense-20n-40e-6f-2c")).unwrap().nodes, 20);
        let error = load(dir.path(), &case("cora-sparse-20n-42e-6f-2c")).unwrap_err();
        assert!(
            error.ends_with(
                "has a graph of 20n-40e-6f-2c (1 citations of unknown nodes left out), \
                 not that of gcn_epoch/cora-sparse-20n-42e-6f-2c/f32"
            ),
            "{error}"
        );
    }

    #[test]
    fn a_graph_too_small_to_train_on_makes_no_case() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("cora.content"), "a 1 0 X\nb 0 1 Y\n").unwrap();
        std::fs::write(dir.path().join("cora.cites"), "a b\n").unwrap();
        let error = cases(dir.path()).unwrap_err();
        assert!(error.contains("2n-2e-2f-2c cannot be trained on: it needs two classes"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let error = |file: &str, from: &str, to: &str| {
            write(dir.path());
            let path = dir.path().join(file);
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
            Found::read(dir.path()).err().unwrap()
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
        assert!(Found::read(dir.path()).err().unwrap().contains("it has no node"));
        std::fs::remove_file(dir.path().join("cora.content")).unwrap();
        assert!(Found::read(dir.path()).err().unwrap().contains("cora.content: No such file"));
    }
}
