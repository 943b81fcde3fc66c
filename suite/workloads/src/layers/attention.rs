//! Multi-head self-attention with its projections.

use super::{Flop, Layer, Param, split_number};
use crate::causal_attention;
use crate::workload::{named, product};
use chipmark_core::ops::attention::Mask;
use chipmark_core::{FullBackend, OpResult, Shape};

/// Projections of x `[batch, len, heads·size]` to q, k and v, attention head by head, and the projection of what comes out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Attention {
    pub(super) batch: usize,
    pub(super) len: usize,
    pub(super) kv_heads: usize,
    /// How many neighbouring heads of q each head of k and v serves.
    pub(super) shared: usize,
    pub(super) size: usize,
    /// Whether the future is hidden, as in a language model. The workloads' is; an encoder's is not.
    pub(super) causal: bool,
}

impl Attention {
    fn heads(&self) -> usize {
        self.kv_heads.saturating_mul(self.shared)
    }

    /// The width of x and q.
    pub(super) fn width(&self) -> usize {
        self.heads().saturating_mul(self.size)
    }

    /// The width of k, and of v.
    fn kv_width(&self) -> usize {
        self.kv_heads.saturating_mul(self.size)
    }

    fn tokens(&self) -> u64 {
        product(&[self.batch, self.len])
    }

    /// `[batch, len, heads·size]` → `[batch, heads, len, size]`.
    fn split<B: FullBackend>(&self, b: &B, x: &B::Tensor, heads: usize) -> OpResult<B::Tensor> {
        b.swap_axes(&b.reshape(x, &[self.batch, self.len, heads, self.size])?, 1, 2)
    }
}

impl Layer for Attention {
    const ID: &'static str = "attention";
    const ABOUT: &'static str =
        "causal multi-head self-attention with its projections; groups of heads may share k and v";
    const TRAIN_ID: &'static str = "attention_train";
    const TRAIN_ABOUT: &'static str = "a training step of causal multi-head self-attention: forward, backward, update";
    const FORMS: &'static [&'static str] = &["{x}-heads{heads}", "{x}-heads{heads}-groups{groups}"];

    type Dims = [usize; 5];

    fn dims(&self) -> [usize; 5] {
        [self.batch, self.len, self.kv_heads, self.shared, self.size]
    }

    fn of([batch, len, kv_heads, shared, size]: [usize; 5]) -> Self {
        Attention { batch, len, kv_heads, shared, size, causal: true }
    }

    fn label(&self) -> String {
        let label = format!("{}-heads{}", self.input(), self.heads());
        if self.shared == 1 { label } else { format!("{label}-groups{}", self.kv_heads) }
    }

    fn parse(label: &str) -> Result<Self, String> {
        let bad = || format!("'{label}' is no attention: write it like 4x256x512-heads8 or 4x256x512-heads8-groups2");
        let (rest, groups) = match split_number(label, "-groups") {
            Some((rest, groups)) => (rest, Some(groups)),
            None => (label, None),
        };
        let (x, heads) = split_number(rest, "-heads").ok_or_else(bad)?;
        let [batch, len, width] = x.parse::<Shape>()?[..] else { return Err(bad()) };
        let kv_heads = groups.unwrap_or(heads);
        if !width.is_multiple_of(heads) {
            return Err(format!("{width} cannot be split between {heads} heads"));
        }
        if !heads.is_multiple_of(kv_heads) {
            return Err(format!("{heads} heads cannot be put into {kv_heads} groups"));
        }
        Ok(Attention::of([batch, len, kv_heads, heads / kv_heads, width / heads]))
    }

    fn input(&self) -> Shape {
        Shape::from([self.batch, self.len, self.width()])
    }

    fn output(&self) -> Shape {
        self.input()
    }

    fn params(&self) -> Vec<Param> {
        let (width, kv_width) = (self.width(), self.kv_width());
        let projections = [width, kv_width, kv_width, width].into_iter();
        projections.flat_map(|to| [Param::weight([to, width], width, 1.0), Param::bias([to])]).collect()
    }

    fn flop(&self) -> Flop {
        let project = |to: usize| self.tokens().saturating_mul(product(&[2, self.width(), to]));
        let heads = product(&[self.batch, self.heads()]);
        let pairs = heads.saturating_mul(causal_attention::pairs(self.len, self.causal));
        Flop {
            of_x: project(self.width()).saturating_add(project(2 * self.kv_width())),
            others: project(self.width()).saturating_add(causal_attention::flop(pairs, self.size)),
        }
    }

    fn made(&self) -> u64 {
        // q, what attention makes, the same with its heads side by side, and the result; k and v; the scores, where there is
        // no kernel for the whole.
        let rows = product(&[4, self.width()]).saturating_add(product(&[2, self.kv_width()]));
        let scores = product(&[self.batch, self.heads(), self.len, self.len]);
        self.tokens().saturating_mul(rows).saturating_add(scores)
    }

    fn lengths(&self) -> Vec<usize> {
        // What a score is off by comes out twice: in a weight, and in the sum of weights.
        vec![self.width(), self.size, self.size, self.len, self.width()]
    }

    fn fan_in(&self) -> usize {
        self.width().saturating_mul(4)
    }

    fn forward<B: FullBackend>(&self, b: &B, params: &[B::Tensor], x: &B::Tensor) -> OpResult<B::Tensor> {
        let [q, q_bias, k, k_bias, v, v_bias, out, out_bias] = named(Self::ID, params)?;
        let q = self.split(b, &b.linear(x, q, q_bias)?, self.heads())?;
        let k = self.split(b, &b.linear(x, k, k_bias)?, self.kv_heads)?;
        let v = self.split(b, &b.linear(x, v, v_bias)?, self.kv_heads)?;
        let mask = if self.causal { Mask::Causal } else { Mask::None };
        #[expect(clippy::cast_precision_loss, reason = "a width is far below 2^53")]
        let attended = b.sdpa(&q, &k, &v, mask, 1.0 / (self.size as f64).sqrt())?;
        let side_by_side = b.reshape(&b.swap_axes(&attended, 1, 2)?, &self.input())?;
        b.linear(&side_by_side, out, out_bias)
    }
}
