//! How long it takes to validate a tree: a thousand contributed files are to take less than ten seconds. Each is of 36 cases on two
//! targets, 864 launches of 15 to 24 samples with the 200 waits before them: 1.2 MB, 1.2 GB in all. Files are read from disk in each
//! iteration, as `bench` does.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use chipmark_results::contribution::Place;
use chipmark_results::contribution::validate::validate;
use chipmark_results::fixture::{Cases, contributed_text, matmuls};
use chipmark_results::record::{Record, Run};
use criterion::{Criterion, criterion_group, criterion_main};
use std::time::Duration;

const FILES: u64 = 1000;

fn tree(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let cases = matmuls(36);
    let mut bytes = 0;
    for seed in 0..FILES {
        let text = contributed_text(&cases, 12, seed);
        let first = text.lines().next().unwrap();
        let Record::Run(run) = serde_json::from_str(first).unwrap() else { return };
        let path = folder.path().join(Place::of(&run as &Run, text.as_bytes()).unwrap().path());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &text).unwrap();
        bytes += text.len();
    }
    println!("{FILES} files, {:.2} MB each on the average", bytes as f64 / FILES as f64 / 1e6);
    let (catalogue, now) = (Cases::of(&cases), "2026-03-02T00:00:00Z".parse().unwrap());
    let mut group = criterion.benchmark_group("validation");
    group.sample_size(10).measurement_time(Duration::from_secs(60));
    group.bench_function("a thousand files", |bencher| {
        bencher.iter(|| {
            let found = validate(&[folder.path().to_owned()], folder.path(), &catalogue, now).unwrap();
            assert!(found.len() as u64 == FILES && found.iter().all(|file| file.findings.is_empty()));
        });
    });
    group.finish();
}

criterion_group!(benches, tree);
criterion_main!(benches);
