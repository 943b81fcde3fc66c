//! A citation graph of given size, made from the case's seed: communities, a power law of degrees, sparse binary features.

use chipmark_core::{Fill, OpError, OpResult};
use std::collections::HashSet;

/// A graph with features and classes, all on the host.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Graph {
    pub nodes: usize,
    pub features: usize,
    /// Directed edges (source, destination), both directions of each, without loops or repeats, sorted.
    pub edges: Vec<(usize, usize)>,
    /// `[nodes, features]`, row-major: which words each node has.
    pub words: Vec<bool>,
    /// The class of each node.
    pub classes: Vec<usize>,
}

/// How many of its words a node takes from its class's own vocabulary, and how many of its edges stay in its class: enough
/// of both for a network to learn, not so many that it learns at once.
const LOYALTY: f64 = 0.8;

/// Cora has 1.27 % of all words in each node.
const DENSITY: f64 = 0.0127;

impl Graph {
    /// Makes a graph. `edges` counts both directions.
    pub(crate) fn random(
        fill: &mut Fill,
        nodes: usize,
        edges: usize,
        features: usize,
        classes: usize,
    ) -> OpResult<Self> {
        let most = nodes * nodes.saturating_sub(1) / 4;
        if edges / 2 > most {
            return Err(OpError::framework("gcn graph", format!("{edges} edges do not fit into {nodes} nodes")));
        }
        let class_of: Vec<usize> = (0..nodes).map(|_| fill.below(classes)).collect();
        let members: Vec<Vec<usize>> =
            (0..classes).map(|c| (0..nodes).filter(|&node| class_of[node] == c).collect()).collect();
        let all: Vec<usize> = (0..nodes).collect();

        let mut pairs = HashSet::with_capacity(edges);
        let mut list = Vec::with_capacity(edges);
        // Each failed draw (a loop or a repeat) is drawn anew; with at most half of all pairs wanted that ends.
        while list.len() + 1 < edges {
            let from = power_law(fill, &all);
            let own = &members[class_of[from]];
            let to = if fill.unit() < LOYALTY && own.len() > 2 { power_law(fill, own) } else { fill.below(nodes) };
            if from != to && pairs.insert((from.min(to), from.max(to))) {
                list.extend([(from, to), (to, from)]);
            }
        }
        list.sort_unstable();

        let mut words = vec![false; nodes * features];
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive count")]
        let per_node = ((features as f64 * DENSITY).round() as usize).max(2);
        let vocabulary = (features / classes).max(1);
        for (node, row) in words.chunks_exact_mut(features).enumerate() {
            for _ in 0..per_node {
                let own = (class_of[node] * vocabulary + fill.below(vocabulary)).min(features - 1);
                row[if fill.unit() < LOYALTY { own } else { fill.below(features) }] = true;
            }
        }
        Ok(Graph { nodes, features, edges: list, words, classes: class_of })
    }

    /// The edges with a loop at each node, and the weight of each in D^-½(A+I)D^-½.
    pub(crate) fn normalised(&self) -> Vec<(usize, usize, f64)> {
        let mut degree = vec![1.0f64; self.nodes];
        for &(_, to) in &self.edges {
            degree[to] += 1.0;
        }
        let loops = (0..self.nodes).map(|node| (node, node));
        let mut all: Vec<(usize, usize)> = self.edges.iter().copied().chain(loops).collect();
        all.sort_unstable();
        all.into_iter().map(|(from, to)| (from, to, 1.0 / (degree[from] * degree[to]).sqrt())).collect()
    }
}

/// One of `from`, the early ones far more often: the square of a uniform number gives weights ∝ rank^-½, and so degrees
/// with a power law of exponent 3, a citation graph's.
fn power_law(fill: &mut Fill, from: &[usize]) -> usize {
    let u = fill.unit();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in 0..len")]
    let at = (u * u * from.len() as f64) as usize;
    // Spread by a fixed stride, so that the heavy nodes are not just the ones that are trained on.
    let spread = (at * 7919) % from.len();
    from[spread]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_sizes_asked_for_and_no_loops_or_repeats() {
        let graph = Graph::random(&mut Fill::new(1, "cora"), 2708, 10556, 1433, 7).unwrap();
        assert_eq!(graph.edges.len(), 10556);
        assert!(graph.edges.iter().all(|(a, b)| a != b));
        assert!(graph.edges.iter().all(|&(a, b)| graph.edges.binary_search(&(b, a)).is_ok()));
        assert!(graph.edges.windows(2).all(|w| w[0] != w[1]));
        let ones = graph.words.iter().filter(|&&w| w).count() as f64 / graph.words.len() as f64;
        assert!((0.009..0.0135).contains(&ones), "density {ones}");
    }

    #[test]
    fn degrees_have_a_heavy_tail() {
        let graph = Graph::random(&mut Fill::new(1, "cora"), 2708, 10556, 1433, 7).unwrap();
        let mut degrees = vec![0usize; 2708];
        graph.edges.iter().for_each(|&(from, _)| degrees[from] += 1);
        degrees.sort_unstable();
        assert!(degrees[2707] > 8 * degrees[1354].max(1), "largest {} median {}", degrees[2707], degrees[1354]);
    }

    #[test]
    fn normalisation_is_symmetric_and_that_of_a_path_by_hand() {
        let graph = Graph {
            nodes: 3,
            features: 1,
            edges: vec![(0, 1), (1, 0), (1, 2), (2, 1)],
            words: vec![true; 3],
            classes: vec![0; 3],
        };
        let weight = |a, b| graph.normalised().into_iter().find(|e| (e.0, e.1) == (a, b)).map(|e| e.2);
        assert_eq!(weight(0, 0), Some(0.5));
        assert!((weight(0, 1).unwrap() - 1.0 / 6f64.sqrt()).abs() < 1e-15);
        assert_eq!(weight(0, 1), weight(1, 0));
        assert_eq!(weight(0, 2), None);
    }
}
