//! One training epoch of a graph convolutional network (Kipf and Welling, 2017) on a graph of Cora's size.

mod graph;

use crate::workload::{Workload, named, product};
use chipmark_core::check::Scale;
use chipmark_core::ops::optim::{Adam, AdamState};
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostData, HostTensor, Mode, OpError, OpResult};
use chipmark_core::{Outputs, Tier, Tolerance};
use graph::Graph;

const HIDDEN: usize = 16;
const LAYERS: usize = 3;
/// Weights and biases.
const PARAMS: usize = 2 * LAYERS;
/// Parameters, their two moments, and the powers of Adam's two betas.
const CARRIED: usize = 3 * PARAMS + 2;
/// Train loss, validation loss, validation accuracy.
const METRICS: usize = 3;
const ADAM: Adam = Adam { rate: 0.01, decay: 5e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/// How messages travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// By a product with the adjacency matrix.
    Dense,
    /// Gathered at each edge's source, weighted, added up at its destination.
    Sparse,
}

/// features→16→16→classes with ReLU and dropout between; cross-entropy on the training nodes, Adam; then loss and accuracy on the
/// validation nodes with the updated parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GcnEpoch {
    form: Form,
    nodes: usize,
    /// Directed edges, without loops.
    edges: usize,
    features: usize,
    classes: usize,
    dtype: DType,
}

/// The constant inputs, after the carried ones. `Graph` is two tensors in either form.
struct Constants<'a, T> {
    features: &'a T,
    /// Dense: the normalised adjacency matrix. Sparse: sources, destinations, weights, and zeros to add messages to.
    graph: &'a [T],
    masks: [&'a T; LAYERS - 1],
    train_classes: &'a T,
    validation_classes: &'a T,
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

    fn constants<'a, T>(&self, x: &'a [T]) -> OpResult<Constants<'a, T>> {
        let tensors = if self.form == Form::Dense { 1 } else { 5 };
        let [features, rest @ ..] = x else { return Err(self.too_few()) };
        let (graph, rest) = rest.split_at_checked(tensors).ok_or_else(|| self.too_few())?;
        let [mask0, mask1, train_classes, validation_classes] = named(Self::ID, rest)?;
        Ok(Constants { features, graph, masks: [mask0, mask1], train_classes, validation_classes })
    }

    fn too_few(&self) -> OpError {
        OpError::framework(Self::ID, "an input is missing")
    }

    /// Â·h: each node receives its neighbours' messages.
    fn propagate<B: FullBackend>(&self, b: &B, graph: &[B::Tensor], h: &B::Tensor, last: bool) -> OpResult<B::Tensor> {
        match graph {
            [adjacency] => b.matmul(adjacency, h),
            [sources, destinations, weights, hidden, output] => {
                let messages = b.mul(&b.gather_rows(h, sources)?, weights)?;
                b.scatter_add_rows(if last { output } else { hidden }, destinations, &messages)
            }
            _ => Err(self.too_few()),
        }
    }

    /// The logits of every node. Dropout's masks are applied in training only.
    fn forward<B: FullBackend>(
        &self,
        b: &B,
        params: &[B::Tensor],
        constants: &Constants<'_, B::Tensor>,
        training: bool,
    ) -> OpResult<B::Tensor> {
        let mut h = b.share(constants.features);
        for (layer, pair) in params.chunks_exact(2).enumerate() {
            let [weight, bias] = named(Self::ID, pair)?;
            let last = layer + 1 == LAYERS;
            h = self.propagate(b, constants.graph, &b.matmul(&h, weight)?, last)?;
            h = b.add(&h, bias)?;
            if !last {
                h = b.relu(&h)?;
                if let Some(mask) = constants.masks.get(layer).filter(|_| training) {
                    h = b.mul(&h, mask)?;
                }
            }
        }
        Ok(h)
    }
}

impl Workload for GcnEpoch {
    const ID: &'static str = "gcn_epoch";
    const ABOUT: &'static str = "one training epoch of a graph convolutional network, then its validation";

    fn catalogue() -> Vec<Self> {
        ["dense-2708n-10556e-1433f-7c", "sparse-2708n-10556e-1433f-7c"]
            .into_iter()
            .filter_map(|label| Self::parse(label, DType::F32).ok())
            .collect()
    }

    fn at(&self, tier: Tier) -> Self {
        let divisor = match tier {
            Tier::Full => 1,
            Tier::Small => 4,
            Tier::Tiny => 40,
        };
        let mut case = self.clone();
        if self.nodes / divisor >= 40 {
            case.nodes = self.nodes / divisor;
            case.edges = (self.edges / divisor) & !1;
            case.features = (self.features / divisor).max(2 * self.classes);
        }
        case
    }

    fn label(&self) -> String {
        let form = if self.form == Form::Dense { "dense" } else { "sparse" };
        format!("{form}-{}n-{}e-{}f-{}c", self.nodes, self.edges, self.features, self.classes)
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        let bad = || "write it like dense-2708n-10556e-1433f-7c or sparse-…".to_owned();
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
            form,
            nodes: count(nodes, 'n')?,
            edges: count(edges, 'e')?,
            features: count(features, 'f')?,
            classes: count(classes, 'c')?,
            dtype,
        };
        let (_, start, len) = case.split();
        if dtype != DType::F32 {
            return Err("the network is trained in f32".to_owned());
        }
        if case.classes < 2 || case.features < case.classes || start + len > case.nodes {
            return Err("it needs two classes, as many features, and about six nodes a class".to_owned());
        }
        if !case.edges.is_multiple_of(2) || case.edges > case.nodes * (case.nodes - 1) / 2 {
            return Err("edges count both directions: an even number, at most half of all pairs".to_owned());
        }
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
        let parameters: usize = self.widths().iter().map(|(from, to)| (from + 1) * to).sum();
        let graph = match self.form {
            Form::Dense => product(&[4, self.nodes, self.nodes]),
            Form::Sparse => product(&[20, self.edges + self.nodes]) + product(&[4, self.nodes, HIDDEN + self.classes]),
        };
        let features = product(&[4, self.nodes, self.features]);
        let resident = features + graph + product(&[8, self.nodes, HIDDEN]) + 12 * parameters as u64;
        // Features are read forward twice and backward once, the graph once a layer and pass.
        let bytes = 3 * features + 9 * graph;
        let activations = product(&[4, 6, self.nodes + (messages / self.nodes as u64) as usize, HIDDEN]);
        Cost { flop, bytes, working_set_bytes: resident + activations }
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        // Losses drift apart slowly as rounding is fed back through the updates: over five epochs by 6e-7 at most in all
        // three frameworks. One node more or less that is classified right moves the accuracy by 1/len.
        let (_, _, len) = self.split();
        let loss = Tolerance::new(1e-5, Scale::Element);
        let accuracy = Tolerance::new(2.0 / len as f64, Scale::One);
        [loss, loss, accuracy].into_iter().cycle().take(METRICS * self.checked_calls()).collect()
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        let graph = Graph::random(fill, self.nodes, self.edges, self.features, self.classes)?;
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
        inputs.push(self.float(&[1], &[ADAM.beta1])?);
        inputs.push(self.float(&[1], &[ADAM.beta2])?);

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
        self.label().split_once('-').map_or_else(String::new, |(_, sizes)| format!("{}/{sizes}", Self::ID))
    }

    fn carried(&self) -> usize {
        CARRIED
    }

    fn checked_calls(&self) -> usize {
        5
    }

    fn step<B: FullBackend>(&self, b: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let (carried, constants) = x.split_at_checked(CARRIED).ok_or_else(|| self.too_few())?;
        let (params, rest) = carried.split_at(PARAMS);
        let (m, rest) = rest.split_at(PARAMS);
        let (v, powers) = rest.split_at(PARAMS);
        let [power1, power2] = named(Self::ID, powers)?;
        let constants = self.constants(constants)?;
        let (train, start, len) = self.split();

        let (train_loss, grads) = b.value_and_grad(
            |b, params| {
                let logits = self.forward(b, params, &constants, true)?;
                b.cross_entropy(&b.slice_rows(&logits, 0, train)?, constants.train_classes)
            },
            params,
        )?;

        let mut updated = Vec::with_capacity(PARAMS);
        for (((param, grad), m), v) in params.iter().zip(&grads).zip(m).zip(v) {
            updated.push(b.adam(&ADAM, &AdamState { param, m, v }, grad, [power1, power2])?);
        }
        let (mut params, mut ms, mut vs) = (Vec::new(), Vec::new(), Vec::new());
        for state in updated {
            params.push(state.param);
            ms.push(state.m);
            vs.push(state.v);
        }

        let logits = b.slice_rows(&self.forward(b, &params, &constants, false)?, start, len)?;
        let validation_loss = b.cross_entropy(&logits, constants.validation_classes)?;
        let accuracy = b.mean_all(&b.equal(&b.argmax(&logits, 1)?, constants.validation_classes)?)?;

        let powers = [b.affine(power1, ADAM.beta1, 0.0)?, b.affine(power2, ADAM.beta2, 0.0)?];
        let carried = params.into_iter().chain(ms).chain(vs).chain(powers);
        Ok(Outputs::many(carried.chain([train_loss, validation_loss, accuracy])))
    }
}
