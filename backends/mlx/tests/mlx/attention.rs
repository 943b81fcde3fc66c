//! Attention against the formula, head by head, with every kind of mask and in every dtype.

use crate::{close, on_cpu, upload};
use chipmark_core::ops::attention::{Attention, Mask};
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::{Backend, DType, Fill, HostTensor};

/// Two heads of q share a head of k and v.
const Q: [usize; 4] = [2, 4, 3, 5];
const K: [usize; 4] = [2, 2, 3, 5];
const SCALE: f64 = 0.4;

/// softmax(scale · q·kᵀ + mask) · v, where `hidden` says which key a query may not see.
fn attend(q: &[f64], k: &[f64], v: &[f64], hidden: impl Fn(usize, usize) -> bool) -> Vec<f64> {
    let [batch, heads, queries, width] = Q;
    let [_, groups, keys, _] = K;
    let mut out = Vec::new();
    for (b, h, l) in (0..batch).flat_map(|b| (0..heads).flat_map(move |h| (0..queries).map(move |l| (b, h, l)))) {
        let q = &q[((b * heads + h) * queries + l) * width..][..width];
        let row = |of: usize, s: usize| ((b * groups + of) * keys + s) * width;
        let group = h / (heads / groups);
        let scores: Vec<f64> = (0..keys)
            .map(|s| match hidden(l, s) {
                true => f64::NEG_INFINITY,
                false => SCALE * q.iter().zip(&k[row(group, s)..]).map(|(q, k)| q * k).sum::<f64>(),
            })
            .collect();
        let total: f64 = scores.iter().map(|s| s.exp()).sum();
        out.extend((0..width).map(|d| (0..keys).map(|s| scores[s].exp() / total * v[row(group, s) + d]).sum::<f64>()));
    }
    out
}

#[test]
fn each_mask_hides_what_it_says_in_every_dtype() {
    on_cpu(|mlx| {
        for (dtype, tolerance) in [(DType::F32, 1e-6), (DType::F16, 4e-3), (DType::BF16, 3e-2)] {
            let mut fill = Fill::new(3, "attention");
            let host = [Q, K, K].map(|dims| fill.signed(dims, dtype).expect("fits"));
            let [q, k, v] = host.each_ref().map(|host| mlx.upload(host).expect("supported"));
            let [wide_q, wide_k, wide_v] = host.map(|host| host.to_f64());
            let infinity = f64::INFINITY;
            // The second query sees the last key alone.
            let additive = [0., 0., -infinity, -infinity, -infinity, 0., 0., -infinity, 0.];
            let mask = upload(mlx, &[3, 3], &additive, dtype);
            let want = [
                attend(&wide_q, &wide_k, &wide_v, |_, _| false),
                attend(&wide_q, &wide_k, &wide_v, |l, s| s > l),
                attend(&wide_q, &wide_k, &wide_v, |l, s| additive[3 * l + s] < 0.0),
            ];
            for (mask, want) in [Mask::None, Mask::Causal, Mask::Additive(&mask)].into_iter().zip(want) {
                let got = mlx.download(&mlx.sdpa(&q, &k, &v, mask, SCALE).expect("supported")).expect("readable");
                assert_eq!((got.dtype(), &got.shape()[..]), (dtype, &Q[..]));
                close(&got.to_f64(), &want, tolerance);
            }
        }
    });
}

/// Through the masked scores, whose −∞ make a NaN of a careless gradient.
#[test]
fn its_gradient_agrees_with_differences() {
    on_cpu(|mlx| {
        let mut fill = Fill::new(4, "attention");
        let host = [Q, K, K].map(|dims| fill.signed(dims, DType::F32).expect("fits"));
        let params = host.each_ref().map(|host| mlx.upload(host).expect("supported"));
        let (_, gradients) = mlx
            .value_and_grad(|mlx, p| mlx.sum_all(&mlx.sdpa(&p[0], &p[1], &p[2], Mask::Causal, SCALE)?), &params)
            .expect("differentiable");
        let wide = host.each_ref().map(HostTensor::to_f64);
        let sum = |p: &[Vec<f64>; 3]| attend(&p[0], &p[1], &p[2], |l, s| s > l).iter().sum::<f64>();
        for (of, gradient) in gradients.iter().enumerate() {
            let want: Vec<f64> = (0..wide[of].len())
                .map(|i| {
                    let [mut up, mut down] = [wide.clone(), wide.clone()];
                    up[of][i] += 1e-5;
                    down[of][i] -= 1e-5;
                    (sum(&up) - sum(&down)) / 2e-5
                })
                .collect();
            close(&mlx.download(gradient).expect("readable").to_f64(), &want, 1e-5);
        }
    });
}
