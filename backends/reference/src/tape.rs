//! The tape of reverse-mode automatic differentiation. Ops note on it how a gradient flows back through them, while
//! [`Tape::run`] is at work and at no other time.

use chipmark_core::{OpError, OpResult};
use ndarray::ArrayD;
use std::cell::{Cell, RefCell};

use crate::tensor::Tensor;

/// A tensor's place on a tape. One from an earlier run is no place on this one: such a tensor is a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    run: u64,
    index: usize,
}

/// From the gradient of an op's output to that of one of its inputs.
pub(crate) type Backward = Box<dyn Fn(&ArrayD<f64>) -> OpResult<ArrayD<f64>>>;

/// How the gradient of one output flows to the inputs that are on the tape.
struct Node {
    edges: Vec<(usize, Backward)>,
}

/// What was recorded, in the order in which it was computed: an input always stands before its output.
#[derive(Default)]
pub(crate) struct Tape {
    runs: Cell<u64>,
    nodes: RefCell<Option<Vec<Node>>>,
}

/// Closes the tape whatever way the recorded function ends.
struct Closing<'a>(&'a Tape);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        *self.0.nodes.borrow_mut() = None;
    }
}

impl Tape {
    fn push(&self, edges: Vec<(usize, Backward)>) -> Option<Slot> {
        let mut nodes = self.nodes.borrow_mut();
        let nodes = nodes.as_mut()?;
        nodes.push(Node { edges });
        Some(Slot { run: self.runs.get(), index: nodes.len() - 1 })
    }

    /// Notes an op with the inputs that it can be differentiated by. `None` when there is nothing to note.
    pub(crate) fn record(&self, inputs: Vec<(Option<Slot>, Backward)>) -> Option<Slot> {
        let run = self.runs.get();
        let edges: Vec<_> = inputs
            .into_iter()
            .filter_map(|(slot, backward)| slot.filter(|s| s.run == run).map(|s| (s.index, backward)))
            .collect();
        if edges.is_empty() { None } else { self.push(edges) }
    }

    /// The value of `f` at `params`, and its gradient with respect to each.
    pub(crate) fn run<F>(&self, f: F, params: &[Tensor]) -> OpResult<(Tensor, Vec<Tensor>)>
    where
        F: FnOnce(&[Tensor]) -> OpResult<Tensor>,
    {
        const OP: &str = "value_and_grad";
        if self.nodes.borrow().is_some() {
            return Err(OpError::unsupported(OP, "the reference has no derivatives of derivatives"));
        }
        for param in params {
            param.floats(OP)?;
        }
        self.runs.set(self.runs.get() + 1);
        *self.nodes.borrow_mut() = Some(Vec::new());
        let closing = Closing(self);
        let leaves: Vec<Tensor> =
            params.iter().map(|p| Tensor { elements: p.elements.clone(), slot: self.push(Vec::new()) }).collect();
        let value = f(&leaves)?;
        let nodes = self.nodes.borrow_mut().take().unwrap_or_default();
        drop(closing);

        let elements = value.floats(OP)?;
        if elements.len() != 1 {
            let why = "the function must return one element";
            return Err(chipmark_core::op_shapes::mismatch(OP, value.dtype(), &[value.shape()], why));
        }
        let seed = ArrayD::ones(elements.raw_dim());
        let from = value.slot.filter(|s| s.run == self.runs.get()).map(|s| (s.index, seed));
        let mut gradients = flow(&nodes, from)?;
        let gradients = params
            .iter()
            .enumerate()
            .map(|(i, param)| {
                let gradient = gradients.get_mut(i).and_then(Option::take);
                let gradient = gradient.unwrap_or_else(|| ArrayD::zeros(param.shape()));
                Tensor::from_floats(crate::tensor::shared(gradient))
            })
            .collect();
        Ok((Tensor::from_floats(elements.clone()), gradients))
    }
}

/// The gradient of every node without edges, which are the parameters, from that of the last.
fn flow(nodes: &[Node], from: Option<(usize, ArrayD<f64>)>) -> OpResult<Vec<Option<ArrayD<f64>>>> {
    let mut gradients: Vec<Option<ArrayD<f64>>> = nodes.iter().map(|_| None).collect();
    let Some((last, seed)) = from else { return Ok(gradients) };
    gradients[last] = Some(seed);
    for (i, node) in nodes.iter().enumerate().take(last + 1).rev().filter(|(_, node)| !node.edges.is_empty()) {
        let Some(gradient) = gradients[i].take() else { continue };
        for (to, backward) in &node.edges {
            let share = backward(&gradient)?;
            match &mut gradients[*to] {
                Some(sum) => *sum += &share,
                empty => *empty = Some(share),
            }
        }
    }
    Ok(gradients)
}
