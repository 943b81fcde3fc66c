//! Elementwise ops.

use crate::Candle;
use crate::error::{Named, misfit};
use candle_core::{DType, Module, Result, Tensor};
use candle_nn::PReLU;
use chipmark_core::ops::elementwise::{Elementwise, SELU_ALPHA, SELU_SCALE};
use chipmark_core::{Backend, OpResult};

/// A method of candle's with its name.
type Call = (&'static str, fn(&Tensor, &Tensor) -> Result<Tensor>);

/// An op of two operands, as candle has it twice: for equal shapes and with broadcasting.
struct Binary {
    op: &'static str,
    plain: Call,
    broadcast: Call,
}

/// One [`Binary`] by its method's name.
macro_rules! binary {
    ($op:literal, $plain:ident, $broadcast:ident) => {
        Binary {
            op: $op,
            plain: (concat!("Tensor::", stringify!($plain)), Tensor::$plain),
            broadcast: (concat!("Tensor::", stringify!($broadcast)), Tensor::$broadcast),
        }
    };
}

impl Candle {
    fn binary(&self, binary: &Binary, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        let (call, f) = if a.shape() == b.shape() { binary.plain } else { binary.broadcast };
        self.log().native(binary.op, call);
        f(a, b).named(binary.op)
    }
}

impl Elementwise for Candle {
    fn add(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary(&binary!("add", add, broadcast_add), a, b)
    }

    fn sub(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary(&binary!("sub", sub, broadcast_sub), a, b)
    }

    fn mul(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary(&binary!("mul", mul, broadcast_mul), a, b)
    }

    fn div(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.binary(&binary!("div", div, broadcast_div), a, b)
    }

    fn affine(&self, x: &Tensor, factor: f64, offset: f64) -> OpResult<Tensor> {
        self.log().native("affine", "Tensor::affine");
        x.affine(factor, offset).named("affine")
    }

    fn sqrt(&self, x: &Tensor) -> OpResult<Tensor> {
        self.log().native("sqrt", "Tensor::sqrt");
        x.sqrt().named("sqrt")
    }

    fn relu(&self, x: &Tensor) -> OpResult<Tensor> {
        self.log().native("relu", "Tensor::relu");
        x.relu().named("relu")
    }

    fn leaky_relu(&self, x: &Tensor, slope: f64) -> OpResult<Tensor> {
        self.log().composed("leaky_relu", "candle_nn::ops::leaky_relu: zeros, maximum, minimum, affine, add");
        candle_nn::ops::leaky_relu(x, slope).named("leaky_relu")
    }

    fn prelu(&self, x: &Tensor, slope: &Tensor) -> OpResult<Tensor> {
        self.log().composed("prelu", "candle_nn::PReLU: zeros, maximum, minimum, broadcast_mul, add");
        if slope.dims() != [1] {
            return Err(misfit("prelu", &[x, slope], "expected one slope, [1]"));
        }
        PReLU::new(slope.clone(), true).forward(x).named("prelu")
    }

    /// By candle's elu. Its own selu fills two tensors like x at each call, and knows f32 alone.
    fn selu(&self, x: &Tensor) -> OpResult<Tensor> {
        self.log().composed("selu", "Tensor::elu, affine");
        let run = || x.elu(SELU_ALPHA)?.affine(SELU_SCALE, 0.0);
        run().named("selu")
    }

    fn sigmoid(&self, x: &Tensor) -> OpResult<Tensor> {
        self.log().native("sigmoid", "candle_nn::ops::sigmoid");
        candle_nn::ops::sigmoid(x).named("sigmoid")
    }

    fn tanh(&self, x: &Tensor) -> OpResult<Tensor> {
        self.log().native("tanh", "Tensor::tanh");
        x.tanh().named("tanh")
    }

    /// As max(x, 0) + ln(1 + e^−|x|), in which nothing overflows.
    fn softplus(&self, x: &Tensor) -> OpResult<Tensor> {
        self.log().composed("softplus", "relu, abs, neg, exp, affine, log, add");
        let run = || x.relu()? + x.abs()?.neg()?.exp()?.affine(1.0, 1.0)?.log()?;
        run().named("softplus")
    }

    fn gelu(&self, x: &Tensor) -> OpResult<Tensor> {
        self.log().native("gelu", "Tensor::gelu_erf");
        x.gelu_erf().named("gelu")
    }

    /// Not by `Tensor::copy`, which on Metal gives a second handle on the same buffer.
    fn copy(&self, x: &Tensor) -> OpResult<Tensor> {
        self.log().native("copy", "Tensor::force_contiguous");
        x.force_contiguous().named("copy")
    }

    fn triad(&self, a: &Tensor, b: &Tensor, factor: f64) -> OpResult<Tensor> {
        self.log().composed("triad", "affine, add");
        let run = || a + b.affine(factor, 0.0)?;
        run().named("triad")
    }

    fn equal(&self, a: &Tensor, b: &Tensor) -> OpResult<Tensor> {
        self.log().composed("equal", "Tensor::eq or broadcast_eq, then to_dtype: candle compares to u8");
        // argmax gives u32, uploaded indices are i64, and candle compares equal dtypes only.
        let whole = |x: &Tensor| if x.dtype() == DType::U32 { x.to_dtype(DType::I64) } else { Ok(x.clone()) };
        let compare = || {
            let (a, b) = if a.dtype() == b.dtype() { (a.clone(), b.clone()) } else { (whole(a)?, whole(b)?) };
            let equal = if a.shape() == b.shape() { a.eq(&b)? } else { a.broadcast_eq(&b)? };
            equal.to_dtype(DType::F32)
        };
        compare().named("equal")
    }
}
