//! How long it takes to compare, rank and judge: two files of 10,000 cells are to be compared within a second, a hundred files
//! ranked within five. Files are read from disk in each iteration, as `bench` does.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use chipmark_core::{CaseId, Fill, Mode};
use chipmark_results::compare::{Comparison, Rule};
use chipmark_results::fixture::{self, CANDLE, MATMUL, TCH};
use chipmark_results::rank::{Measured, rank};
use chipmark_results::record::{Check, PlannedCase, Record, Run, Samples};
use chipmark_results::store;
use criterion::{Criterion, criterion_group, criterion_main};
use std::io::Write;
use std::path::Path;

/// Writes a file of `cases` on two targets, each cell with so many launches of 15 samples.
fn write(path: &Path, cases: usize, launches: u32, seed: u64) {
    let mut fill = Fill::new(seed, "file");
    let ids: Vec<CaseId> = (1..=cases).map(|n| format!("matmul/{n}x8@8x8/f32").parse().unwrap()).collect();
    let mut run = Run { run_id: seed.to_string(), ..fixture::run() };
    let cost = run.cases[0].cost;
    run.cases = ids.iter().map(|id| PlannedCase { case: id.clone(), modes: vec![Mode::Latency], cost }).collect();
    run.settings.rounds = launches;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut line = |record: &Record| {
        serde_json::to_writer(&mut file, record).unwrap();
        file.write_all(b"\n").unwrap();
    };
    line(&Record::Run(Box::new(run)));
    for id in &ids {
        for target in [CANDLE, TCH] {
            line(&Record::Check(Check { case: id.clone(), ..fixture::check(MATMUL, target) }));
            for round in 0..launches {
                let cell = fixture::cell(&id.to_string(), target, Mode::Latency);
                let block_ns = (0..15).map(|_| 10_000_000 + fill.below(100_000) as u64).collect();
                let samples = Samples { calls: 10, block_ns, ..Samples::default() };
                line(&Record::Launch(Box::new(fixture::measured(cell, round, samples))));
            }
        }
    }
}

fn files(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let mut group = criterion.benchmark_group("files");
    group.sample_size(10);

    let [a, b] = ["a.jsonl", "b.jsonl"].map(|name| folder.path().join(name));
    write(&a, 5000, 8, 1);
    write(&b, 5000, 8, 2);
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
        write(path, 100, 8, seed);
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
