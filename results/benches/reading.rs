//! How long it takes to read a contributed file and to hold its lines against the JSON schema: a thousand files are to be validated
//! within ten seconds.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use chipmark_results::fixture::write_large;
use chipmark_results::{json_schema, store};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::Value;

fn file(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.jsonl");
    // As large as a run of the whole catalogue: some 1.3 MB.
    write_large(&path, 150, 12, 1, [20, 0]);
    let bytes = std::fs::read(&path).unwrap();
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let values: Vec<Value> = lines.iter().map(|line| serde_json::from_slice(line).unwrap()).collect();

    let mut group = criterion.benchmark_group("file");
    group.sample_size(20).throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("read", |bencher| bencher.iter(|| store::read_bytes("file.jsonl", &bytes).unwrap()));
    group.bench_function("parse", |bencher| {
        bencher.iter(|| lines.iter().map(|line| serde_json::from_slice(line).unwrap()).collect::<Vec<Value>>());
    });
    group.bench_function("check against the schema", |bencher| {
        bencher.iter(|| values.iter().for_each(|value| json_schema::check(value).unwrap()));
    });
    group.finish();
}

criterion_group!(benches, file);
criterion_main!(benches);
