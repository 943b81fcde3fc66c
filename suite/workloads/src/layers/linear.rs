//! The fully connected layer, to be trained. Its forward pass is the workload `linear`.

use super::{Flop, Layer, Param};
use crate::workload::{named, product, two_shapes};
use chipmark_core::{FullBackend, OpResult, Shape};

/// x `[rows, k]` · wᵀ + bias, w `[n, k]`, bias `[n]`. The label has `x@kxn`, as that of `linear`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Linear {
    rows: usize,
    k: usize,
    n: usize,
}

impl Layer for Linear {
    const ID: &'static str = "linear";
    const ABOUT: &'static str = "fully connected layer x·Wᵀ + b";
    const TRAIN_ID: &'static str = "linear_train";
    const TRAIN_ABOUT: &'static str = "a training step of a fully connected layer: forward, backward, update";
    const FORMS: &'static [&'static str] = &["{x}@{w}", "{rows}x{k}@{k}x{n}"];

    type Dims = [usize; 3];

    fn dims(&self) -> [usize; 3] {
        [self.rows, self.k, self.n]
    }

    fn of([rows, k, n]: [usize; 3]) -> Self {
        Linear { rows, k, n }
    }

    fn label(&self) -> String {
        format!("{}x{}@{}x{}", self.rows, self.k, self.k, self.n)
    }

    fn parse(label: &str) -> Result<Self, String> {
        match two_shapes(label)? {
            (x, w) if x.rank() == 2 && w.rank() == 2 && x[1] == w[0] => Ok(Linear { rows: x[0], k: x[1], n: w[1] }),
            (x, w) if x.rank() == 2 && w.rank() == 2 => {
                Err(format!("the last dimension of {x} and the first of {w} differ"))
            }
            _ => Err("x and W have two dimensions each, such as 64x512@512x512".to_owned()),
        }
    }

    fn input(&self) -> Shape {
        Shape::from([self.rows, self.k])
    }

    fn output(&self) -> Shape {
        Shape::from([self.rows, self.n])
    }

    fn params(&self) -> Vec<Param> {
        vec![Param::weight([self.n, self.k], self.k, 1.0), Param::bias([self.n])]
    }

    fn flop(&self) -> Flop {
        Flop { of_x: product(&[2, self.rows, self.k, self.n]), others: 0 }
    }

    fn made(&self) -> u64 {
        product(&[self.rows, self.n])
    }

    fn lengths(&self) -> Vec<usize> {
        vec![self.k]
    }

    fn fan_in(&self) -> usize {
        self.k
    }

    fn forward<B: FullBackend>(&self, b: &B, params: &[B::Tensor], x: &B::Tensor) -> OpResult<B::Tensor> {
        let [w, bias] = named(Self::ID, params)?;
        b.linear(x, w, bias)
    }
}
