//! What the statistics of one cell cost: of 10,000 cells they are to be a small part of a comparison's second.

use chipmark_core::Fill;
use chipmark_results::stats::bootstrap::Bootstrap;
use chipmark_results::stats::mann_whitney::MannWhitney;
use chipmark_results::stats::sign_flip;
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn statistics(criterion: &mut Criterion) {
    let mut fill = Fill::new(1, "statistics");
    let mut values = |n: usize| (0..n).map(|_| fill.unit()).collect::<Vec<f64>>();
    let (twenty, more, forty) = (values(20), values(20), values(40));
    let mut group = criterion.benchmark_group("statistics");
    let (mut bootstrap, mut mann_whitney) = (Bootstrap::new(1), MannWhitney::default());
    group.bench_function("bootstrap of 20", |bencher| bencher.iter(|| bootstrap.mean_interval(black_box(&twenty))));
    group.bench_function("bootstrap of the difference of 20 and 20", |bencher| {
        bencher.iter(|| bootstrap.difference_interval(black_box(&twenty), black_box(&more)));
    });
    group.bench_function("sign-flip of 40", |bencher| bencher.iter(|| sign_flip::p_value(black_box(&forty))));
    group.bench_function("Mann–Whitney of 20 and 20", |bencher| {
        bencher.iter(|| mann_whitney.p_value(black_box(&twenty), black_box(&more)));
    });
    // One tie is enough for a distribution of its own.
    let tied: Vec<f64> = more.iter().take(19).chain(twenty.first()).copied().collect();
    group.bench_function("Mann–Whitney of 20 and 20 with a tie", |bencher| {
        bencher.iter(|| mann_whitney.p_value(black_box(&twenty), black_box(&tied)));
    });
    group.finish();
}

criterion_group!(benches, statistics);
criterion_main!(benches);
