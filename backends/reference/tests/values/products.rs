//! Products: of matrices, convolutions and attention.

use crate::support::{assert_near, floats, read, reference};
use chipmark_core::Mask;
use chipmark_core::ops::attention::Attention;
use chipmark_core::ops::conv::{Conv, ConvLayout};
use chipmark_core::ops::linalg::Linalg;

#[test]
fn matmul_plain_batched_and_shared() {
    let b = reference();
    let x = floats(&b, &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let y = floats(&b, &[3, 2], &[1.0, 0.0, 0.0, 1.0, 2.0, -1.0]);
    assert_eq!(read(&b, b.matmul(&x, &y)), (vec![2, 2], vec![7.0, -1.0, 16.0, -1.0]));
    // Batches of a 1x2 and a 2x1 matrix: one dot product each.
    let left = floats(&b, &[2, 1, 2], &[1.0, 2.0, 3.0, 4.0]);
    let right = floats(&b, &[2, 2, 1], &[5.0, 6.0, 7.0, 8.0]);
    assert_eq!(read(&b, b.matmul(&left, &right)), (vec![2, 1, 1], vec![17.0, 53.0]));
    let shared = floats(&b, &[2, 1], &[10.0, 1.0]);
    assert_eq!(read(&b, b.matmul(&left, &shared)), (vec![2, 1, 1], vec![12.0, 34.0]));
}

#[test]
fn linear_takes_weights_by_output() {
    let b = reference();
    let x = floats(&b, &[2, 1, 2], &[1.0, 2.0, 3.0, 4.0]);
    let w = floats(&b, &[3, 2], &[1.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
    let bias = floats(&b, &[3], &[10.0, 20.0, 30.0]);
    let want = vec![11.0, 22.0, 33.0, 13.0, 24.0, 37.0];
    assert_eq!(read(&b, b.linear(&x, &w, &bias)), (vec![2, 1, 3], want));
}

#[test]
fn conv1d_correlates_channels_last() {
    let b = reference();
    // One sequence of 4 with the two channels k and 10k; a first filter of 2 that is not symmetric, and a second.
    let x: Vec<f64> = (1..=4).flat_map(|k| [f64::from(k), 10.0 * f64::from(k)]).collect();
    let x = floats(&b, &[1, 4, 2], &x);
    let filters = floats(&b, &[2, 2, 2], &[1.0, 0.0, 0.0, 0.5, 0.0, 0.0, 100.0, 0.0]);
    // k + 5 (k + 1), and 100 (k + 1).
    let want = vec![11.0, 200.0, 17.0, 300.0, 23.0, 400.0];
    assert_eq!(read(&b, b.conv1d(&x, &filters)), (vec![1, 3, 2], want));
    let two = floats(&b, &[2, 2, 1], &[1.0, 2.0, 3.0, 4.0]);
    assert_eq!(read(&b, b.conv1d(&two, &floats(&b, &[1, 2, 1], &[10.0, 1.0]))), (vec![2, 1, 1], vec![12.0, 34.0]));
    assert!(b.conv1d(&two, &floats(&b, &[1, 3, 1], &[1.0; 3])).is_err(), "the filter is longer than the sequence");
}

#[test]
fn conv2d_correlates_channels_last() {
    let b = reference();
    assert_eq!(b.conv_layout(), ConvLayout::ChannelsLast);
    // One image of 3x3 with the two channels k and 10k, one filter of 2x2 that is not symmetric.
    let x: Vec<f64> = (1..=9).flat_map(|k| [f64::from(k), 10.0 * f64::from(k)]).collect();
    let x = floats(&b, &[1, 3, 3, 2], &x);
    let filter = floats(&b, &[1, 2, 2, 2], &[1.0, 0.0, 2.0, 0.0, 0.0, 0.1, 0.0, 0.0]);
    // Top left · 1 + top right · 2 in the first channel, bottom left · 0.1 in the second.
    let want = [1.0 + 4.0 + 4.0, 2.0 + 6.0 + 5.0, 4.0 + 10.0 + 7.0, 5.0 + 12.0 + 8.0];
    let (shape, got) = read(&b, b.conv2d(&x, &filter));
    assert_eq!(shape, [1, 2, 2, 1]);
    assert_near(&got, &want, 1e-15);
}

#[test]
fn conv2d_keeps_images_and_filters_apart() {
    let b = reference();
    let x = floats(&b, &[2, 1, 2, 1], &[1.0, 2.0, 3.0, 4.0]);
    let filters = floats(&b, &[3, 1, 1, 1], &[1.0, 10.0, 100.0]);
    let want = vec![1.0, 10.0, 100.0, 2.0, 20.0, 200.0, 3.0, 30.0, 300.0, 4.0, 40.0, 400.0];
    assert_eq!(read(&b, b.conv2d(&x, &filters)), (vec![2, 1, 2, 3], want));
}

#[test]
fn attention_weighs_values_by_scaled_scores() {
    let b = reference();
    let q = floats(&b, &[1, 1, 1, 1], &[1.0]);
    let k = floats(&b, &[1, 1, 2, 1], &[0.0, 3f64.ln()]);
    let v = floats(&b, &[1, 1, 2, 1], &[0.0, 4.0]);
    // Weights 1/4 and 3/4; with twice the scale 1/10 and 9/10.
    for (scale, want) in [(1.0, 3.0), (2.0, 3.6)] {
        let (shape, got) = read(&b, b.sdpa(&q, &k, &v, Mask::None, scale));
        assert_eq!(shape, [1, 1, 1, 1]);
        assert_near(&got, &[want], 1e-15);
    }
    // The mask is added to the scores after they are scaled: ln 3 to the first makes both equal.
    let mask = floats(&b, &[1, 2], &[3f64.ln(), 0.0]);
    assert_near(&read(&b, b.sdpa(&q, &k, &v, Mask::Additive(&mask), 1.0)).1, &[2.0], 1e-15);
}

#[test]
fn attention_hides_what_its_mask_hides() {
    let b = reference();
    // Queries of zero: each takes the mean of the values that it may see.
    let q = floats(&b, &[1, 1, 3, 2], &[0.0; 6]);
    let v = floats(&b, &[1, 1, 3, 2], &[1.0, 10.0, 3.0, 30.0, 8.0, 80.0]);
    assert_near(&read(&b, b.sdpa(&q, &v, &v, Mask::None, 1.0)).1, &[4.0, 40.0, 4.0, 40.0, 4.0, 40.0], 1e-14);
    assert_near(&read(&b, b.sdpa(&q, &v, &v, Mask::Causal, 1.0)).1, &[1.0, 10.0, 2.0, 20.0, 4.0, 40.0], 1e-14);
    let two = floats(&b, &[1, 1, 2, 2], &[0.0; 4]);
    assert!(b.sdpa(&two, &v, &v, Mask::Causal, 1.0).is_err(), "a causal mask wants as many keys as queries");
    let hidden = f64::NEG_INFINITY;
    let mask = floats(&b, &[2, 3], &[hidden, 0.0, hidden, 0.0, hidden, 0.0]);
    let got = read(&b, b.sdpa(&two, &v, &v, Mask::Additive(&mask), 1.0));
    assert_eq!(got.0, [1, 1, 2, 2]);
    assert_near(&got.1, &[3.0, 30.0, 4.5, 45.0], 1e-14);
    let all = floats(&b, &[2, 3], &[hidden; 6]);
    assert!(read(&b, b.sdpa(&two, &v, &v, Mask::Additive(&all), 1.0)).1.iter().all(|x| x.is_nan()));
}

#[test]
fn attention_serves_neighbouring_heads_by_one() {
    let b = reference();
    let q = floats(&b, &[2, 4, 1, 1], &[1.0; 8]);
    let v = floats(&b, &[2, 2, 1, 1], &[5.0, 7.0, 50.0, 70.0]);
    let want = vec![5.0, 5.0, 7.0, 7.0, 50.0, 50.0, 70.0, 70.0];
    assert_eq!(read(&b, b.sdpa(&q, &v, &v, Mask::None, 1.0)), (vec![2, 4, 1, 1], want));
    let three = floats(&b, &[2, 3, 1, 1], &[1.0; 6]);
    assert!(b.sdpa(&q, &three, &three, Mask::None, 1.0).is_err(), "4 heads are no multiple of 3");
}
