//! The multi-layer perceptron of transformers.

use super::{Flop, Layer, Param, split_number};
use crate::workload::{named, product};
use chipmark_core::{FullBackend, OpResult, Shape};

/// linear `width → hidden`, gelu, linear `hidden → width`, on each token of x `[batch, len, width]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mlp {
    pub(super) batch: usize,
    pub(super) len: usize,
    pub(super) width: usize,
    pub(super) hidden: usize,
}

/// What the second product makes up for: gelu leaves about half of the mean square of what goes in.
const AFTER_GELU: f64 = 2.0;

impl Mlp {
    fn tokens(&self) -> u64 {
        product(&[self.batch, self.len])
    }
}

impl Layer for Mlp {
    const ID: &'static str = "mlp";
    const ABOUT: &'static str = "multi-layer perceptron: linear, gelu, linear";
    const TRAIN_ID: &'static str = "mlp_train";
    const TRAIN_ABOUT: &'static str = "a training step of a multi-layer perceptron: forward, backward, update";
    const FORMS: &'static [&'static str] = &["{x}-hidden{hidden}"];

    type Dims = [usize; 4];

    fn dims(&self) -> [usize; 4] {
        [self.batch, self.len, self.width, self.hidden]
    }

    fn of([batch, len, width, hidden]: [usize; 4]) -> Self {
        Mlp { batch, len, width, hidden }
    }

    fn label(&self) -> String {
        format!("{}-hidden{}", self.input(), self.hidden)
    }

    fn parse(label: &str) -> Result<Self, String> {
        let bad = || format!("'{label}' is no perceptron: write it like 32x128x512-hidden2048");
        let (x, hidden) = split_number(label, "-hidden").ok_or_else(bad)?;
        match x.parse::<Shape>()?[..] {
            [batch, len, width] => Ok(Mlp { batch, len, width, hidden }),
            _ => Err(bad()),
        }
    }

    fn input(&self) -> Shape {
        Shape::from([self.batch, self.len, self.width])
    }

    fn output(&self) -> Shape {
        self.input()
    }

    fn params(&self) -> Vec<Param> {
        vec![
            Param::weight([self.hidden, self.width], self.width, 1.0),
            Param::bias([self.hidden]),
            Param::weight([self.width, self.hidden], self.hidden, AFTER_GELU),
            Param::bias([self.width]),
        ]
    }

    fn flop(&self) -> Flop {
        let each = self.tokens().saturating_mul(product(&[2, self.width, self.hidden]));
        Flop { of_x: each, others: each }
    }

    fn made(&self) -> u64 {
        // Before gelu, after it, and the result.
        self.tokens().saturating_mul(product(&[2, self.hidden]).saturating_add(self.width as u64))
    }

    fn lengths(&self) -> Vec<usize> {
        vec![self.width, self.hidden]
    }

    fn fan_in(&self) -> usize {
        self.width + self.hidden
    }

    fn forward<B: FullBackend>(&self, b: &B, params: &[B::Tensor], x: &B::Tensor) -> OpResult<B::Tensor> {
        let [up, up_bias, down, down_bias] = named(Self::ID, params)?;
        b.linear(&b.gelu(&b.linear(x, up, up_bias)?)?, down, down_bias)
    }
}
