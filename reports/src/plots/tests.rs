//! What charts of the fixture's run show, and what they answer to what is not there.

use super::*;
use crate::svg::{HeatCell, RoofKind};
use chipmark_results::fixture;

const ALL: Wanted<'_> =
    Wanted { mode: Mode::Latency, workload: None, case: &|_| true, device: None, dtype: None, targets: &[] };

fn narrowed(wanted: &Wanted<'_>) -> Report {
    let mut file = fixture::file();
    wanted.narrow(&mut file, &[wanted.mode]).unwrap();
    Report::new(&[file])
}

/// The fixture's run on another chip, later, in which all takes twice as long on one target.
fn other() -> ResultsFile {
    let mut file = fixture::file();
    (file.run.machine.chip, file.run.machine.chip_detected) = ("Apple M4".to_owned(), None);
    file.run.run_id = "other".to_owned();
    for launch in file.launches.iter_mut().filter(|launch| launch.cell.target.to_string() == fixture::TCH) {
        if let Some(samples) = &mut launch.samples {
            samples.block_ns.iter_mut().for_each(|ns| *ns *= 2);
        }
    }
    file
}

#[test]
fn what_is_asked_for_alone_is_computed_of() {
    let tch = [fixture::TCH.parse().unwrap()];
    let report = narrowed(&Wanted { targets: &tch, workload: Some("matmul"), ..ALL });
    let [run] = report.runs.as_slice() else { panic!("{report:?}") };
    let [(Mode::Latency, case)] = cases(run).collect::<Vec<_>>()[..] else { panic!("{run:?}") };
    assert_eq!(case.cells[0].result.ratio_to_fastest, Some(1.0), "it is the fastest of itself");
    // The order of targets is that in which they were named.
    let both = [fixture::TCH, fixture::CANDLE].map(|target| target.parse().unwrap());
    let report = narrowed(&Wanted { targets: &both, ..ALL });
    assert_eq!(
        targets(&report.runs).iter().map(ToString::to_string).collect::<Vec<_>>(),
        [fixture::TCH, fixture::CANDLE]
    );
}

#[test]
fn a_heat_map_has_a_ratio_or_a_word_for_each_cell() {
    let map = tables::heat_map(&narrowed(&ALL));
    assert_eq!(map.title, "Times over the fastest: all cases, f32, latency, on Apple M3 Max");
    assert_eq!(map.columns, [fixture::CANDLE, fixture::TCH]);
    let shown: Vec<(&str, String)> = map
        .rows
        .iter()
        .map(|row| {
            let cell = |cell: &HeatCell| match cell {
                HeatCell::Ratio { ratio, fastest, .. } => format!("{ratio:.1}{}", if *fastest { "*" } else { "" }),
                HeatCell::Word(word) => word.clone(),
            };
            (row.label.as_str(), row.cells.iter().map(cell).collect::<Vec<_>>().join(" "))
        })
        .collect();
    let expected = [
        ("matmul/100x100@100x100", "1.0* 2.0"),
        ("softmax/100x50", "1.0* 2.0"),
        ("conv2d/1x16x16x3@8x3x3x3", "unsupported wrong"),
        ("linear/10x10@10x10", "over-budget over-budget"),
    ];
    assert_eq!(shown, expected.map(|(label, cells)| (label, cells.to_owned())));
}

#[test]
fn a_roofline_is_of_one_device_and_dtype() {
    let report = narrowed(&ALL);
    let plot = roofline::roofline(&report.runs[0]).unwrap();
    assert_eq!(plot.title, "Roofline of cpu f32, on Apple M3 Max");
    // 2 MFLOP over 60 kB in 1.01 µs, and the ceilings of the fixture.
    assert_eq!(plot.points.len(), 2);
    assert!((plot.points[0].flop_per_byte - 2e6 / 60e3).abs() < 1e-9);
    assert_eq!((plot.points[0].label.as_str(), plot.points[1].label.as_str()), ("matmul/100x100@100x100", ""));
    let measured = &plot.roofs[0];
    assert_eq!((measured.kind, measured.gflops, measured.gbps), (RoofKind::Measured, Some(4000.0), Some(120.0)));
    let vendor = &plot.roofs[1];
    assert_eq!(
        (vendor.kind, vendor.gflops, vendor.gbps),
        (RoofKind::Vendor, None, Some(400.0)),
        "the peak is the GPU's"
    );
}

#[test]
fn strips_have_each_launch_and_stages_the_call_alone() {
    let plot = tables::strip(&narrowed(&ALL));
    assert_eq!(plot.groups.len(), 4);
    let times = plot.groups[0].rows[0].times.as_ref().unwrap();
    assert_eq!(times.launches_ns, [1000.0, 1010.0, 1020.0]);
    assert_eq!(plot.groups[2].rows[1].times, Err("wrong".to_owned()));

    let mut file = fixture::file();
    ALL.narrow(&mut file, &[Mode::Transfer, Mode::Latency]).unwrap();
    let plot = tables::stages(&Report::new(&[file]).runs[0]);
    let [group] = plot.groups.as_slice() else { panic!("{plot:?}") };
    let bars = group.rows[0].bars.as_ref().unwrap();
    assert_eq!((bars.alone_ns, bars.whole_ns, bars.times_alone), (Some(1010.0), 1010.0, Some(1.0)));
    assert_eq!((bars.upload_ns, bars.call_ns, bars.download_ns), (Some(202.0), Some(606.0), Some(101.0)));
}

#[test]
fn speed_ups_are_of_targets_or_of_runs() {
    let ratio = |plot: &crate::svg::RatioBars, at: usize| plot.rows[at].ratio.as_ref().unwrap().ratio;
    let plot = ratios::ratio_bars(&narrowed(&ALL)).unwrap();
    assert_eq!(plot.base, fixture::CANDLE);
    let labels: Vec<&str> = plot.rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(labels, ["all cases", "conv2d", "linear", "matmul", "softmax"]);
    assert!((ratio(&plot, 0) - 0.5).abs() < 1e-9 && plot.rows[1].ratio.is_err());

    let plot = ratios::ratio_bars(&Report::new(&[fixture::file(), other()])).unwrap();
    assert_eq!(plot.base, "Apple M3 Max");
    let labels: Vec<&str> = plot.rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(labels, ["Apple M4 candle:cpu", "Apple M4 tch:cpu"]);
    assert!((ratio(&plot, 0) - 1.0).abs() < 1e-9 && ratio(&plot, 1) < 0.7);
}

#[test]
fn a_scatter_has_two_sides() {
    let both = [fixture::CANDLE, fixture::TCH].map(|target| target.parse().unwrap());
    let plot = sides::scatter(&narrowed(&Wanted { targets: &both, ..ALL })).unwrap();
    assert_eq!((plot.x.as_str(), plot.y.as_str()), (fixture::CANDLE, fixture::TCH));
    assert_eq!(plot.series, ["matmul", "softmax"]);
    assert!(plot.points.iter().all(|point| (point.y_ns / point.x_ns - 2.0).abs() < 0.02), "{plot:?}");

    let plot = sides::scatter(&Report::new(&[fixture::file(), other()])).unwrap();
    assert_eq!((plot.x.as_str(), plot.y.as_str()), ("Apple M3 Max", "Apple M4"));
    assert_eq!(plot.series, [fixture::CANDLE, fixture::TCH]);
    assert!(matches!(sides::scatter(&Report::new(&vec![other(); 3])), Err(PlotError::Unfit(_))));
}

#[test]
fn equal_chips_are_told_apart_by_date_or_by_id() {
    let mut later = fixture::file();
    later.run.started_at = "2026-04-01T08:30:00Z".to_owned();
    let report = Report::new(&[fixture::file(), later, other()]);
    assert_eq!(
        naming::runs(&report.runs),
        ["Apple M3 Max (2026-03-01 12:00)", "Apple M3 Max (2026-04-01 08:30)", "Apple M4"]
    );
    let mut twin = fixture::file();
    twin.run.run_id = "feedbeef00".to_owned();
    let report = Report::new(&[fixture::file(), twin]);
    assert_eq!(naming::runs(&report.runs), ["Apple M3 Max (01234567)", "Apple M3 Max (feedbeef)"]);
}

#[test]
fn lists_are_not_endless() {
    assert_eq!(List::of(["a", "b", "a"]).to_string(), "a, b");
    assert_eq!(List::of(Vec::<String>::new()).to_string(), "none");
    let many = List::of(0..1000).to_string();
    assert!(many.ends_with("23 and 976 more"), "{many}");
}
