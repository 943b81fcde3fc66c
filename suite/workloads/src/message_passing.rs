//! Message passing on a random graph: what the layers of graph neural networks have in common.

use crate::host::floats;
use crate::tier::fit;
use crate::workload::{Workload, bytes, named, product};
use chipmark_core::check::Scale;
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Tier, Tolerance};

/// Each edge takes its source's features to its destination, where they are added up. Both ends of an edge are drawn alone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MessagePassing {
    nodes: usize,
    edges: usize,
    features: usize,
    dtype: DType,
}

impl MessagePassing {
    fn of([nodes, edges, features]: [usize; 3], dtype: DType) -> Self {
        MessagePassing { nodes, edges, features, dtype }
    }
}

impl Workload for MessagePassing {
    const ID: &'static str = "message_passing";
    const ABOUT: &'static str = "features gathered at the source of each edge and added up at its destination";
    const FORMS: &'static [&'static str] = &["{nodes}n-{edges}e-{features}f"];

    fn at(&self, tier: Tier) -> Self {
        let dims = [self.nodes, self.edges, self.features];
        let dims = fit(dims, tier, |&dims| MessagePassing::of(dims, self.dtype).cost());
        MessagePassing::of(dims, self.dtype)
    }

    fn label(&self) -> String {
        format!("{}n-{}e-{}f", self.nodes, self.edges, self.features)
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        let bad = || format!("'{label}' is no graph: write it like 1000n-100000e-64f");
        let [nodes, edges, features] = label.split('-').collect::<Vec<_>>()[..] else { return Err(bad()) };
        let count = |text: &str, unit: char| {
            let digits = text.strip_suffix(unit).filter(|d| d.len() <= 10 && !d.starts_with(['0', '+']));
            digits.and_then(|d| d.parse::<usize>().ok()).ok_or_else(bad)
        };
        let dims = [count(nodes, 'n')?, count(edges, 'e')?, count(features, 'f')?];
        if product(&[dims[0].max(dims[1]), dims[2]]) > 1 << 40 {
            return Err(format!("'{label}' is too large: at most 2^40 features of nodes or edges"));
        }
        Ok(MessagePassing::of(dims, dtype))
    }

    fn cost(&self) -> Cost {
        let (nodes, messages) = (self.nodes.saturating_mul(self.features), self.edges.saturating_mul(self.features));
        // x, the zeros that messages are added to, and both ends of each edge.
        let inputs = bytes(nodes, self.dtype).saturating_mul(2).saturating_add(2 * bytes(self.edges, DType::I64));
        let cost = Cost::streaming(messages as u64, inputs, bytes(nodes, self.dtype));
        Cost { working_set_bytes: cost.bytes.saturating_add(bytes(messages, self.dtype)), ..cost }
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        // The messages of a node are as many as its edges, which are Poisson-distributed: none has six deviations more.
        #[expect(clippy::cast_precision_loss, reason = "a count is far below 2^53")]
        let mean = self.edges as f64 / self.nodes as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive count")]
        let most = (mean + 6.0 * mean.sqrt()).ceil() as usize + 6;
        // Where nodes are few, the same messages come again and again, and each is rounded the same way every time.
        vec![Tolerance::one_sign(self.dtype, most, Scale::AbsoluteInputs)]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        let nodes = [self.nodes, self.features];
        Ok(vec![
            fill.signed(nodes, self.dtype)?,
            fill.indices(self.edges, self.nodes)?,
            fill.indices(self.edges, self.nodes)?,
            floats(nodes, vec![0.0; self.nodes * self.features], self.dtype)?,
        ])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [x, sources, destinations, zeros] = named(Self::ID, x)?;
        let messages = backend.gather_rows(x, sources)?;
        Ok(Outputs::one(backend.scatter_add_rows(zeros, destinations, &messages)?))
    }
}
