//! A transformer's encoder layer.

use super::{Attention, Flop, Layer, Mlp, Param, split_number};
use crate::workload::product;
use chipmark_core::{FullBackend, OpError, OpResult, Shape};

/// x + attention(norm(x)), then y + mlp(norm(y)): the norm goes before (Xiong et al., 2020), every token sees every other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Transformer {
    attention: Attention,
    mlp: Mlp,
}

/// What is added to the variance (as in `PyTorch` and MLX).
const EPSILON: f64 = 1e-5;

impl Transformer {
    fn width(&self) -> usize {
        self.attention.width()
    }

    /// A normalisation's weight and bias.
    fn norm_params(&self) -> [Param; 2] {
        [Param::scale([self.width()]), Param::bias([self.width()])]
    }
}

impl Layer for Transformer {
    const ID: &'static str = "transformer";
    const ABOUT: &'static str =
        "transformer encoder layer: norm, attention, residual, norm, perceptron with gelu, residual";
    const TRAIN_ID: &'static str = "transformer_train";
    const TRAIN_ABOUT: &'static str = "a training step of a transformer encoder layer: forward, backward, update";
    const FORMS: &'static [&'static str] = &["{x}-heads{heads}-hidden{hidden}"];

    type Dims = [usize; 5];

    fn dims(&self) -> [usize; 5] {
        let Attention { batch, len, kv_heads, size, .. } = self.attention;
        [batch, len, kv_heads, size, self.mlp.hidden]
    }

    fn of([batch, len, heads, size, hidden]: [usize; 5]) -> Self {
        let attention = Attention { batch, len, kv_heads: heads, shared: 1, size, causal: false };
        Transformer { mlp: Mlp { batch, len, width: attention.width(), hidden }, attention }
    }

    fn label(&self) -> String {
        format!("{}-heads{}-hidden{}", self.input(), self.attention.kv_heads, self.mlp.hidden)
    }

    fn parse(label: &str) -> Result<Self, String> {
        let bad = || format!("'{label}' is no transformer: write it like 8x128x512-heads8-hidden2048");
        let (rest, hidden) = split_number(label, "-hidden").ok_or_else(bad)?;
        let (x, heads) = split_number(rest, "-heads").ok_or_else(bad)?;
        let [batch, len, width] = x.parse::<Shape>()?[..] else { return Err(bad()) };
        if !width.is_multiple_of(heads) {
            return Err(format!("{width} cannot be split between {heads} heads"));
        }
        Ok(Transformer::of([batch, len, heads, width / heads, hidden]))
    }

    fn input(&self) -> Shape {
        self.attention.input()
    }

    fn output(&self) -> Shape {
        self.input()
    }

    fn params(&self) -> Vec<Param> {
        let attention = self.norm_params().into_iter().chain(self.attention.params());
        attention.chain(self.norm_params()).chain(self.mlp.params()).collect()
    }

    fn flop(&self) -> Flop {
        // Gradients flow back to both norms' weights, so through every product.
        let parts = [self.attention.flop(), self.mlp.flop()];
        Flop {
            of_x: 0,
            others: parts.iter().fold(0, |sum, part| part.of_x.saturating_add(part.others).saturating_add(sum)),
        }
    }

    fn made(&self) -> u64 {
        // Two norms and two sums.
        let own = product(&self.input()).saturating_mul(4);
        own.saturating_add(self.attention.made()).saturating_add(self.mlp.made())
    }

    fn lengths(&self) -> Vec<usize> {
        let norm = vec![self.width()];
        [norm.clone(), self.attention.lengths(), norm, self.mlp.lengths()].concat()
    }

    fn fan_in(&self) -> usize {
        self.attention.fan_in().saturating_add(self.mlp.fan_in())
    }

    fn forward<B: FullBackend>(&self, b: &B, params: &[B::Tensor], x: &B::Tensor) -> OpResult<B::Tensor> {
        let too_few = || OpError::framework(Self::ID, "a parameter is missing");
        let ([weight, bias], params) = params.split_first_chunk().ok_or_else(too_few)?;
        let (attention, params) = params.split_first_chunk::<8>().ok_or_else(too_few)?;
        let ([weight_2, bias_2], mlp) = params.split_first_chunk().ok_or_else(too_few)?;
        let normed = b.layer_norm(x, Some([weight, bias]), EPSILON)?;
        let y = b.add(x, &self.attention.forward(b, attention, &normed)?)?;
        let normed = b.layer_norm(&y, Some([weight_2, bias_2]), EPSILON)?;
        b.add(&y, &self.mlp.forward(b, mlp, &normed)?)
    }
}
