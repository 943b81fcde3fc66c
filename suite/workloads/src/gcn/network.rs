//! The network and its training: what one call does.

use super::{ADAM, CARRIED, Form, GcnEpoch, LAYERS, PARAMS};
use crate::workload::{Workload, named};
use chipmark_core::ops::optim::AdamState;
use chipmark_core::{FullBackend, OpError, OpResult, Outputs};

/// The constant inputs, after the carried ones.
struct Constants<'a, T> {
    features: &'a T,
    /// Dense: the normalised adjacency matrix. Sparse: sources, destinations, weights, and zeros to add messages to, of the width
    /// of hidden layers and of the last.
    graph: &'a [T],
    masks: [&'a T; LAYERS - 1],
    train_classes: &'a T,
    validation_classes: &'a T,
}

impl GcnEpoch {
    fn constants<'a, T>(&self, x: &'a [T]) -> OpResult<Constants<'a, T>> {
        let tensors = match self.form {
            Form::Dense => 1,
            Form::Sparse => 5,
        };
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

    /// One epoch: the gradients of the training loss, an update of every parameter, then the loss and accuracy of the validation
    /// nodes with the updated ones.
    pub(super) fn epoch<B: FullBackend>(&self, b: &B, x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let (carried, constants) = x.split_at_checked(CARRIED).ok_or_else(|| self.too_few())?;
        let (params, rest) = carried.split_at(PARAMS);
        let (m, rest) = rest.split_at(PARAMS);
        let (v, corrections) = rest.split_at(PARAMS);
        let [correction1, correction2] = named(Self::ID, corrections)?;
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
            updated.push(b.adam(&ADAM, &AdamState { param, m, v }, grad, [correction1, correction2])?);
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

        // 1 − βᵗ⁺¹ = β·(1 − βᵗ) + (1 − β).
        let next = |correction, beta| b.affine(correction, beta, 1.0 - beta);
        let corrections = [next(correction1, ADAM.beta1)?, next(correction2, ADAM.beta2)?];
        let carried = params.into_iter().chain(ms).chain(vs).chain(corrections);
        Ok(Outputs::many(carried.chain([train_loss, validation_loss, accuracy])))
    }
}
