//! Gradients worked out by hand, above all where candle's own backward is not used.

use super::common::{assert_is, assert_near, cpu, index, tensor};
use candle_core::{Tensor, Var};
use chipmark_candle::Candle;
use chipmark_core::ops::conv::Conv as _;
use chipmark_core::ops::elementwise::Elementwise as _;
use chipmark_core::ops::index::Index as _;
use chipmark_core::ops::linalg::Linalg as _;
use chipmark_core::ops::loss::Loss as _;
use chipmark_core::ops::norm::Norm as _;
use chipmark_core::ops::reduce::Reduce as _;
use chipmark_core::{Backend, OpError, OpResult};

#[test]
fn gradients_of_sums() {
    let b = cpu();
    let x = tensor(&b, [2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let w = tensor(&b, [2, 2], &[1.0, 0.0, -1.0, 2.0]);
    let bias = tensor(&b, [2], &[0.0, 0.0]);
    let (value, grads) = b
        .value_and_grad(
            |b, p| {
                let [x, w, bias] = p else { return Err(OpError::framework("test", "three parameters")) };
                b.mean_all(&b.linear(x, w, bias)?)
            },
            &[b.share(&x), b.share(&w), b.share(&bias)],
        )
        .unwrap();
    assert_is(&b, Ok(value), [], &[3.0]);
    let [dx, dw, dbias] = <[Tensor; 3]>::try_from(grads).unwrap();
    assert_is(&b, Ok(dx), [2, 2], &[0.0, 0.5, 0.0, 0.5]);
    assert_is(&b, Ok(dw), [2, 2], &[1.0, 1.5, 1.0, 1.5]);
    assert_is(&b, Ok(dbias), [2], &[0.5, 0.5]);

    // Σ of gathered, scattered and sliced rows: row 1 is taken twice, row 0 stays in `into`.
    let rows = |b: &Candle, p: &[Tensor]| {
        let taken = b.gather_rows(&p[0], &index(b, &[1, 1]))?;
        let placed = b.scatter_add_rows(&p[0], &index(b, &[0, 1]), &taken)?;
        b.mean_all(&b.slice_rows(&placed, 0, 1)?)
    };
    let (value, grads) = b.value_and_grad(rows, &[b.share(&x)]).unwrap();
    assert_is(&b, Ok(value), [], &[5.0]);
    assert_is(&b, Ok(grads.into_iter().next().unwrap()), [2, 2], &[0.5, 0.5, 0.5, 0.5]);

    // Softmax minus one-hot, over the two rows.
    let classes = index(&b, &[1, 0]);
    let logits = tensor(&b, [2, 2], &[0.0, 3f64.ln(), 0.0, 0.0]);
    let (_, grads) = b.value_and_grad(|b, p| b.cross_entropy(&p[0], &classes), &[logits]).unwrap();
    assert_near(&b, Ok(grads.into_iter().next().unwrap()), [2, 2], &[0.125, -0.125, -0.25, 0.25]);

    // A sum of softmax is constant; its square is not: d Σ s²/2 = s (s − Σ s²).
    let square = |b: &Candle, p: &[Tensor]| {
        let s = b.softmax(&p[0], 0)?;
        b.mean_all(&b.mul(&s, &s)?)
    };
    let x = tensor(&b, [2], &[0.0, 3f64.ln()]);
    let (_, grads) = b.value_and_grad(square, &[x]).unwrap();
    assert_near(&b, Ok(grads.into_iter().next().unwrap()), [2], &[-0.09375, 0.09375]);

    let signs = |b: &Candle, p: &[Tensor]| b.mean_all(&b.sqrt(&b.relu(&b.affine(&p[0], 4.0, 0.0)?)?)?);
    let (value, grads) = b.value_and_grad(signs, &[tensor(&b, [2], &[1.0, 4.0])]).unwrap();
    assert_is(&b, Ok(value), [], &[3.0]);
    assert_is(&b, Ok(grads.into_iter().next().unwrap()), [2], &[0.5, 0.25]);

    let images = tensor(&b, [1, 1, 2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let filters = tensor(&b, [1, 1, 1, 2], &[10.0, 1.0]);
    let (value, grads) = b.value_and_grad(|b, p| b.mean_all(&b.conv2d(&p[0], &p[1])?), &[images, filters]).unwrap();
    assert_is(&b, Ok(value), [], &[23.0]);
    let [dx, dk] = <[Tensor; 2]>::try_from(grads).unwrap();
    assert_is(&b, Ok(dx), [1, 1, 2, 2], &[5.0, 0.5, 5.0, 0.5]);
    assert_is(&b, Ok(dk), [1, 1, 1, 2], &[2.0, 3.0]);
}

#[test]
fn a_parameter_that_does_not_matter_has_a_gradient_of_zeros() {
    let b = cpu();
    let x = tensor(&b, [2], &[1.0, 3.0]);
    let (value, grads) = b.value_and_grad(|b, p| b.mean_all(&p[0]), &[b.share(&x), b.share(&x)]).unwrap();
    assert!(!value.track_op(), "the value keeps the whole tape alive");
    let [used, unused] = <[Tensor; 2]>::try_from(grads).unwrap();
    assert_is(&b, Ok(used), [2], &[0.5, 0.5]);
    assert_is(&b, Ok(unused), [2], &[0.0, 0.0]);
    assert!(matches!(b.value_and_grad(|_, p| Ok(p[0].clone()), &[x]), Err(OpError::Framework { .. })));
}

/// The gradients of `f` at two tensors.
#[track_caller]
fn gradients(b: &Candle, params: [&Tensor; 2], f: impl Fn(&[Tensor]) -> OpResult<Tensor>) -> [Tensor; 2] {
    let (_, grads) = b.value_and_grad(|_, p| f(p), &params.map(Tensor::clone)).unwrap();
    grads.try_into().unwrap()
}

#[test]
fn what_was_replaced_has_no_gradient() {
    let b = cpu();
    let (x, rows) = (tensor(&b, [3, 1], &[1.0, 2.0, 3.0]), tensor(&b, [2, 1], &[4.0, 5.0]));
    let place = index(&b, &[2, 0]);
    let [dx, drows] = gradients(&b, [&x, &rows], |p| b.sum_all(&b.scatter_set_rows(&p[0], &place, &p[1])?));
    assert_is(&b, Ok(dx), [3, 1], &[0.0, 1.0, 0.0]);
    assert_is(&b, Ok(drows), [2, 1], &[1.0, 1.0]);

    // As long as this is so, the op must not leave it to candle.
    let variable = Var::from_tensor(&x).unwrap();
    let own = variable.scatter(&place.unsqueeze(1).unwrap(), &rows, 0).unwrap().sum_all().unwrap().backward().unwrap();
    assert_is(&b, Ok(own.get(&variable).unwrap().clone()), [3, 1], &[1.0, 1.0, 1.0]);
}

#[test]
fn the_largest_has_the_gradient() {
    let b = cpu();
    let x = tensor(&b, [2, 2], &[0.0, 0.0, 5.0, f64::NEG_INFINITY]);
    let rows = tensor(&b, [4, 2], &[1.0, -1.0, 3.0, -2.0, 4.0, 9.0, 3.0, -3.0]);
    let place = index(&b, &[0, 0, 1, 0]);
    let [dx, drows] = gradients(&b, [&x, &rows], |p| b.sum_all(&b.scatter_max_rows(&p[0], &place, &p[1])?));
    assert_is(&b, Ok(dx), [2, 2], &[0.0, 1.0, 1.0, 0.0]);
    // Of the two threes each has a half.
    assert_is(&b, Ok(drows), [4, 2], &[0.0, 0.0, 0.5, 0.0, 0.0, 1.0, 0.5, 0.0]);
}

#[test]
fn filters_of_several_sequences() {
    let b = cpu();
    let x = tensor(&b, [2, 1, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let filters = tensor(&b, [2, 1, 2], &[1.0, 10.0, 2.0, 20.0]);
    let weights = tensor(&b, [2, 2, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    let [dx, dfilters] = gradients(&b, [&x, &filters], |p| b.sum_all(&b.mul(&b.conv1d(&p[0], &p[1])?, &weights)?));
    assert_is(&b, Ok(dx), [2, 1, 3], &[7.0, 80.0, 100.0, 19.0, 212.0, 220.0]);
    let want = [55.0, 69.0, 79.0, 101.0];
    assert_is(&b, Ok(dfilters), [2, 1, 2], &want);

    // As long as this is so, the op must not leave it to candle.
    let variable = Var::from_tensor(&filters).unwrap();
    let own = x.conv1d(&variable, 0, 1, 1, 1).unwrap().mul(&weights).unwrap().sum_all().unwrap().backward().unwrap();
    let own = b.download(own.get(&variable).unwrap()).unwrap();
    assert_ne!(own.to_f64(), want);
}
