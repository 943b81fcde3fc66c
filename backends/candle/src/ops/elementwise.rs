//! Elementwise ops.

use crate::Candle;
use crate::error::Named;
use candle_core::{DType, Result, Tensor};
use chipmark_core::ops::elementwise::Elementwise;
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
