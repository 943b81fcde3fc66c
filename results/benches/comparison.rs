//! How long it takes to compare, rank and judge: two files of 10,000 cells are to be compared within a second, a hundred files
//! ranked within five. Files are read from disk in each iteration, as `bench` does.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use chipmark_results::compare::{Comparison, Rule};
use chipmark_results::fixture::write_large;
use chipmark_results::rank::{Measured, rank};
use chipmark_results::store;
use criterion::{Criterion, criterion_group, criterion_main};

fn files(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let mut group = criterion.benchmark_group("files");
    group.sample_size(10);

    let [a, b] = ["a.jsonl", "b.jsonl"].map(|name| folder.path().join(name));
    write_large(&a, 5000, 8, 1, [1, 0]);
    write_large(&b, 5000, 8, 2, [1, 0]);
    group.bench_function("compare two of 10,000 cells", |bencher| {
        bencher.iter(|| {
            let (a, b) = std::thread::scope(|scope| {
                let other = scope.spawn(|| store::read(&b));
                (store::read(&a).unwrap(), other.join().unwrap().unwrap())
            });
            let comparison = Comparison::of_files(&a, &b, Rule::default());
            assert_eq!(comparison.judged, 10_000);
            comparison
        });
    });

    let hundred: Vec<_> = (0..100).map(|n| folder.path().join(format!("{n}.jsonl"))).collect();
    for (seed, path) in (0..).zip(&hundred) {
        write_large(path, 100, 8, seed, [1, 0]);
    }
    group.bench_function("rank a hundred of 200 cells", |bencher| {
        bencher.iter(|| {
            let measured = hundred.iter().map(|path| Measured::of(&store::read(path).unwrap()).unwrap());
            rank(&measured.collect::<Vec<_>>())
        });
    });
    group.finish();
}

criterion_group!(benches, files);
criterion_main!(benches);
