//! How long it takes to make a site: from 100,000 cells it is to take less than ten seconds. Files are read from disk in each
//! iteration, one after the other, as `bench report` does.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use chipmark_reports::Report;
use chipmark_reports::site::{Material, write_site};
use chipmark_results::fixture::write_large;
use chipmark_results::history::{Blessings, Collected, History};
use chipmark_results::store;
use criterion::{Criterion, criterion_group, criterion_main};

fn site(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    // Fifty runs on ten chips, each with 2,000 cells of twenty workloads.
    let files: Vec<_> = (0..50).map(|n| folder.path().join(format!("{n}.jsonl"))).collect();
    for (seed, path) in (0..).zip(&files) {
        write_large(path, 1000, 3, seed, [20, seed as usize % 10]);
    }
    let mut group = criterion.benchmark_group("site");
    group.sample_size(10);
    group.bench_function("of 100,000 cells in 50 files", |bencher| {
        bencher.iter(|| {
            let mut report = Report { runs: Vec::new() };
            let mut collected = Collected::default();
            for path in &files {
                let file = store::read(path).unwrap();
                report.add(&file);
                collected.add(&file).unwrap();
            }
            report.judge(&[]);
            let history = History::of(collected.series(), 0.03, &Blessings::default());
            let history = Some(&history);
            let material = Material { report: &report, raw: &files, published: &[], history, withdrawn: &[] };
            let written = write_site(&material, folder.path().join("site")).unwrap();
            assert!(written.pages > 100, "{written:?}");
            written
        });
    });
    group.finish();
}

criterion_group!(benches, site);
criterion_main!(benches);
