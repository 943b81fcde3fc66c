//! Elementwise ops, and the optimiser that is made of them.

use super::common::{assert_is, assert_near, cpu, index, tensor, with_gaps};
use chipmark_core::ops::elementwise::{Elementwise as _, SELU_ALPHA, SELU_SCALE};
use chipmark_core::ops::optim::{Adam, AdamState, Optim as _};
use chipmark_core::ops::reduce::Reduce as _;
use chipmark_core::{Backend, DType, OpError};

#[test]
fn elementwise_ops_broadcast_as_in_numpy() {
    let b = cpu();
    let x = tensor(&b, [2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let row = tensor(&b, [3], &[1.0, 2.0, 4.0]);
    let column = tensor(&b, [2, 1], &[10.0, 20.0]);
    assert_is(&b, b.add(&x, &x), [2, 3], &[2.0, 4.0, 6.0, 8.0, 10.0, 12.0]);
    assert_is(&b, b.add(&column, &row), [2, 3], &[11.0, 12.0, 14.0, 21.0, 22.0, 24.0]);
    assert_is(&b, b.sub(&row, &x), [2, 3], &[0.0, 0.0, 1.0, -3.0, -3.0, -2.0]);
    assert_is(&b, b.mul(&x, &column), [2, 3], &[10.0, 20.0, 30.0, 80.0, 100.0, 120.0]);
    assert_is(&b, b.div(&x, &row), [2, 3], &[1.0, 1.0, 0.75, 4.0, 2.5, 1.5]);
    assert_is(&b, b.mul(&with_gaps(&x), &x), [2, 3], &[1.0, 4.0, 9.0, 16.0, 25.0, 36.0]);
    assert_is(&b, b.affine(&x.t().unwrap(), 2.0, -1.0), [3, 2], &[1.0, 7.0, 3.0, 9.0, 5.0, 11.0]);
    assert_is(&b, b.sqrt(&tensor(&b, [2], &[9.0, 0.25])), [2], &[3.0, 0.5]);
    assert_is(&b, b.relu(&tensor(&b, [3], &[-1.0, 0.0, 2.0])), [3], &[0.0, 0.0, 2.0]);
    assert!(matches!(b.add(&x, &tensor(&b, [2], &[1.0, 2.0])), Err(OpError::Framework { op: "add", .. })));
}

#[test]
fn activations() {
    let b = cpu();
    let x = tensor(&b, [2, 2], &[-2.0, 0.0, 3.0, -1.0]);
    let leaky = [-0.5, 0.0, 3.0, -0.25];
    let slope = tensor(&b, [1], &[0.25]);
    for x in [&x, &with_gaps(&x)] {
        assert_is(&b, b.leaky_relu(x, 0.25), [2, 2], &leaky);
        assert_is(&b, b.prelu(x, &slope), [2, 2], &leaky);
        let low = |x: f64| SELU_SCALE * SELU_ALPHA * x.exp_m1();
        assert_near(&b, b.selu(x), [2, 2], &[low(-2.0), 0.0, 3.0 * SELU_SCALE, low(-1.0)]);
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        assert_near(&b, b.sigmoid(x), [2, 2], &[sigmoid(-2.0), 0.5, sigmoid(3.0), sigmoid(-1.0)]);
        let softplus = |x: f64| x.exp().ln_1p();
        assert_near(&b, b.softplus(x), [2, 2], &[softplus(-2.0), 2f64.ln(), softplus(3.0), softplus(-1.0)]);
        // 2 · Φ(−2), 3 · Φ(3) and Φ(−1), from tables of the normal distribution.
        let gelu = [-0.045_500_263_9, 0.0, 2.995_950_305_9, -0.158_655_253_9];
        assert_near(&b, b.gelu(x), [2, 2], &gelu);
    }
    // Larger than exp can take.
    let far = tensor(&b, [2], &[-1000.0, 1000.0]);
    assert_is(&b, b.softplus(&far), [2], &[0.0, 1000.0]);
    assert_is(&b, b.sigmoid(&far), [2], &[0.0, 1.0]);
    assert!(matches!(b.prelu(&x, &tensor(&b, [2], &[0.25, 0.5])), Err(OpError::Framework { op: "prelu", .. })));
}

#[test]
fn a_copy_is_a_tensor_of_its_own() {
    let b = cpu();
    let x = tensor(&b, [2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let (whole, row, turned) = (b.copy(&x), b.copy(&x.get(1).unwrap()), b.copy(&x.t().unwrap()));
    x.zero_set().unwrap();
    assert_is(&b, Ok(x), [2, 2], &[0.0; 4]);
    assert_is(&b, whole, [2, 2], &[1.0, 2.0, 3.0, 4.0]);
    assert_is(&b, row, [2], &[3.0, 4.0]);
    assert_is(&b, turned, [2, 2], &[1.0, 3.0, 2.0, 4.0]);
}

#[test]
fn the_triad_takes_equal_shapes() {
    let b = cpu();
    let (x, y) = (tensor(&b, [2], &[1.0, 2.0]), tensor(&b, [2], &[10.0, 20.0]));
    assert_is(&b, b.triad(&x, &y, 3.0), [2], &[31.0, 62.0]);
    assert!(matches!(b.triad(&x, &tensor(&b, [1], &[1.0]), 3.0), Err(OpError::Framework { op: "triad", .. })));
}

#[test]
fn classes_are_compared_with_what_argmax_gives() {
    let b = cpu();
    let x = tensor(&b, [3, 3], &[0.0, 2.0, 1.0, 5.0, 4.0, 3.0, 0.0, 1.0, 9.0]);
    let best = b.argmax(&x, 1).unwrap();
    assert_is(&b, Ok(best.clone()), [3], &[1.0, 0.0, 2.0]);
    assert_is(&b, b.argmax(&x.t().unwrap(), 0), [3], &[1.0, 0.0, 2.0]);
    assert_is(&b, b.equal(&best, &index(&b, &[1, 1, 2])), [3], &[1.0, 0.0, 1.0]);
    assert_is(&b, b.equal(&best, &best), [3], &[1.0, 1.0, 1.0]);
    let share = b.mean_all(&b.equal(&best, &index(&b, &[1, 1, 2])).unwrap());
    assert_near(&b, share, [], &[2.0 / 3.0]);
    assert_eq!(b.download(&best).unwrap().dtype(), DType::I64);
}

#[test]
fn one_step_of_adam() {
    let b = cpu();
    let adam = Adam { rate: 0.1, decay: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let (param, zero) = (tensor(&b, [2], &[2.0, -4.0]), tensor(&b, [2], &[0.0, 0.0]));
    let state = AdamState { param: &param, m: &zero, v: &zero };
    let corrections = [tensor(&b, [1], &[0.1]), tensor(&b, [1], &[0.001])];
    let next = b.adam(&adam, &state, &tensor(&b, [2], &[1.0, 1.0]), [&corrections[0], &corrections[1]]).unwrap();
    // With the decay the gradient is 2 and −1: the first step is the rate, against its sign.
    assert_near(&b, Ok(next.param), [2], &[1.9, -3.9]);
    assert_near(&b, Ok(next.m), [2], &[0.2, -0.1]);
    assert_near(&b, Ok(next.v), [2], &[0.004, 0.001]);
}
