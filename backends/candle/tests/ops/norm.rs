//! Normalisations.

use super::common::{assert_near, cpu, path, tensor, with_gaps};
use chipmark_core::ops::norm::Norm as _;
use chipmark_core::ops::reduce::Reduce as _;
use chipmark_core::{Backend, OpError, OpPath};

#[test]
fn softmax_of_any_axis() {
    let b = cpu();
    let ln = |v: f64| v.ln();
    let x = tensor(&b, [2, 2], &[ln(1.0), ln(3.0), ln(4.0), ln(4.0)]);
    assert_near(&b, b.softmax(&x, 1), [2, 2], &[0.25, 0.75, 0.5, 0.5]);
    assert_near(&b, b.softmax(&x, 0), [2, 2], &[0.2, 3.0 / 7.0, 0.8, 4.0 / 7.0]);
    assert_near(&b, b.softmax(&x.t().unwrap(), 1), [2, 2], &[0.2, 0.8, 3.0 / 7.0, 4.0 / 7.0]);
    // Larger than exp can take.
    assert_near(&b, b.softmax(&tensor(&b, [2], &[1000.0, 1000.0]), 0), [2], &[0.5, 0.5]);
    assert!(b.softmax(&x, 2).is_err());
    assert!(b.softmax(&tensor(&b, [2, 0], &[]), 1).is_err());
}

#[test]
fn layer_norm_of_the_last_axis() {
    let b = cpu();
    let x = tensor(&b, [2, 2], &[1.0, 3.0, 2.0, 2.0]);
    let (weight, bias) = (tensor(&b, [2], &[2.0, 3.0]), tensor(&b, [2], &[10.0, 20.0]));
    let unit = 0.5f64.sqrt();
    for x in [&x, &with_gaps(&x)] {
        assert_near(&b, b.layer_norm(x, None, 1.0), [2, 2], &[-unit, unit, 0.0, 0.0]);
        let with = b.layer_norm(x, Some([&weight, &bias]), 1.0);
        assert_near(&b, with, [2, 2], &[10.0 - 2.0 * unit, 20.0 + 3.0 * unit, 10.0, 20.0]);
    }
    // Of another length than the first time.
    assert_near(
        &b,
        b.layer_norm(&tensor(&b, [3], &[1.0, 2.0, 3.0]), None, 0.0),
        [3],
        &[-1.5f64.sqrt(), 0.0, 1.5f64.sqrt()],
    );
    let one = tensor(&b, [1], &[1.0]);
    assert!(matches!(b.layer_norm(&x, Some([&one, &bias]), 1.0), Err(OpError::Framework { op: "layer_norm", .. })));
    assert!(b.layer_norm(&tensor(&b, [2, 0], &[]), None, 1.0).is_err());
    assert!(b.layer_norm(&tensor(&b, [], &[1.0]), None, 1.0).is_err());
}

#[test]
fn a_kernel_without_a_backward_is_native_but_in_a_gradient() {
    let b = cpu();
    let x = tensor(&b, [2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let call = "candle_nn::ops::softmax_last_dim".into();
    let softmax = path(&b, "softmax", |b| drop(b.softmax(&x, 1).unwrap()));
    assert_eq!(softmax, OpPath::Native { op: "softmax".into(), call });
    let is_composed = |path: OpPath| matches!(path, OpPath::Composed { .. });
    assert!(is_composed(path(&b, "softmax", |b| drop(b.softmax(&x, 0).unwrap()))));
    assert!(!is_composed(path(&b, "layer_norm", |b| drop(b.layer_norm(&x, None, 1.0).unwrap()))));
    let x = [b.share(&x)];
    assert!(is_composed(path(&b, "softmax", |b| {
        b.value_and_grad(|b, p| b.mean_all(&b.softmax(&p[0], 1)?), &x).unwrap();
    })));
    assert!(is_composed(path(&b, "layer_norm", |b| {
        b.value_and_grad(|b, p| b.mean_all(&b.layer_norm(&p[0], None, 1.0)?), &x).unwrap();
    })));
}
