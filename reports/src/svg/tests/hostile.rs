//! Whatever the numbers and the names are, no chart has a coordinate outside of itself, a text that leaves it, or a tag of somebody
//! else's.

use crate::png::png;
use crate::svg::draw::Style;
use crate::svg::fit::width_px;
use crate::svg::*;
use proptest::prelude::*;

/// A tag: its name, its attributes, and the text after it.
type Tag<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str);

/// A value: its name, its place among series, its marks, and what it is.
type Named = (String, usize, Marks, [f64; 5]);

/// The tags of a chart.
fn tags(body: &str) -> Vec<Tag<'_>> {
    let tags = body.split('<').skip(1).filter_map(|tag| tag.split_once('>')).filter(|(tag, _)| !tag.starts_with('/'));
    tags.map(|(tag, text)| {
        let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
        let parts: Vec<&str> = rest.split('"').collect();
        let attributes = parts.chunks(2).filter(|pair| pair.len() == 2);
        (name, attributes.map(|pair| (pair[0].trim_matches([' ', '=']), pair[1])).collect(), text)
    })
    .collect()
}

/// What is wrong with a chart; nothing if nothing is.
fn wrong(chart: &Chart) -> Option<String> {
    let height = f64::from(chart.height);
    let known = ["rect", "circle", "polyline", "polygon", "text", "g", "title"];
    for (name, attributes, text) in tags(&chart.body) {
        let told = format!("<{name} {attributes:?}> {text}");
        if !known.contains(&name) {
            return Some(told);
        }
        // Those that a page's style replaces by its own, it replaces in these places alone.
        let is = |name: &str, colour: RGBColor| attributes.contains(&(name, hex(colour).as_str()));
        if is("fill", GRID) || is("fill", PAPER) || is("stroke", MUTED) {
            return Some(told);
        }
        if ["g", "title"].contains(&name) {
            continue;
        }
        let number = |name: &str| {
            let value = attributes.iter().find(|(attribute, _)| *attribute == name)?.1;
            Some(value.parse::<f64>().unwrap_or(f64::NAN))
        };
        let (x, y) = (number("x").or(number("cx")), number("y").or(number("cy")));
        let mut xs: Vec<f64> = x.into_iter().chain(x.zip(number("width")).map(|(x, width)| x + width)).collect();
        let mut ys: Vec<f64> = y.into_iter().chain(y.zip(number("height")).map(|(y, height)| y + height)).collect();
        for point in
            attributes.iter().filter(|(name, _)| *name == "points").flat_map(|(_, points)| points.split_whitespace())
        {
            let (x, y) = point.split_once(',').unwrap_or_default();
            xs.push(x.parse().unwrap_or(f64::NAN));
            ys.push(y.parse().unwrap_or(f64::NAN));
        }
        if name == "text" && !attributes.iter().any(|(name, _)| *name == "transform") {
            let has = |value: &str| attributes.iter().any(|(_, other)| *other == value);
            let style = Style { size: number("font-size").unwrap_or(f64::NAN), bold: has("bold"), ..Style::body(INK) };
            let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
            let width = f64::from(width_px(plain.replace("&amp;", "&").trim_matches('\n'), style));
            let left = x.unwrap_or(f64::NAN)
                - if has("end") {
                    width
                } else if has("middle") {
                    width / 2.0
                } else {
                    0.0
                };
            xs.extend([left, left + width]);
        }
        let within = |values: &[f64], most: f64| {
            !values.is_empty() && values.iter().all(|value| (-8.0..=most + 8.0).contains(value))
        };
        if !within(&xs, f64::from(WIDTH)) || !within(&ys, height) {
            return Some(format!("{told}: {xs:?} {ys:?}"));
        }
    }
    None
}

fn name() -> impl Strategy<Value = String> {
    let any = prop::collection::vec(any::<char>(), 0..60).prop_map(|letters| letters.into_iter().collect());
    prop_oneof![any, Just("<script>&\"'".to_owned()), Just("W".repeat(400)), Just("matmul/8x8@8x8/f32".to_owned())]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![prop::num::f64::ANY, 1e-3..1e9f64, Just(f64::MAX), Just(f64::from_bits(1)), Just(1.0)]
}

fn marks() -> impl Strategy<Value = Marks> {
    prop::collection::vec(prop::sample::select(&Mark::ALL[..]), 0..3).prop_map(|marks| marks.into_iter().collect())
}

fn names() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(name(), 0..40)
}

fn values() -> impl Strategy<Value = Vec<Named>> {
    let numbers = prop::array::uniform5(number());
    prop::collection::vec((name(), prop_oneof![0usize..9, any::<usize>()], marks(), numbers), 0..30)
}

/// Every chart of these values.
fn charts(title: &str, names: &[String], values: &[Named]) -> Vec<Option<Chart>> {
    let title = title.to_owned();
    let heat = |n: &[f64]| {
        let cell = |ratio: &f64| HeatCell::Ratio {
            ratio: *ratio,
            fastest: *ratio > 1e3,
            marks: values[0].2,
            told: title.clone(),
        };
        n.iter().map(cell).collect()
    };
    let rows = values.iter().map(|(label, _, _, n)| HeatRow { label: label.clone(), cells: heat(n) });
    let heat = heat_map(&HeatMap { title: title.clone(), columns: names.to_vec(), rows: rows.collect() });
    let points = values.iter().map(|(label, series, marks, n)| RoofPoint {
        flop_per_byte: n[0],
        gflops: n[1],
        series: *series,
        label: label.clone(),
        marks: *marks,
        name: label.clone(),
        told: title.clone(),
    });
    let roofs = values.iter().take(3).map(|(.., n)| Roof {
        kind: if n[2] > 1.0 { RoofKind::Measured } else { RoofKind::Vendor },
        gflops: Some(n[2]),
        gbps: (n[4] > 1.0).then_some(n[3]),
    });
    let roof =
        Roofline { title: title.clone(), roofs: roofs.collect(), series: names.to_vec(), points: points.collect() };
    let points = values.iter().map(|(label, series, marks, n)| ScatterPoint {
        x_ns: n[0],
        y_ns: n[1],
        series: *series,
        label: label.clone(),
        marks: *marks,
        name: label.clone(),
        told: [title.clone(), label.clone()],
    });
    let (x, y) = (names.first().cloned().unwrap_or_default(), title.clone());
    let scattered = Scatter { title: title.clone(), x, y, series: names.to_vec(), points: points.collect() };
    let rows = values.iter().map(|(label, series, marks, n)| StripRow {
        label: label.clone(),
        series: *series,
        times: if n[4] < 0.0 {
            Err(label.clone())
        } else {
            Ok(StripTimes {
                launches_ns: n.to_vec(),
                median_ns: n[0],
                low_ns: n[1],
                high_ns: n[2],
                plus_minus: Some(n[3]),
            })
        },
        marks: *marks,
        told: title.clone(),
    });
    let strips =
        Strip { title: title.clone(), groups: vec![StripGroup { label: title.clone(), rows: rows.collect() }] };
    let rows = values.iter().map(|(label, series, marks, n)| RatioRow {
        label: label.clone(),
        series: *series,
        ratio: if n[4] < 0.0 {
            Err(label.clone())
        } else {
            Ok(RatioBar { ratio: n[0], interval: Some((n[1], n[2])), cases: 41 })
        },
        marks: *marks,
    });
    let ratios = RatioBars { title: title.clone(), base: title.clone(), rows: rows.collect() };
    let lines = values.iter().map(|(name, at, marks, n)| Line {
        name: name.clone(),
        points: n
            .iter()
            .enumerate()
            .map(|(run, ns)| LinePoint {
                run: run * (at % 9),
                ns: *ns,
                range_ns: (n[1] > 1.0).then_some((n[2], n[3])),
                marks: *marks,
                told: name.clone(),
            })
            .collect(),
    });
    let changes =
        values.iter().map(|(_, at, _, n)| Change { run: *at, line: at % 3, ratio: n[0], accepted: n[1] > 1.0 });
    let course =
        Series { title: title.clone(), runs: names.to_vec(), lines: lines.collect(), changes: changes.collect() };
    let rows = values.iter().map(|(label, _, marks, n)| StageRow {
        label: label.clone(),
        bars: if n[4] < 0.0 {
            Err(label.clone())
        } else {
            Ok(StageBars {
                alone_ns: Some(n[0]),
                whole_ns: n[1],
                upload_ns: Some(n[2]),
                call_ns: Some(n[3]),
                download_ns: None,
                times_alone: Some(n[4]),
            })
        },
        marks: *marks,
    });
    let staged = Stages { title, groups: vec![StageGroup { label: "a".repeat(300), rows: rows.collect() }] };
    let drawn = [
        heat,
        roofline(&roof),
        scatter(&scattered),
        strip(&strips),
        ratio_bars(&ratios),
        series(&course),
        stages(&staged),
    ];
    drawn.into_iter().map(Result::unwrap).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]
    #[test]
    fn nothing_leaves_a_chart(title in name(), names in names(), values in values()) {
        if !values.is_empty() {
            for chart in charts(&title, &names, &values).into_iter().flatten() {
                prop_assert_eq!(wrong(&chart), None);
            }
        }
    }
}

#[test]
fn hostile_names_are_texts_and_can_be_made_pictures() {
    let names =
        ["<script>&\"'", "</svg>", "\u{0}\u{1b}[31m\u{ffff}", "\u{202e}x", "]]>", "漢字 שלום 🦀"].map(str::to_owned);
    let value = |name: &String| (name.clone(), 0, Marks::PLAIN, [1.0, 2.0, 3.0, 4.0, 5.0]);
    let values: Vec<_> = names.iter().map(value).collect();
    for name in &names {
        for chart in charts(name, &names, &values) {
            let chart = chart.unwrap();
            assert_eq!(wrong(&chart), None);
            assert!(!chart.document().contains("<script"));
            for theme in [Theme::Light, Theme::Dark] {
                assert!(png(&chart, 0.5, theme).unwrap().starts_with(b"\x89PNG"));
            }
        }
    }
}
