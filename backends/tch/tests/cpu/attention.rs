//! Attention and binary cross-entropy against results worked out by hand, and the shapes that they refuse.

use crate::common::{close, f32s, open, read};
use chipmark_core::OpError;
use chipmark_core::ops::attention::{Attention, Mask};
use chipmark_core::ops::loss::Loss;

#[test]
fn attention_weighs_values_by_softmax() {
    let b = open();
    let ln3 = 3f64.ln();
    // One head: scores 0 and ln 3 with a scale of 1/2, so weights of 1/4 and 3/4.
    let q = f32s(&b, [1, 1, 1, 2], &[2.0, 0.0]);
    let k = f32s(&b, [1, 1, 2, 2], &[0.0, 5.0, ln3, 7.0]);
    let v = f32s(&b, [1, 1, 2, 2], &[4.0, 0.0, 8.0, 16.0]);
    close(&read(&b, &b.sdpa(&q, &k, &v, Mask::None, 0.5).unwrap()).1, &[7.0, 12.0]);
    let hidden = f32s(&b, [1, 2], &[0.0, f64::NEG_INFINITY]);
    close(&read(&b, &b.sdpa(&q, &k, &v, Mask::Additive(&hidden), 0.5).unwrap()).1, &[4.0, 0.0]);
    // An additive mask is a number in the scores, not only a choice: −ln 3 undoes what the second key is ahead.
    let even = f32s(&b, [1, 2], &[0.0, -ln3]);
    close(&read(&b, &b.sdpa(&q, &k, &v, Mask::Additive(&even), 0.5).unwrap()).1, &[6.0, 8.0]);
}

#[test]
fn a_causal_mask_hides_what_comes_later() {
    let b = open();
    let q = f32s(&b, [1, 1, 2, 1], &[0.0, 0.0]);
    let v = f32s(&b, [1, 1, 2, 1], &[4.0, 8.0]);
    assert_eq!(read(&b, &b.sdpa(&q, &q, &v, Mask::Causal, 1.0).unwrap()).1, [4.0, 6.0]);
    assert_eq!(read(&b, &b.sdpa(&q, &q, &v, Mask::None, 1.0).unwrap()).1, [6.0, 6.0]);
}

#[test]
fn neighbouring_heads_share_keys_and_values() {
    let b = open();
    let q = f32s(&b, [1, 4, 1, 1], &[0.0; 4]);
    let k = f32s(&b, [1, 2, 1, 1], &[0.0; 2]);
    let v = f32s(&b, [1, 2, 1, 1], &[3.0, 5.0]);
    let got = read(&b, &b.sdpa(&q, &k, &v, Mask::None, 1.0).unwrap());
    assert_eq!(got, (vec![1, 4, 1, 1], vec![3.0, 3.0, 5.0, 5.0]));
}

#[test]
fn attention_refuses_what_libtorch_would_broadcast_or_take_for_something_else() {
    let b = open();
    let zeros = |dims: [usize; 4]| f32s(&b, dims, &vec![0.0; dims.iter().product()]);
    let q = zeros([2, 4, 3, 2]);
    let refused = |k: [usize; 4], v: [usize; 4], mask: Mask<'_, tch::Tensor>| {
        let error = b.sdpa(&q, &zeros(k), &zeros(v), mask, 1.0).unwrap_err();
        assert!(matches!(error, OpError::Framework { op: "sdpa", .. }), "{error}");
        error.to_string()
    };
    let fits = [2, 4, 5, 2];
    assert!(refused(fits, fits, Mask::Causal).contains("as many keys as queries"));
    assert!(refused([1, 4, 5, 2], [1, 4, 5, 2], Mask::None).contains("expected [b, h, l, d]"), "another batch");
    assert!(refused(fits, [2, 4, 5, 3], Mask::None).contains("expected [b, h, l, d]"), "wider values");
    assert!(refused([2, 3, 5, 2], [2, 3, 5, 2], Mask::None).contains("heads"), "3 heads for 4");
    assert!(refused([2, 0, 5, 2], [2, 0, 5, 2], Mask::None).contains("heads"), "no heads for 4");
    let row = f32s(&b, [1, 5], &[0.0; 5]);
    let text = refused(fits, fits, Mask::Additive(&row));
    assert_eq!(text, "sdpa failed: f32 2x4x3x2 and 2x4x5x2 and 2x4x5x2 and 1x5: the mask must be [l, s]");
}

#[test]
fn bce_is_of_probabilities_and_their_mean() {
    let b = open();
    let p = f32s(&b, [2, 2], &[0.5, 0.25, 0.75, 0.5]);
    let t = f32s(&b, [2, 2], &[1.0, 0.0, 1.0, 0.5]);
    let (dims, values) = read(&b, &b.bce(&p, &t).unwrap());
    let wanted = (2.0 * 2f64.ln() + 2.0 * (4.0f64 / 3.0).ln()) / 4.0;
    assert!(dims.is_empty(), "{dims:?}");
    close(&values, &[wanted]);
    let logits = f32s(&b, [1], &[1.5]);
    assert!(b.bce(&logits, &f32s(&b, [1], &[1.0])).is_err(), "a logit is no probability");
    let error = b.bce(&p, &f32s(&b, [2], &[1.0, 0.0])).unwrap_err().to_string();
    assert_eq!(error, "bce failed: f32 2x2 and 2: the shapes differ");
}
