//! Each chart of a few literal numbers: its texts, and what stands for its marks.

use super::{texts, tips};
use crate::svg::*;

fn count(chart: &Chart, what: &str) -> usize {
    chart.body.matches(what).count()
}

#[test]
fn a_heat_map_tells_ratios_words_and_marks() {
    let cell = |ratio: f64, fastest: bool, marks: Marks| {
        let told = format!("took {ratio} µs");
        HeatCell::Ratio { ratio, fastest, marks, told }
    };
    let doubtful = Marks::from(Mark::Composed).with(Mark::Doubtful);
    let map = HeatMap {
        title: "matmul".to_owned(),
        columns: ["candle:cpu", "tch:cpu", "mlx:cpu"].map(str::to_owned).to_vec(),
        rows: vec![
            HeatRow {
                label: "8x8".to_owned(),
                cells: vec![
                    cell(1.0, true, Marks::PLAIN),
                    cell(3.4, false, doubtful),
                    HeatCell::Word("wrong".to_owned()),
                ],
            },
            HeatRow {
                label: "16x16".to_owned(),
                cells: vec![cell(f64::NAN, false, Marks::PLAIN), cell(7.0, false, Mark::Imported.into())],
            },
        ],
    };
    let chart = heat_map(&map).unwrap().unwrap();
    assert_eq!(
        texts(&chart),
        [
            "candle:cpu",
            "tch:cpu",
            "mlx:cpu",
            "8x8",
            "1.0×",
            "3.4×",
            "wrong",
            "16x16",
            "–",
            "7.0×",
            "1×",
            "2×",
            "5×",
            "10×",
            "time over that of the fastest of the row",
            "1.0×",
            "fastest of its row",
            "published, not measured here",
            "flagged",
            "composed",
        ]
    );
    assert_eq!(chart.about, "Times over the fastest of each row, 2 rows by 3 columns: at most 7.0× (tch:cpu, 16x16).");
    assert_eq!(
        tips(&chart),
        [
            "8x8, candle:cpu\n1.00× the time of the fastest, the fastest of its row\ntook 1 µs",
            "8x8, tch:cpu\n3.40× the time of the fastest\ntook 3.4 µs",
            "8x8, mlx:cpu\nwrong",
            "16x16, candle:cpu",
            "16x16, tch:cpu\n7.00× the time of the fastest\ntook 7 µs",
        ]
    );
    assert_eq!(heat_map(&HeatMap { rows: Vec::new(), ..map }).unwrap(), None);
}

#[test]
fn a_heat_map_of_many_says_how_many_there_are_more() {
    let one = HeatCell::Ratio { ratio: 1.0, fastest: false, marks: Marks::PLAIN, told: String::new() };
    let row = |at: usize| HeatRow { label: format!("case {at}"), cells: vec![one.clone(); 30] };
    let map = HeatMap {
        title: String::new(),
        columns: (0..30).map(|at| format!("tch:cuda:{at}+jit")).collect(),
        rows: (0..1000).map(row).collect(),
    };
    let chart = heat_map(&map).unwrap().unwrap();
    assert!(texts(&chart).contains(&"800 rows and 15 columns more"), "{:?}", texts(&chart));
    assert_eq!(count(&chart, "rotate(270"), 15, "names too long for their columns are read upwards");
}

#[test]
fn a_roofline_tells_its_roofs_and_what_was_reached() {
    let point = |flop_per_byte: f64, gflops: f64, series: usize, label: &str| RoofPoint {
        flop_per_byte,
        gflops,
        series,
        label: label.to_owned(),
        marks: Marks::PLAIN,
        name: "matmul/8x8@8x8/f32".to_owned(),
        told: "1.01 µs".to_owned(),
    };
    let plot = Roofline {
        title: "cpu f32".to_owned(),
        roofs: vec![
            Roof { kind: RoofKind::Measured, gflops: Some(140.0), gbps: Some(12.0) },
            Roof { kind: RoofKind::Vendor, gflops: None, gbps: Some(20.0) },
        ],
        series: vec!["candle:cpu".to_owned(), "tch:cpu".to_owned()],
        points: vec![point(0.25, 2.5, 0, "softmax"), point(40.0, 120.0, 1, "matmul"), point(40.0, 90.0, 0, "")],
    };
    let chart = roofline(&plot).unwrap().unwrap();
    let all = texts(&chart);
    for text in [
        "measured: 140 GFLOP/s",
        "measured: 12.0 GB/s",
        "vendor: 20.0 GB/s",
        "softmax",
        "matmul",
        "candle:cpu",
        "tch:cpu",
    ] {
        assert!(all.contains(&text), "{text} is not in {all:?}");
    }
    assert_eq!(count(&chart, "stroke-dasharray"), 1, "the vendor's roof");
    assert_eq!(
        chart.about,
        "Arithmetic per time over FLOP for each byte, 3 points; the most is 120 GFLOP/s (tch:cpu), under a measured roof of 140 GFLOP/s."
    );
    // What deserves a label first lies above.
    let first = "matmul/8x8@8x8/f32, candle:cpu\n2.50 GFLOP/s at 0.25 FLOP for each byte\n1.01 µs";
    assert_eq!(tips(&chart).last().map(String::as_str), Some(first));
    assert_eq!(roofline(&Roofline { points: Vec::new(), ..plot }).unwrap(), None);
}

#[test]
fn a_scatter_names_its_sides() {
    let point = |x_ns: f64, y_ns: f64, label: &str| ScatterPoint {
        x_ns,
        y_ns,
        series: 0,
        label: label.to_owned(),
        marks: Mark::Doubtful.into(),
        name: label.to_owned(),
        told: [x_ns, y_ns].map(crate::units::time),
    };
    let plot = Scatter {
        title: "two chips".to_owned(),
        x: "Apple M3".to_owned(),
        y: "Apple M4".to_owned(),
        series: vec!["mlx:gpu".to_owned()],
        points: vec![point(1000.0, 400.0, "matmul"), point(1e6, 1.2e6, ""), point(f64::NAN, 1.0, "never")],
    };
    let chart = scatter(&plot).unwrap().unwrap();
    let all = texts(&chart);
    for text in [
        "time of one call on Apple M4, log scale",
        "Apple M3 is faster",
        "Apple M4 is faster",
        "equal",
        "2×",
        "½×",
        "matmul",
        "mlx:gpu",
        "flagged",
    ] {
        assert!(all.contains(&text), "{text} is not in {all:?}");
    }
    assert!(!all.contains(&"never"));
    assert_eq!(chart.about, "Times of 2 cells on Apple M3 against Apple M4: the latter takes 0.40× to 1.20× as long.");
    let told = ["mlx:gpu", "Apple M3: 1.00 ms", "Apple M4: 1.20 ms", "1.20× as long on Apple M4"].join("\n");
    assert_eq!(tips(&chart)[0], told);
    assert_eq!(scatter(&Scatter { points: Vec::new(), ..plot }).unwrap(), None);
}

#[test]
fn strips_show_each_launch_or_a_word() {
    let times = StripTimes {
        launches_ns: vec![1000.0, 1010.0, 1020.0],
        median_ns: 1010.0,
        low_ns: 1000.0,
        high_ns: 1020.0,
        plus_minus: Some(0.0099),
    };
    let published = StripTimes { median_ns: 1200.0, low_ns: 1200.0, high_ns: 1200.0, ..StripTimes::default() };
    let row = |label: &str, times, marks| StripRow {
        label: label.to_owned(),
        series: 0,
        times,
        marks,
        told: format!("all of {label}"),
    };
    let rows = vec![
        row("candle:cpu", Ok(times), Marks::PLAIN),
        row("tch:cpu", Err("wrong".to_owned()), Marks::PLAIN),
        row("mlx:gpu", Ok(published), Mark::Imported.into()),
    ];
    let plot = Strip { title: "x".to_owned(), groups: vec![StripGroup { label: "8x8".to_owned(), rows }] };
    let chart = strip(&plot).unwrap().unwrap();
    let all = texts(&chart);
    for text in ["8x8", "candle:cpu", "1.01 µs ±1.0%", "wrong", "1.20 µs", "published, not measured here"] {
        assert!(all.contains(&text), "{text} is not in {all:?}");
    }
    assert_eq!(count(&chart, "r=\"3\""), 3);
    let told = ["candle:cpu", "tch:cpu", "mlx:gpu"].map(|row| format!("8x8, {row}\nall of {row}"));
    assert_eq!(tips(&chart), told, "a tip for a word too");
    assert_eq!(chart.about, "The median of each launch, for 3 rows; the widest range is ±1.0% (candle:cpu).");
    let many = StripGroup { label: String::new(), rows: vec![row("a", Err("b".to_owned()), Marks::PLAIN); 300] };
    assert_eq!(strip(&Strip { groups: vec![many.clone()], ..plot.clone() }).unwrap(), None);
    let chart = strip(&Strip { groups: vec![plot.groups[0].clone(), many], ..plot }).unwrap().unwrap();
    assert!(texts(&chart).contains(&"103 rows more"));
}

#[test]
fn ratio_bars_stand_around_one() {
    let row = |label: &str, ratio, marks| RatioRow { label: label.to_owned(), series: 1, ratio, marks };
    let of = |ratio: f64, interval| Ok(RatioBar { ratio, interval, cases: 41 });
    let plot = RatioBars {
        title: "x".to_owned(),
        base: "candle:cpu".to_owned(),
        rows: vec![
            row("tch:cpu", of(1.83, Some((1.79, 1.88))), Marks::PLAIN),
            row("mlx:cpu", of(0.5, None), Mark::Imported.into()),
            row("mlx:gpu", Err("no case in common".to_owned()), Marks::PLAIN),
        ],
    };
    let chart = ratio_bars(&plot).unwrap().unwrap();
    let all = texts(&chart);
    for text in ["1.83× (1.79–1.88), 41 cases", "0.50×, 41 cases", "no case in common", "1×"] {
        assert!(all.contains(&text), "{text} is not in {all:?}");
    }
    assert_eq!(chart.about, "Times as fast as candle:cpu: from 0.50× (mlx:cpu) to 1.83× (tch:cpu).");
    assert_eq!(
        tips(&chart),
        [
            "tch:cpu\n1.83× as fast as candle:cpu, 95% interval 1.79× to 1.88×, 41 cases",
            "mlx:cpu\n0.50× as fast as candle:cpu, 41 cases\npublished, not measured here",
            "mlx:gpu\nno case in common",
        ]
    );
    assert_eq!(ratio_bars(&RatioBars { rows: plot.rows[2..].to_vec(), ..plot }).unwrap(), None);
}

#[test]
fn a_course_shows_its_shifts() {
    let point = |(run, ns): (usize, f64)| LinePoint {
        run,
        ns,
        range_ns: Some((ns * 0.99, ns * 1.02)),
        marks: Marks::PLAIN,
        told: format!("run {run}"),
    };
    let points = |ns: [f64; 4]| (0..).zip(ns).map(point).collect();
    let plot = Series {
        title: "x".to_owned(),
        runs: (1..=4).map(|day| format!("2026-01-0{day}")).collect(),
        lines: vec![
            Line { name: "candle:cpu".to_owned(), points: points([1e6, 1e6, 1.052e6, 1.052e6]) },
            Line { name: "tch:cpu".to_owned(), points: points([1e6; 4]) },
        ],
        changes: vec![
            Change { run: 2, line: 0, ratio: 1.052, accepted: false },
            Change { run: 3, line: 1, ratio: 0.9, accepted: true },
        ],
    };
    let chart = series(&plot).unwrap().unwrap();
    let all = texts(&chart);
    for text in [
        "2026-01-01",
        "2026-01-04",
        "+5.2% candle:cpu",
        "−10.0% accepted tch:cpu",
        "1.05 ms candle:cpu",
        "1.00 ms tch:cpu",
    ] {
        assert!(all.contains(&text), "{text} is not in {all:?}");
    }
    assert_eq!(count(&chart, "stroke-dasharray"), 1, "what is accepted");
    assert_eq!(tips(&chart).len(), 8);
    assert_eq!(tips(&chart)[6], "tch:cpu\nrun 2");
    assert!(all.contains(&"time of one call with the launches&apos; range, log scale; lower is better"), "{all:?}");
    let bare = |mut plot: Series| {
        plot.lines.iter_mut().flat_map(|line| &mut line.points).for_each(|point| point.range_ns = None);
        series(&plot).unwrap().unwrap()
    };
    // A range is a stroke with two ends.
    let strokes = |chart: &Chart| count(chart, "<polyline fill=\"none\" opacity=\"1\" stroke=\"#222223\"");
    assert_eq!(strokes(&chart) - strokes(&bare(plot.clone())), 8 * 3);
    assert_eq!(
        chart.about,
        "The time of one call over 4 runs in 2 lines, from 1.00 ms to 1.05 ms; 2 shifts: +5.2%, −10.0%."
    );
    assert_eq!(series(&Series { lines: Vec::new(), ..plot }).unwrap(), None);
}

#[test]
fn stages_show_the_call_alone_and_the_whole() {
    let bars = StageBars {
        alone_ns: Some(600.0),
        whole_ns: 1100.0,
        upload_ns: Some(300.0),
        call_ns: Some(600.0),
        download_ns: Some(150.0),
        times_alone: Some(1100.0 / 600.0),
    };
    let row = |label: &str, bars| StageRow { label: label.to_owned(), bars, marks: Marks::PLAIN };
    let rows = vec![row("mlx:gpu", Ok(bars)), row("candle:metal", Err("unsupported".to_owned()))];
    let plot = Stages { title: "x".to_owned(), groups: vec![StageGroup { label: "8x8 · f32".to_owned(), rows }] };
    let chart = stages(&plot).unwrap().unwrap();
    let all = texts(&chart);
    for text in [
        "upload",
        "download",
        "8x8 · f32",
        "600 ns call alone",
        "1.10 µs whole, 1.83× the call alone",
        "unsupported",
        "0",
    ] {
        assert!(all.contains(&text), "{text} is not in {all:?}");
    }
    let told = "8x8 · f32, mlx:gpu\n1.10 µs whole, 1.83× the call alone, upload 300 ns, call 600 ns, download 150 ns, 600 ns call alone";
    assert_eq!(tips(&chart), [told, "8x8 · f32, candle:metal\nunsupported"]);
    assert_eq!(
        chart.about,
        "The call alone beside upload, call and download, for 2 rows; at most it takes 1.83× as long as the call alone (mlx:gpu, 8x8 · f32)."
    );
    let none = StageGroup { label: String::new(), rows: vec![row("a", Err("b".to_owned()))] };
    assert_eq!(stages(&Stages { groups: vec![none], ..plot }).unwrap(), None);
}
