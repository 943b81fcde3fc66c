//! Charts of literal data: what is drawn, for each kind of value, and that nothing hostile leaves a chart.

mod charts;
mod hostile;

use super::*;
use crate::model::Report;
use chipmark_core::{Mode, Target};
use chipmark_results::fixture;

fn chart(mode: Mode, workload: &str) -> Option<Chart> {
    let report = Report::new(&[fixture::file()]);
    let run = &report.runs[0];
    let targets: Vec<Target> = run.run.targets.iter().map(|info| info.target.clone()).collect();
    let group = run.modes.iter().find(|group| group.mode == mode).unwrap();
    bars(group.workloads.iter().find(|w| w.workload == workload).unwrap(), &targets).unwrap()
}

/// The texts of a chart in the order in which they are drawn.
pub(super) fn texts(chart: &Chart) -> Vec<&str> {
    let texts = chart.body.split("<text").skip(1).filter_map(|text| text.split_once(">\n"));
    texts.filter_map(|(_, text)| text.split_once("\n</text>")).map(|(text, _)| text).collect()
}

/// What the pointer is told of a chart, in the order in which tips lie upon each other.
pub(super) fn tips(chart: &Chart) -> Vec<String> {
    let tips = chart.body.split("<title>").skip(1).filter_map(|tip| tip.split_once("</title>"));
    tips.map(|(tip, _)| tip.to_owned()).collect()
}

/// What is seen of a chart.
fn drawn_of(chart: &Chart) -> &str {
    chart.body.split("<g ").next().unwrap()
}

#[test]
fn series_stand_out_on_either_ground_by_three_to_one_and_the_page_has_the_same_colours() {
    let css = include_str!("../../templates/page.css");
    let (light, dark) = css.split_once("prefers-color-scheme: dark").unwrap();
    let (dark, rest) = dark.split_once("* {").unwrap();
    let of_page = |part: &str, colour: RGBColor| part.contains(&format!(": {};", hex(colour).to_lowercase()));
    let on_dark = |colour: RGBColor| DARK.iter().find(|(light, _)| *light == colour).map(|(_, dark)| *dark);
    let white = RGBColor(0xff, 0xff, 0xff);
    let night = on_dark(PAPER).unwrap();
    assert!(light.contains("--paper: #fff;") && of_page(dark, night));
    for colour in PALETTE.into_iter().chain([ACCENT]) {
        let other = on_dark(colour).unwrap_or(colour);
        assert!(ramp::contrast(colour, white) >= 3.0, "{} on white", hex(colour));
        assert!(ramp::contrast(other, night) >= 3.0, "{} on {}", hex(other), hex(night));
        if other != colour {
            let print = rest.split_once("@media print").unwrap().1;
            assert!(of_page(light, colour) && of_page(dark, other) && of_page(print, colour), "{}", hex(colour));
            for attribute in ["fill", "stroke"] {
                let name = hex(colour);
                assert!(rest.contains(&format!(".chart [{attribute}=\"{name}\"] {{ {attribute}: var(--")), "{name}");
            }
        }
    }
}

#[test]
fn a_chart_of_one_case() {
    let chart = chart(Mode::FirstCall, "matmul").unwrap();
    assert_eq!(chart.title, "matmul, first-call");
    let about = "Bars of the time of one call by target, for 1 case of matmul: from 50.5 µs (candle:cpu, 100x100@100x100) to 101 µs \
                 (tch:cpu, 100x100@100x100).";
    assert_eq!(chart.about, about);
    insta::assert_snapshot!(chart.body, @r##"
    <polyline fill="none" opacity="1" stroke="#DDDDE2" stroke-width="1" points="170,6 170,94 "/>
    <text x="170" y="104" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="11.5" opacity="1" fill="#5C5C66">
    20 µs
    </text>
    <polyline fill="none" opacity="1" stroke="#DDDDE2" stroke-width="1" points="381,6 381,94 "/>
    <text x="381" y="104" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="11.5" opacity="1" fill="#5C5C66">
    50 µs
    </text>
    <polyline fill="none" opacity="1" stroke="#DDDDE2" stroke-width="1" points="540,6 540,94 "/>
    <text x="540" y="104" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="11.5" opacity="1" fill="#5C5C66">
    100 µs
    </text>
    <polyline fill="none" opacity="1" stroke="#DDDDE2" stroke-width="1" points="700,6 700,94 "/>
    <text x="700" y="104" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="11.5" opacity="1" fill="#5C5C66">
    200 µs
    </text>
    <text x="170" y="124" dy="0.5ex" text-anchor="start" font-family="sans-serif" font-size="11.5" opacity="1" fill="#5C5C66">
    time of one call, log scale; shorter is better
    </text>
    <text x="0" y="21" dy="0.5ex" text-anchor="start" font-family="sans-serif" font-size="12.5" opacity="1" fill="#222223" font-weight="bold">
    100x100@100x100 · f32
    </text>
    <text x="142" y="44" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="12.5" opacity="1" fill="#222223" font-weight="bold">
    candle:cpu
    </text>
    <circle cx="156" cy="44" r="5" opacity="1" fill="#0072B2" stroke="none" stroke-width="1"/>
    <circle cx="156" cy="44" r="5" opacity="1" fill="none" stroke="#222223" stroke-width="1"/>
    <rect x="170" y="37" width="213" height="14" opacity="1" fill="#0072B2" stroke="none"/>
    <polyline fill="none" opacity="1" stroke="#222223" stroke-width="1" points="381,44 385,44 "/>
    <polyline fill="none" opacity="1" stroke="#222223" stroke-width="1" points="381,39 381,49 "/>
    <polyline fill="none" opacity="1" stroke="#222223" stroke-width="1" points="385,39 385,49 "/>
    <text x="395" y="44" dy="0.5ex" text-anchor="start" font-family="sans-serif" font-size="12.5" opacity="1" fill="#222223" font-weight="bold">
    50.5 µs ±1.0%
    </text>
    <text x="142" y="68" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="12.5" opacity="1" fill="#222223">
    tch:cpu
    </text>
    <polygon opacity="1" fill="#D55E00" points="151,63 161,63 161,73 151,73 "/>
    <polyline fill="none" opacity="1" stroke="#222223" stroke-width="1" points="151,63 161,63 161,73 151,73 151,63 "/>
    <rect x="170" y="61" width="373" height="14" opacity="1" fill="#D55E00" stroke="none"/>
    <polyline fill="none" opacity="1" stroke="#222223" stroke-width="1" points="540,68 545,68 "/>
    <polyline fill="none" opacity="1" stroke="#222223" stroke-width="1" points="540,63 540,73 "/>
    <polyline fill="none" opacity="1" stroke="#222223" stroke-width="1" points="545,63 545,73 "/>
    <text x="555" y="68" dy="0.5ex" text-anchor="start" font-family="sans-serif" font-size="12.5" opacity="1" fill="#222223">
    101 µs ±1.0%
    </text>
    <g class="tips" fill="none" pointer-events="all">
    <rect x="0" y="32" width="1000" height="24"><title>matmul/100x100@100x100/f32, candle:cpu
    50.5 µs ±1.0%, launches from 50.0 µs to 51.0 µs</title></rect>
    <rect x="0" y="56" width="1000" height="24"><title>matmul/100x100@100x100/f32, tch:cpu
    101 µs ±1.0%, launches from 100 µs to 102 µs</title></rect>
    </g>
    "##);
}

#[test]
fn units_labels_and_words_are_written() {
    let softmax = chart(Mode::Latency, "softmax").unwrap();
    assert_eq!(
        texts(&softmax),
        [
            "1 µs",
            "2 µs",
            "5 µs",
            "time of one call, log scale; shorter is better",
            "100x50 · f32",
            "best: 19.8 GB/s",
            "candle:cpu",
            "2.02 µs ±1.0% few-samples",
            "tch:cpu",
            "4.04 µs ±1.0% composed few-samples [1]",
        ]
    );
}

#[test]
fn composed_is_striped_and_flagged_is_dashed() {
    let stripes = |chart: &Chart| chart.body.matches("stroke=\"#FFFFFE\"").count();
    let dashes = |chart: &Chart| chart.body.matches("stroke-dasharray").count();
    let (softmax, matmul) = (chart(Mode::Latency, "softmax").unwrap(), chart(Mode::Latency, "matmul").unwrap());
    assert!(stripes(&softmax) > 5 && stripes(&matmul) == 0);
    // The edge and the whisker of each of two bars.
    assert_eq!((dashes(&softmax), dashes(&matmul)), (4, 0));
}

#[test]
fn a_transfer_shows_its_stages() {
    let transfer = chart(Mode::Transfer, "matmul").unwrap();
    let all = texts(&transfer);
    for text in ["upload", "202 ns", "call", "606 ns", "download", "101 ns"] {
        assert!(all.contains(&text), "{text} is not in {all:?}");
    }
    let told = "matmul/100x100@100x100/f32, candle:cpu\n1.01 µs ±1.0%, launches from 1.00 µs to 1.02 µs\n\
                upload 202 ns, call 606 ns, download 101 ns";
    assert_eq!(tips(&transfer)[0], told);
    assert!(transfer.height > chart(Mode::Latency, "matmul").unwrap().height);
}

#[test]
fn no_time_is_a_word_and_no_bar_and_no_times_no_chart() {
    assert_eq!(chart(Mode::Latency, "conv2d"), None);
    // One target of the two keeps its time.
    let mut file = fixture::file();
    file.launches.retain(|launch| launch.cell.target.to_string() == fixture::CANDLE);
    let report = Report::new(&[file]);
    let targets: Vec<Target> = report.runs[0].run.targets.iter().map(|info| info.target.clone()).collect();
    let chart = bars(&report.runs[0].modes[0].workloads[0], &targets).unwrap().unwrap();
    assert!(texts(&chart).contains(&"over-budget [1]"), "{:?}", texts(&chart));
    assert_eq!(drawn_of(&chart).matches("<rect").count(), 1);
}

#[test]
fn a_document_stands_alone_and_says_what_it_shows() {
    let mut chart = chart(Mode::Latency, "matmul").unwrap();
    chart.title = "<script>&\"\u{0}".to_owned();
    let document = chart.document();
    assert!(document.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1048\""), "{document}");
    assert_eq!(document.matches("<svg").count(), document.matches("</svg>").count());
    let title = "&lt;script&gt;&amp;&quot; ";
    for part in
        [" role=\"img\"", &format!("<title>{title}</title>"), &format!("aria-label=\"{title}\""), "<desc>Bars of"]
    {
        assert!(document.contains(part), "{part} is not in {document}");
    }
    assert!(!document.contains("<script"));
}

#[test]
fn a_dark_document_has_other_colours_and_the_same_texts() {
    let mut chart = chart(Mode::Latency, "softmax").unwrap();
    chart.body += "<text>\n=\"#222223\"\n</text>\n".replace('"', "&quot;").as_str();
    let (light, dark) = (chart.document(), chart.themed(Theme::Dark));
    for colour in [INK, MUTED, GRID, PAPER].map(hex) {
        assert!(light.contains(&format!("=\"{colour}\"")) && !dark.contains(&format!("=\"{colour}\"")), "{colour}");
    }
    assert!(dark.contains("=&quot;#222223&quot;"));
    assert_eq!(light.matches('<').count(), dark.matches('<').count());
}

#[test]
fn every_target_has_its_own_look() {
    // Colours repeat after seven targets and shapes after five; both at once after 35.
    let looks: std::collections::HashSet<String> = (0..35).map(|at| swatch(at).unwrap()).collect();
    assert_eq!(looks.len(), 35);
}
