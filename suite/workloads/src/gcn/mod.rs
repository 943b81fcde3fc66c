//! One training epoch of a graph convolutional network (Kipf and Welling, 2017), on a random graph of Cora's size or on Cora
//! itself: the cases, their cost and their inputs. What an epoch does is in `network`.

pub mod cora;
mod graph;
mod network;

use crate::workload::{Workload, product};
use chipmark_core::check::Scale;
use chipmark_core::ops::optim::Adam;
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostData, HostTensor, Mode, OpResult};
use chipmark_core::{Outputs, Tier, Tolerance};
use graph::Graph;

/// How labels of cases on given files begin.
const GIVEN: &str = "cora-";

const HIDDEN: usize = 16;
const LAYERS: usize = 3;
/// Weights and biases.
const PARAMS: usize = 2 * LAYERS;
/// Parameters, their two moments, and Adam's two corrections.
const CARRIED: usize = 3 * PARAMS + 2;
/// The epochs that a check compares, unless it is asked for more.
const CHECKED_EPOCHS: usize = 5;
/// The epochs that there are bounds for.
const BOUNDED_EPOCHS: usize = 50;
const ADAM: Adam = Adam { rate: 0.01, decay: 5e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/// How messages travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// By a product with the adjacency matrix.
    Dense,
    /// Gathered at each edge's source, weighted, added up at its destination.
    Sparse,
}

/// As they stand in a label.
fn sizes(nodes: usize, edges: usize, features: usize, classes: usize) -> String {
    format!("{nodes}n-{edges}e-{features}f-{classes}c")
}

/// features→16→16→classes with ReLU and dropout between; cross-entropy on the training nodes, Adam; then loss and accuracy on the
/// validation nodes with the updated parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GcnEpoch {
    /// Whether the graph is read from files. Then the sizes are those that the files must have.
    cora: bool,
    form: Form,
    nodes: usize,
    /// Directed edges, without loops.
    edges: usize,
    features: usize,
    classes: usize,
    dtype: DType,
}

impl GcnEpoch {
    /// Input and output widths of each layer.
    fn widths(&self) -> [(usize, usize); LAYERS] {
        [(self.features, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, self.classes)]
    }

    /// Training nodes are 0..train, validation nodes start..start+len: Cora's 140 and 200..500, in proportion.
    fn split(&self) -> (usize, usize, usize) {
        let scaled = |n: usize| (n * self.nodes).div_ceil(2708);
        let train = scaled(140).max(self.classes);
        let start = train + scaled(60);
        (train, start, scaled(300).max(2 * self.classes))
    }

    fn sizes(&self) -> String {
        sizes(self.nodes, self.edges, self.features, self.classes)
    }

    /// What keeps it from being trained, if anything.
    fn check(&self) -> Result<(), String> {
        let (_, start, len) = self.split();
        if self.classes < 2 || self.features < self.classes || start + len > self.nodes {
            return Err("it needs two classes, as many features, and about six nodes a class".to_owned());
        }
        let pairs = self.nodes * (self.nodes - 1);
        if !self.edges.is_multiple_of(2) || self.edges > pairs {
            return Err("edges count both directions: an even number, at most all pairs".to_owned());
        }
        // Random edges are drawn until there are enough different ones.
        if !self.cora && self.edges > pairs / 2 {
            return Err("random edges are at most half of all pairs".to_owned());
        }
        Ok(())
    }

    fn float(&self, shape: &[usize], values: &[f64]) -> OpResult<HostTensor> {
        HostTensor::new(shape, HostData::from_f64(values, self.dtype))
    }

    fn adjacency(&self, graph: &Graph) -> OpResult<Vec<HostTensor>> {
        let edges = graph.normalised();
        #[expect(clippy::cast_possible_wrap, reason = "node numbers are under 2^40")]
        let index = |pick: fn(&(usize, usize, f64)) -> usize| {
            HostTensor::new([edges.len()], HostData::I64(edges.iter().map(|e| pick(e) as i64).collect()))
        };
        match self.form {
            Form::Dense => {
                let mut matrix = vec![0.0; self.nodes * self.nodes];
                for &(from, to, weight) in &edges {
                    matrix[to * self.nodes + from] = weight;
                }
                Ok(vec![self.float(&[self.nodes, self.nodes], &matrix)?])
            }
            Form::Sparse => {
                let weights: Vec<f64> = edges.iter().map(|e| e.2).collect();
                let zeros = |width: usize| self.float(&[self.nodes, width], &vec![0.0; self.nodes * width]);
                Ok(vec![
                    index(|e| e.0)?,
                    index(|e| e.1)?,
                    self.float(&[edges.len(), 1], &weights)?,
                    zeros(HIDDEN)?,
                    zeros(self.classes)?,
                ])
            }
        }
    }
}

impl Workload for GcnEpoch {
    const ID: &'static str = "gcn_epoch";
    const ABOUT: &'static str = "one training epoch of a graph convolutional network, then its validation";
    const FORMS: &'static [&'static str] = &["{form}-{nodes}n-{edges}e-{features}f-{classes}c"];
    const DTYPES: &'static [DType] = &[DType::F32];

    fn at(&self, tier: Tier) -> Self {
        let divisor = match tier {
            Tier::Full => return self.clone(),
            Tier::Small => 4,
            Tier::Tiny => 40,
        };
        // A graph of files has the one size. At others, the same network is trained on a random one. What is too small to be made
        // smaller stays as it is.
        let nodes = self.nodes / divisor;
        let case = GcnEpoch {
            cora: false,
            nodes,
            edges: (self.edges / divisor).min(nodes * nodes.saturating_sub(1) / 2) & !1,
            features: (self.features / divisor).max(2 * self.classes).min(self.features),
            ..self.clone()
        };
        if nodes >= 40 && case.check().is_ok() { case } else { self.clone() }
    }

    fn label(&self) -> String {
        let form = if self.form == Form::Dense { "dense" } else { "sparse" };
        let cora = if self.cora { GIVEN } else { "" };
        format!("{cora}{form}-{}", self.sizes())
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        let bad = || "write it like dense-2708n-10556e-1433f-7c, sparse-… or cora-dense-…".to_owned();
        let (cora, label) = label.strip_prefix(GIVEN).map_or((false, label), |label| (true, label));
        let [form, nodes, edges, features, classes] = label.split('-').collect::<Vec<_>>()[..] else {
            return Err(bad());
        };
        let form = match form {
            "dense" => Form::Dense,
            "sparse" => Form::Sparse,
            _ => return Err(bad()),
        };
        let count = |text: &str, unit: char| {
            let digits = text.strip_suffix(unit).filter(|d| d.len() < 8 && !d.starts_with(['0', '+']));
            digits.and_then(|d| d.parse::<usize>().ok()).ok_or_else(bad)
        };
        let case = GcnEpoch {
            cora,
            form,
            nodes: count(nodes, 'n')?,
            edges: count(edges, 'e')?,
            features: count(features, 'f')?,
            classes: count(classes, 'c')?,
            dtype,
        };
        case.check()?;
        Ok(case)
    }

    fn modes(&self) -> &'static [Mode] {
        // No throughput: every epoch's loss and parameters are waited for, as training needs them.
        &[Mode::Latency, Mode::Transfer, Mode::FirstCall]
    }

    /// Products and messages only; elementwise work is under a hundredth of them.
    fn cost(&self) -> Cost {
        let messages = match self.form {
            Form::Dense => product(&[self.nodes, self.nodes]),
            Form::Sparse => (self.edges + self.nodes) as u64,
        };
        let mut flop = 0;
        for (layer, (from, to)) in self.widths().into_iter().enumerate() {
            let weights = product(&[2, self.nodes, from, to]);
            let propagation = messages.saturating_mul(2 * to as u64);
            // Twice forward (training, validation); back through the messages, to the weights, and to the layer below.
            let below = if layer > 0 { weights } else { 0 };
            flop += 2 * (weights + propagation) + propagation + weights + below;
        }
        let parameters: u64 = self.widths().iter().map(|&(from, to)| product(&[from + 1, to])).sum();
        // Parameters, both moments and the corrections go in and come out.
        let carried = 4 * (3 * parameters + 2);
        let graph = match self.form {
            Form::Dense => product(&[4, self.nodes, self.nodes]),
            // Both ends, the weight, and the zeros that messages are added to.
            Form::Sparse => product(&[20, self.edges + self.nodes]) + product(&[4, self.nodes, HIDDEN + self.classes]),
        };
        let (train, _, validation) = self.split();
        let classes = product(&[8, train + validation]);
        let masks = product(&[4, LAYERS - 1, self.nodes, HIDDEN]);
        let constants = product(&[4, self.nodes, self.features]) + graph + masks + classes;
        // Both losses and the accuracy.
        let cost = Cost::streaming(flop, carried + constants, carried + 4 * 3);
        // Held for the way back, with a gradient for each: of a layer its product, what arrives, the sum with the bias, relu's and
        // the mask's; in the sparse form what is gathered at each edge, and that weighted; and of each parameter the gradient.
        let gathered = if self.form == Form::Sparse { self.edges + self.nodes } else { 0 };
        let held: u64 = self.widths().iter().map(|&(_, to)| product(&[to, 5 * self.nodes + 2 * gathered])).sum();
        Cost { working_set_bytes: cost.bytes + 4 * (2 * held + parameters), ..cost }
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        // Rounding is fed back through the updates, so losses drift apart: at Cora's size by 6e-7 at most over fifty epochs in all
        // three frameworks, on 67 nodes by 2e-7 over five and, in the worst of twenty seeds, 4e-5 over fifty. So an epoch's
        // bound is 2e-6 for each epoch so far. (Past a hundred, an epoch turns out another: a weight near zero has gone over to
        // the other side.) One node more or less that is classified right moves the accuracy by 1/len.
        let (_, _, len) = self.split();
        let accuracy = Tolerance::new(2.0 / len as f64, Scale::One);
        let losses = (1..=BOUNDED_EPOCHS).map(|epoch| Tolerance::new(2e-6 * epoch as f64, Scale::Element));
        losses.flat_map(|loss| [loss, loss, accuracy]).collect()
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        let graph = if self.cora {
            cora::given(self)?
        } else {
            Graph::random(fill, self.nodes, self.edges, self.features, self.classes)?
        };
        let mut params = Vec::with_capacity(PARAMS);
        for (from, to) in self.widths() {
            let limit = (6.0 / (from + to) as f64).sqrt();
            params.push(fill.uniform([from, to], -limit, limit, self.dtype)?);
            params.push(self.float(&[to], &vec![0.0; to])?);
        }
        let zeros = |p: &HostTensor| self.float(p.shape(), &vec![0.0; p.data().len()]);
        let moments = params.iter().map(zeros).collect::<OpResult<Vec<_>>>()?;

        let mut inputs = params;
        inputs.extend(moments.iter().cloned());
        inputs.extend(moments);
        inputs.push(self.float(&[1], &[1.0 - ADAM.beta1])?);
        inputs.push(self.float(&[1], &[1.0 - ADAM.beta2])?);

        // Each row adds up to one, as is usual for Cora.
        let mut features = Vec::with_capacity(self.nodes * self.features);
        for row in graph.words.chunks_exact(graph.features) {
            let words = row.iter().filter(|&&word| word).count().max(1) as f64;
            features.extend(row.iter().map(|&word| if word { 1.0 / words } else { 0.0 }));
        }
        inputs.push(self.float(&[self.nodes, self.features], &features)?);
        inputs.extend(self.adjacency(&graph)?);
        for _ in 1..LAYERS {
            // Half of the activations dropped, the others doubled.
            let mask: Vec<f64> = (0..self.nodes * HIDDEN).map(|_| if fill.unit() < 0.5 { 0.0 } else { 2.0 }).collect();
            inputs.push(self.float(&[self.nodes, HIDDEN], &mask)?);
        }
        let (train, start, len) = self.split();
        for range in [0..train, start..start + len] {
            #[expect(clippy::cast_possible_wrap, reason = "classes are few")]
            let classes: Vec<i64> = graph.classes[range].iter().map(|&class| class as i64).collect();
            inputs.push(HostTensor::new([classes.len()], HostData::I64(classes))?);
        }
        Ok(inputs)
    }

    /// Both forms train the same network on the same graph.
    fn fill_key(&self) -> String {
        format!("{}/{}", Self::ID, self.sizes())
    }

    fn carried(&self) -> usize {
        CARRIED
    }

    fn checked_calls(&self) -> usize {
        CHECKED_EPOCHS
    }

    fn step<B: FullBackend>(&self, b: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        self.epoch(b, x)
    }
}
