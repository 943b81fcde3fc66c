//! Attention with each kind of mask, and with heads that share.

use super::common::{assert_near, cpu, tensor, with_gaps};
use chipmark_core::ops::attention::Attention as _;
use chipmark_core::{Mask, OpError};

#[test]
fn weights_are_a_softmax_of_scaled_scores() {
    let b = cpu();
    // Scores ln 3 and 0: weights 3 to 1, squared by a scale of 2.
    let q = tensor(&b, [1, 1, 1, 1], &[3f64.ln()]);
    let (k, v) = (tensor(&b, [1, 1, 2, 1], &[1.0, 0.0]), tensor(&b, [1, 1, 2, 1], &[8.0, 4.0]));
    assert_near(&b, b.sdpa(&q, &k, &v, Mask::None, 1.0), [1, 1, 1, 1], &[7.0]);
    assert_near(&b, b.sdpa(&q, &k, &v, Mask::None, 2.0), [1, 1, 1, 1], &[7.6]);
    let mask = tensor(&b, [1, 2], &[f64::NEG_INFINITY, 0.0]);
    assert_near(&b, b.sdpa(&q, &k, &v, Mask::Additive(&mask), 1.0), [1, 1, 1, 1], &[4.0]);
    let mask = tensor(&b, [1, 2], &[0.0, 3f64.ln()]);
    assert_near(&b, b.sdpa(&q, &k, &v, Mask::Additive(&mask), 1.0), [1, 1, 1, 1], &[6.0]);
}

#[test]
fn neighbouring_heads_share() {
    let b = cpu();
    // Scores of zero: each query gives the mean of what it may see. Heads 0 and 1 have the first v, 2 and 3 the second.
    let q = tensor(&b, [1, 4, 2, 2], &[1.0; 16]);
    let k = tensor(&b, [1, 2, 2, 2], &[0.0; 8]);
    let v = tensor(&b, [1, 2, 2, 2], &[1.0, 2.0, 3.0, 4.0, 10.0, 20.0, 30.0, 40.0]);
    let twice = |head: [f64; 4], other: [f64; 4]| [head, head, other, other].concat();
    let all = twice([2.0, 3.0, 2.0, 3.0], [20.0, 30.0, 20.0, 30.0]);
    let past = twice([1.0, 2.0, 2.0, 3.0], [10.0, 20.0, 20.0, 30.0]);
    let hidden = f64::NEG_INFINITY;
    let mask = tensor(&b, [2, 2], &[0.0, hidden, 0.0, 0.0]);
    for [q, k, v] in [[&q, &k, &v], [&with_gaps(&q), &with_gaps(&k), &with_gaps(&v)]] {
        assert_near(&b, b.sdpa(q, k, v, Mask::None, 0.5), [1, 4, 2, 2], &all);
        assert_near(&b, b.sdpa(q, k, v, Mask::Causal, 0.5), [1, 4, 2, 2], &past);
        assert_near(&b, b.sdpa(q, k, v, Mask::Additive(&mask), 0.5), [1, 4, 2, 2], &past);
    }
}

#[test]
fn shapes_that_would_only_broadcast_are_refused() {
    let b = cpu();
    let of = |heads: usize, len: usize| tensor(&b, [1, heads, len, 1], &vec![1.0; heads * len]);
    let (row, mask) = (tensor(&b, [1, 2], &[0.0; 2]), tensor(&b, [2, 2], &[0.0; 4]));
    let refused = [
        b.sdpa(&of(3, 2), &of(2, 2), &of(2, 2), Mask::None, 1.0),
        b.sdpa(&of(2, 2), &of(2, 2), &of(1, 2), Mask::None, 1.0),
        b.sdpa(&of(2, 2), &of(2, 2), &of(2, 1), Mask::None, 1.0),
        b.sdpa(&of(2, 2), &of(2, 3), &of(2, 3), Mask::Causal, 1.0),
        b.sdpa(&of(2, 2), &of(2, 2), &of(2, 2), Mask::Additive(&row), 1.0),
        b.sdpa(&mask, &mask, &mask, Mask::None, 1.0),
    ];
    for result in refused {
        assert!(matches!(result, Err(OpError::Framework { op: "sdpa", .. })), "{result:?}");
    }
}
