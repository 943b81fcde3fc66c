//! Activation functions, element by element.

use crate::along::shape_at;
use crate::workload::{Workload, bytes, named, product};
use chipmark_core::check::Scale;
use chipmark_core::{
    ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Shape, Tier, Tolerance,
};
use std::fmt::Debug;
use std::marker::PhantomData;

/// A function of one number.
pub(crate) trait Function: Clone + Debug + PartialEq + 'static {
    const ID: &'static str;
    const ABOUT: &'static str;
    /// The operations of one element, a comparison one of them.
    const FLOP: usize;
    /// What eight roundings are measured against; none where the result is exact. It is the element itself where every way
    /// to compute it keeps its relative precision, and one where an element may be near zero and an intermediate result is
    /// not, as in eˣ − 1.
    const SCALE: Option<Scale>;
    /// How many slopes follow x as inputs.
    const SLOPES: usize = 0;

    /// The work, on x and the slopes.
    fn of<B: FullBackend>(backend: &B, x: &[B::Tensor]) -> OpResult<B::Tensor>;
}

/// A function of every element of x.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Activation<F> {
    shape: Shape,
    dtype: DType,
    function: PhantomData<F>,
}

impl<F: Function> Workload for Activation<F> {
    const ID: &'static str = F::ID;
    const ABOUT: &'static str = F::ABOUT;
    const FORMS: &'static [&'static str] = &["{x}"];

    fn at(&self, tier: Tier) -> Self {
        Activation { shape: shape_at(&self.shape, None, tier), ..*self }
    }

    fn label(&self) -> String {
        self.shape.to_string()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        Ok(Activation { shape: label.parse()?, dtype, function: PhantomData })
    }

    fn cost(&self) -> Cost {
        let n = self.shape.numel();
        Cost::streaming(product(&[F::FLOP, n]), bytes(n.saturating_add(F::SLOPES), self.dtype), bytes(n, self.dtype))
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![F::SCALE.map_or(Tolerance::EXACT, |scale| Tolerance::reduction(self.dtype, 0, scale))]
    }

    /// Numbers of either sign, of which no function here makes more than a little over two.
    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        let mut inputs = vec![fill.uniform(self.shape.clone(), -2.0, 2.0, self.dtype)?];
        for _ in 0..F::SLOPES {
            inputs.push(fill.uniform([1], 0.1, 0.4, self.dtype)?);
        }
        Ok(inputs)
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        Ok(Outputs::one(F::of(backend, x)?))
    }
}

/// `relu`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Relu;

impl Function for Relu {
    const ID: &'static str = "relu";
    const ABOUT: &'static str = "max(x, 0), element by element";
    const FLOP: usize = 1;
    const SCALE: Option<Scale> = None;

    fn of<B: FullBackend>(backend: &B, x: &[B::Tensor]) -> OpResult<B::Tensor> {
        let [x] = named(Self::ID, x)?;
        backend.relu(x)
    }
}

/// `leaky_relu`, with the slope that frameworks take by default.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LeakyRelu;

impl Function for LeakyRelu {
    const ID: &'static str = "leaky_relu";
    const ABOUT: &'static str = "x where x > 0, 0.01·x elsewhere, element by element";
    const FLOP: usize = 2;
    const SCALE: Option<Scale> = Some(Scale::Element);

    fn of<B: FullBackend>(backend: &B, x: &[B::Tensor]) -> OpResult<B::Tensor> {
        let [x] = named(Self::ID, x)?;
        backend.leaky_relu(x, 0.01)
    }
}

/// `prelu`, with one slope for all of x.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Prelu;

impl Function for Prelu {
    const ID: &'static str = "prelu";
    const ABOUT: &'static str = "x where x > 0, a·x elsewhere, element by element, with one a as an input";
    const FLOP: usize = 2;
    const SCALE: Option<Scale> = Some(Scale::Element);
    const SLOPES: usize = 1;

    fn of<B: FullBackend>(backend: &B, x: &[B::Tensor]) -> OpResult<B::Tensor> {
        let [x, slope] = named(Self::ID, x)?;
        backend.prelu(x, slope)
    }
}

/// `selu`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Selu;

impl Function for Selu {
    const ID: &'static str = "selu";
    const ABOUT: &'static str = "λ·x where x > 0, λ·α·(eˣ − 1) elsewhere, element by element";
    const FLOP: usize = 4;
    const SCALE: Option<Scale> = Some(Scale::One);

    fn of<B: FullBackend>(backend: &B, x: &[B::Tensor]) -> OpResult<B::Tensor> {
        let [x] = named(Self::ID, x)?;
        backend.selu(x)
    }
}

/// `sigmoid`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sigmoid;

impl Function for Sigmoid {
    const ID: &'static str = "sigmoid";
    const ABOUT: &'static str = "1 / (1 + e⁻ˣ), element by element";
    const FLOP: usize = 3;
    const SCALE: Option<Scale> = Some(Scale::Element);

    fn of<B: FullBackend>(backend: &B, x: &[B::Tensor]) -> OpResult<B::Tensor> {
        let [x] = named(Self::ID, x)?;
        backend.sigmoid(x)
    }
}

/// `tanh`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tanh;

impl Function for Tanh {
    const ID: &'static str = "tanh";
    const ABOUT: &'static str = "(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), element by element";
    const FLOP: usize = 5;
    const SCALE: Option<Scale> = Some(Scale::One);

    fn of<B: FullBackend>(backend: &B, x: &[B::Tensor]) -> OpResult<B::Tensor> {
        let [x] = named(Self::ID, x)?;
        backend.tanh(x)
    }
}

/// `softplus`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Softplus;

impl Function for Softplus {
    const ID: &'static str = "softplus";
    const ABOUT: &'static str = "ln(1 + eˣ), element by element";
    const FLOP: usize = 3;
    const SCALE: Option<Scale> = Some(Scale::One);

    fn of<B: FullBackend>(backend: &B, x: &[B::Tensor]) -> OpResult<B::Tensor> {
        let [x] = named(Self::ID, x)?;
        backend.softplus(x)
    }
}
